"""What streams leave out and mark: just what the timelines do, for whoever reads them."""

import json
from typing import Any

import pytest
from httpx2 import AsyncClient

from models.actor import Actor
from models.filters import Filter, FilterAction, FilterKeyword, FilterPost
from models.lists import Listed, ReadingList, RepliesPolicy
from models.membership import Membership, MembershipState
from models.mute import ConversationMute, HostMute, Mute
from models.post import Post, Visibility
from server.posts import actions
from server.posts.actions import Draft
from server.tags.actions import follow as follow_tag
from tests import factories
from tests.federation.submitting import submit
from tests.server.mastodon.live import Live, heard
from tests.server.mastodon.shapes import OWN_STATUS, assert_shape

Socket = Any


async def hears_first(client: Socket, reader: Actor, live: Live) -> Any:
    """Have the reader publish something, and give what their client hears first."""
    own = await actions.publish(reader, Draft("Moi #nord"), live.ctx)
    _, event, said = await heard(client)
    return "nothing" if event == "update" and said["id"] == str(own.id) else (event, said)


async def filter_out(owner: Actor, word: str, *contexts: str, action: FilterAction = FilterAction.HIDE) -> Filter:
    row = await Filter.create(owner=owner, title="Ennui", contexts=list(contexts), action=action)
    await FilterKeyword.create(part_of=row, keyword=word)
    return row


@pytest.fixture
async def follows(member: Actor, other_member: Actor) -> None:
    """Zoé follows Ali."""
    await factories.follow(member, other_member)


@pytest.mark.usefixtures("follows")
@pytest.mark.parametrize(
    ("stream", "context"),
    [("user", "home"), ("public", "public"), ("public:local", "public"), ("hashtag&tag=nord", "public")],
)
async def test_what_a_filter_hides_is_not_told_and_what_it_warns_of_is_marked(
    live: Live, member: Actor, other_member: Actor, stream: str, context: str
):
    client = await live.listen(member, stream)
    await filter_out(member, "caché", context)
    await filter_out(member, "gênant", context, action=FilterAction.WARN)

    await actions.publish(other_member, Draft("Du caché #nord"), live.ctx)
    await actions.publish(other_member, Draft("Du gênant #nord"), live.ctx)
    _, event, said = await heard(client)

    assert event == "update"
    assert_shape(said, OWN_STATUS)
    [result] = said["filtered"]
    assert (result["keyword_matches"], result["filter"]["filter_action"]) == (["gênant"], "warn")


@pytest.mark.usefixtures("follows")
async def test_a_filter_holds_in_its_own_context_for_its_own_owner_and_not_for_ones_own_posts(
    live: Live, member: Actor, other_member: Actor
):
    await factories.follow(eve := await factories.member(live.ctx, "eve", "Ève"), other_member)
    home, public, theirs = [
        await live.listen(actor, stream) for actor, stream in ((member, "user"), (member, "public"), (eve, "user"))
    ]
    await filter_out(member, "foot", "home")

    await actions.publish(other_member, Draft("Du foot"), live.ctx)
    assert (await heard(public))[1] == (await heard(theirs))[1] == "update"
    own = await actions.publish(member, Draft("Mon foot"), live.ctx)

    assert (await heard(home))[2]["id"] == str(own.id)


@pytest.mark.usefixtures("follows")
async def test_a_boost_and_an_edit_are_filtered_and_what_an_edit_hides_is_gone(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor
):
    shown = await actions.publish(other_member, Draft("Bonjour"), live.ctx)
    boosted = await factories.post(remote_actor, "Le foot")
    client = await live.listen(member, "user")
    row = await filter_out(member, "foot", "home")

    await actions.announce(other_member, boosted, live.ctx)
    await actions.edit(other_member, await Post.get(id=shown.id), Draft("Le foot"), live.ctx)

    assert await heard(client) == (["user"], "delete", shown.id)
    await Filter.filter(id=row.id).update(action=FilterAction.WARN)
    await actions.edit(other_member, await Post.get(id=shown.id), Draft("Le foot encore"), live.ctx)
    _, event, said = await heard(client)
    assert (event, len(said["filtered"])) == ("status.update", 1)


