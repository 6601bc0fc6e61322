"""Pictures of events: brought in the form, shown on the page, in feeds, previews and apps; and those of a report."""

from datetime import timedelta
from xml.etree import ElementTree

import orjson
import pytest
from httpx2 import AsyncClient, Response
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.event import Event, Organising
from models.media import Media, small_url
from models.post import Attachment, Post
from models.section import Section
from server.events import actions, importing
from server.media.clearing import clear_all
from tests import factories
from tests.pictures import photograph
from tests.server.api import LogIn, log_in
from tests.server.events.calendars import by_another, only
from tests.server.events.test_series import announced, pass_days
from tests.web.pages import form_of, read, text, texts
from tests.world import World
from web.shared.rendering import small_width

__all__ = ["log_in"]

EVENTS = "/@lille/desk/events"
NEW = f"{EVENTS}/new"
LISTS = ("/", "/agenda", "/@lille/agenda")
FILE = ("affiche.jpg", photograph(size=(1280, 640)), "image/jpeg")
SAID = "Une affiche rouge : « Réunion »"
MEDIA = "{http://search.yahoo.com/mrss/}"


async def typed(client: AsyncClient, address: str = f"{NEW}?kind=meeting&on=2027-01-05&at=19:00") -> dict[str, str]:
    """What a form holds, its file fields left out."""
    sent = form_of(read(await client.get(address)), address.partition("?")[0])
    return {name: value for name, value in sent.items() if not name.startswith("picture")}


async def send(client: AsyncClient, address: str, sent: dict[str, str], do: str, *, file: bool = False) -> Response:
    files = {"picture1": FILE} if file else {"none": ("", b"")}
    return await client.post(address, data={**sent, "do": do}, files=files)


@pytest.fixture
async def pictured(zoe: AsyncClient) -> Post:
    """An event of the section with a picture."""
    sent = await typed(zoe) | {"title": "Réunion", "place": "Salle", "said1": SAID}
    preview = read(await send(zoe, NEW, sent, "preview", file=True))
    await zoe.post(NEW, data=form_of(preview, NEW) | {"do": "publish"})
    return await Post.get().select_related("actor")


async def test_a_picture_is_kept_while_the_form_is_filled_in_and_shown_before_it_is_published(zoe: AsyncClient) -> None:
    sent = await typed(zoe) | {"title": "x", "place": "Salle", "said1": SAID}
    page = read(await send(zoe, NEW, sent, "preview", file=True), 422)
    media = await Media.get()
    assert page.select_one("#picture img")["src"] == small_url(media.url)  # type: ignore[index]
    assert form_of(page, NEW)["kept1"] == str(media.id)

    preview = read(await send(zoe, NEW, form_of(page, NEW) | {"title": "Réunion"}, "preview"))

    assert preview.select_one(".event-shown .event-cover img")["alt"] == SAID  # type: ignore[index]
    assert not await Post.exists()
    back = read(await zoe.post(NEW, data=form_of(preview, NEW) | {"do": "change"}))
    assert form_of(back, NEW)["said1"] == SAID
    await zoe.post(NEW, data=form_of(preview, NEW) | {"do": "publish"})
    assert (await Media.get()).post_id == (await Post.get()).id
    assert (await Attachment.get()).description == SAID


async def test_a_picture_of_which_nothing_is_said_is_asked_about_beside_it(zoe: AsyncClient) -> None:
    sent = await typed(zoe) | {"title": "Réunion", "place": "Salle"}
    page = read(await send(zoe, NEW, sent, "preview", file=True), 422)
    assert "ce qu’elle montre" in text(page, "#said1-error")
    assert page.select_one("#picture img")


async def test_a_file_that_will_not_do_keeps_what_was_typed(zoe: AsyncClient) -> None:
    sent = await typed(zoe) | {"title": "Réunion", "do": "preview"}
    page = read(await zoe.post(NEW, data=sent, files={"picture1": ("x.svg", b"<svg/>", "image/svg+xml")}), 422)
    assert "n’est pas une image" in text(page, ".summary")
    assert form_of(page, NEW)["title"] == "Réunion"


