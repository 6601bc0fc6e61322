"""How pictures go: with their post, when an edit drops them, with their author, and when no post ever shows them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from federation.context import Context
from federation.errors import NotAuthorised
from models.actor import Actor
from models.media import Media
from models.post import Attachment, Post, Visibility
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.media import actions as pictures
from server.media.clearing import clear, clear_all
from server.media.store import MediaStore
from server.members import pictures as profile_pictures
from server.posts import actions
from server.posts.actions import Draft
from server.privacy import erasing
from server.privacy.known import known
from tests.pictures import photograph
from tests.server.media.conftest import Bring, folder_of
from tests.world import World

CHORE = "pictures that no post shows"
Left = Callable[[], int]


@pytest.fixture
def left(store: MediaStore) -> Left:
    """Count the files that are left."""
    return lambda: sum(path.is_file() for path in Path(store.folder).rglob("*"))


async def sweep(ctx: Context, store: MediaStore) -> int:
    return (await run.sweep(Terms(ctx.now(), 0, media=store), seconds=3600))[CHORE]


async def said(author: Actor, ctx: Context, *media: Media, **more: object) -> Post:
    return await actions.publish(author, Draft("Voici", media=media, **more), ctx)  # type: ignore[arg-type]


async def test_a_picture_that_no_post_shows_goes_after_a_day(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context, world: World, left: Left
) -> None:
    await bring(member)
    world.pass_time(hours=23)
    assert (await sweep(ctx, store), left()) == (0, 2)
    world.pass_time(hours=1)

    assert (await sweep(ctx, store), left()) == (1, 0)
    assert not await Media.exists()


async def test_one_that_a_post_shows_stays(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context, world: World, left: Left
) -> None:
    await said(member, ctx, await bring(member))
    world.pass_time(days=400)

    assert (await sweep(ctx, store), left()) == (0, 2)


async def test_it_goes_with_its_post(member: Actor, bring: Bring, store: MediaStore, ctx: Context, left: Left) -> None:
    post = await said(member, ctx, await bring(member), await bring(member))
    await actions.delete(member, post, ctx)

    assert await clear(store, ctx.now()) == 2
    assert left() == 0
    assert not await Media.exists()


async def test_what_an_edit_takes_out_goes_and_the_rest_stays(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context, left: Left
) -> None:
    first, second = await bring(member, "Un"), await bring(member, "Deux")
    post = await said(member, ctx, first, second)

    await actions.edit(member, post, Draft("Voici", media=[second]), ctx)
    await clear_all(store, ctx.now())

    assert [media.id for media in await Media.all()] == [second.id]
    assert [row.id for row in await Attachment.filter(post_id=post.id)] == [second.id]
    assert left() == 2


async def test_an_edit_that_says_nothing_of_pictures_keeps_them_in_order(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context, left: Left
) -> None:
    first, second = await bring(member, "Un"), await bring(member, "Deux")
    post = await said(member, ctx, second, first)

    await actions.edit(member, post, Draft("Voilà"), ctx)
    await clear_all(store, ctx.now())

    rows = await Attachment.filter(post_id=post.id).order_by("position")
    assert [(row.id, row.description) for row in rows] == [(second.id, "Deux"), (first.id, "Un")]
    assert left() == 4


async def test_an_edit_takes_out_the_last(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context, left: Left
) -> None:
    post = await said(member, ctx, await bring(member))
    await actions.edit(member, post, Draft("Rien", media=[]), ctx)
    await clear_all(store, ctx.now())

    assert (left(), await Attachment.exists()) == (0, False)


async def test_an_erased_account_leaves_no_picture(
    member: Actor, other_member: Actor, bring: Bring, store: MediaStore, ctx: Context, left: Left
) -> None:
    await said(member, ctx, await bring(member), visibility=Visibility.FOLLOWERS)
    await bring(member, "Pas encore publiée")
    kept = await bring(other_member)

    await erasing.erase(member, ctx)

    assert [media.description for media in await Media.filter(owner_id=member.id)] == ["", ""]
    await clear_all(store, ctx.now())
    assert [media.id for media in await Media.all()] == [kept.id]
    assert left() == 2


async def test_what_is_known_about_somebody_lists_their_pictures(member: Actor, bring: Bring, ctx: Context) -> None:
    media, waiting = await bring(member, "Deux tours"), await bring(member)
    post = await said(member, ctx, media)

    rows = (await known(member))["pictures"]
    assert [(row["url"], row["description"], row["post.uri"]) for row in rows] == [
        (media.url, "Deux tours", post.uri),
        (waiting.url, "", None),
    ]


async def test_files_that_are_gone_already_do_not_stop_the_rest(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context, left: Left
) -> None:
    for media in (await bring(member), await bring(member)):
        await pictures.drop(media, ctx)
    folder_of(store).path_of((await Media.all().order_by("id"))[0].name).unlink()

    await clear_all(store, ctx.now())

    assert (left(), await Media.exists()) == (0, False)


async def test_a_removal_that_was_cut_short_is_ended(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = await bring(member)
    await pictures.drop(media, ctx)
    with monkeypatch.context() as patched:

        async def die(name: str) -> None:
            raise OSError("the disk is away")

        patched.setattr(store, "remove", die)
        with pytest.raises(OSError, match="away"):
            await clear(store, ctx.now())
    with pytest.raises(NotAuthorised):  # no post shows any more what is half removed
        await said(member, ctx, media)
    assert not await Post.exists()

    await clear_all(store, ctx.now())
    assert (left(), await Media.exists()) == (0, False)


async def test_housekeeping_counts_before_it_deletes(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context, left: Left
) -> None:
    await pictures.drop(await bring(member), ctx)

    assert (await run.would_go(Terms(ctx.now(), 0, media=store)))[CHORE] == 1
    assert left() == 2


async def test_many_go_a_slice_at_a_time(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context, left: Left
) -> None:
    for _ in range(3):
        await pictures.drop(await bring(member), ctx)

    deleted = await run.sweep(Terms(ctx.now(), 0, limit=2, media=store), seconds=3600)
    assert (deleted[CHORE], left()) == (3, 0)


async def test_a_picture_of_a_profile_stays_until_its_owner_goes(
    member: Actor, store: MediaStore, ctx: Context, world: World, left: Left, tmp_path: Path
) -> None:
    (picture := tmp_path / "moi.jpg").write_bytes(photograph())
    with picture.open("rb") as file:
        upload = pictures.Upload("image/jpeg", len(photograph()), file)
        await profile_pictures.put(member, "icon_url", upload, store, ctx)
    world.pass_time(days=400)
    assert (await sweep(ctx, store), left()) == (0, 2)

    await erasing.erase(member, ctx)

    assert (await sweep(ctx, store), left()) == (1, 0)
    assert not await Media.exists()