@pytest.mark.usefixtures("follows")
async def test_a_filter_finds_a_post_by_itself(live: Live, member: Actor, other_member: Actor):
    shown = await actions.publish(other_member, Draft("Bonjour"), live.ctx)
    row = await Filter.create(owner=member, title="x", contexts=["home"], action=FilterAction.WARN)
    await FilterPost.create(part_of=row, post=shown)
    client = await live.listen(member, "user")

    await actions.edit(other_member, await Post.get(id=shown.id), Draft("Bonsoir"), live.ctx)

    assert (await heard(client))[2]["filtered"][0]["status_matches"] == [str(shown.id)]


@pytest.mark.usefixtures("follows")
@pytest.mark.parametrize("stream", ["user", "public", "hashtag&tag=nord"])
async def test_the_muted_are_not_heard_nor_what_others_boost_of_them(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor, stream: str
):
    client = await live.listen(member, stream)
    await factories.follow(other_member, remote_actor)
    await Mute.create(muter=member, muted=remote_actor)
    await actions.announce(other_member, await factories.post(remote_actor), live.ctx)
    await submit(factories.create(remote_actor.uri, 1, to=[factories.PUBLIC]), remote_actor, live.ctx)
    await Mute.create(muter=member, muted=other_member)
    await actions.publish(other_member, Draft("Bonjour #nord"), live.ctx)

    assert await hears_first(client, member, live) == "nothing"


@pytest.mark.usefixtures("follows")
@pytest.mark.parametrize("column", ["host", "handle_host"])
@pytest.mark.parametrize("stream", ["user", "public", "hashtag&tag=nord"])
async def test_servers_that_are_left_out_are_not_heard_nor_what_others_boost_of_them(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor, stream: str, column: str
):
    await Actor.filter(id=remote_actor.id).update(**{column: "rude.test"})
    await HostMute.create(muter=member, host="rude.test")
    client = await live.listen(member, stream)
    theirs = await live.listen(other_member, stream.replace("user", "public"))
    tag = {"type": "Hashtag", "name": "#Nord", "href": "https://far.test/nord"}

    await factories.follow(other_member, remote_actor)
    await submit(factories.create(remote_actor.uri, 1, to=[factories.PUBLIC], tag=[tag]), remote_actor, live.ctx)

    assert (await heard(theirs))[1] == "update"
    await actions.announce(other_member, await Post.get(actor_id=remote_actor.id), live.ctx)
    assert await hears_first(client, member, live) == "nothing"


@pytest.mark.parametrize("is_blocker", [True, False])
@pytest.mark.parametrize("stream", ["user", "public", "hashtag&tag=nord"])
async def test_those_kept_apart_do_not_hear_each_other(
    live: Live, member: Actor, other_member: Actor, stream: str, is_blocker: bool
):
    await follow_tag(member, "nord")
    await factories.block(*((member, other_member) if is_blocker else (other_member, member)))
    client = await live.listen(member, stream)

    await actions.publish(other_member, Draft("Bonjour #nord"), live.ctx)

    assert await hears_first(client, member, live) == "nothing"


async def test_the_silenced_are_heard_by_those_who_follow_them(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor
):
    await Actor.filter(id=remote_actor.id).update(is_silenced=True)
    await factories.follow(member, remote_actor)
    mine, theirs = await live.listen(member, "public"), await live.listen(other_member, "public")

    await submit(factories.create(remote_actor.uri, 1, to=[factories.PUBLIC]), remote_actor, live.ctx)

    assert (await heard(mine))[2]["account"]["acct"] == remote_actor.handle
    assert await hears_first(theirs, other_member, live) == "nothing"


@pytest.mark.usefixtures("follows")
async def test_a_muted_conversation_is_marked(live: Live, member: Actor, other_member: Actor):
    begun = await actions.publish(other_member, Draft("Bonjour"), live.ctx)
    await ConversationMute.create(muter=member, uri=begun.conversation_uri or begun.uri)
    client = await live.listen(member, "user")

    await actions.publish(other_member, Draft("Encore", in_reply_to=await Post.get(id=begun.id)), live.ctx)

    assert (await heard(client))[2]["muted"] is True


