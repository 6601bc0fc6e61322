"""What is accepted and kept out of sight: Dislike, View, Read, Listen, and taking them back."""

import pytest

from federation.context import Context
from federation.errors import UnsupportedActivity
from models.activity import ActivityRecord
from models.actor import Actor
from models.notification import Notification
from models.post import Post
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

KINDS = pytest.mark.parametrize("kind", ["Dislike", "View", "Read", "Listen"])


@KINDS
async def test_it_is_accepted_and_nobody_learns_of_it(
    member: Actor, remote_actor: Actor, ctx: Context, kind: str
) -> None:
    post = await factories.post(member)
    done = factories.activity(kind, remote_actor.uri, post.uri)
    undo = factories.activity("Undo", remote_actor.uri, done)
    for activity in (done, done, undo, undo):
        outcome = await submit(activity, remote_actor, ctx)
        assert outcome.facts == []
    assert not await Notification.exists()
    assert (await Post.get(id=post.id)).likes_count == 0


@KINDS
@pytest.mark.parametrize("embedded", [False, True])
async def test_what_it_is_about_need_not_be_here_and_is_not_fetched(
    remote_actor: Actor, ctx: Context, world: World, kind: str, embedded: bool
) -> None:
    uri = "https://elsewhere.test/videos/9"
    world.serve({"id": uri, "type": "Video"})
    object_ = {"id": uri, "type": "Video", "name": "Un film"} if embedded else uri
    outcome = await submit(factories.activity(kind, remote_actor.uri, object_), remote_actor, ctx)
    assert outcome.is_new
    assert world.fetched == []


@KINDS
async def test_what_was_never_said_is_not_taken_back_by_its_name(remote_actor: Actor, ctx: Context, kind: str) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Undo", remote_actor.uri, f"{remote_actor.uri}/{kind}/1"), remote_actor, ctx)
    assert not await ActivityRecord.exists()
