"""Statuses for a section: for its members alone, or for everybody through it."""

import pytest
from httpx2 import AsyncClient

from models.actor import Actor
from models.post import Post, Visibility
from server.sections import membership


async def publish(client: AsyncClient, **more: object) -> tuple[int, dict]:
    answer = await client.post("/api/v1/statuses", json={"status": "Entre nous", **more})
    return answer.status_code, dict(answer.json())


@pytest.fixture
async def joined(section: Actor, member: Actor) -> Actor:
    """The section, to which Zoé belongs."""
    await membership.add(section, member)
    return section


async def test_a_status_for_members_is_private_to_clients_and_hidden_from_others(
    zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, joined: Actor
) -> None:
    code, found = await publish(zoe, visibility="section", section=str(joined.id))
    assert (code, found["visibility"]) == (200, "private")
    post = await Post.get()
    assert (post.visibility, post.group_id) == (Visibility.SECTION, joined.id)
    for client, expected in ((zoe, 200), (ali, 404), (public, 404)):
        assert (await client.get(f"/api/v1/statuses/{found['id']}")).status_code == expected
    assert (await zoe.post(f"/api/v1/statuses/{found['id']}/reblog")).status_code == 403


async def test_the_only_section_need_not_be_named(zoe: AsyncClient, joined: Actor) -> None:
    assert (await publish(zoe, visibility="section"))[0] == 200
    assert (await Post.get()).group_id == joined.id


async def test_members_of_none_or_of_several_must_say_which(
    zoe: AsyncClient, member: Actor, section: Actor, ctx: object
) -> None:
    assert (await publish(zoe, visibility="section"))[0] == 422
    assert (await publish(zoe, visibility="section", section=str(section.id)))[0] == 403
    assert (await publish(zoe, visibility="section", section=str(member.id)))[0] == 422
    assert not await Post.exists()


async def test_an_answer_stays_among_members(
    zoe: AsyncClient, ali: AsyncClient, joined: Actor, other_member: Actor
) -> None:
    _, parent = await publish(zoe, visibility="section")
    await membership.add(joined, other_member)
    for word in ({}, {"visibility": "private"}):
        code, found = await publish(ali, in_reply_to_id=parent["id"], **word)
        assert (code, found["visibility"]) == (200, "private")
        assert (await Post.get(id=int(found["id"]))).visibility is Visibility.SECTION


async def test_it_can_be_edited(zoe: AsyncClient, joined: Actor) -> None:
    _, found = await publish(zoe, visibility="section")
    answer = await zoe.put(f"/api/v1/statuses/{found['id']}", json={"status": "Mieux dit"})
    assert answer.status_code == 200
    assert (await Post.get()).visibility is Visibility.SECTION


async def test_a_public_status_for_a_section_is_shown_by_it(zoe: AsyncClient, joined: Actor) -> None:
    code, found = await publish(zoe, section=str(joined.id))
    assert code == 200
    assert (await zoe.get(f"/api/v1/statuses/{found['id']}")).json()["reblogs_count"] == 1
    assert found["mentions"] == []
