"""Whatever shows several things asks the database as often for forty of them as for five: one row for each door."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from federation import findable
from federation.context import Context
from models.actor import Actor
from models.announcement import Announcement, AnnouncementReaction, AnnouncementRead
from models.bookmark import Bookmark
from models.conversation import Conversation
from models.edit import PostEdit
from models.event import EventSeries, Organising
from models.featured import FeaturedActor, FeaturedPost, FeaturedTag
from models.filters import Filter, FilterKeyword, FilterPost
from models.host import DomainRule
from models.ids import new_id
from models.lists import Listed, ReadingList
from models.member import Member
from models.moderation import Block
from models.mute import HostMute, Mute
from models.notification import Notification, NotificationType
from models.participation import Participation, ParticipationState
from models.post import Attachment, Mention, Post, PostTag, Visibility
from models.quote import Quote, QuoteState
from models.reaction import Announce, EmojiReaction, Like
from models.remark import Remark
from models.scheduled import ScheduledPost
from models.tag_follow import TagFollow
from models.timeline import HomeRow
from server.activitypub.negotiation import NegotiatedRoute
from server.events import calendar_links
from server.front_door import Repeats
from server.kept_answers import KeptAnswers
from server.mastodon.routes import API
from server.posts.actions import Draft, publish
from server.posts.scheduled import written
from server.reports.actions import report
from server.routes import ROUTES
from tests import factories
from tests.server.api import LogIn, app, log_in
from tests.web.test_home_queries import DOORS
from tests.web.test_member_queries import LISTS
from tests.web.test_queries import needs_sqlite, statements
from tests.world import World
from web.routes import ROUTES as PAGES

__all__ = ["app", "log_in"]

ACTIVITY = "application/activity+json"
HTML = "text/html"
JSON = "application/json"

# What a door shows is one thing, or a number, or nothing out of the database: the two are asked alike in any case.
ONE_THING = {
    *(f"/actors/{{id:row}}/{name}" for name in ("followers", "following", "members", "resources", "todos")),
    *(f"/actors/{{id:row}}/{name}" for name in ("discussions", "followers_synchronization")),
    *(f"/actor/{name}" for name in ("outbox", "followers", "following", "featured", "followers_synchronization")),
    "/actor", "/actors/{id:row}", "/.well-known/webfinger", "/nodeinfo/{version}", "/.well-known/host-meta",
    "/.well-known/host-meta.json", "/.well-known/nodeinfo", "/posts/{id:row}/likes", "/posts/{id:row}/shares",
    "/posts/{id:row}/attendees", "/posts/{id:row}/organizers", "/places/{id:row}", "/shifts/{id:row}",
    "/quotes/{id:row}", "/shared-details/{token:secret}", "/activities/{id:row}",
    "/follow", "/setup/done", "/setup/{token}", "/about/source.tar.gz",
    "/robots.txt", "/static/{path:path}", "/colours/{pair}.css",
    "/cards/posts/{id:row}/{mark}.png", "/cards/actors/{id:row}/{mark}.png",
    "/api/v1/accounts/verify_credentials", "/api/v1/accounts/lookup",
    "/api/v1/notifications/requests/merged", "/api/v1/push/subscription",
    *(f"/api/v1/streaming/{name}" for name in ("health", "user", "user/notification", "public", "public/local")),
    *(f"/api/v1/streaming/{name}" for name in ("public/remote", "hashtag", "hashtag/local", "direct", "list")),
    "/api/v1/accounts/{id}", "/api/v1/instance", "/api/v2/instance", "/api/v1/polls/{id}",
    "/media/{name}", "/media/copies/{seal}/{spelled}", "/media/copies/{seal}/{spelled}/small", "/api/v1/media/{id}",
    "/media/films/{seal}/{spelled}", "/media/films/{seal}/{spelled}/small",
    "/api/v1/pleroma/statuses/{id}/reactions/{emoji}", "/api/v1/statuses/{id}/source",
    "/api/v1/lists/{id}", "/api/v1/filters/{id}", "/api/v2/filters/keywords/{id}", "/api/v2/filters/statuses/{id}",
    "/api/v1/accounts/familiar_followers", "/api/v1/tags/{name}", "/api/v1/instance/languages",
    "/api/v1/accounts/{id}/identity_proofs", "/api/v1/statuses/{id}/card",
    *(f"/api/v1/instance/{name}" for name in ("peers", "activity", "privacy_policy", "terms_of_service")),
    "/api/v1/instance/terms_of_service/{date}",
    "/api/v1/instance/translation_languages", "/api/v1/domain_blocks/preview",
    *(f"/api/v1/{name}" for name in ("trends", "trends/tags", "trends/statuses", "trends/links", "custom_emojis")),
    *(f"/api/v1/{name}" for name in ("markers", "preferences", "suggestions", "instance/rules", "apps/verify_credentials")),
    "/api/v1/instance/extended_description", "/api/v2/suggestions", "/api/openapi.json",
    "/api/v1/scheduled_statuses/{id}",
    "/metrics", "/health", "/health/live", "/health/ready",
    "/@{username:username}/contact", "/contact/sent", "/contact/erased",
    "/contact/{token}", "/contact/{token}/data.csv", "/contact/{token}/data.json", "/@{username:username}/charter",
    *(f"/@{{username:username}}/desk/members/{{id:row}}{more}" for more in ("", "/remove")), "/@{username:username}/join",
    *(f"/@{{username:username}}/desk/posts/{{id:row}}/{page}" for page in ("edit", "delete")),
    "/@{username:username}/desk/reports/{id:row}", "/@{username:username}/desk/events/new",
    *(f"/@{{username:username}}/desk/events/{{id:row}}{page}" for page in ("", "/edit", "/delete", "/status")),
    # Who comes is counted in tests/web/test_member_queries.py.
    *(f"/@{{username:username}}/desk/events/{{id:row}}/{page}" for page in ("report", "people", "door")),
    "/@{username:username}/desk/events/series/{id:row}",
    "/join/{token}", "/login", "/logout", *(f"/me/{page}" for page in ("delete", "leave", "move", "password")),
    "/me/data.csv", "/me/data.json", "/@{username:username}/{id:row}.ics", "/embed/agenda.js", "/me/calendar",
    "/login/passkey", "/login/second_step", "/login/second_step/passkey", "/login/forgotten", "/login/password/{note}",
    "/oauth/authorize", "/.well-known/oauth-authorization-server", "/sign_up", "/sign_up/sent", "/sign_up/waiting",
    "/sign_up/{note}", "/me/second_step", "/me/second_step/app",
    "/posts/{id:row}/edit", "/posts/{id:row}/delete", "/write/suggest",
    "/home/live", "/threads/{id:row}/report", "/events/{id:row}", "/@{username:username}/{id:row}/come", "/answers/sent",
    # The pages of people and of what one reads are counted in tests/web/test_member_queries.py; files are written in pieces.
    *(f"/people/{{id:row}}{more}" for more in ("", "/block", "/server", "/report")), "/me/follows/{part}",
    *(f"/me/{room}/{{id:row}}{more}" for room in ("lists", "filters") for more in ("", "/delete")),
    "/me/export/{table}.csv", "/me/export/archive.zip",
    "/answers/erased", "/answers/{token:secret}", "/answers/{token:secret}/data.json", "/design",
}  # fmt: skip
# What is behind the login has its rows in tests/web/test_member_queries.py.
# A member's home has them in tests/web/test_home_queries.py.
BEHIND_LOGIN = {*(address.replace("@lille", "@{username:username}") for address in LISTS), *DOORS}


class Row(NamedTuple):
    """How a door is asked for as much as it gives, and how often it may ask the database at most."""

    address: str
    accept: str
    most: int


TABLE: dict[str, Row] = {
    "document /posts/{id:row}": Row("/posts/{post}", ACTIVITY, 8),
    "document /@{username:username}": Row("/@lille", ACTIVITY, 3),
    "document /@{username:username}/{id:row}": Row("/@lille/{post}", ACTIVITY, 8),
    "/posts/{id:row}": Row("/posts/{post}", HTML, 8),
    "/actors/{id:row}/outbox": Row("/actors/{section}/outbox?page=true", ACTIVITY, 16),
    "/actors/{id:row}/posts": Row("/actors/{section}/posts?page=true", ACTIVITY, 16),
    "/actors/{id:row}/events": Row("/actors/{section}/events?page=true", ACTIVITY, 16),
    "/actors/{id:row}/upcomingEvents": Row("/actors/{section}/upcomingEvents?page=true", ACTIVITY, 16),
    "/actors/{id:row}/featured": Row("/actors/{section}/featured", ACTIVITY, 11),
    "/posts/{id:row}/replies": Row("/posts/{post}/replies?page=true", ACTIVITY, 5),
    "/posts/{id:row}/context": Row("/posts/{post}/context", ACTIVITY, 4),
    "/feed.atom": Row("/feed.atom", ACTIVITY, 14),
    "/feed.rss": Row("/feed.rss", ACTIVITY, 14),
    "/feed.json": Row("/feed.json", ACTIVITY, 14),
    **{f"/agenda.{form}": Row(f"/agenda.{form}", ACTIVITY, 15) for form in ("atom", "rss", "json", "ics")},
    **{
        f"/@{{username:username}}/agenda{form}": Row(f"/@lille/agenda{form}", ACTIVITY, 15)
        for form in (".atom", ".rss", ".json", ".ics", "/embed")
    },
    "/calendar/{token}.ics": Row("/calendar/{calendar}.ics", ACTIVITY, 20),
    "/series/{id:row}": Row("/series/{series}", ACTIVITY, 3),
    "/@{username:username}.json": Row("/@lille.json", ACTIVITY, 13),
    "/@{username:username}.atom": Row("/@lille.atom", ACTIVITY, 13),
    "/@{username:username}.rss": Row("/@lille.rss", ACTIVITY, 13),
    "/": Row("/", HTML, 30),
    "/agenda": Row("/agenda", HTML, 9),
    "/@{username:username}/agenda": Row("/@lille/agenda", HTML, 9),
    "/@{username:username}": Row("/@lille", HTML, 30),
    "/@{username:username}/{id:row}": Row("/@lille/{post}", HTML, 21),
    "/tags/{name}": Row("/tags/nord", HTML, 9),
    **{f"/tags/{{name}}.{form}": Row(f"/tags/nord.{form}", HTML, 9) for form in ("atom", "rss", "json")},
    "/search": Row("/search?q=far", HTML, 20),
    "/directory": Row("/directory", HTML, 14),
    "/sitemap.xml": Row("/sitemap.xml", HTML, 2),
    "/sitemap/pages.xml": Row("/sitemap/pages.xml", HTML, 3),
    "/sitemap/posts/{behind:int}.xml": Row("/sitemap/posts/0.xml", HTML, 1),
    "/about": Row("/about", HTML, 6),
    "/api/v1/accounts/relationships": Row("/api/v1/accounts/relationships?{ids}", JSON, 7),
    "/api/v1/accounts/{id}/statuses": Row("/api/v1/accounts/{section}/statuses?limit=40", JSON, 20),
    "/api/v1/statuses": Row("/api/v1/statuses?{posts}", JSON, 11),
    "/api/v1/accounts": Row("/api/v1/accounts?{ids}", JSON, 1),
    "/api/v1/bookmarks": Row("/api/v1/bookmarks?limit=40", JSON, 12),
    "/api/v1/favourites": Row("/api/v1/favourites?limit=40", JSON, 12),
    "/api/v1/statuses/{id}/favourited_by": Row("/api/v1/statuses/{post}/favourited_by", JSON, 10),
    "/api/v1/statuses/{id}/reblogged_by": Row("/api/v1/statuses/{post}/reblogged_by?limit=80", JSON, 11),
    "/api/v1/domain_blocks": Row("/api/v1/domain_blocks", JSON, 1),
    "/api/v1/blocks": Row("/api/v1/blocks?limit=40", JSON, 2),
    "/api/v1/instance/domain_blocks": Row("/api/v1/instance/domain_blocks", JSON, 2),
    "/api/v1/pleroma/statuses/{id}/reactions": Row("/api/v1/pleroma/statuses/{post}/reactions", JSON, 12),
    "/api/v1/mutes": Row("/api/v1/mutes?limit=40", JSON, 2),
    "/api/v1/conversations": Row("/api/v1/conversations?limit=40", JSON, 10),
    "/api/v1/notifications": Row("/api/v1/notifications?limit=40", JSON, 12),
    "/api/v1/notifications/{id}": Row("/api/v1/notifications/{told}", JSON, 11),
    "/api/v1/notifications/policy": Row("/api/v1/notifications/policy", JSON, 2),
    "/api/v1/notifications/requests": Row("/api/v1/notifications/requests?limit=40", JSON, 12),
    "/api/v1/notifications/requests/{id}": Row("/api/v1/notifications/requests/{apart}", JSON, 12),
    "/api/v2/notifications": Row("/api/v2/notifications?limit=40", JSON, 13),
    "/api/v2/notifications/{key}": Row("/api/v2/notifications/favourite-{post}", JSON, 13),
    "/api/v2/notifications/{key}/accounts": Row("/api/v2/notifications/favourite-{post}/accounts", JSON, 2),
    "/api/v2/notifications/policy": Row("/api/v2/notifications/policy", JSON, 2),
    "/api/v2/notifications/unread_count": Row("/api/v2/notifications/unread_count", JSON, 2),
    "/api/v1/notifications/unread_count": Row("/api/v1/notifications/unread_count", JSON, 2),
    "/api/v1/follow_requests": Row("/api/v1/follow_requests?limit=40", JSON, 2),
    "/api/v1/accounts/search": Row("/api/v1/accounts/search?q=far&limit=40", JSON, 6),
    "/api/v2/search": Row("/api/v2/search?q=far&limit=40", JSON, 22),
    "/api/v1/statuses/{id}": Row("/api/v1/statuses/{post}", JSON, 12),
    "/api/v1/statuses/{id}/context": Row("/api/v1/statuses/{post}/context", JSON, 25),
    "/api/v1/statuses/{id}/history": Row("/api/v1/statuses/{post}/history", JSON, 14),
    "/api/v1/filters": Row("/api/v1/filters", JSON, 1),
    "/api/v2/filters": Row("/api/v2/filters", JSON, 3),
    "/api/v2/filters/{id}": Row("/api/v2/filters/{filter}", JSON, 3),
    "/api/v2/filters/{id}/keywords": Row("/api/v2/filters/{filter}/keywords", JSON, 3),
    "/api/v2/filters/{id}/statuses": Row("/api/v2/filters/{filter}/statuses", JSON, 3),
    "/api/v1/lists": Row("/api/v1/lists", JSON, 1),
    "/api/v1/lists/{id}/accounts": Row("/api/v1/lists/{list}/accounts?limit=0", JSON, 2),
    "/api/v1/accounts/{id}/lists": Row("/api/v1/accounts/{section}/lists", JSON, 2),
    "/api/v1/timelines/list/{id}": Row("/api/v1/timelines/list/{list}?limit=40", JSON, 14),
    "/api/v1/accounts/{id}/followers": Row("/api/v1/accounts/{me}/followers?limit=80", JSON, 3),
    "/api/v1/accounts/{id}/following": Row("/api/v1/accounts/{me}/following?limit=80", JSON, 3),
    "/api/v1/accounts/{id}/featured_tags": Row("/api/v1/accounts/{me}/featured_tags", JSON, 4),
    "/api/v1/featured_tags": Row("/api/v1/featured_tags", JSON, 2),
    "/api/v1/featured_tags/suggestions": Row("/api/v1/featured_tags/suggestions", JSON, 2),
    "/api/v1/profile": Row("/api/v1/profile", JSON, 2),
    "/api/v1/directory": Row("/api/v1/directory", JSON, 1),
    "/api/v1/reports": Row("/api/v1/reports?limit=80", JSON, 2),
    "/api/v1/statuses/{id}/quotes": Row("/api/v1/statuses/{post}/quotes?limit=40", JSON, 29),
    "/api/v1/followed_tags": Row("/api/v1/followed_tags", JSON, 1),
    "/api/v1/timelines/tag/{name}": Row("/api/v1/timelines/tag/nord?limit=40&any[]=lille&none[]=sud", JSON, 14),
    "/api/v1/scheduled_statuses": Row("/api/v1/scheduled_statuses?limit=40", JSON, 2),
    "/api/v1/timelines/home": Row("/api/v1/timelines/home?limit=40", JSON, 13),
    "/api/v1/accounts/{id}/endorsements": Row("/api/v1/accounts/{me}/endorsements?limit=80", JSON, 2),
    "/api/v1/endorsements": Row("/api/v1/endorsements?limit=80", JSON, 1),
    "/api/v1/announcements": Row("/api/v1/announcements", JSON, 3),
    "/api/v1/timelines/link": Row("/api/v1/timelines/link?url=https://page.test/a", JSON, 16),
    "/api/v1/timelines/network": Row("/api/v1/timelines/network?limit=40", JSON, 18),
    "/api/v1/timelines/public": Row("/api/v1/timelines/public?limit=40", JSON, 26),
}


def doors() -> Iterator[str]:
    """Every door that is read."""
    for route in [*ROUTES, *PAGES]:
        if isinstance(route, Route) and "GET" in (route.methods or ()):
            yield f"document {route.path}" if isinstance(route, NegotiatedRoute) else route.path
        assert isinstance(route, Route) or (isinstance(route, Mount) and route.path == "/api")
    yield from (f"/api{route.path}" for route in API if "GET" in (route.methods or ()))


def test_every_door_has_a_row() -> None:
    named = set(TABLE) | ONE_THING | BEHIND_LOGIN
    missing = {door for door in doors() if door not in named and door.removeprefix("document ") not in ONE_THING}

    assert missing == set()
    assert set(TABLE) - set(doors()) == set()


async def fill(ctx: Context, world: World, section: Actor, member: Actor, post: Post, numbers: range) -> None:
    """Add, for each number, whatever any door shows: posts with all that belongs to a post, and people."""
    for number in numbers:
        author = await factories.remote_actor(ctx, world, f"https://far{number}.test/users/noor{number}", key=1)
        theirs = await factories.post(author, "nord")
        ours = await factories.post(section, "far nord", uri=f"{ctx.names.origin}/posts/{new_id()}", likes_count=1)
        reply = await factories.post(
            author, "far", in_reply_to=post, in_reply_to_uri=post.uri, conversation_uri=post.uri
        )
        deep = await Post.filter(in_reply_to_id__isnull=False).order_by("-id").first()
        assert deep is not None
        await factories.post(author, "far", in_reply_to=deep, in_reply_to_uri=deep.uri)
        for shown in (theirs, ours, reply):
            await Attachment.create(post=shown, url="https://far.test/1.png", media_type="image/png")
            await PostTag.create(post=shown, name="nord", shown="Nord")
            await Mention.create(post=shown, actor=member)
            await Bookmark.create(actor=member, post=shown)
            await Like.create(uri=f"{shown.uri}#like", actor=member, post=shown)
            await EmojiReaction.create(uri=f"{shown.uri}#e", actor=author, post=shown, emoji="🎉")
            await Notification.create(recipient=member, type=NotificationType.MENTION, actor=author, post=shown)
            await HomeRow.create(owner=member, post=shown, item_id=shown.id, actor_id=shown.actor_id)
        announced = await factories.post(author, "encore")
        announce = await Announce.create(uri=f"{announced.uri}#a", actor=section, post=announced)
        await HomeRow.create(owner=member, post=announced, item_id=announce.id, actor=section, is_announce=True)
        await EmojiReaction.create(uri=f"{post.uri}#{number}", actor=author, post=post, emoji=chr(0x1F600 + number))
        elsewhere = await factories.event(author, f"Réunion {number}")
        await Organising.create(uri=f"{elsewhere.uri}#o", event_id=elsewhere.id, section=section, state="accepted")
        await Announce.create(uri=f"{post.uri}#a{number}", actor=author, post=post)
        direct = await factories.post(author, "psst", Visibility.DIRECT)
        await Mention.create(post=direct, actor=member)
        await Conversation.add(member.id, str(number), direct.id, is_unread=True)
        liked = {"recipient": member, "type": NotificationType.LIKE, "actor": author}
        await Notification.create(**liked, post=post)
        await Notification.create(**liked, post=ours, is_filtered=True)
        await PostEdit.create(post=post, stood_from=ctx.now())
        await FeaturedPost.create(actor=section, post=ours)
        await Block.create(uri=f"{member.uri}/b/{number}", blocker=member, blocked=await _blocked(ctx, world, number))
        await ScheduledPost.create(author=member, due_at=ctx.now(), draft=written(Draft("Demain")))
        await TagFollow.create(actor=member, name=f"mot{number}")
        await FeaturedTag.create(actor=member, name=f"mot{number}")
        await PostTag.create(post=theirs, name=f"far{number}", shown="Far")
        mine = await factories.post(member, "far", Visibility.FOLLOWERS)
        await PostTag.create(post=mine, name=f"mien{number}", shown="Mien")
        quoting = await factories.post(author, "cite")
        await Quote.create(post=quoting, quoted=post, quoted_uri=post.uri, state=QuoteState.ACCEPTED)
        linked = await factories.post(section, '<a href="https://page.test/a">https://page.test/a</a>')
        row = await Announcement.create(text="Bienvenue")
        await AnnouncementRead.create(announcement=row, actor=member)
        await AnnouncementReaction.create(announcement=row, actor=author, emoji="🎉")
        await FeaturedActor.create(actor=member, featured=author)
        for kept in (ours, reply, linked):
            await findable.index_kept(kept)
        await report(member, author, ctx, post_ids=[theirs.id])
        await factories.follow(member, author)
        await factories.section(ctx, f"section{number}", f"Section {number}", is_main=False)
        await HostMute.create(muter=member, host=f"mute{number}.test")
        await Mute.create(muter=member, muted=await _blocked(ctx, world, number + 1000))
        await Remark.create(writer=member, about=author, text="Amie")
        await factories.follow(author, section)
        await factories.follow(author, member)
        await FilterKeyword.create(part_of=await _filter(member), keyword="far")
        await FilterPost.create(part_of=await Filter.filter(owner_id=member.id).order_by("id").first(), post=theirs)
        made = await ReadingList.create(owner=member, title="Amis")
        await Listed.create(list=made, actor=section)
        await Listed.create(list=await ReadingList.filter(owner_id=member.id).order_by("id").first(), actor=author)
        await DomainRule.create(domain=f"blocked{number}.test")
        meeting = await factories.event(section, series=await EventSeries.get())
        await Participation.create(event=meeting, actor=member, state=ParticipationState.ACCEPTED)
    await factories.poll(section, uri=f"{ctx.names.origin}/posts/{new_id()}")


async def _filter(owner: Actor) -> Filter:
    """Make another filter; the first is the one that is read."""
    return await Filter.create(owner=owner, title="Ennui", contexts=["home"])


async def _blocked(ctx: Context, world: World, number: int) -> Actor:
    return await factories.remote_actor(ctx, world, f"https://rude{number}.test/users/max{number}", key=1)


@contextmanager
def read_anew(app: Starlette) -> Iterator[list[str]]:
    """Count the questions of an answer of which nothing is kept but whose token it is."""
    app.state.kept_answers, app.state.repeats, app.state.site = KeptAnswers(), Repeats(), None
    with statements() as seen:
        yield seen


@needs_sqlite
async def test_forty_of_anything_cost_as_many_questions_as_five(
    app: Starlette, log_in: LogIn, ctx: Context, world: World, section: Actor, member: Actor,
) -> None:  # fmt: skip
    post = await publish(section, Draft("Bonjour #nord"), ctx)
    client = await log_in(member)
    await client.get("/api/v1/accounts/verify_credentials")
    series = await EventSeries.create(id=7, uri=ctx.names.series(7), organiser=section)
    await calendar_links.renew(login := await Member.get(actor_id=member.id))
    calendar = await calendar_links.link_of(login)
    costs: dict[str, list[int]] = {name: [] for name in TABLE}
    for numbers in (range(5), range(5, 40)):
        await fill(ctx, world, section, member, post, numbers)
        await client.get("/api/v1/accounts/verify_credentials")  # so that the token is known
        ids = "&".join(f"id[]={id_}" for id_ in await Actor.filter(is_local=False).values_list("id", flat=True))
        first = await ReadingList.filter(owner_id=member.id).order_by("id").first()
        filter_ = await Filter.filter(owner_id=member.id).order_by("id").first()
        told = await Notification.filter(recipient_id=member.id, is_filtered=False).first()
        apart = await Notification.filter(recipient_id=member.id, is_filtered=True).first()
        assert first is not None
        assert filter_ is not None
        assert told is not None
        assert apart is not None
        posts = "&".join(
            f"id[]={id_}" for id_ in await Post.filter(mentions__actor_id=member.id).values_list("id", flat=True)
        )
        for name, row in TABLE.items():
            address = row.address.format(
                post=post.id, section=section.id, me=member.id, ids=ids, posts=posts, list=first.id,
                filter=filter_.id, series=series.id, calendar=calendar, told=told.id, apart=apart.id,
            )  # fmt: skip
            with read_anew(app) as seen:
                answer = await client.get(address, headers={"Accept": row.accept})
            assert answer.status_code in (200, 302), (name, answer.status_code)
            costs[name].append(len(seen))

    assert {name: cost for name, cost in costs.items() if cost[0] != cost[1]} == {}
    assert {name: cost for name, cost in costs.items() if cost[1] > TABLE[name].most} == {}
