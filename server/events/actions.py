"""What an organiser does with events: announce, change, call off, delete. Each builds an activity and submits it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from federation import addressing, markup, pipeline
from federation.activities import build
from federation.context import Context
from federation.jsonld import Json
from federation.naming import Names
from federation.objects import note
from federation.objects.event import WholeEvent
from models.actor import Actor
from models.event import Event, EventPoll, EventSeries, EventStatus, Place, Shift
from models.ids import new_id
from models.post import Post, PostTag, Visibility
from server.errors import Conflict, Forbidden, NotFound
from server.events import queries
from server.events.drafts import EventDraft, PlaceDraft, ShiftDraft, check, instant
from server.events.typed import typed
from server.follows.lookup import find_many
from server.media import actions as pictures
from server.media.queries import as_attachment, shown_by
from server.posts.queries import PostView
from server.threads.queries import conversation_of


async def publish(
    author: Actor,
    draft: EventDraft,
    ctx: Context,
    *,
    id_: int | None = None,
    series: EventSeries | None = None,
    named: Mapping[str, Actor] | None = None,
) -> Post:
    """Announce an event, under a row id that was made for it where there is one.

    `named` are those whom its text names, where they were asked for already: then it may be called in a transaction.

    Raises:
        Invalid: it cannot be announced as it was typed.
        Forbidden: the author has moved away.
    """
    if author.moved_to_uri is not None:
        raise Forbidden("This account has moved. Let it come back before it publishes anything.")
    check(draft)
    pictures.check(author, draft.media or ())
    id_ = new_id() if id_ is None else id_
    whole = WholeEvent(
        _event(id_, author, draft),
        await _place(author, draft.place, ctx.names),
        _shifts(draft, (), ctx.names),
        series,
        [author.uri],
    )
    if named is None:
        named = await _named(draft, ctx)
    document = await _document(_post(id_, author, draft, ctx), author, draft, whole, named, ctx)
    activity = build(
        "Create", author, document, uri=ctx.names.new_activity(), to=document["to"], cc=document["cc"],
        published=document["published"],
    )  # fmt: skip
    await pipeline.submit(activity, acting=author, ctx=ctx)
    await pictures.keep_words(draft.media or ())
    return await Post.get(id=id_).select_related("actor")


async def edit(author: Actor, post: Post, draft: EventDraft, ctx: Context) -> Post:
    """Change an event, of which everybody who got it is told; who may see it stays as it was.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event.
        Invalid: it cannot be announced as it was typed.
    """
    check(draft)
    return await _change(author, post, draft, ctx)


async def _change(author: Actor, post: Post, draft: EventDraft, ctx: Context) -> Post:
    """Change an event to what was typed. One that was imported without a place can still be called off."""
    view = await _own(author, post)
    shown = await shown_by(post) if draft.media is None else draft.media
    draft = replace(draft, visibility=post.visibility, media=shown)
    pictures.check(author, shown, post)
    whole = replace(
        view.whole,
        event=_event(post.id, author, draft, view.event.questions),
        place=await _place(author, draft.place, ctx.names, view.place),
        shifts=_shifts(draft, view.shifts, ctx.names),
    )
    fresh = _post(post.id, author, draft, ctx)
    fresh.published_at, fresh.to_uris, fresh.cc_uris = post.published_at, post.to_uris, post.cc_uris
    fresh.conversation_uri, fresh.edited_at = await conversation_of(post, ctx.names), ctx.now()
    named = await _named(draft, ctx)
    document = await _document(fresh, author, draft, whole, named, ctx) | {"to": post.to_uris, "cc": post.cc_uris}
    activity = build("Update", author, document, uri=ctx.names.new_activity(), to=post.to_uris, cc=post.cc_uris)
    await pipeline.submit(activity, acting=author, ctx=ctx)
    await pictures.keep_words(shown)
    return await Post.get(id=post.id).select_related("actor")


async def draft_of(post: Post) -> EventDraft:
    """Give an event of ours as it would be typed.

    Raises:
        NotFound: it is no event.
    """
    view = (await queries.views([post.id])).get(post.id)
    if view is None:
        raise NotFound("This is no event.")
    return typed(post, view.event, view.place, view.shifts)


async def set_status(author: Actor, post: Post, status: EventStatus, ctx: Context) -> Post:
    """Call an event off, put it off to a day not known yet, or hold it after all. It stays where it is, and says so.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event.
    """
    return await _change(author, post, replace(await draft_of(post), status=status), ctx)


async def retell(author: Actor, post: Post, ctx: Context) -> None:
    """Tell everybody who got an event how it stands now: who organises it, how many places are left.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event.
    """
    await _change(author, post, await draft_of(post), ctx)


async def delete(author: Actor, post: Post, ctx: Context) -> None:
    """Delete an event and what was asked about it, as if it had never been; one that does not take place is called off.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event.
    """
    await _own(author, post)
    for row in await EventPoll.filter(event_id=post.id).select_related("post"):
        buried, asked = {"id": row.post.uri, "type": "Tombstone"}, row.post
        gone = build("Delete", author, buried, uri=ctx.names.new_activity(), to=asked.to_uris, cc=asked.cc_uris)
        await pipeline.submit(gone, acting=author, ctx=ctx)
    tombstone = {"id": post.uri, "type": "Tombstone", "formerType": "Event"}
    activity = build("Delete", author, tombstone, uri=ctx.names.new_activity(), to=post.to_uris, cc=post.cc_uris)
    await pipeline.submit(activity, acting=author, ctx=ctx)


async def _own(author: Actor, post: Post) -> queries.EventView:
    if post.actor_id != author.id:
        raise Forbidden("Only its organisers may change an event.")
    view = (await queries.views([post.id])).get(post.id)
    if view is None:
        raise NotFound("This is no event.")
    if not post.is_local:
        raise Conflict("Its own server has that event.")
    return view


async def shown(author: Actor, draft: EventDraft, ctx: Context) -> PostView:
    """Show an event as it will be, without keeping or sending anything of it. Who is named in it is not asked for.

    Raises:
        Invalid: it cannot be announced as it was typed.
    """
    check(draft)
    post, place = _post(0, author, draft, ctx), await _place(author, draft.place, ctx.names)
    post.actor = author
    post.content_html = markup.render(draft.text, mention=lambda _: None, tag_url=ctx.names.tag).html
    event, shifts = _event(0, author, draft), _shifts(draft, (), ctx.names)
    left = {shift.id: shift.places for shift in shifts}
    view = queries.EventView(event, place, None, shifts, left, [author], 0)
    return PostView(post, attachments=[as_attachment(media) for media in draft.media or ()], event=view)


def _post(id_: int, author: Actor, draft: EventDraft, ctx: Context) -> Post:
    group = author if author.is_group else None
    to, cc = addressing.address(author, draft.visibility, [], group if draft.visibility is Visibility.SECTION else None)
    return Post(
        id=id_, uri=ctx.names.post(id_), url=ctx.names.post_page(author.username, id_), actor_id=author.id, type="Event",
        visibility=draft.visibility, title=" ".join(draft.title.split()), source_text=draft.text,
        language=draft.language, to_uris=to, cc_uris=cc, published_at=ctx.now(), conversation_uri=ctx.names.context(id_),
    )  # fmt: skip


async def _named(draft: EventDraft, ctx: Context) -> Mapping[str, Actor]:
    return await find_many(markup.find_mentions(draft.text), ctx)


async def _document(
    post: Post, author: Actor, draft: EventDraft, whole: WholeEvent, named: Mapping[str, Actor], ctx: Context
) -> Json:
    links = {handle: markup.MentionLink(actor.uri, actor.url, actor.username) for handle, actor in named.items()}
    rendered = markup.render(draft.text, mention=links.get, tag_url=ctx.names.tag)
    post.content_html = rendered.html
    tags = [PostTag(name=markup.normalise_tag(tag), shown=tag) for tag in rendered.tags]
    shown = [as_attachment(media) for media in draft.media or ()]
    return note.write(post, author, list(named.values()), tags, shown, ctx.names, event=whole)


def _event(id_: int, author: Actor, draft: EventDraft, asked: Sequence[Json] = ()) -> Event:
    return Event(
        id=id_, post_id=id_, organiser_id=author.id, kind=draft.kind, status=draft.status, starts_at=draft.starts_at,
        ends_at=draft.ends_at, is_end_shown=draft.ends is not None or draft.is_all_day, is_all_day=draft.is_all_day,
        timezone=draft.timezone, online_url=draft.online_url, has_wheelchair_access=draft.has_wheelchair_access,
        has_sign_language=draft.has_sign_language, is_streamed=draft.is_streamed, join_mode=draft.join_mode,
        external_url=draft.external_url, capacity=draft.capacity, most_guests=draft.most_guests,
        questions=_questions(draft, asked),
    )  # fmt: skip


def _questions(draft: EventDraft, asked: Sequence[Json]) -> list[Json]:
    """Describe what is asked. A new question never bears the id of one that somebody may have answered."""
    known = {question["id"] for question in asked}
    return [
        {
            "id": one.id if one.id in known else str(new_id() if known else number),
            "label": " ".join(one.label.split()),
            "kind": one.kind,
            "choices": list(one.choices),
            "is_required": one.is_required,
        }
        for number, one in enumerate(draft.questions, 1)
    ]


async def _place(author: Actor, draft: PlaceDraft | None, names: Names, held: Place | None = None) -> Place | None:
    """Describe a place: the author's own of the same words where there is one, else a new one."""
    if draft is None or draft.is_empty:
        return None
    words = {name: getattr(draft, name).strip() for name in ("name", "street", "postal_code", "locality")}
    rest = {"region": draft.region.strip(), "country": draft.country.strip()}
    point = {"latitude": draft.latitude, "longitude": draft.longitude}
    known = held if held is not None and all(getattr(held, name) == word for name, word in words.items()) else None
    known = known or await Place.filter(owner_id=author.id, **words).first()
    id_ = known.id if known is not None else new_id()
    return Place(id=id_, uri=known.uri if known is not None else names.place(id_), **words, **rest, **point)


def _shifts(draft: EventDraft, held: Sequence[Shift], names: Names) -> list[Shift]:
    known = {shift.id for shift in held}
    return [_shift(shift, position, draft.timezone, known, names) for position, shift in enumerate(draft.shifts)]


def _shift(draft: ShiftDraft, position: int, zone: str, known: set[int], names: Names) -> Shift:
    id_ = draft.id if draft.id in known and draft.id is not None else new_id()
    return Shift(
        id=id_, uri=names.shift(id_), position=position, name=" ".join(draft.name.split()), places=draft.places,
        starts_at=instant(draft.starts, zone), ends_at=instant(draft.ends, zone),
    )  # fmt: skip
