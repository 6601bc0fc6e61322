"""Whatever is written into any field, here or on another server, no page holds anything that could run.

What a browser makes of the same pages is seen in tests/scenarios/test_hostile_pages.py.
"""

import pytest
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.ids import new_id
from models.post import OPEN, Post
from models.reaction import Announce
from tests.server.activitypub.corpus import parcels
from tests.server.activitypub.poster import Poster, build_app
from tests.server.activitypub.test_corpus import stand_in, work
from tests.web.conftest import browser
from tests.web.inert import live
from tests.web.payloads import ALL, URLS, Hostile
from tests.web.town import build
from tests.web.walk import people, walk
from tests.world import ORIGIN, World


def test_there_is_enough_to_try() -> None:
    assert len(set(ALL)) >= 80
    assert len(set(URLS)) >= 15


@pytest.mark.parametrize(
    "harmful",
    ["<p onclick=x>", "<script>1</script>", '<a href="javascript:x">', "<iframe>", '<img src="//far.test/x">', "<p style=x>",
     '<script type="application/ld+json"><!-- </script>', '<meta http-equiv="Refresh">', "<form action='data:x'>"],
)  # fmt: skip
def test_what_runs_is_recognised(harmful: str) -> None:
    assert live(harmful, ORIGIN)


@pytest.mark.parametrize("first", [0, 51])
async def test_nothing_in_any_field_runs_on_any_page(app: Starlette, ctx: Context, world: World, first: int) -> None:
    write = Hostile(first)
    town = await build(ctx, world, write)
    assert next(write.written) >= 140
    async with people(app, town, ctx) as clients:
        seen = await walk(app, town, clients)
    shown = [one for one in seen if one.is_page]
    assert {(one.address, problem) for one in shown for problem in live(one.answer.text, ORIGIN)} == set()
    assert sum("window.__xss" in one.answer.text for one in shown) > 50, "hardly anything of it was shown"
    assert [(one.who, one.address) for one in seen if one.answer.status_code >= 500] == []


async def announced_corpus(section: Actor, member: Actor, ctx: Context, world: World, poster: Poster) -> int:
    """Take every document of the corpus in, and have the section share each open post of it; how many there are."""
    found = parcels()
    await stand_in(ctx, world, member, *(parcel.sender for parcel in found))
    for parcel in found:
        await poster.post(parcel.document, actor=parcel.sender)
    await work(ctx)
    posts = await Post.filter(visibility__in=OPEN, is_local=False)
    for post in posts:
        await Announce.create(uri=f"{section.uri}/announces/{new_id()}", actor=section, post=post)
    return len(posts)


async def test_nothing_that_other_programs_write_runs(
    app: Starlette, section: Actor, member: Actor, ctx: Context, world: World, tmp_path: object
) -> None:
    count = await announced_corpus(section, member, ctx, world, Poster(build_app(ctx, app.state.settings.data), world))
    shown, address = 0, "/"
    async with browser(app) as visitor:
        while address:
            answer = await visitor.get(address)
            assert live(answer.text, ORIGIN) == []
            shown += answer.text.count('class="post post-shared')
            before = answer.text.rpartition('class="paging-next" href="')[2].partition('"')[0]
            address = f"/{before}" if before.startswith("?before=") else ""
    assert shown >= count * 0.9 > 30
