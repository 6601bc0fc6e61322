"""What a member takes along: tables that Mastodon reads, and an archive of all that they published."""

import csv
import io
import json
import zipfile

import pytest

from models.bookmark import Bookmark
from models.lists import Listed, ReadingList
from models.mute import HostMute, Mute
from models.post import Post, Visibility
from models.reaction import Announce
from server.exports import tables
from server.exports.tables import TABLES
from server.media.actions import Upload, describe, take
from server.posts.actions import Draft, publish
from tests import factories
from tests.pictures import photograph
from tests.web.pages import read

ADDRESS = "/me/export"
FILES = [f"{ADDRESS}/{name}.csv" for name in TABLES] + [f"{ADDRESS}/archive.zip"]


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


@pytest.fixture
async def section_followed(member, section):
    return await factories.follow(member, section)


@pytest.fixture
async def noor(member, remote_actor):
    """Somebody whom Zoé knows in every way."""
    follow = await factories.follow(member, remote_actor)
    follow.notifies, follow.shows_announces, follow.languages = True, False, ",en,fr,"
    await follow.save()
    await factories.follow(remote_actor, member)
    await factories.block(member, remote_actor)
    await Mute.create(muter=member, muted=remote_actor, hides_notifications=False)
    await HostMute.create(muter=member, host="bad.test")
    await Listed.create(list=await ReadingList.create(owner=member, title="Nord, Sud"), actor=remote_actor)
    await Bookmark.create(actor=member, post=await factories.post(remote_actor, uri="https://far.test/1"))
    return remote_actor


@pytest.mark.parametrize("address", [ADDRESS, *FILES])
async def test_only_whoever_is_logged_in_takes_their_own_along(visitor, zoe, enter, noor, other_member, address):
    assert (await visitor.get(address)).headers["location"].startswith("/login")
    answer = await zoe.get(address)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert b"far.test" not in (await (await enter(other_member)).get(address)).content


async def test_page_leads_to_each(zoe):
    page = read(await zoe.get(ADDRESS))

    assert [link["href"] for link in page.select("a[download]")] == FILES
    assert (await zoe.get(f"{ADDRESS}/passwords.csv")).status_code == 404


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (
            "following_accounts",
            [
                ["Account address", "Show boosts", "Notify on new posts", "Languages"],
                ["noor@far.test", "false", "true", "en, fr"],
                ["lille@lille.test", "true", "false", ""],
            ],
        ),
        ("followers", [["Account address"], ["noor@far.test"]]),
        ("blocked_accounts", [["noor@far.test"]]),
        ("muted_accounts", [["Account address", "Hide notifications"], ["noor@far.test", "false"]]),
        ("blocked_domains", [["bad.test"]]),
        ("lists", [["Nord, Sud", "noor@far.test"]]),
        ("bookmarks", [["https://far.test/1"]]),
    ],
)
async def test_tables_are_as_mastodon_reads_them(zoe, section_followed, noor, name, rows):
    answer = await zoe.get(f"{ADDRESS}/{name}.csv")

    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(answer.text))) == rows


async def test_a_long_table_is_read_in_pieces(zoe, member, ctx, monkeypatch):
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 3)
    for number in range(8):
        await HostMute.create(muter=member, host=f"bad{number}.test")

    lines = (await zoe.get(f"{ADDRESS}/blocked_domains.csv")).text.splitlines()

    assert lines == [f"bad{number}.test" for number in reversed(range(8))]


async def test_names_are_no_formulas(zoe, member, ctx, world):
    rude = await factories.remote_actor(ctx, world, "https://far.test/users/max", key=1)
    rude.username = "=cmd"
    await rude.save(update_fields=["username"])
    await factories.block(member, rude)

    assert (await zoe.get(f"{ADDRESS}/blocked_accounts.csv")).text == "'=cmd@far.test\n"


async def test_archive_holds_profile_posts_and_pictures(
    app, zoe, member, other_member, section, say, remote_actor, ctx, tmp_path
):
    (picture := tmp_path / "vacances.jpg").write_bytes(photograph())
    with picture.open("rb") as file:
        taken = await take(member, Upload("image/jpeg", len(photograph()), file), app.state.media, ctx)
    media = describe(taken, "Deux tours")
    pictured = await publish(member, Draft("Regardez", Visibility.PUBLIC, media=[media]), ctx)
    secret = await publish(member, Draft("Entre nous", Visibility.FOLLOWERS), ctx)
    await say(other_member, "Pas de moi")
    shared = await factories.post(remote_actor, "Partagé")
    await Announce.create(uri="https://lille.test/announces/1", actor=member, post=shared)

    answer = await zoe.get(f"{ADDRESS}/archive.zip")

    assert answer.headers["content-disposition"] == 'attachment; filename="zoe.zip"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert packed.testzip() is None
    name = f"media_attachments/{media.name}"
    assert packed.namelist() == ["actor.json", "outbox.json", name]
    assert json.loads(packed.read("actor.json"))["id"] == member.uri
    outbox = json.loads(packed.read("outbox.json"))
    assert (outbox["type"], outbox["totalItems"]) == ("OrderedCollection", 3)
    kinds = {item["type"]: item for item in outbox["orderedItems"]}
    assert kinds["Announce"]["object"] == shared.uri
    notes = {item["object"]["id"]: item for item in outbox["orderedItems"] if item["type"] == "Create"}
    assert notes.keys() == {pictured.uri, secret.uri}
    assert notes[pictured.uri]["object"]["attachment"][0]["url"] == name
    assert "@context" not in notes[pictured.uri]["object"]
    assert packed.read(name) == (await zoe.get(media.url)).content


async def test_an_archive_of_many_posts_is_whole(zoe, member):
    for number in range(95):
        await factories.post(member, f"Message {number}", uri=f"https://lille.test/posts/{number + 1}")

    packed = zipfile.ZipFile(io.BytesIO((await zoe.get(f"{ADDRESS}/archive.zip")).content))

    items = json.loads(packed.read("outbox.json"))["orderedItems"]
    assert [item["object"]["id"] for item in items] == [f"https://lille.test/posts/{n}" for n in range(95, 0, -1)]


async def test_an_archive_of_nothing_is_whole(zoe):
    packed = zipfile.ZipFile(io.BytesIO((await zoe.get(f"{ADDRESS}/archive.zip")).content))

    assert json.loads(packed.read("outbox.json"))["orderedItems"] == []
    assert not await Post.exists()


async def test_archives_are_made_only_so_often(zoe):
    answers = [(await zoe.get(f"{ADDRESS}/archive.zip")).status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]