async def test_page_of_an_event_shows_its_picture_once_at_the_head(
    zoe: AsyncClient, visitor: AsyncClient, pictured: Post
) -> None:
    page = read(await visitor.get(pictured.url))
    media = await Media.get()
    image = page.select_one(".event-cover img")
    assert image is not None
    assert (image["alt"], image["src"]) == (SAID, small_url(media.url))
    assert image["srcset"] == f"{small_url(media.url)} 640w, {media.url} 1280w"
    assert not page.select(".attachments")
    assert (await visitor.get(str(image["src"]))).status_code == 200
    member = read(await zoe.get(f"/events/{pictured.id}"))
    assert len(member.select(".event-cover img")) == 1


@pytest.mark.parametrize("address", [*LISTS, "/@lille/agenda/embed", "/me/agenda"])
async def test_lists_of_events_show_a_small_copy_of_it_when_it_comes_into_sight(
    zoe: AsyncClient, visitor: AsyncClient, pictured: Post, address: str
) -> None:
    await factories.follow(await Actor.get(username="zoe"), pictured.actor)
    media = await Media.get()
    [image] = read(await (zoe if address.startswith("/me") else visitor).get(address)).select("img.card-cover")
    assert (image["src"], image["alt"]) == (small_url(media.url), SAID)
    assert (image["width"], image["height"], image["loading"]) == ("640", "320", "lazy")


async def test_an_event_of_another_server_shows_our_copy_of_its_cover(
    visitor: AsyncClient, section: Actor, remote_actor: Actor
) -> None:
    event = await factories.event(remote_actor)
    await Organising.create(uri=f"{event.uri}#o", event_id=event.id, section=section, state="accepted")
    await Attachment.create(post=event, url="https://far.test/a.png", media_type="image/png", description="Affiche")
    [image] = read(await visitor.get("/@lille/agenda")).select("img.card-cover")
    assert str(image["src"]).startswith("https://lille.test/media/copies/")
    assert (image["alt"], image.get("width")) == ("Affiche", None)
    assert b"IMAGE" not in (await visitor.get("/@lille/agenda.ics")).content  # whoever reads it would ask that server
    await Actor.filter(id=remote_actor.id).update(is_media_rejected=True)
    assert not read(await visitor.get("/@lille/agenda")).select("img.card-cover")


async def test_calendars_show_it_and_a_copy_of_them_brings_it_back(
    visitor: AsyncClient, pictured: Post, section: Actor, main_section: Section, ctx: Context
) -> None:
    media = await Media.get()
    body = (await visitor.get(f"/@lille/{pictured.id}.ics")).content
    event = only(body)
    image = event["IMAGE"]
    assert (str(image), image.params["DISPLAY"], image.params["FMTTYPE"]) == (media.url, "FULLSIZE", "image/jpeg")
    assert by_another(body)

    text_ = body.decode().replace("\r\n ", "").replace(pictured.uri, "another").replace("R\u00e9union", "Suite")
    moved = text_.replace(":20270105T19", ":20270112T19").replace(":20270105T21", ":20270112T21").encode()
    found = await importing.bring(main_section, None, moved, ctx)
    [post] = await importing.take(main_section, None, found.id, [one.key for one in found.new], ctx)
    again = await Attachment.get(post_id=post.id)
    assert (again.url, again.description) == (media.url, SAID)
    assert await Media.all().count() == 2


@pytest.mark.parametrize(
    "image",
    [
        "IMAGE;VALUE=URI:https://far.test/a.png",
        "IMAGE;VALUE=URI:https://lille.test/media/nothing.jpg",
        "IMAGE;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=image/png:aGVsbG8=",
        "IMAGE;VALUE=URI:javascript:alert(1)",
        "IMAGE:",
    ],
)
async def test_no_other_picture_that_a_calendar_names_is_fetched_or_shown(
    main_section: Section, ctx: Context, world: World, image: str
) -> None:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1", "SUMMARY:Fête", "LOCATION:Parc"]
    starts = f"DTSTART:{ctx.now() + timedelta(days=9):%Y%m%dT%H%M%SZ}"
    body = "\r\n".join([*lines, starts, image, "END:VEVENT", "END:VCALENDAR", ""]).encode()
    found = await importing.bring(main_section, None, body, ctx)
    await importing.take(main_section, None, found.id, [one.key for one in found.new], ctx)
    assert await Post.filter(title="Fête").exists()
    assert not await Attachment.exists()
    assert world.fetched == []


