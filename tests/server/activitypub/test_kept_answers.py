"""Finished answers are kept, and never given once they are no longer true."""

import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from federation.context import Context
from models.actor import Actor
from models.post import Visibility
from models.trail import Trail
from server.kept_answers import MAX_ANSWER_BYTES, MAX_BYTES, Kept, KeptAnswers
from server.posts.actions import Draft, delete, publish
from tests.server.activitypub.asker import Asker
from tests.web.test_queries import needs_sqlite, statements

KEY = ("document", "/actors/1", "")


@pytest.fixture
def answers(app: Starlette) -> KeptAnswers:
    """What the application keeps."""
    app.state.kept_answers = KeptAnswers()
    return app.state.kept_answers


@needs_sqlite
@pytest.mark.parametrize(
    "address", ["/actors/{id}", "/@lille", "/.well-known/webfinger?resource=acct:lille@lille.test"]
)
async def test_a_document_that_nothing_has_changed_asks_for_no_rows(asker: Asker, section: Actor, address: str) -> None:
    first = await asker.get(address.format(id=section.id))
    with statements() as seen:
        again = await asker.get(address.format(id=section.id))

    assert (again.status, again.headers, again.body) == (200, first.headers, first.body)
    assert seen == []


async def test_the_types_of_a_document_are_kept_apart(asker: Asker, section: Actor) -> None:
    types = []
    for accept in ("application/activity+json", "application/ld+json", "application/activity+json"):
        types.append((await asker.get(f"/actors/{section.id}", accept=accept)).headers["content-type"])

    assert types[0] == types[2] != types[1]


async def test_what_changed_is_told_at_once(asker: Asker, section: Actor) -> None:
    await asker.get(section.uri)
    await Actor.filter(id=section.id).update(display_name="Section de Roubaix")

    assert (await asker.get(section.uri)).json["name"] == "Section de Roubaix"


async def test_a_kept_document_answers_to_its_tag(asker: Asker, section: Actor) -> None:
    tag = (await asker.get(section.uri)).headers["etag"]

    for _ in range(2):
        again = await asker.get(section.uri, if_none_match=tag)
        assert (again.status, again.headers["etag"], again.body) == (304, tag, b"")


async def test_what_is_not_for_everybody_is_never_kept(
    asker: Asker, member: Actor, ctx: Context, answers: KeptAnswers
) -> None:
    post = await publish(member, Draft("Entre nous", Visibility.FOLLOWERS), ctx)
    assert (await asker.get(post.uri)).status == 404

    assert not answers.answers


async def test_a_deleted_post_is_gone_at_once(asker: Asker, member: Actor, ctx: Context) -> None:
    post = await publish(member, Draft("Bonjour"), ctx)
    assert (await asker.get(post.uri)).status == 200
    await delete(member, post, ctx)

    assert (await asker.get(post.uri)).status == 410


async def test_made_up_addresses_do_not_fill_the_memory(asker: Asker, section: Actor, answers: KeptAnswers) -> None:
    for number in range(3):
        assert (await asker.get(f"/actors/{section.id}?{number}")).status == 200

    assert not answers.answers


def test_memory_is_bounded_and_the_longest_unread_leaves() -> None:
    kept = KeptAnswers()
    kept.keep(("/large",), answer_of(MAX_ANSWER_BYTES + 1))
    for number in range(2 * MAX_BYTES // MAX_ANSWER_BYTES):
        kept.keep((f"/{number}",), answer_of(MAX_ANSWER_BYTES))

    assert kept.total_bytes == sum(each.bytes for each in kept.answers.values()) <= MAX_BYTES
    assert ("/1",) not in kept.answers
    assert ("/large",) not in kept.answers


def answer_of(count: int) -> Kept:
    return Kept(Response(b"x"), Trail(), (), count)