@pytest.mark.usefixtures("follows")
async def test_a_boost_is_told_with_what_each_reader_did_with_it(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor
):
    await factories.follow(eve := await factories.member(live.ctx, "eve", "Ève"), other_member)
    post = await factories.post(remote_actor)
    await actions.like(member, await Post.get(id=post.id), live.ctx)
    mine, theirs = await live.listen(member, "user"), await live.listen(eve, "user")

    await actions.announce(other_member, post, live.ctx)

    told = {name: (await heard(client))[2] for name, client in (("mine", mine), ("theirs", theirs))}
    assert told["mine"]["reblog"]["favourited"] is True
    assert told["theirs"]["reblog"]["favourited"] is False
    assert told["theirs"]["id"] == told["mine"]["id"] != told["mine"]["reblog"]["id"]


async def test_what_is_for_members_is_told_to_members_alone(
    live: Live, member: Actor, other_member: Actor, section: Actor
):
    for actor in (member, other_member):
        await Membership.create(uri=f"{actor.uri}/joins/1", group=section, member=actor, state=MembershipState.ACCEPTED)
    theirs = await live.listen(other_member, "user")

    first = await actions.publish(member, Draft("Entre nous", Visibility.SECTION, section=section), live.ctx)
    assert (await heard(theirs))[2]["id"] == str(first.id)
    answer = Draft("Oui", Visibility.SECTION, section=section, in_reply_to=await Post.get(id=first.id))
    await actions.publish(member, answer, live.ctx)
    assert (await heard(theirs))[2]["in_reply_to_id"] == str(first.id)

    await Membership.filter(member=other_member).delete()
    await actions.edit(member, await Post.get(id=first.id), Draft("Vraiment", Visibility.SECTION), live.ctx)
    assert await hears_first(theirs, other_member, live) == "nothing"


async def test_answers_are_told_where_their_hashtag_is_and_not_in_public(
    live: Live, member: Actor, other_member: Actor
):
    begun = await actions.publish(member, Draft("Bonjour"), live.ctx)
    public, tag = await live.listen(member, "public"), await live.listen(member, "hashtag&tag=nord")

    answer = Draft("@zoe oui #nord", in_reply_to=await Post.get(id=begun.id))
    told = await actions.publish(other_member, answer, live.ctx)

    assert (await heard(tag))[2]["id"] == str(told.id)
    assert await hears_first(public, member, live) == "nothing"


async def test_local_hashtags_are_of_this_server(live: Live, member: Actor, remote_actor: Actor, other_member: Actor):
    everywhere, here = [await live.listen(member, f"hashtag{where}&tag=Nord") for where in ("", ":local")]
    await factories.follow(other_member, remote_actor)
    tagged = factories.create(
        remote_actor.uri,
        1,
        to=[factories.PUBLIC],
        tag=[{"type": "Hashtag", "name": "#Nord", "href": "https://far.test/nord"}],
    )

    await submit(tagged, remote_actor, live.ctx)

    stream, _, said = await heard(everywhere)
    assert (stream, said["account"]["acct"]) == (["hashtag", "nord"], remote_actor.handle)
    assert await hears_first(here, member, live) == "nothing"


async def test_media_streams_tell_of_posts_with_pictures_alone(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor
):
    streams = ("public:media", "public&only_media=true", "public:remote:media", "public:local:media")
    listening = {name: await live.listen(member, name) for name in streams}
    await factories.follow(other_member, remote_actor)
    picture = {"type": "Document", "mediaType": "image/png", "url": "https://far.test/1.png"}
    plain = factories.create(remote_actor.uri, 1, to=[factories.PUBLIC])
    shown = factories.create(remote_actor.uri, 2, to=[factories.PUBLIC], attachment=[picture])

    for created in (plain, shown):
        await submit(created, remote_actor, live.ctx)

    for name in streams[:3]:
        stream, _, said = await heard(listening[name])
        assert (stream, len(said["media_attachments"])) == ([name.replace("&only_media=true", ":media")], 1)
    await listening[streams[3]].send(json.dumps({"type": "subscribe", "stream": "user"}))
    await listening[streams[3]].send("junk")
    assert json.loads(await listening[streams[3]].recv())["status"] == 422
    own = await actions.publish(member, Draft("Moi"), live.ctx)
    stream, _, said = await heard(listening[streams[3]])
    assert (stream, said["id"]) == (["user"], str(own.id))