async def test_previews_of_the_page_show_it(visitor: AsyncClient, pictured: Post) -> None:
    page, media = read(await visitor.get(pictured.url)), await Media.get()
    told = {tag["property"]: tag["content"] for tag in page.select("meta[property^='og:image']")}
    assert told == {
        "og:image": media.url,
        "og:image:type": "image/jpeg",
        "og:image:width": "1280",
        "og:image:height": "640",
        "og:image:alt": SAID,
    }
    data = page.select_one('script[type="application/ld+json"]')
    assert data is not None
    assert orjson.loads(data.get_text())["image"] == media.url


async def test_what_is_shown_on_demand_alone_is_in_no_preview(visitor: AsyncClient, pictured: Post) -> None:
    await Post.filter(id=pictured.id).update(is_sensitive=True)
    page = read(await visitor.get(pictured.url))
    media = await Media.get()
    assert all(media.url not in tag["content"] for tag in page.select("meta[property^='og:image']"))
    assert not page.select(".event-cover")
    for address in (*LISTS, "/@lille/agenda/embed"):
        assert not read(await visitor.get(address)).select("img.card-cover"), address
    assert b"IMAGE" not in (await visitor.get("/@lille/agenda.ics")).content
    assert page.select(".warning .attachment img")
    item = orjson.loads((await visitor.get("/@lille/agenda.json")).content)["items"][0]
    assert "image" not in item
    assert "cover" not in item["_event"]


async def test_feeds_show_it(visitor: AsyncClient, pictured: Post) -> None:
    media = await Media.get()
    item = orjson.loads((await visitor.get("/@lille/agenda.json")).content)["items"][0]
    assert (item["image"], item["attachments"][0]["title"]) == (media.url, SAID)
    assert item["_event"]["cover"] == {
        "url": small_url(media.url),
        "description": SAID,
        "width": 1280,
        "height": 640,
    }
    rss = ElementTree.fromstring((await visitor.get("/@lille/agenda.rss")).content)
    shown = rss.find(f".//item/{MEDIA}content")
    assert shown is not None
    assert (shown.get("url"), shown.get("medium"), shown.get("width")) == (media.url, "image", "1280")
    assert shown.findtext(f"{MEDIA}description") == SAID
    assert f'href="{media.url}"' in (await visitor.get("/@lille/agenda.atom")).text


async def test_apps_show_it_in_a_card(pictured: Post, log_in: LogIn, member: Actor) -> None:
    client, media = await log_in(member), await Media.get()
    status = (await client.get(f"/api/v1/statuses/{pictured.id}")).json()
    card = status["card"]
    assert (card["image"], card["image_description"], card["url"]) == (media.url, SAID, pictured.url)
    assert (card["title"], card["type"], card["provider_name"]) == ("Réunion", "link", "lille.test")
    assert "5 janvier 2027" in card["description"].lower()
    assert status["media_attachments"][0]["description"] == SAID


async def test_an_event_without_a_picture_has_no_card(section: Actor, log_in: LogIn, member: Actor) -> None:
    event = await factories.event(section)
    status = (await (await log_in(member)).get(f"/api/v1/statuses/{event.id}")).json()
    assert status["card"] is None


async def test_it_is_described_otherwise_exchanged_and_taken_out(
    zoe: AsyncClient, app: Starlette, visitor: AsyncClient, pictured: Post, ctx: Context
) -> None:
    address = f"{EVENTS}/{pictured.id}/edit"
    first = await Media.get()
    for more, file, alt in (({"said1": "Une salle"}, False, "Une salle"), ({"drop1": "yes"}, True, "Une salle")):
        preview = read(await send(zoe, address, await typed(zoe, address) | more, "preview", file=file))
        await zoe.post(address, data=form_of(preview, address) | {"do": "publish"})
        assert read(await visitor.get(pictured.url)).select_one(".event-cover img")["alt"] == alt  # type: ignore[index]
    await clear_all(app.state.media, ctx.now())
    assert (await visitor.get(first.url)).status_code == 404

    preview = read(await send(zoe, address, await typed(zoe, address) | {"drop1": "yes"}, "preview"))
    await zoe.post(address, data=form_of(preview, address) | {"do": "publish"})

    assert not read(await visitor.get(pictured.url)).select(".event-cover")
    await clear_all(app.state.media, ctx.now())
    assert not await Media.exists()


