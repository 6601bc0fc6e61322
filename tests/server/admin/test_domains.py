"""What rules for domains do: at the door, to what is here, and in both modes."""

import pytest
from httpx2 import AsyncClient

from federation import policy
from federation.context import Context
from federation.errors import RejectedByPolicy
from models.actor import Actor
from models.follow import Follow
from models.host import DomainRule, Severity
from models.moderation import Report
from models.notification import Notification
from models.post import Attachment, Post
from models.setting import Setting
from models.timeline import HomeRow
from server.admin import domains
from server.admin.domains import Rule
from server.errors import Invalid, NotFound
from server.follows import lookup
from server.posts import queries
from server.posts.replies import open_totals
from server.search import queries as search
from server.timelines import queries as timelines
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

SILENCE = Rule(Severity.SILENCE)


@pytest.fixture
async def author(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows, and who follows that member."""
    await factories.follow(member, remote_actor)
    await factories.follow(remote_actor, member)
    return remote_actor


async def posted(author: Actor, ctx: Context, number: int = 1, **more: object) -> Post:
    create = factories.create(author.uri, number, **more)
    await submit(create, author, ctx)
    return await Post.get(uri=create["object"]["id"])


async def test_what_is_blocked_is_refused_at_the_door(author: Actor, ctx: Context) -> None:
    await domains.set_rule("far.test", Rule(), ctx)
    with pytest.raises(RejectedByPolicy, match=r"far\.test is blocked here"):
        await submit(factories.create(author.uri), author, ctx)


async def test_what_is_blocked_disappears_everywhere_at_once(
    author: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    ours = await factories.post(other_member)
    post = await posted(author, ctx, inReplyTo=ours.uri)
    root = await posted(author, ctx, 2, tag=[{"type": "Hashtag", "name": "#lille"}])
    await submit(factories.activity("Announce", author.uri, ours.uri), author, ctx)

    await domains.set_rule("far.test", Rule(), ctx)

    assert await queries.one(post.id, member) is None
    assert await queries.one(root.id, None) is None
    assert await timelines.home(member, limit=20) == []
    assert [view.post.id for view in await queries.public(member, limit=20)] == [ours.id]
    assert await queries.by_tag("lille", member, limit=20) == []
    assert await queries.descendants(ours, member) == []
    assert await open_totals([ours.id]) == {}
    assert await queries.by_actor(author, member, limit=20) == []
    assert await search.actors("noor", member, limit=5) == []
    assert await search.post_at(post.uri, member, ctx.names) is None
    assert await lookup.known("noor@far.test", ctx) is None


async def test_follows_both_ways_end_and_are_counted_no_more(author: Actor, member: Actor, ctx: Context) -> None:
    await Actor.filter(id=member.id).update(followers_count=1, following_count=1)
    await domains.set_rule("far.test", Rule(), ctx)
    assert not await Follow.exists()
    await member.refresh_from_db()
    assert (member.followers_count, member.following_count) == (0, 0)
    assert not await HomeRow.exists()


async def test_unblocking_brings_back_what_was_hidden_but_no_follow(author: Actor, member: Actor, ctx: Context) -> None:
    post = await posted(author, ctx)
    await domains.set_rule("far.test", Rule(), ctx)
    await domains.remove_rule("far.test", ctx)
    assert await queries.one(post.id, None) is not None
    assert not await Follow.exists()


async def test_after_a_month_what_is_blocked_is_deleted(author: Actor, ctx: Context, world: World) -> None:
    await posted(author, ctx)
    await domains.set_rule("far.test", Rule(), ctx)
    world.pass_time(days=29)
    assert await domains.purge(ctx) == 0
    world.pass_time(days=2)
    assert await domains.purge(ctx) == 1
    assert not await Post.exists()


@pytest.mark.parametrize("domain", ["lille.test", "test"])
async def test_nobody_blocks_the_server_they_are_on(ctx: Context, domain: str) -> None:
    with pytest.raises(Invalid, match="is this server"):
        await domains.set_rule(domain, Rule(), ctx)


async def test_a_rule_that_is_not_there_cannot_be_taken_back(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await domains.remove_rule("far.test", ctx)


async def test_the_nearest_rule_counts(author: Actor, ctx: Context) -> None:
    await domains.set_rule("good.bad.example", Rule(Severity.ALLOW), ctx)
    await domains.set_rule("bad.example", Rule(), ctx)
    hosts = ["good.bad.example", "x.good.bad.example", "bad.example", "other.bad.example:8443"]
    assert await policy.blocked_hosts(hosts) == {"bad.example", "other.bad.example:8443"}


async def test_where_only_listed_domains_may_speak_the_others_are_blocked(
    author: Actor, member: Actor, ctx: Context
) -> None:
    await domains.set_rule("ally.test", Rule(Severity.ALLOW), ctx)
    await domains.allow_only_listed(ctx, is_wanted=True)
    assert await policy.blocked_hosts(["far.test", "ally.test", "below.ally.test"]) == {"far.test"}
    assert await domains.is_only_listed()
    with pytest.raises(RejectedByPolicy):
        await submit(factories.create(author.uri), author, ctx)

    await domains.allow_only_listed(ctx, is_wanted=False)
    assert await policy.blocked_hosts(["far.test"]) == set()
    assert (await Actor.get(id=author.id)).blocked_at is None


async def test_our_own_go_on_where_only_listed_domains_may_speak(
    member: Actor, other_member: Actor, ctx: Context
) -> None:
    await domains.allow_only_listed(ctx, is_wanted=True)
    follow = factories.activity("Follow", member.uri, other_member.uri) | {"id": ctx.names.new_activity()}
    await submit(follow, member, ctx)
    assert await Follow.exists(follower=member, followed=other_member)


async def test_silenced_are_seen_by_those_who_follow_and_by_nobody_else(
    author: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    post = await posted(author, ctx, tag=[{"type": "Hashtag", "name": "#lille"}])
    await domains.set_rule("far.test", SILENCE, ctx)
    for viewer, seen in ((member, [post.id]), (other_member, []), (None, [])):
        assert [view.post.id for view in await queries.public(viewer, limit=20)] == seen
        assert [view.post.id for view in await queries.by_tag("lille", viewer, limit=20)] == seen
    assert [view.post.id for view in await timelines.home(member, limit=20)] == [post.id]
    assert await queries.one(post.id, None) is not None
    assert await search.actors("noor", other_member, limit=5) == []
    assert [actor.id for actor in await search.actors("noor", member, limit=5)] == [author.id]


async def test_nobody_is_told_of_a_silenced_one_whom_they_do_not_follow(
    author: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    await domains.set_rule("far.test", SILENCE, ctx)
    tags = [{"type": "Mention", "href": actor.uri} for actor in (member, other_member)]
    fresh = await Actor.get(id=author.id)
    await posted(fresh, ctx, tag=tags, cc=[member.uri, other_member.uri])
    assert [row.recipient_id for row in await Notification.all()] == [member.id]


async def test_an_actor_met_later_is_what_the_rule_says(ctx: Context, world: World) -> None:
    await domains.set_rule("far.test", Rule(Severity.SILENCE, rejects_media=True), ctx)
    actor = await factories.remote_actor(ctx, world, "https://sub.far.test/users/late")
    assert (actor.is_silenced, actor.is_media_rejected) == (True, True)


async def test_rejected_media_are_neither_kept_nor_shown(author: Actor, member: Actor, ctx: Context) -> None:
    picture = {"type": "Image", "url": "https://far.test/1.png"}
    before = await posted(author, ctx, attachment=[picture])
    await domains.set_rule("far.test", Rule(Severity.NONE, rejects_media=True), ctx)
    view = await queries.one(before.id, None)
    assert view is not None
    assert view.attachments == []

    after = await posted(author, ctx, 2, attachment=[picture])
    assert not await Attachment.exists(post_id=after.id)


async def test_rejected_reports_are_not_taken(author: Actor, member: Actor, ctx: Context) -> None:
    await domains.set_rule("far.test", Rule(Severity.NONE, rejects_reports=True), ctx)
    with pytest.raises(RejectedByPolicy, match=r"reports from far\.test"):
        await submit(factories.activity("Flag", author.uri, member.uri), author, ctx)
    assert not await Report.exists()


async def test_what_blocking_would_end_is_told_beforehand(author: Actor, member: Actor, ctx: Context) -> None:
    assert await domains.follows_at_stake("far.test") == (1, 1)
    assert await domains.follows_at_stake("near.test") == (0, 0)


async def test_the_public_list_is_open_half_hidden_and_without_what_is_unlisted(
    public: AsyncClient, ctx: Context
) -> None:
    await domains.set_rule("troll.example", Rule(is_obfuscated=True, comment="secret", public_comment="Insultes"), ctx)
    await domains.set_rule("quiet.example", Rule(is_unlisted=True), ctx)
    await domains.set_rule("loud.example", SILENCE, ctx)
    await domains.set_rule("ally.example", Rule(Severity.ALLOW), ctx)

    rows = (await public.get("/api/v1/instance/domain_blocks")).json()

    assert [(row["domain"], row["severity"], row["comment"]) for row in rows] == [
        ("loud.example", "silence", ""),
        ("tro**.****ple", "suspend", "Insultes"),
    ]
    assert all(len(row["digest"]) == 64 for row in rows)


@pytest.mark.parametrize(("shown_to", "status"), [("all", 200), ("users", 404), ("disabled", 404)])
async def test_the_list_is_shown_to_whom_the_server_wants(public: AsyncClient, shown_to: str, status: int) -> None:
    await Setting.write("show_domain_blocks", shown_to)
    assert (await public.get("/api/v1/instance/domain_blocks")).status_code == status


async def test_a_rule_made_twice_is_one(ctx: Context) -> None:
    for comment in ("first", "second"):
        await domains.set_rule("troll.example", Rule(comment=comment), ctx)
    assert [rule.comment for rule in await DomainRule.all()] == ["second"]
