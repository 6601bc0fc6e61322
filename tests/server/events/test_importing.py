"""Another calendar's events for a section: what is new, what is known, and who may publish what was chosen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from federation.context import Context
from federation.http import HttpClient
from models.actor import Actor
from models.calendar import CalendarImport
from models.event import Event, Place
from models.post import Post, Visibility
from models.role import Role, SectionAct
from models.section import Section
from server.errors import Forbidden, Invalid, NotFound
from server.events import calendar_writing, importing
from server.posts import queries
from server.sections import roles
from tests import factories
from tests.world import World

ADDRESS = "https://agenda.test/lille.ics"


def calendar(ctx: Context, *titles: str, more: str = "", days: int = 3) -> bytes:
    """A calendar of events with these titles, on one day after the other."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for number, title in enumerate(titles):
        starts = (ctx.now() + timedelta(days=days + number)).strftime("%Y%m%dT180000Z")
        lines += [
            "BEGIN:VEVENT",
            f"UID:{title}@agenda.test",
            f"DTSTART:{starts}",
            f"SUMMARY:{title}",
            "LOCATION:Halles",
        ]
        lines += [*([more] if more else []), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR"]).encode()


async def test_what_is_chosen_is_published_and_known_from_then_on(
    main_section: Section, section: Actor, ctx: Context
) -> None:
    body = calendar(ctx, "Réunion", "Débat")
    seen = await importing.bring(main_section, None, body, ctx)
    [post] = await importing.take(main_section, None, seen.id, {seen.new[0].key}, ctx)
    assert (post.title, post.visibility, post.actor_id) == ("Réunion", Visibility.PUBLIC, section.id)
    again = await importing.bring(main_section, None, body, ctx)
    assert [one.draft.title for one in again.new] == ["Débat"]
    assert [one.draft.title for one in again.known] == ["Réunion"]


async def test_one_that_was_moved_there_is_still_known(main_section: Section, ctx: Context) -> None:
    seen = await importing.bring(main_section, None, calendar(ctx, "Réunion"), ctx)
    await importing.take(main_section, None, seen.id, {one.key for one in seen.new}, ctx)
    again = await importing.bring(main_section, None, calendar(ctx, "Réunion", days=9), ctx)
    assert (len(again.new), len(again.known)) == (0, 1)


async def test_the_same_title_time_and_place_are_the_same_event(
    main_section: Section, section: Actor, ctx: Context
) -> None:
    starts = (ctx.now() + timedelta(days=3)).replace(hour=18, minute=0, second=0, microsecond=0)
    place = await Place.create(uri="https://lille.test/places/1", name="halles")
    await factories.event(section, "RÉUNION", starts_at=starts, place=place)
    await factories.event(section, "Débat", starts_at=starts + timedelta(days=1))
    seen = await importing.bring(main_section, None, calendar(ctx, "Réunion", "Débat"), ctx)
    assert ([one.draft.title for one in seen.new], [one.draft.title for one in seen.known]) == (["Débat"], ["Réunion"])


async def test_what_left_from_here_is_known_when_it_comes_back(
    main_section: Section, section: Actor, ctx: Context
) -> None:
    place = await Place.create(uri="https://lille.test/places/1", name="Halles", locality="Lille")
    post = await factories.event(section, place=place)
    views = await queries.views([await Post.get(id=post.id).select_related("actor")])
    seen = await importing.bring(main_section, None, calendar_writing.write("Lille", views), ctx)
    assert (len(seen.new), len(seen.known)) == (0, 1)


async def test_another_sections_event_is_new_here(main_section: Section, ctx: Context) -> None:
    other = await factories.section(ctx, "brest", "Section de Brest", is_main=False)
    brest = await Section.get(actor_id=other.id).select_related("actor")
    seen = await importing.bring(main_section, None, calendar(ctx, "Réunion"), ctx)
    await importing.take(main_section, None, seen.id, {seen.new[0].key}, ctx)
    assert len((await importing.bring(brest, None, calendar(ctx, "Réunion"), ctx)).new) == 1
    with pytest.raises(NotFound):
        await importing.preview(brest, seen.id)


async def test_what_repeats_is_offered_25_at_a_time(main_section: Section, ctx: Context) -> None:
    seen = await importing.bring(main_section, None, calendar(ctx, "Réunion", more="RRULE:FREQ=WEEKLY;COUNT=30"), ctx)
    assert (len(seen.new), len(seen.offered)) == (30, 25)
    with pytest.raises(Invalid):
        await importing.take(main_section, None, seen.id, {one.key for one in seen.new}, ctx)
    await importing.take(main_section, None, seen.id, {one.key for one in seen.offered[:3]}, ctx)
    assert len((await importing.preview(main_section, seen.id)).new) == 27


@pytest.mark.parametrize("keys", [set(), {"0" * 64}])
async def test_nothing_chosen_is_refused(main_section: Section, ctx: Context, keys: set[str]) -> None:
    seen = await importing.bring(main_section, None, calendar(ctx, "Réunion"), ctx)
    with pytest.raises(Invalid):
        await importing.take(main_section, None, seen.id, keys, ctx)


async def test_only_who_may_publish_brings_and_takes(
    main_section: Section, member: Actor, other_member: Actor, ctx: Context
) -> None:
    await roles.give(main_section, member, Role.EDITOR, None, ctx)
    await roles.give(main_section, other_member, Role.MODERATOR, None, ctx)
    seen = await importing.bring(main_section, member, calendar(ctx, "Réunion"), ctx)
    with pytest.raises(Forbidden):
        await importing.bring(main_section, other_member, calendar(ctx, "Réunion"), ctx)
    with pytest.raises(Forbidden):
        await importing.take(main_section, other_member, seen.id, {seen.new[0].key}, ctx)
    [post] = await importing.take(main_section, member, seen.id, {seen.new[0].key}, ctx)
    act = await SectionAct.get(about=post.uri)
    assert act.author_id == member.id


async def test_nobody_who_is_named_in_a_file_is_kept(main_section: Section, ctx: Context) -> None:
    more = "ATTENDEE;CN=Ali:mailto:ali@example.org\r\nORGANIZER;CN=Zed:mailto:zed@example.org"
    await importing.bring(main_section, None, calendar(ctx, "Réunion", more=more), ctx)
    kept = str((await CalendarImport.get()).found)
    assert not any(name in kept for name in ("Ali", "ali@", "Zed", "zed@"))


async def test_a_text_that_many_share_is_kept_once(main_section: Section, ctx: Context) -> None:
    more = f"DESCRIPTION:{'long ' * 1000}\r\nRRULE:FREQ=WEEKLY;COUNT=50"
    seen = await importing.bring(main_section, None, calendar(ctx, "Réunion", more=more), ctx)
    assert len(str((await CalendarImport.get()).found)) < 100_000
    assert all(one.draft.text.startswith("long long") for one in seen.new)


@pytest.mark.parametrize("scheme", ["https", "webcal", "WEBCALS"])
async def test_an_address_is_fetched(main_section: Section, world: World, ctx: Context, scheme: str) -> None:
    world.serve({}, url=ADDRESS, content_type="text/calendar")
    world.documents[ADDRESS] = calendar(ctx, "Réunion")
    body = await importing.fetch(ADDRESS.replace("https", scheme), ctx)
    assert len((await importing.bring(main_section, None, body, ctx)).new) == 1


@pytest.mark.parametrize("address", [ADDRESS, "", "lille.ics", "file:///etc/passwd", "https://agenda.test/500"])
async def test_an_address_where_nothing_is_to_be_had_is_refused(world: World, ctx: Context, address: str) -> None:
    world.statuses["https://agenda.test/500"] = 500
    with pytest.raises(Invalid):
        await importing.fetch(address, ctx)


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/a.ics", "https://[::1]/a.ics", "http://10.0.0.1/", "https://169.254.169.254/", "webcal://localhost/a.ics",
     "https://lille.example:22/a.ics"],
)  # fmt: skip
async def test_no_private_place_is_visited(ctx: Context, address: str) -> None:
    guarded = replace(ctx, client=HttpClient(user_agent="tests"))
    try:
        with pytest.raises(Invalid):
            await importing.fetch(address, guarded)
    finally:
        await guarded.client.close()


async def test_an_imported_event_says_what_the_file_said(main_section: Section, ctx: Context) -> None:
    more = "DESCRIPTION:Venez\\nnombreux\r\nGEO:50.5;3.25"
    seen = await importing.bring(main_section, None, calendar(ctx, "Réunion", more=more), ctx)
    [post] = await importing.take(main_section, None, seen.id, {seen.new[0].key}, ctx)
    event = await Event.get(post_id=post.id).select_related("place")
    assert post.source_text == "Venez\nnombreux"
    assert event.place is not None
    assert (event.place.name, event.place.latitude, event.imported_hash) == ("Halles", 50.5, seen.new[0].key)
