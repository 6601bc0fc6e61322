"""The picture that stands for a page where its address is passed on: what it says, how it is drawn, how long it is kept."""

import asyncio
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, Place
from models.participation import Participation, ParticipationState
from models.post import Attachment, Post, Visibility
from models.section import Section
from server.errors import Unavailable
from server.media import programs
from tests import factories
from tests.web.pages import read
from web.cards import drawing, making
from web.cards.cards import HEIGHT, WIDTH, Card
from web.cards.drawing import Face, Letters
from web.cards.making import Drawn
from web.shared import palette
from web.shared.palette import contrast

STARTS = datetime(2026, 12, 5, 13, tzinfo=UTC)
CARD = Card("Réunion publique", "Section de Lille", "lille.test", "Débat", ("Samedi", "Halles"), ("sam.", "5", "déc."))
SERIF, SANS = Face(making.FONTS["serif"], 700), Face(making.FONTS["sans"], 500)
MAX_BYTES = 80_000
COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def drawn(card: Card) -> Image.Image:
    """Draw in this process what the program draws in its own."""
    told: Any = making._told(card)
    return drawing.draw(told["card"], told["colours"], told["fonts"])


def meta(page: Any) -> dict[str, str]:
    """What the head of a page says of its picture."""
    return {
        tag["property"].removeprefix("og:image"): tag["content"]
        for tag in page.select("meta[property]")
        if tag["property"].startswith("og:image")
    }


class TestDrawing:
    """What the program does with whatever it is given."""

    @pytest.mark.parametrize(
        "title",
        [
            "Réunion publique",
            "L’œuvre : « ça va ? » – non…",
            "Une très longue assemblée générale " * 12,
            "Anticonstitutionnellement" * 20,
            "🌹🌹 Fête 👨‍👩‍👧‍👦 de la rose 🇫🇷",
            "اجتماع عام في ليل",
            "פגישה ציבורית 2026",
            "公開会議",
            "\u202eelliL à noinuéR\u202c",
            "e\u0301te\u0301\x00\x07\n\ttab",
            "",
        ],
    )
    def test_any_title_gives_a_picture_of_the_same_size(self, title: str) -> None:
        for card in (replace(CARD, title=title), replace(CARD, title=title, block=None, lines=(title, title))):
            image = drawn(card)
            assert image.size == (WIDTH, HEIGHT)
            assert len(drawing.as_png(image)) < MAX_BYTES

    @settings(max_examples=15)
    @given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30))
    def test_whatever_is_written_is_drawn(self, title: str, line: str, name: str) -> None:
        assert drawn(replace(CARD, title=title, lines=(line,), name=name, kind=line)).size == (WIDTH, HEIGHT)

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("Réunion à Lille, œuvre « ça » – 5 €…", "Réunion à Lille, œuvre « ça » – 5 €…"),
            ("Fête 🌹 de la rose", "Fête de la rose"),
            ("اجتماع Lille", "Lille"),
            ("14\u202fh\xa000", "14 h 00"),
            ("\u202eelliL\u202c", "elliL"),
            ("公開", ""),
        ],
    )
    def test_what_the_font_does_not_hold_is_left_out(self, text: str, left: str) -> None:
        assert Letters(SANS).readable(text) == left

    @settings(max_examples=30)
    @given(st.text(max_size=200), st.integers(80, 900))
    @example("a" * 150, 80)
    def test_no_line_is_wider_than_its_room(self, text: str, width: int) -> None:
        font = SANS.at(34)
        lines = drawing.wrap(text, font, width)
        assert "".join(lines).replace(" ", "") == "".join(text.split())
        assert all(font.getlength(line) <= width or len(line) == 1 for line in lines)
        shown = drawing.cut(lines, 2, font, width)
        assert len(shown) == min(2, len(lines))
        assert len(lines) <= 2 or shown[-1].endswith("…")

    def test_a_long_title_is_smaller_and_in_the_end_cut(self) -> None:
        _, large, short = drawing.fitted("Réunion", SERIF, 1000, 300)
        _, small, long = drawing.fitted("Une très longue assemblée générale " * 12, SERIF, 1000, 300)
        assert (short, large > small) == (["Réunion"], True)
        assert long[-1].endswith("…")
        assert len(long) * small <= 300

    def test_what_says_nothing_that_can_be_drawn_is_named_by_whose_it_is(self) -> None:
        assert drawn(replace(CARD, title="公開", kind="")) == drawn(replace(CARD, title="Section de Lille", kind=""))

    def test_a_font_that_cannot_be_read_is_stood_in_for(self, tmp_path: Path) -> None:
        (tmp_path / "broken.woff2").write_bytes(b"wOF2 no font")
        told: Any = making._told(CARD)
        broken = {name: str(tmp_path / "broken.woff2") for name in making.FONTS}
        assert drawing.draw(told["card"], told["colours"], broken).size == (WIDTH, HEIGHT)

    @given(COLOUR, COLOUR)
    def test_all_that_is_written_stands_out_whatever_colours_a_section_has(self, first: str, second: str) -> None:
        colours = making.colours_of(replace(CARD, colours=(first, second)))
        on_paper = [("ink", "paper"), ("ink-soft", "paper"), ("link", "paper")]
        for one, ground in [*on_paper, ("ink", "tint"), ("link", "tint"), ("on-fill", "fill")]:
            assert contrast(colours[one], colours[ground]) >= palette.TEXT, (one, ground)
        for one in ("section", "section-accent"):
            assert contrast(colours[one], colours["paper"]) >= palette.GRAPHICS


