"""Events from the command line."""

import csv
import io
from pathlib import Path

import pytest

from federation.context import Context
from models.event import Event, EventPoll, EventStatus
from models.participation import Channel, Participation, ParticipationState
from models.post import Post
from models.role import SectionAct
from server.cli.console import out
from server.cli.events import read_clock
from server.errors import Conflict, Forbidden, Invalid, NotFound
from tests import factories
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section and a member."""
    coopole = install(database_url, tmp_path, monkeypatch)
    monkeypatch.setattr(out, "_width", 400)  # no cell is folded

    async def fill(ctx: Context) -> None:
        await factories.section(ctx, "lille", "Section de Lille")
        await factories.member(ctx, "zoe", "Zoé")

    coopole.look(fill)
    return coopole


@pytest.fixture
def event(coopole: Installation) -> str:
    """The URI of an event that was announced."""
    return coopole.say(
        "event", "announce", "lille", "[b] Réunion", "2099-12-05 14:00", "--ends", "2099-12-05 17:00", "--place",
        "Halles", "--locality", "Lille", "--capacity", "1", "--guests", "1", "--kind", "debate", "--join", "restricted",
    ).strip()  # fmt: skip


async def ask(event_uri: str) -> int:
    """Somebody asks to come; the number under which organisers see them."""
    post = await Post.get(uri=event_uri)
    row = await Participation.create(
        event=post, name="=Rosa", email="rosa@post.example", email_fingerprint="1", channel=Channel.EMAIL,
        state=ParticipationState.REQUESTED, message="[x] oui",
    )  # fmt: skip
    return int(row.id)


def test_an_event_is_announced_listed_and_called_off(coopole: Installation, event: str) -> None:
    number = event.rpartition("/")[2]
    listed = coopole.say("event", "list", "lille")
    for part in (number, "[b] Réunion", "14:00-17:00 (Paris) - Halles, Lille", "confirmed"):
        assert part in listed
    assert number not in coopole.say("event", "list", "lille", "--past")
    assert coopole.say("event", "status", number, "cancelled").strip() == f"{event}: cancelled"

    async def look(ctx: Context) -> tuple[EventStatus, list[str]]:
        return (await Event.get()).status, [act.act for act in await SectionAct.all()]

    assert coopole.look(look) == (EventStatus.CANCELLED, ["organise", "organise"])


def test_everybody_is_asked_in_a_poll(coopole: Installation, event: str) -> None:
    url = coopole.say("event", "poll", event).strip()

    async def look(ctx: Context) -> str:
        return (await EventPoll.get().select_related("post")).post.url

    assert coopole.look(look) == url
    assert isinstance(coopole.run("event", "poll", event).exception, Conflict)


def test_organisers_see_decide_and_note_who_came(coopole: Installation, event: str, tmp_path: Path) -> None:
    number = str(coopole.look(lambda ctx: ask(event)))
    shown = coopole.say("event", "people", event)
    for part in (number, "=Rosa", "rosa@post.example", "requested", "email", "[x] oui"):
        assert part in shown
    assert coopole.say("event", "decide", event, number, "--accept").strip() == "They may come."
    assert coopole.say("event", "door", event, number).strip() == "Came so far: 1"
    assert coopole.say("event", "door", event, "Max", "--guests", "1").strip() == "Came so far: 3"
    assert coopole.say("event", "door", event, number, "--undo").strip() == "Came so far: 2"
    path = tmp_path / "people.csv"
    coopole.say("event", "export", event, "--output", str(path))
    [_, *lines] = csv.reader(io.StringIO(path.read_text()))
    assert [line[0] for line in lines] == ["'=Rosa", "Max"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert "'=Rosa" in coopole.say("event", "export", event)
    assert coopole.say("event", "decide", event, number, "--refuse").strip() == "They are refused."


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("announce", "lille", "Réunion", "demain", "--place", "Halles"), Invalid),
        (("announce", "lille", "Réunion", "2099-12-05 14:00"), Invalid),
        (("announce", "nobody", "Réunion", "2099-12-05 14:00", "--place", "Halles"), NotFound),
        (("announce", "zoe", "Réunion", "2099-12-05 14:00", "--place", "Halles"), NotFound),
        (("announce", "lille", "Réunion", "2099-12-05 14:00", "--place", "Halles", "--by", "zoe"), Forbidden),
        (("list", "nobody"), NotFound),
        (("people", "7"), NotFound),
        (("people", "https://lille.test/posts/7"), NotFound),
        (("people", "9" * 30), NotFound),
        (("status", "7", "cancelled"), NotFound),
        (("poll", "7"), NotFound),
        (("export", "7"), NotFound),
        (("decide", "7", "7", "--accept"), NotFound),
        (("door", "7", "Max"), NotFound),
    ],
)
def test_what_cannot_be_done_is_said(coopole: Installation, words: tuple[str, ...], error: type[Exception]) -> None:
    assert isinstance(coopole.run("event", *words).exception, error)


def test_whoever_acts_for_a_section_needs_a_role(coopole: Installation, event: str) -> None:
    number = str(coopole.look(lambda ctx: ask(event)))
    for words in (
        ("people", event),
        ("export", event),
        ("decide", event, number, "--accept"),
        ("door", event, number),
        ("status", event, "cancelled"),
        ("poll", event),
    ):
        assert isinstance(coopole.run("event", *words, "--by", "zoe").exception, Forbidden), words


def test_whoever_was_not_on_the_list_has_no_number(coopole: Installation, event: str) -> None:
    assert isinstance(coopole.run("event", "door", event, "Max", "--undo").exception, Invalid)
    assert isinstance(coopole.run("event", "door", event, "7").exception, NotFound)


@pytest.mark.parametrize("typed", ["", "14:00", "2026-12-05T14:00Z", "2026-13-05 14:00", "5 décembre"])
def test_what_no_clock_shows_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        read_clock(typed)