# Lists


async def list_of(owner: Actor, *listed: Actor, **columns: Any) -> ReadingList:
    row = await ReadingList.create(owner=owner, title="Amis", **columns)
    for actor in listed:
        await Listed.create(list=row, actor=actor)
    return row


@pytest.mark.usefixtures("follows")
async def test_a_list_tells_of_those_who_are_in_it(live: Live, member: Actor, other_member: Actor, remote_actor: Actor):
    await factories.follow(member, remote_actor)
    row = await list_of(member, other_member)
    client = await live.listen(member, f"list&list={row.id}")

    await submit(factories.create(remote_actor.uri, 1, to=[factories.PUBLIC]), remote_actor, live.ctx)
    told = await actions.publish(other_member, Draft("Bonjour", Visibility.FOLLOWERS), live.ctx)

    stream, event, said = await heard(client)
    assert (stream, event, said["id"]) == (["list", str(row.id)], "update", str(told.id))
    await actions.edit(other_member, await Post.get(id=told.id), Draft("Bonsoir"), live.ctx)
    assert (await heard(client))[:2] == (["list", str(row.id)], "status.update")
    await actions.delete(other_member, await Post.get(id=told.id), live.ctx)
    assert await heard(client) == (["list", str(row.id)], "delete", told.id)


@pytest.mark.usefixtures("follows")
@pytest.mark.parametrize(
    ("policy", "expected"),
    [(RepliesPolicy.NONE, []), (RepliesPolicy.LISTED, ["listed"]), (RepliesPolicy.FOLLOWED, ["followed"])],
)
async def test_a_list_has_answers_as_its_policy_says(
    live: Live,
    member: Actor,
    other_member: Actor,
    remote_actor: Actor,
    stranger: Actor,
    policy: RepliesPolicy,
    expected: list[str],
):
    eve = await factories.member(live.ctx, "eve", "Ève")
    await factories.follow(member, eve)
    row = await list_of(member, other_member, remote_actor, replies_policy=policy)
    client = await live.listen(member, f"list&list={row.id}")

    for author, text in ((remote_actor, "listed"), (eve, "followed"), (stranger, "neither")):
        begun = await factories.post(author)
        answer = await actions.publish(other_member, Draft(text, in_reply_to=begun), live.ctx)
        assert answer.in_reply_to_id == begun.id
    last = await actions.publish(other_member, Draft("fin"), live.ctx)

    told = [(await heard(client))[2] for _ in [*expected, last]]
    assert [any(word in said["content"] for said in told) for word in expected] == [True] * len(expected)
    assert told[-1]["id"] == str(last.id)


@pytest.mark.usefixtures("follows")
async def test_what_is_in_an_exclusive_list_is_told_there_and_not_at_home(
    live: Live, member: Actor, other_member: Actor
):
    row = await list_of(member, other_member, is_exclusive=True)
    home, client = await live.listen(member, "user"), await live.listen(member, f"list&list={row.id}")

    told = await actions.publish(other_member, Draft("Bonjour"), live.ctx)

    assert (await heard(client))[2]["id"] == str(told.id)
    assert await hears_first(home, member, live) == "nothing"


async def test_a_list_is_its_owners_alone(live: Live, zoe: AsyncClient, member: Actor, other_member: Actor):
    row = await list_of(other_member, member)
    token = await live.token(member)
    for query, status in ((f"list={row.id}", 404), ("list=x", 422), ("", 422)):
        answer = await zoe.get(f"/api/v1/streaming/list?{query}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
    client = await live.open(token)
    await client.send(json.dumps({"type": "subscribe", "stream": "list", "list": str(row.id)}))
    assert json.loads(await client.recv())["status"] == 404
