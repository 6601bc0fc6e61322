"""Every endpoint that is read answers a difficult data set in the shape that strict clients decode."""

from datetime import datetime
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from models.actor import Actor
from models.member import Member
from models.section import Section
from server.mastodon.routes import API
from server.oauth import apps
from server.oauth.tokens import create_token
from tests.server.api import EVERYTHING
from tests.server.mastodon.difficult import Stage, Things, build
from tests.server.mastodon.endpoint_shapes import ANSWERS, Answer
from tests.server.mastodon.shapes import blurhash, problems, url
from tests.world import World

NEVER_ENDING = "/v1/streaming/"  # tests/server/mastodon/test_streaming.py
THERE_FOR_SOME = (403, 404)


def routes() -> set[str]:
    """Every endpoint that is read, but for streams."""
    read = {route.path for route in API if "GET" in (route.methods or ())}
    return {path for path in read if not path.startswith(NEVER_ENDING)}


def test_every_endpoint_that_is_read_has_a_shape():
    assert set(ANSWERS) == routes()


@pytest.fixture
async def things(
    zoe: AsyncClient, member: Actor, main_section: Section, ctx: Context, world: World, now: datetime
) -> Things:
    """The data set, and what is in it."""
    await Actor.filter(id=main_section.actor.id).update(note_html="<p>Ensemble.</p>")
    program, _ = await apps.register("Tusky", ["oauth2redirect://tusky/"], scopes=" ".join(EVERYTHING))
    token = await create_token(await Member.get(actor_id=member.id), EVERYTHING, program)
    zoe.headers["Authorization"] = f"Bearer {token}"
    return await build(Stage(zoe, member, main_section.actor, ctx, world, now))


async def wrong(client: AsyncClient, answer: Answer, shape: Any, path: str, things: Things) -> tuple[int, list[str]]:
    """How often something was answered, and all that does not fit; what is not for whoever asks may be refused."""
    answered, found = 0, []
    for pattern in answer.addresses or (path,):
        for address in things.addresses(pattern):
            got = await client.get(f"/api{address}")
            if got.status_code == 200:
                answered += 1
                found += [f"{address} {problem}" for problem in problems(got.json(), shape, "")]
            elif got.status_code not in THERE_FOR_SOME or not is_error(got):
                found.append(f"{address}: {got.status_code} {got.text[:200]}")
    return answered, found


def is_error(answer: Response) -> bool:
    return not problems(answer.json(), {"error": str}, "")


async def test_every_answer_to_a_member_has_its_shape(zoe: AsyncClient, things: Things):
    found: list[str] = []
    silent: list[str] = []
    for path, answer in ANSWERS.items():
        answered, problems_ = await wrong(zoe, answer, answer.shape, path, things)
        found += problems_
        if not answered:
            silent.append(path)
    assert not found, "\n".join(found)
    assert not silent


async def test_every_answer_to_the_public_has_its_shape(public: AsyncClient, things: Things):
    found: list[str] = []
    for path, answer in ANSWERS.items():
        if answer.public is not None:
            answered, problems_ = await wrong(public, answer, answer.public, path, things)
            found += problems_ if answered else [*problems_, f"{path}: nothing was answered"]
    assert not found, "\n".join(found)


async def test_what_is_for_members_is_told_so_to_the_public(public: AsyncClient, things: Things):
    for path, answer in ANSWERS.items():
        if answer.public is None:
            address = things.addresses((answer.addresses or (path,))[0])[0]
            got = await public.get(f"/api{address}")
            assert (got.status_code, is_error(got)) == (401, True), address


@pytest.mark.parametrize(
    "value", ["", "/a.png", "https://far.test/é.png", "https:///a", "https://far.test/a b", None, 1]
)
def test_what_swift_does_not_read_is_no_url(value: Any):
    assert not url(value)


@pytest.mark.parametrize("value", ["", "LEHV6n", "LEHV6nWB2yk8pyo0adR*.7kCMdnj", "not a blurhash"])
def test_a_blurhash_is_as_long_as_it_says(value: str):
    assert blurhash(value) is (len(value) == 28)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists),
    st.sampled_from([a.shape for a in ANSWERS.values()]),
)
def test_whatever_is_answered_is_held_against_a_shape(value: Any, shape: Any):
    assert isinstance(problems(value, shape, ""), list)