async def test_an_edit_of_something_else_leaves_the_picture(zoe: AsyncClient, pictured: Post) -> None:
    address = f"{EVENTS}/{pictured.id}/edit"
    preview = read(await send(zoe, address, await typed(zoe, address) | {"title": "Congrès"}, "preview"))
    await zoe.post(address, data=form_of(preview, address) | {"do": "publish"})
    assert (await Post.get()).title == "Congrès"
    assert (await Attachment.get()).description == SAID


async def test_events_of_a_series_show_one_file_and_keep_it_when_one_is_deleted(
    zoe: AsyncClient, app: Starlette, visitor: AsyncClient, section: Actor, world: World, ctx: Context
) -> None:
    more = {"title": "Réunion", "place": "Salle", "said1": SAID, "repeat": "week", "repeat_times": "3"}
    starts = (ctx.now() + timedelta(days=7)).date().isoformat()
    sent = await typed(zoe, f"{NEW}?kind=meeting&on={starts}&at=19:00") | more
    preview = read(await send(zoe, NEW, sent, "preview", file=True))
    await zoe.post(NEW, data=form_of(preview, NEW) | {"do": "publish"})
    await pass_days(world, ctx, 2)
    first, second, third = await announced()
    urls = {item.url for item in await Attachment.all()}
    assert len(urls) == 1

    address = f"{EVENTS}/{first.id}/delete"
    await zoe.post(address, data=form_of(read(await zoe.get(address)), address))
    await clear_all(app.state.media, ctx.now())

    for event in (second, third):
        image = read(await visitor.get(event.url)).select_one(".event-cover img")
        assert image is not None
        assert (await visitor.get(str(image["src"]))).status_code == 200
    for event in (second, third):
        await actions.delete(section, event, ctx)
    assert (await visitor.get(urls.pop())).status_code == 404


async def test_a_report_shows_pictures_with_what_they_show(
    zoe: AsyncClient, visitor: AsyncClient, section: Actor, ctx: Context
) -> None:
    past = await factories.event(section, "Banquet", starts_at=ctx.now() - timedelta(days=2), language="fr")
    address = f"{EVENTS}/{past.id}/report"
    sent = await typed(zoe, address) | {"came": "84", "tells_came": "yes", "said1": "Des tables"}
    page = read(await send(zoe, address, sent, "report", file=True), 422)
    assert "quelques mots" in text(page, ".summary")
    kept = {name: value for name, value in form_of(page, address).items() if not name.startswith("picture")}
    assert kept["kept1"] == str((await Media.get()).id)
    kept |= {"text": "Une belle soirée.", "tells_came": "yes"}

    for _ in range(2):
        assert (await send(zoe, address, kept, "report")).headers["location"].endswith("said=reported")

    page = read(await visitor.get(f"/@lille/{past.id}"))
    assert [image["alt"] for image in page.select(".event-report .attachment img")] == ["Des tables"]
    assert "84 personnes sont venues." in text(page, ".event-report")
    assert await Attachment.all().count() == 1
    again = await typed(zoe, address) | {"said1": "De longues tables", "tells_came": "yes"}
    await send(zoe, address, again, "report")
    assert (await Attachment.get()).description == "De longues tables"
    assert (await Event.get(post_id=past.id)).came_count == 84


async def test_the_forms_need_no_script(zoe: AsyncClient, pictured: Post) -> None:
    for address in (f"{NEW}?kind=meeting", f"{EVENTS}/{pictured.id}/edit"):
        page = read(await zoe.get(address))
        form = page.select_one(f'form[action="{address.partition("?")[0]}"]')
        assert form is not None
        assert form["enctype"] == "multipart/form-data"
        for field in form.select("#picture input[type=file], #picture textarea"):
            assert form.select_one(f'label[for="{field["id"]}"]')
        assert not page.select("script")
    assert texts(read(await zoe.get(f"{NEW}?kind=meeting")), "#picture legend") == ["Image"]


@pytest.mark.parametrize(
    ("width", "height", "small"), [(1280, 640, 640), (640, 1280, 320), (80, 60, 80), (None, None, 640)]
)
def test_the_small_version_is_as_wide_as_was_made(width: int | None, height: int | None, small: int) -> None:
    assert small_width(Attachment(width=width, height=height)) == small
