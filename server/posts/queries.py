"""Reading posts with all that is shown of them, in a number of queries that does not grow with their number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from federation.sanitise import plain_text
from models import open_posts, shown
from models.actor import Actor, in_sight
from models.filters import FilterContext
from models.follow import Follow, FollowState
from models.moderation import Block
from models.mute import HostMute, Mute
from models.paging import page_of
from models.poll import Poll, PollOption, PollVote
from models.post import OPEN, Attachment, Post, PostTag, QuotePolicy, Visibility
from models.quote import Quote, QuoteState
from models.reaction import Announce
from models.rows import padded
from server.events import queries as events
from server.events.queries import EventView
from server.filters import matching
from server.filters import queries as filters
from server.filters.matching import Match
from server.media.playing import learn
from server.posts.reactions import EmojiTotal, totals

MAX_ANCESTORS = 100
MAX_DESCENDANTS = 400
READ_FOR_EACH_SHOWN = 4  # of the answers to a post, some are not for everybody


@dataclass(slots=True)
class PollView:
    """A poll as it is shown: `options` in their order, `own_votes` the positions of those the viewer chose.

    `asks_who_comes` is true for one that asks about an event of ours: whoever has voted may think again.
    """

    poll: Poll
    options: list[PollOption] = field(default_factory=list)
    own_votes: list[int] = field(default_factory=list)
    asks_who_comes: bool = False

    @property
    def votes_total(self) -> int:
        """How often any option was chosen."""
        return sum(option.votes_count for option in self.options)

    def share(self, option: PollOption) -> int:
        """Tell how many of a hundred voters, or votes where voters are not counted, chose this option."""
        total = (self.poll.voters_count if self.poll.is_multiple else None) or self.votes_total
        return min(100, round(100 * option.votes_count / total)) if total else 0


@dataclass(slots=True)
class QuoteView:
    """What a post quotes. `quoted` is None where it is not here or not for the viewer.

    `is_inner` is true in a post that is quoted itself: what that quotes is not loaded.
    """

    row: Quote
    quoted: "PostView | None" = None
    is_inner: bool = False

    @property
    def shown(self) -> "PostView | None":
        """The quoted post, if its author agreed, or lets everybody quote it and was not asked."""
        if self.quoted is None:
            return None
        is_free = self.row.state is QuoteState.UNASKED and self.quoted.post.quote_policy is QuotePolicy.EVERYBODY
        return self.quoted if is_free or self.row.state is QuoteState.ACCEPTED else None


@dataclass(slots=True)
class PostView:
    """A post as it is shown: `post.actor` is loaded; `announce` (its actor loaded) is set where somebody shows it.

    `parent` is the post it answers, when it is here and not kept from the viewer (its actor not loaded); `group` the
    section or group it is for. `is_liked`, `is_announced`, `is_bookmarked` and `is_muted` (its conversation) are the
    viewer's own; `is_featured` says whether the viewer, being its author, put it in front. `emojis` are what it was
    answered with. `filtered` is what the viewer's filters find in it. `item_id` sorts a timeline.
    """

    post: Post
    announce: Announce | None = None
    mentioned: list[Actor] = field(default_factory=list)
    tags: list[PostTag] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    parent: Post | None = None
    group: Actor | None = None
    poll: PollView | None = None
    event: EventView | None = None
    quote: QuoteView | None = None
    quotes_count: int = 0
    is_liked: bool = False
    is_announced: bool = False
    is_featured: bool = False
    is_bookmarked: bool = False
    is_muted: bool = False
    emojis: list[EmojiTotal] = field(default_factory=list)
    filtered: list[Match] = field(default_factory=list)

    @property
    def picture(self) -> Attachment | None:
        """The picture that stands for the post wherever one does: its first; None where it is shown only on demand."""
        if self.post.is_sensitive or self.post.content_warning:
            return None
        return next((item for item in self.attachments if item.media_type.startswith("image/")), None)

    def is_hidden(self, where: FilterContext) -> bool:
        """Whether a filter of the viewer keeps it from being shown there at all."""
        return matching.hides(self.filtered, where)

    @property
    def item_id(self) -> int:
        """The id by which timelines are paged."""
        id_: int = self.announce.id if self.announce else self.post.id
        return id_


async def views(posts: Sequence[Post], viewer: Actor | None = None, *, is_in_quote: bool = False) -> list[PostView]:
    """Load what is shown of these posts, in their order. Their `actor` must be loaded.

    `is_in_quote` is true for posts that stand in a quote: of what they quote themselves only the row is loaded.
    """
    if not posts:
        return []
    ids = padded({post.id for post in posts})
    mentioned, tags, attachments = await shown.mentioned(ids), await shown.tags(ids), await shown.attachments(ids)
    await learn(item for items in attachments.values() for item in items)
    parents = await _parents(posts, viewer)
    groups = await _groups(posts, mentioned)
    marks = await shown.marks(viewer.id, ids) if viewer is not None else shown.Marks()
    emojis = await totals(ids, viewer)
    polls = await _polls([post for post in posts if post.type == "Question"], viewer)
    held = await events.views([post.id for post in posts if post.type == "Event"], viewer)
    quotes, quoted_times = await _quotes(ids, viewer, is_in_quote=is_in_quote)
    found = [
        PostView(
            post,
            mentioned=mentioned.get(post.id, []),
            tags=tags.get(post.id, []),
            attachments=[] if post.actor.is_media_rejected else attachments.get(post.id, []),
            parent=parents.get(post.in_reply_to_id or 0),
            group=groups.get(post.group_id or 0),
            poll=polls.get(post.id),
            event=held.get(post.id),
            quote=quotes.get(post.id),
            quotes_count=quoted_times.get(post.id, 0),
            is_liked=post.id in marks.liked,
            is_announced=post.id in marks.announced,
            is_featured=post.id in marks.featured,
            is_bookmarked=post.id in marks.bookmarked,
            is_muted=post.id in marks.muted,
            emojis=emojis.get(post.id, []),
        )
        for post in posts
    ]
    if viewer is not None and not is_in_quote:
        await _filter(found, viewer)
    return found


async def _filter(found: Sequence[PostView], viewer: Actor) -> None:
    """Have the filters of the viewer look at what is by others."""
    by_others = [view for view in found if view.post.actor_id != viewer.id]
    if not by_others or not (active := await filters.active(viewer, [view.post.id for view in by_others])):
        return
    for view in by_others:
        view.filtered = matching.found(active, view.post.id, texts(view))


def texts(view: PostView) -> list[str]:
    """Give all that is to be read in a post, as text."""
    post = view.post
    options = [option.title for option in view.poll.options] if view.poll else []
    described = [item.description for item in view.attachments]
    return [post.title, post.content_warning, plain_text(post.content_html), *options, *described]


async def _parents(posts: Sequence[Post], viewer: Actor | None) -> dict[int, Post]:
    """Load what these posts answer, by id. What is for members says nothing to others, not even by whom it is."""
    found = await shown.posts(list({post.in_reply_to_id for post in posts if post.in_reply_to_id}))
    for_members = [post.id for post in found.values() if post.visibility is Visibility.SECTION]
    hidden = set(for_members) - set(await readable(for_members, viewer)) if for_members else set()
    return {id_: post for id_, post in found.items() if id_ not in hidden}


async def _groups(posts: Sequence[Post], mentioned: Mapping[int, list[Actor]]) -> dict[int, Actor]:
    """Give the groups that these posts are for, by id; most are named in them, and loaded already."""
    known = {actor.id: actor for post in posts for actor in (post.actor, *mentioned.get(post.id, ()))}
    missing = {post.group_id for post in posts if post.group_id} - set(known)
    return known | {actor.id: actor for actor in await Actor.filter(id__in=list(missing))} if missing else known


async def _polls(posts: list[Post], viewer: Actor | None) -> dict[int, PollView]:
    """Load the polls of these posts, by the id of the post."""
    if not posts:
        return {}
    found = {poll.id: PollView(poll) for poll in await Poll.filter(post_id__in=[post.id for post in posts])}
    for option in await PollOption.filter(poll_id__in=list(found)).order_by("position"):
        found[option.poll_id].options.append(option)
    if viewer is not None:
        mine = PollVote.filter(actor_id=viewer.id, option__poll_id__in=list(found)).select_related("option")
        for vote in await mine.order_by("option__position"):
            found[vote.option.poll_id].own_votes.append(vote.option.position)
    by_post = {view.poll.post_id: view for view in found.values()}
    below = [post.id for post in posts if post.is_local and post.in_reply_to_uri is not None]
    for post_id, own_votes in (await events.asked(below, viewer)).items():
        by_post[post_id].asks_who_comes, by_post[post_id].own_votes = True, own_votes
    return by_post


async def _quotes(
    post_ids: list[int], viewer: Actor | None, *, is_in_quote: bool
) -> tuple[dict[int, QuoteView], dict[int, int]]:
    """Load what these posts quote, and how often they are quoted, by the id of the post."""
    ids, times = await Quote.around(post_ids)
    rows = await Quote.filter(id__in=ids) if ids else []
    quoted: dict[int, PostView] = {}
    if rows and not is_in_quote:
        readable = Post.visible_to(viewer).filter(id__in=[row.quoted_id for row in rows if row.quoted_id])
        posts = await readable.select_related("actor")
        quoted = {view.post.id: view for view in await views(posts, viewer, is_in_quote=True)}
    return {row.post_id: QuoteView(row, quoted.get(row.quoted_id or 0), is_in_quote) for row in rows}, times


async def one(id_: int, viewer: Actor | None) -> PostView | None:
    """Load one post, if the viewer may read it; None is the public."""
    if viewer is None:
        post = (await open_posts.by_ids([id_])).get(id_)
    else:
        post = await Post.visible_to(viewer).filter(id=id_).select_related("actor").first()
    return (await views([post], viewer))[0] if post else None


async def may_read(id_: int, viewer: Actor) -> bool:
    """Whether the viewer may read a post."""
    return await Post.visible_to(viewer).filter(id=id_).exists()


async def by_actor(
    actor: Actor,
    viewer: Actor | None,
    *,
    limit: int,
    max_id: int | None = None,
    min_id: int | None = None,
    with_replies: bool = True,
    with_announces: bool = True,
    only_media: bool = False,
) -> list[PostView]:
    """Load the newest posts of an actor, and what it announced, that the viewer may read, newest first.

    `max_id` gives those below it; `min_id` those just above it. `only_media` leaves out posts without attachments.
    """
    if viewer is None and not only_media:
        page = open_posts.Page(limit, max_id, min_id)
        own = await open_posts.by_actor(actor.id, page, with_replies=with_replies)
        shared = await open_posts.announced_by(actor, page) if with_announces else []
        return await _newest(own, shared, viewer, limit=limit, is_upward=min_id is not None)
    posts = Post.visible_to(viewer).filter(actor_id=actor.id).select_related("actor")
    announces = Announce.filter(
        actor_id=actor.id, post__visibility__in=OPEN, **in_sight("post__actor__"), **in_sight("actor__")
    ).select_related("actor", "post__actor")
    if viewer is not None:
        announces = announces.exclude(Q(actor_id__in=blockers_of(viewer)) | Q(post__actor_id__in=blockers_of(viewer)))
    if not with_replies:
        posts = posts.filter(in_reply_to_uri=None)
    if only_media:
        posts = posts.filter(attachments__id__isnull=False).distinct()
    if max_id is not None:
        posts, announces = posts.filter(id__lt=max_id), announces.filter(id__lt=max_id)
    if min_id is not None:
        posts, announces = posts.filter(id__gt=min_id), announces.filter(id__gt=min_id)
    order = "id" if min_id is not None else "-id"
    shared = await announces.order_by(order).limit(limit) if with_announces else []
    found = await posts.order_by(order).limit(limit)
    return await _newest(found, shared, viewer, limit=limit, is_upward=min_id is not None)


async def _newest(
    posts: Sequence[Post], announces: Sequence[Announce], viewer: Actor | None, *, limit: int, is_upward: bool
) -> list[PostView]:
    """Load what is shown of the first `limit` of both, counted upward or downward; newest first."""
    rows: list[tuple[int, Post, Announce | None]] = [(post.id, post, None) for post in posts]
    rows += [(announce.id, announce.post, announce) for announce in announces]
    rows.sort(key=lambda row: row[0], reverse=not is_upward)
    return await _shown(sorted(rows[:limit], key=lambda row: -row[0]), viewer)


async def _shown(rows: Sequence[tuple[int, Post, Announce | None]], viewer: Actor | None) -> list[PostView]:
    shown = await views([post for _, post, _ in rows], viewer)
    for view, (_, _, announce) in zip(shown, rows, strict=True):
        view.announce = announce
    return shown


async def ancestors(post: Post, viewer: Actor | None) -> list[PostView]:
    """Load the posts that this one answers, oldest first, as far as they are here and for the viewer."""
    ids = await Post.ancestor_ids(post.id, MAX_ANCESTORS)
    found = await readable(ids, viewer)
    chain = list(takewhile(lambda row: row is not None, (found.get(id_) for id_ in ids)))
    return await views([row for row in reversed(chain) if row is not None], viewer)


async def descendants(post: Post, viewer: Actor | None) -> list[PostView]:
    """Load the answers to this post and the answers to them, each below what it answers, oldest first."""
    if viewer is None:
        found = await open_posts.descendants(post.id, MAX_DESCENDANTS)
    else:
        ids = await Post.descendant_ids(post.id, READ_FOR_EACH_SHOWN * MAX_DESCENDANTS)
        rows = await readable(ids, viewer, is_heard=True)
        found = [rows[id_] for id_ in ids if id_ in rows]
    children: dict[int, list[Post]] = defaultdict(list)
    reached = {post.id}
    for row in found:  # level after level, so that what is below something hidden is not reached
        if (above := row.in_reply_to_id or 0) in reached and len(reached) <= MAX_DESCENDANTS:
            children[above].append(row)
            reached.add(row.id)
    return await views(_depth_first(post.id, children), viewer)


async def readable(ids: Sequence[int], viewer: Actor | None, *, is_heard: bool = False) -> dict[int, Post]:
    """Load those of these posts that the viewer may read, by id; with `is_heard`, none by whom they do not hear."""
    if viewer is None:
        return await open_posts.by_ids(ids)
    if not ids:
        return {}
    rows = Post.visible_to(viewer).filter(id__in=list(ids)).select_related("actor")
    return {row.id: row for row in await (heard(rows, viewer) if is_heard else rows)}


def _depth_first(root: int, children: dict[int, list[Post]]) -> list[Post]:
    ordered, stack = [], list(reversed(children[root]))
    while stack:
        post = stack.pop()
        ordered.append(post)
        stack += reversed(children[post.id])
    return ordered


async def public(
    viewer: Actor | None,
    *,
    limit: int,
    local: bool = False,
    remote: bool = False,
    max_id: int | None = None,
    min_id: int | None = None,
) -> list[PostView]:
    """Load the newest public posts, newest first: of this server (`local`), of others (`remote`), or all."""
    published = Post.filter(visibility=Visibility.PUBLIC, in_reply_to_uri=None, **in_sight("actor__"))
    posts = heard(not_apart(published, viewer), viewer).select_related("actor")
    if local or remote:
        posts = posts.filter(is_local=local)
    rows = await page_of(posts, limit=limit, max_id=max_id, min_id=min_id)
    return await views(rows, viewer)


async def by_tag(name: str, viewer: Actor | None, *, limit: int, max_id: int | None = None) -> list[PostView]:
    """Load the newest public posts that bear a hashtag, given in its canonical form, newest first."""
    present = {"actor__gone_at": None, **in_sight("actor__")}
    tagged = Post.filter(visibility=Visibility.PUBLIC, tags__name=name, **present)
    posts = heard(not_apart(tagged, viewer), viewer).select_related("actor")
    if max_id is not None:
        posts = posts.filter(id__lt=max_id)
    return await views(await posts.order_by("-id").limit(limit), viewer)


def heard(posts: QuerySet[Post], viewer: Actor | None) -> QuerySet[Post]:
    """Leave out what is by silenced actors whom the viewer does not follow, and by whom or whose server they mute."""
    if viewer is None:
        return posts.filter(actor__is_silenced=False)
    followed = Follow.filter(follower_id=viewer.id, state=FollowState.ACCEPTED).values("followed_id")
    muted = Subquery(Mute.filter(muter_id=viewer.id).values("muted_id"))
    hosts = Subquery(HostMute.filter(muter_id=viewer.id).values("host"))
    posts = posts.exclude(actor_id__in=muted).exclude(Q(actor__host__in=hosts) | Q(actor__handle_host__in=hosts))
    return posts.filter(Q(actor__is_silenced=False) | Q(actor_id__in=Subquery(followed)) | Q(actor_id=viewer.id))


def not_apart(posts: QuerySet[Post], viewer: Actor | None) -> QuerySet[Post]:
    """Leave out what is by those who block the viewer, or whom the viewer blocks."""
    if viewer is None:
        return posts
    blocked = Subquery(Block.filter(blocker_id=viewer.id).values("blocked_id"))
    return posts.exclude(Q(actor_id__in=blockers_of(viewer)) | Q(actor_id__in=blocked))


def blockers_of(viewer: Actor) -> Subquery:
    """Name those who block the viewer, for whom they are not there."""
    return Subquery(Block.filter(blocked_id=viewer.id).values("blocker_id"))
