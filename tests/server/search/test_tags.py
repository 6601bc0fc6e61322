"""Which hashtags are found by how they begin."""

import pytest

from models.actor import Actor
from models.post import PostTag, Visibility
from server.search.tags import found
from tests import factories


async def tag(author: Actor, *names: str, visibility: Visibility = Visibility.PUBLIC) -> None:
    for name in names:
        await PostTag.create(post=await factories.post(author, visibility=visibility), name=name, shown=name)


async def test_hashtags_are_found_by_how_they_begin_those_on_many_posts_first(member: Actor) -> None:
    await tag(member, "climat", "climatologie", "climatologie", "clé", "clim_at", "vélo")
    assert await found("#Clima", limit=10) == ["climatologie", "climat"]
    assert await found("cl", limit=2) == ["climatologie", "clim_at"]
    assert await found("cl", limit=2, offset=2) == ["climat", "clé"]
    assert await found("vé", limit=10) == ["vélo"]


async def test_what_only_few_may_read_tells_no_hashtag(member: Actor, remote_actor: Actor) -> None:
    for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION, Visibility.DIRECT):
        await tag(member, "secret", visibility=visibility)
    await tag(remote_actor, "secret")
    assert await found("secret", limit=10) == ["secret"]
    for columns in ({"is_suspended": True}, {"is_suspended": False, "is_silenced": True}):
        await Actor.filter(id=remote_actor.id).update(**columns)
        assert await found("secret", limit=10) == []


@pytest.mark.parametrize("text", ["", "#", "%", "a b", "x" * 200, "\x00", "_"])
async def test_no_letter_is_a_wildcard(member: Actor, text: str) -> None:
    await tag(member, "climat")
    assert await found(text, limit=10) == []