class TestKeeping:
    """Each is drawn once, by a program apart, as long as it is kept."""

    @pytest.fixture
    def ran(self, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
        """What the program was given."""
        given_: list[bytes] = []

        async def run(program: Path, source: BinaryIO, *arguments: str, seconds: float) -> dict[str, Any]:
            source.seek(0)
            given_.append(source.read())
            await asyncio.sleep(0)
            return {"png": "UE5H"}

        monkeypatch.setattr(programs, "run", run)
        return given_

    async def test_asked_for_by_many_at_once_it_is_drawn_once(self, ran: list[bytes]) -> None:
        kept = Drawn()
        assert await asyncio.gather(*(kept.of(CARD) for _ in range(5))) == [b"PNG"] * 5
        assert len(ran) == 1

    async def test_the_one_that_nobody_asked_for_longest_goes_first(
        self, ran: list[bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(making, "MAX_KEPT", 2)
        kept = Drawn()
        for title in ("a", "b", "a", "c", "a", "b"):
            await kept.of(replace(CARD, title=title))
        assert (len(kept.pictures), len(ran)) == (2, 4)

    async def test_too_many_that_wait_are_sent_away(self, ran: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(making, "MAX_WAITING", 1)
        kept = Drawn()
        first, second = await asyncio.gather(
            kept.of(CARD), kept.of(replace(CARD, title="Autre")), return_exceptions=True
        )
        assert first == b"PNG"
        assert isinstance(second, Unavailable)
        assert kept.waiting == 0

    @pytest.mark.parametrize("failure", [programs.Failed, TimeoutError])
    async def test_what_cannot_be_drawn_is_said_to_be_so(
        self, failure: type[Exception], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def run(*_: object, **__: object) -> dict[str, Any]:
            raise failure

        monkeypatch.setattr(programs, "run", run)
        with pytest.raises(Unavailable):
            await Drawn().of(CARD)


async def picture(visitor: Any, page_address: str) -> tuple[str, dict[str, str], Any]:
    """Read a page, and give the path of its picture, what is said of that, and the page."""
    page = read(await visitor.get(page_address))
    said = meta(page)
    assert (said[":type"], said[":width"], said[":height"]) == ("image/png", "1200", "630")
    assert page.select_one('meta[name="twitter:card"]')["content"] == "summary_large_image"
    assert said[""].startswith("https://lille.test/cards/")
    return said[""].removeprefix("https://lille.test"), said, page


async def announce(section: Actor, **columns: Any) -> Post:
    place = await Place.create(uri="https://lille.test/places/1", name="Halles", locality="Lille")
    told = {"starts_at": STARTS, "place": place, "kind": EventKind.RALLY, "language": "fr"} | columns
    return await factories.event(section, "Grand meeting", **told)


async def test_an_event_has_a_picture_that_says_what_its_page_says(visitor: Any, section: Actor, member: Actor) -> None:
    post = await announce(section)
    await Participation.create(event=post, actor=member, state=ParticipationState.ACCEPTED)
    path, said, _ = await picture(visitor, f"/@lille/{post.id}")
    assert said[":alt"].replace("\xa0", " ") == (
        "Réunion publique · Grand meeting · Samedi 5 décembre 2026, 14 h 00 – 16 h 00 · Halles, Lille · Section de Lille"
    )
    answer = await visitor.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["cache-control"] == "public, max-age=86400"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert (image.size, image.format, image.info) == ((1200, 630), "PNG", {})
    again = await visitor.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_it_speaks_the_language_of_the_event_whoever_asks(visitor: Any, section: Actor) -> None:
    post = await announce(section, language="en", status=EventStatus.POSTPONED, is_end_shown=False)
    _, said, _ = await picture(visitor, f"/@lille/{post.id}")
    assert said[":alt"].startswith("Postponed · Public meeting · Grand meeting · Saturday 5 December 2026, 14:00 · ")


async def test_a_change_of_what_it_says_is_another_address_to_which_the_old_one_leads(
    visitor: Any, section: Actor, main_section: Section
) -> None:
    post = await announce(section)
    before, *_ = await picture(visitor, f"/@lille/{post.id}")
    paths = {before}
    await Event.filter(post_id=post.id).update(status=EventStatus.CANCELLED)
    cancelled, said, _ = await picture(visitor, f"/@lille/{post.id}")
    assert said[":alt"].startswith("Annulé · Réunion publique")
    paths.add(cancelled)
    main_section.first_colour = "#660033"
    await main_section.save()
    coloured, *_ = await picture(visitor, f"/@lille/{post.id}")
    paths.add(coloured)
    assert len(paths) == 3
    answer = await visitor.get(before)
    assert (answer.status_code, answer.headers["location"]) == (302, coloured)


async def test_sections_members_and_posts_have_one_too(
    visitor: Any, section: Actor, main_section: Section, member: Actor
) -> None:
    member.note_html = "<p>Mécanicienne</p>"
    await member.save()
    post = await factories.post(member, "Bonjour à vous", language="fr", published_at=STARTS)
    _, front, _ = await picture(visitor, "/")
    _, own, _ = await picture(visitor, "/@zoe")
    path, of_post, _ = await picture(visitor, f"/@zoe/{post.id}")
    assert front[":alt"] == "Section de Lille"
    assert own[":alt"] == "Zoé · Mécanicienne · Section de Lille"
    assert of_post[":alt"] == "Bonjour à vous · Samedi 5 décembre 2026 · Zoé"
    for address in (front[""], own[""], path):
        answer = await visitor.get(address.removeprefix("https://lille.test"))
        assert answer.content.startswith(b"\x89PNG")


async def test_a_post_with_a_warning_says_nothing_but_that(visitor: Any, section: Actor) -> None:
    post = await factories.post(section, "La fin du film", content_warning="Film", language="fr")
    _, said, _ = await picture(visitor, f"/@lille/{post.id}")
    assert said[":alt"].startswith("Film · ")
    assert "fin" not in said[":alt"]


async def test_a_post_that_shows_a_picture_of_its_own_is_known_by_that(visitor: Any, section: Actor) -> None:
    post = await factories.post(section)
    await Attachment.create(post=post, url="https://lille.test/media/a.jpg", media_type="image/jpeg")
    said = meta(read(await visitor.get(f"/@lille/{post.id}")))
    assert said[""] == "https://lille.test/media/a.jpg"


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.SECTION, Visibility.DIRECT])
async def test_what_is_not_for_everybody_has_no_picture(visitor: Any, section: Actor, visibility: Visibility) -> None:
    post = await factories.post(section, visibility=visibility)
    assert (await visitor.get(f"/cards/posts/{post.id}/{CARD.mark}.png")).status_code == 404


async def test_what_is_not_here_or_no_more_has_none(
    visitor: Any, section: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    theirs = await factories.post(remote_actor)
    await Actor.filter(id=member.id).update(gone_at=ctx.now())
    for path, status in (
        (f"posts/{theirs.id}", 404),
        ("posts/1", 404),
        ("posts/9999999999999999999", 404),
        (f"actors/{remote_actor.id}", 404),
        ("actors/9999999999999999999", 404),
        (f"actors/{member.id}", 410),
    ):
        assert (await visitor.get(f"/cards/{path}/{CARD.mark}.png")).status_code == status, path


async def test_whoever_asks_too_often_waits(visitor: Any, section: Actor) -> None:
    statuses = {(await visitor.get(f"/cards/posts/1/{CARD.mark}.png")).status_code for _ in range(360)}
    assert statuses == {404, 429}
