"""What others could conclude about members: from answers to what they say among themselves, from whom a server has met."""

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from models.timeline import HomeRow
from server.sections import membership
from tests import factories
from tests.federation.submitting import submit
from tests.server.api import LogIn

NOOR = "https://far.test/users/noor"


@pytest.fixture
async def inner(section: Actor, member: Actor, remote_actor: Actor, zoe: AsyncClient) -> dict[str, str]:
    """What Zoé says to the members of the section, of whom Noor is one elsewhere."""
    await membership.add(section, member)
    await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED)
    answer = await zoe.post("/api/v1/statuses", json={"status": "Entre nous", "visibility": "section"})
    return dict(answer.json())


@pytest.mark.parametrize("word", ["public", "unlisted"])
async def test_what_is_for_members_is_not_answered_before_everybody(
    inner: dict[str, str], zoe: AsyncClient, word: str
) -> None:
    answer = {"status": "Moi aussi", "in_reply_to_id": inner["id"], "visibility": word}
    assert (await zoe.post("/api/v1/statuses", json=answer)).status_code == 422
    assert await Post.all().count() == 1


async def test_it_is_answered_before_no_other_section(
    inner: dict[str, str], zoe: AsyncClient, member: Actor, ctx: Context
) -> None:
    brest = await factories.section(ctx, "brest", "Section de Brest", is_main=False)
    await membership.add(brest, member)
    answer = {"status": "Moi aussi", "in_reply_to_id": inner["id"], "visibility": "section", "section": str(brest.id)}
    assert (await zoe.post("/api/v1/statuses", json=answer)).status_code == 422


async def test_those_it_names_may_be_answered_alone(inner: dict[str, str], zoe: AsyncClient) -> None:
    answer = {"status": "@noor@far.test ?", "in_reply_to_id": inner["id"], "visibility": "direct"}
    assert (await zoe.post("/api/v1/statuses", json=answer)).status_code == 200


async def test_an_answer_from_elsewhere_before_everybody_is_not_passed_on_and_hides_what_it_answers(
    inner: dict[str, str], zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, remote_actor: Actor, ctx: Context
) -> None:
    await submit(factories.create(NOOR, inReplyTo=inner["uri"]), remote_actor, ctx)

    post = await Post.get(uri=f"{NOOR}/notes/1")
    assert not await ActivityRecord.exists(type="Announce")
    for client, seen in ((public, None), (ali, None), (zoe, inner["id"])):
        found = (await client.get(f"/api/v1/statuses/{post.id}")).json()
        assert found["in_reply_to_id"] == seen
        assert (found["in_reply_to_account_id"] is None) == (seen is None)
    assert (await public.get(f"/api/v1/statuses/{post.id}/context")).json()["ancestors"] == []


async def test_the_home_timeline_asks_again_who_belongs(
    inner: dict[str, str], zoe: AsyncClient, ali: AsyncClient, section: Actor, other_member: Actor
) -> None:
    await HomeRow.bring_to([other_member.id], int(inner["id"]), int(inner["id"]), section.id)
    assert (await ali.get("/api/v1/timelines/home")).json() == []
    await membership.add(section, other_member)
    assert [row["id"] for row in (await ali.get("/api/v1/timelines/home")).json()] == [inner["id"]]
    await Membership.filter(member_id=other_member.id).delete()
    assert (await ali.get("/api/v1/timelines/home")).json() == []
    assert [row["id"] for row in (await zoe.get("/api/v1/timelines/home")).json()] == [inner["id"]]


async def test_its_author_reads_it_after_leaving_and_changes_it_no_more(
    inner: dict[str, str], zoe: AsyncClient, section: Actor, member: Actor, ctx: Context
) -> None:
    await membership.leave(member, section, ctx)
    path = f"/api/v1/statuses/{inner['id']}"
    assert (await zoe.get(path)).status_code == 200
    assert (await zoe.put(path, json={"status": "Autrement"})).status_code == 403
    assert (await zoe.delete(path)).status_code == 200


async def test_whom_its_author_blocks_does_not_read_it(
    inner: dict[str, str], member: Actor, section: Actor, ctx: Context, log_in: LogIn
) -> None:
    ida = await factories.member(ctx, "ida", "Ida")
    await membership.add(section, ida)
    client, path = await log_in(ida), f"/api/v1/statuses/{inner['id']}"
    assert (await client.get(path)).status_code == 200
    await factories.block(member, ida)
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.SECTION, Visibility.DIRECT])
async def test_the_public_does_not_learn_whom_this_server_has_met(
    public: AsyncClient, zoe: AsyncClient, member: Actor, remote_actor: Actor, visibility: Visibility
):
    await factories.follow(remote_actor, member)
    await factories.post(remote_actor, visibility=visibility)

    for path in (f"/{remote_actor.id}", f"/{remote_actor.id}/statuses", "/lookup?acct=noor@far.test"):
        assert (await public.get(f"/api/v1/accounts{path}")).status_code == 404, path
        assert (await zoe.get(f"/api/v1/accounts{path}")).status_code == 200, path


async def test_whom_an_open_post_names_the_public_may_look_up(
    public: AsyncClient, zoe: AsyncClient, remote_actor: Actor
):
    await zoe.post("/api/v1/statuses", json={"status": "@noor@far.test"})

    assert (await public.get(f"/api/v1/accounts/{remote_actor.id}")).status_code == 200
