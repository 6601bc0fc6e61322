"""What a member does with posts: publish, edit, delete, like, announce. Each builds an activity and submits it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from federation import activities, addressing, markup, pipeline
from federation.activities import Activity, build
from federation.activities import parse as parse_activity
from federation.context import Context
from federation.handlers.group import may_edit
from federation.jsonld import Json, load, written_instant
from federation.objects import note
from federation.pipeline import Submission
from models.activity import ActivityRecord
from models.actor import Actor
from models.ids import new_id
from models.media import Media
from models.membership import Membership
from models.post import OPEN, Post, PostTag, QuotePolicy, Visibility
from models.reaction import Announce, Like
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.follows.lookup import find_many
from server.media import actions as pictures
from server.media.queries import as_attachment, shown_by
from server.posts import documents, polls, quotes
from server.posts.polls import DraftPoll
from server.posts.queries import PostView, one, views
from server.threads.queries import conversation_of

MAX_CHARACTERS = 5000


@dataclass(frozen=True, slots=True)
class Draft:
    """What a member typed: plain text, and the choices around it. `section` is the section or group it is for.

    `media` are the pictures that it shows, with what is said of them now; None, in an edit: those it shows already.
    """

    text: str
    visibility: Visibility = Visibility.PUBLIC
    content_warning: str = ""
    is_sensitive: bool = False
    language: str | None = None
    in_reply_to: Post | None = None
    section: Actor | None = None
    poll: DraftPoll | None = None
    quoted: Post | None = None
    quote_policy: QuotePolicy | None = None
    media: Sequence[Media] | None = None


async def publish(author: Actor, draft: Draft, ctx: Context, *, id_: int | None = None) -> Post:
    """Publish a post, under a row id that was made for it where there is one.

    Raises:
        Invalid: it is empty or too long, is for the members of no group, answers more openly what is for members, or has
            pictures that it cannot have.
        Forbidden: it answers a post its author may not read, or quotes one that is not to be quoted, or is for the
            members of a group without its author, or the author has moved away.
    """
    check_present(author)
    check(draft)
    pictures.check(author, draft.media or ())
    parent = draft.in_reply_to
    if parent is not None and not await Post.visible_to(author).filter(id=parent.id).exists():
        raise Forbidden("You cannot reply to this post.")
    _check_stays_among_members(draft)
    if draft.quoted is not None:
        await quotes.check(author, draft.quoted, draft.visibility)
    id_ = new_id() if id_ is None else id_
    document = await _written(id_, author, draft, ctx)
    told = {name: document[name] for name in ("to", "cc", "published")}
    activities = [build("Create", author, document, uri=ctx.names.new_activity(), **told)]
    if draft.quoted is not None and draft.quoted.actor_id != author.id:
        activities.append(quotes.request(author, document["id"], draft.quoted, ctx))
    for outcome in await pipeline.submit_many([Submission(item, author.uri) for item in activities], ctx):
        if outcome.error is not None:
            raise outcome.error
    await pictures.keep_words(draft.media or ())
    return await Post.get(id=id_).select_related("actor")


def check_present(actor: Actor) -> None:
    """Refuse to publish for an account that has moved.

    Raises:
        Forbidden: it has.
    """
    if actor.moved_to_uri is not None:
        raise Forbidden("This account has moved. Let it come back before it publishes anything.")


def _check_stays_among_members(draft: Draft) -> None:
    """Refuse an answer that would tell others who wrote something for the members of a group."""
    parent = draft.in_reply_to
    if parent is None or parent.visibility is not Visibility.SECTION:
        return
    is_for_others = draft.section is not None and draft.section.id != parent.group_id
    if draft.visibility not in (Visibility.SECTION, Visibility.DIRECT) or is_for_others:
        raise Invalid("What answers a post for members is for the same members, or for those it names alone.")


def check(draft: Draft) -> None:
    """Refuse a draft that says nothing or too much.

    Raises:
        Invalid: it does, its poll cannot be asked, or it has one beside pictures.
    """
    if not draft.text.strip() and not draft.media:
        raise Invalid("A post cannot be empty.")
    if draft.media and draft.poll is not None:
        raise Invalid("A post has either pictures or a poll.")
    if (length := markup.counted(draft.text)) > MAX_CHARACTERS:
        raise Invalid(f"A post may have {MAX_CHARACTERS} characters; this one has {length}.")
    if draft.poll is not None:
        polls.check(draft.poll)


async def _written(id_: int, author: Actor, draft: Draft, ctx: Context, kept: PostView | None = None) -> Json:
    """Write the Note of a draft: text to HTML, names to actors, visibility to addressing. `kept` is what an edit edits."""
    found = await find_many(markup.find_mentions(draft.text), ctx)
    links = {handle: markup.MentionLink(actor.uri, actor.url, actor.username) for handle, actor in found.items()}
    rendered = markup.render(draft.text, mention=links.get, tag_url=ctx.names.tag)
    named = list({actor.id: actor for actor in found.values()}.values())
    parent = draft.in_reply_to
    if parent is not None and parent.actor_id not in {author.id, *(actor.id for actor in named)}:
        named.insert(0, await Actor.get(id=parent.actor_id))
    group = await _group_for(author, draft, named)
    to, cc = addressing.address(author, draft.visibility, await _addressed(draft, named, group), group)
    poll, quoted = polls.drafted(draft.poll, kept, ctx), quotes.drafted(author, draft.quoted, kept)
    post = Post(
        id=id_, uri=ctx.names.post(id_), url=ctx.names.post_page(author.username, id_), actor_id=author.id,
        type="Question" if poll else "Note",
        visibility=draft.visibility, content_html=rendered.html, source_text=draft.text,
        content_warning=draft.content_warning, is_sensitive=draft.is_sensitive or bool(draft.content_warning),
        language=draft.language, to_uris=to, cc_uris=cc, published_at=ctx.now(),
        in_reply_to_uri=parent.uri if parent else None,
        conversation_uri=await conversation_of(parent, ctx.names) if parent else ctx.names.context(id_),
    )  # fmt: skip
    post.quote_policy = draft.quote_policy or (kept.post.quote_policy if kept else QuotePolicy.EVERYBODY)
    tags = [PostTag(name=markup.normalise_tag(tag), shown=tag) for tag in rendered.tags]
    shown = [as_attachment(media) for media in draft.media or ()]
    return note.write(post, author, named, tags, shown, ctx.names, group, poll=poll, quoted=quoted)


async def _addressed(draft: Draft, named: Sequence[Actor], group: Actor | None) -> list[str]:
    """Give the uris of those named who are told: of what is for members, none who is not known to be one."""
    if draft.visibility is not Visibility.SECTION or group is None:
        return [actor.uri for actor in named]
    belonging = await Membership.belonging([actor.id for actor in named], group.id)
    return [actor.uri for actor in named if actor.id in belonging and actor.id != group.id]


async def _group_for(author: Actor, draft: Draft, named: list[Actor]) -> Actor | None:
    """Find the section or group that a draft is for: the one chosen, that of the post it answers, or the first named.

    Raises:
        Invalid: it is for members, and there is no group.
        Forbidden: it is for members, and its author is none.
    """
    if draft.visibility not in (*OPEN, Visibility.SECTION):
        return None
    group = draft.section
    if group is None and draft.in_reply_to is not None and draft.in_reply_to.group_id is not None:
        group = await Actor.get(id=draft.in_reply_to.group_id)
    if group is None:
        group = next((actor for actor in named if actor.is_group and actor.id != author.id), None)
    if draft.visibility is Visibility.SECTION:
        group = group or (author if author.is_group else None)
        if group is None or group.members_uri is None:
            raise Invalid("Say for the members of which section this is.")
        if group.id != author.id and not await Membership.is_member(author.id, group.id):
            raise Forbidden("You do not belong to this section.")
    return group


async def edit(author: Actor, post: Post, draft: Draft, ctx: Context) -> Post:
    """Replace the text of a post, and its poll and its pictures where there are new ones; who may see it stays as it was.

    Raises:
        Forbidden: it is another's, or for the members of a group to which its author no longer belongs.
        Invalid: the new text is empty or too long, the post cannot show these pictures, or it is an event, of which there is
            more to say than a text.
    """
    _check_owner(author, post)
    if draft.media is None:
        draft = replace(draft, media=await shown_by(post))
    check(draft)
    if post.type == "Event":
        raise Invalid("This is an event: change it where events are changed.")
    pictures.check(author, draft.media or (), post)
    if not await may_edit(post):
        raise Forbidden("You do not belong to this section any more: what you said to its members can only be deleted.")
    if post.group_id is not None:
        draft = replace(draft, section=await Actor.get(id=post.group_id))
    document = await _written(post.id, author, draft, ctx, await one(post.id, author))
    kept = {"to": post.to_uris, "cc": post.cc_uris, "published": written_instant(post.published_at)}
    document |= kept | {name: value for name, value in note.thread_of(post, ctx.names).items() if value}
    document["updated"] = written_instant(ctx.now())
    activity = build("Update", author, document, uri=ctx.names.new_activity(), to=post.to_uris, cc=post.cc_uris)
    await pipeline.submit(activity, acting=author, ctx=ctx)
    await pictures.keep_words(draft.media or ())
    return await Post.get(id=post.id).select_related("actor")


async def delete(author: Actor, post: Post, ctx: Context, *, keeps_pictures: bool = False) -> None:
    """Delete a post, here and wherever it went; its pictures may be kept a day for another post, and are seen by nobody.

    Raises:
        Forbidden: it is another's.
    """
    _check_owner(author, post)
    if keeps_pictures:
        await pictures.withdraw(post, ctx)
    tombstone = {"id": post.uri, "type": "Tombstone"}
    activity = build("Delete", author, tombstone, uri=ctx.names.new_activity(), to=post.to_uris, cc=post.cc_uris)
    await pipeline.submit(activity, acting=author, ctx=ctx)


def _check_owner(author: Actor, post: Post) -> None:
    if post.actor_id != author.id:
        raise Forbidden("Only its author may change a post.")


async def like(actor: Actor, post: Post, ctx: Context) -> None:
    """Like a post; a second time changes nothing."""
    if not await Like.exists(actor_id=actor.id, post_id=post.id):
        author = await Actor.get(id=post.actor_id)
        activity = build("Like", actor, post.uri, uri=ctx.names.new_activity(), to=[author.uri])
        await pipeline.submit(activity, acting=actor, ctx=ctx)


async def unlike(actor: Actor, post: Post, ctx: Context) -> None:
    """Take a like back; without one nothing changes."""
    if row := await Like.get_or_none(actor_id=actor.id, post_id=post.id):
        await _undo(actor, row.uri, ctx)


async def announce(actor: Actor, post: Post, ctx: Context) -> Announce:
    """Show a post to one's followers; a second time changes nothing.

    Raises:
        Forbidden: the post is not open to everybody, or the actor has moved away.
    """
    check_present(actor)
    if not post.is_open:
        raise Forbidden("Only posts that everybody may read can be shared.")
    if not await Announce.exists(actor_id=actor.id, post_id=post.id):
        author = await Actor.get(id=post.actor_id)
        to, cc = addressing.address(actor, Visibility.PUBLIC, [author.uri])
        activity = build(
            "Announce", actor, post.uri, uri=ctx.names.new_activity(), to=to, cc=cc,
            published=written_instant(ctx.now()),
        )  # fmt: skip
        await pipeline.submit(activity, acting=actor, ctx=ctx)
    return await Announce.get(actor_id=actor.id, post_id=post.id).select_related("actor")


async def unannounce(actor: Actor, post: Post, ctx: Context) -> None:
    """Stop showing a post; without an announce nothing changes."""
    if row := await Announce.get_or_none(actor_id=actor.id, post_id=post.id):
        await _undo(actor, row.uri, ctx)


async def _undo(actor: Actor, activity_uri: str, ctx: Context) -> None:
    undone = parse_activity(load((await ActivityRecord.get(uri=activity_uri)).document))
    await pipeline.submit(undo_of(undone, actor, ctx), acting=actor, ctx=ctx)


def undo_of(undone: Activity, actor: Actor, ctx: Context) -> Activity:
    """Build the Undo of an activity, for those who got the activity."""
    return activities.undo_of(undone, actor, uri=ctx.names.new_activity())


async def readable(id_: int, viewer: Actor | None) -> Post:
    """Find a post that the viewer may read.

    Raises:
        NotFound: there is none.
    """
    post = await Post.visible_to(viewer).filter(id=id_).select_related("actor").first()
    if post is None:
        raise NotFound("This post does not exist, or is not for you.")
    return post


async def document_of(post: Post, ctx: Context) -> Json:
    """Write a post of ours for other servers, from its rows.

    Raises:
        Conflict: it is not ours to write.
    """
    if not post.is_local:
        raise Conflict("Its own server has that post.")
    post.actor = await Actor.get(id=post.actor_id)
    [view] = await views([post])
    return documents.written(view, ctx.names)
