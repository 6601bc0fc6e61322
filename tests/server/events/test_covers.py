"""The cover that events of a series share: one file as long as one of them, or one to come, shows it."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from federation.context import Context
from federation.facts import ActorGone
from models.actor import Actor
from models.event import EventSeries
from models.media import Media
from models.post import Attachment, Post
from server.config import read_settings
from server.errors import Forbidden, Invalid
from server.events import actions, covers, series
from server.events.drafts import EventDraft
from server.events.recurrence import Frequency, Rule
from server.media import queries as media_queries
from server.media.actions import Upload, describe, take
from server.media.clearing import clear_all
from server.media.reactions import on_gone
from server.media.store import MediaStore
from server.posts import actions as posts
from server.posts.actions import Draft
from tests import factories
from tests.federation.sending import sent_by
from tests.pictures import photograph
from tests.server.events.test_series import DRAFT, MONDAY, announced, pass_days
from tests.world import ORIGIN, World

FOUR = Rule(Frequency.WEEKLY, count=4)


@pytest.fixture
def now() -> datetime:
    """A Monday in winter."""
    return MONDAY


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    """Where the files are."""
    return MediaStore(read_settings({"COOPOLE_DATA": str(tmp_path), "COOPOLE_ORIGIN": ORIGIN}))


async def brought(owner: Actor, store: MediaStore, tmp_path: Path, ctx: Context, said: str = "Une affiche") -> Media:
    path = tmp_path / "picture.jpg"
    path.write_bytes(photograph())
    with path.open("rb") as file:
        media = await take(owner, Upload("image/jpeg", path.stat().st_size, file), store, ctx)
    return describe(media, said)


@pytest.fixture
async def cover(section: Actor, store: MediaStore, tmp_path: Path, ctx: Context) -> Media:
    """A picture that the section brought."""
    return await brought(section, store, tmp_path, ctx)


@pytest.fixture
async def followed(section: Actor, stranger: Actor) -> Actor:
    """The section, which somebody elsewhere follows."""
    await factories.follow(stranger, section)
    return section


@pytest.fixture
async def meetings(section: Actor, cover: Media, ctx: Context) -> EventSeries:
    """A meeting on four Tuesdays, with a picture."""
    return await series.begin(section, replace(DRAFT, media=[cover]), FOUR, ctx)


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "media").rglob("*") if path.is_file())


async def shown() -> list[tuple[str, str]]:
    return [(item.url, item.description) for item in await Attachment.all().order_by("post_id")]


async def test_every_event_of_a_series_shows_its_cover_from_one_file(
    followed: Actor,
    meetings: EventSeries,
    section: Actor,
    cover: Media,
    store: MediaStore,
    tmp_path: Path,
    world: World,
    ctx: Context,
) -> None:
    await pass_days(world, ctx, 30)
    await clear_all(store, ctx.now())
    assert await shown() == [(cover.url, "Une affiche")] * 4
    assert files(tmp_path) == sorted([cover.name, cover.name.replace(".jpg", "-small.webp")])
    documents = [activity["object"] for activity in await sent_by(section)]
    assert {document["image"]["url"] for document in documents} == {cover.url}
    rows = await Media.all()
    assert len({row.post_id for row in rows}) == len(rows) == 4
    assert {row.id for row in rows} == set(await Attachment.all().values_list("id", flat=True))


async def test_an_event_that_is_deleted_leaves_the_file_to_the_others(
    meetings: EventSeries, section: Actor, cover: Media, store: MediaStore, tmp_path: Path, world: World, ctx: Context
) -> None:
    first, second = await announced()
    for event in (first, second):
        await actions.delete(section, event, ctx)
        await clear_all(store, ctx.now())
        assert cover.name in files(tmp_path)
    await pass_days(world, ctx, 30)
    assert await shown() == [(cover.url, "Une affiche")] * 2
    for event in await announced():
        assert cover.name in files(tmp_path)
        await actions.delete(section, event, ctx)
        await clear_all(store, ctx.now())
    assert files(tmp_path) == []
    assert not await Media.exists()


async def test_a_series_that_is_called_off_lets_go_of_its_cover(
    meetings: EventSeries, section: Actor, store: MediaStore, tmp_path: Path, world: World, ctx: Context
) -> None:
    first, _ = await announced()
    await series.delete_following(section, first, ctx)
    world.pass_time(days=2)
    await clear_all(store, ctx.now())
    assert files(tmp_path) == []


async def test_another_cover_for_one_event_is_not_that_of_the_others(
    meetings: EventSeries, section: Actor, cover: Media, store: MediaStore, tmp_path: Path, world: World, ctx: Context
) -> None:
    first, _ = await announced()
    other = await brought(section, store, tmp_path, ctx, "Une salle")
    await actions.edit(section, first, replace(await actions.draft_of(first), media=[other]), ctx)
    await pass_days(world, ctx, 30)
    await clear_all(store, ctx.now())
    assert await shown() == [(other.url, "Une salle"), *[(cover.url, "Une affiche")] * 3]
    assert len(files(tmp_path)) == 4


async def test_another_cover_from_one_on_is_that_of_those_that_had_the_same(
    meetings: EventSeries, section: Actor, cover: Media, store: MediaStore, tmp_path: Path, world: World, ctx: Context
) -> None:
    await pass_days(world, ctx, 1)
    _, second, third = await announced()
    own = await brought(section, store, tmp_path, ctx, "Un invité")
    await actions.edit(section, third, replace(await actions.draft_of(third), media=[own]), ctx)
    other = await brought(section, store, tmp_path, ctx, "Une salle")
    await series.edit_following(section, second, replace(await actions.draft_of(second), media=[other]), ctx)
    await pass_days(world, ctx, 30)
    await clear_all(store, ctx.now())
    assert await shown() == [
        (cover.url, "Une affiche"),
        (other.url, "Une salle"),
        (own.url, "Un invité"),
        (other.url, "Une salle"),
    ]


async def test_other_words_and_no_cover_at_all_go_along(
    meetings: EventSeries, section: Actor, cover: Media, store: MediaStore, tmp_path: Path, world: World, ctx: Context
) -> None:
    first, _ = await announced()
    held = describe((await media_queries.shown_by(first))[0], "Une affiche rouge")
    await series.edit_following(section, first, replace(await actions.draft_of(first), media=[held]), ctx)
    assert await shown() == [(cover.url, "Une affiche rouge")] * 2
    await pass_days(world, ctx, 1)
    assert await shown() == [(cover.url, "Une affiche rouge")] * 3
    await series.edit_following(section, first, replace(await actions.draft_of(first), media=[]), ctx)
    await pass_days(world, ctx, 30)
    await clear_all(store, ctx.now())
    assert (await shown(), files(tmp_path)) == ([], [])


async def test_a_change_of_the_words_alone_leaves_the_pictures(
    meetings: EventSeries, section: Actor, cover: Media, ctx: Context
) -> None:
    first, _ = await announced()
    await series.edit_following(section, first, replace(await actions.draft_of(first), title="Réunion"), ctx)
    assert await shown() == [(cover.url, "Une affiche")] * 2


async def test_what_a_series_keeps_is_put_into_no_other_post(
    meetings: EventSeries, section: Actor, ctx: Context
) -> None:
    held = await Media.get(series_id=meetings.id)
    assert await media_queries.own(section, [held.id]) == []
    with pytest.raises(Invalid):
        await posts.publish(section, Draft("Voici", media=[held]), ctx)
    with pytest.raises(Invalid):
        await series.begin(section, replace(DRAFT, media=[held]), FOUR, ctx)


async def test_what_cannot_begin_keeps_no_picture(
    section: Actor, cover: Media, store: MediaStore, tmp_path: Path, world: World, ctx: Context
) -> None:
    section.moved_to_uri = "https://far.test/lille"
    await section.save()
    with pytest.raises(Forbidden):
        await series.begin(section, replace(DRAFT, media=[cover]), FOUR, ctx)
    world.pass_time(days=2)
    await clear_all(store, ctx.now())
    assert files(tmp_path) == []


async def test_the_cover_goes_with_the_section(
    meetings: EventSeries, section: Actor, store: MediaStore, tmp_path: Path, ctx: Context
) -> None:
    for event in await announced():
        await actions.delete(section, event, ctx)
    await on_gone([ActorGone(section, ())])
    await clear_all(store, ctx.now())
    assert files(tmp_path) == []


async def test_a_picture_that_is_being_removed_is_shown_by_nothing_more(
    section: Actor, cover: Media, store: MediaStore, ctx: Context
) -> None:
    await Media.all().update(is_leaving=True)
    assert await cover.again(ctx.now()) is None
    post = await factories.event(section)
    assert await covers.shared([cover], post, ctx.now()) == []


async def test_an_event_without_a_picture_says_nothing_of_one(followed: Actor, section: Actor, ctx: Context) -> None:
    await actions.publish(section, EventDraft("Réunion", DRAFT.starts, place=DRAFT.place), ctx)
    [activity] = await sent_by(section)
    assert "image" not in activity["object"]
    assert [item["type"] for item in activity["object"]["attachment"]] == ["Link"]


async def test_a_picture_is_sent_where_each_server_looks_for_it(
    followed: Actor, section: Actor, cover: Media, ctx: Context
) -> None:
    event: Post = await actions.publish(section, replace(DRAFT, media=[cover]), ctx)
    [activity] = await sent_by(section)
    document = activity["object"]
    assert document["attachment"][0] == {
        "type": "Document",
        "mediaType": "image/jpeg",
        "url": cover.url,
        "name": "Une affiche",
        "width": 80,
        "height": 60,
        "blurhash": cover.blurhash,
    }
    assert document["image"] == document["attachment"][0] | {"type": "Image"}
    assert await Attachment.filter(post_id=event.id).count() == 1
