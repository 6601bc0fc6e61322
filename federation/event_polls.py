"""The Question that asks whether one comes to an event, for apps in which nothing else can be answered.

Source: gathio (a Question sent to each follower, votes as answers); Mastodon for how it is shown.
"""

from collections.abc import Sequence

from federation import addressing, markup, reply_words
from federation.activities import Activity, build
from federation.context import Context
from federation.jsonld import text_of, uri_of, written_instant
from federation.objects import event_line, note
from models.actor import Actor
from models.event import Event, EventPoll
from models.participation import ParticipationState
from models.poll import Poll, PollOption
from models.post import Post, Visibility

STATES = (ParticipationState.ACCEPTED, ParticipationState.TENTATIVE, ParticipationState.DECLINED)
"""What each option says, in the order in which they are offered."""

_TITLES = {"fr": ("Oui", "Peut-être", "Non"), "en": ("Yes", "Maybe", "No")}
_TEXTS = {
    "fr": "{name}\u00a0: viendrez-vous\u00a0?\n{line}\n\n"
    "Pour changer d’avis, répondez à l’événement «\u00a0oui\u00a0», «\u00a0peut-être\u00a0» ou «\u00a0non\u00a0».",
    "en": "{name}: will you come?\n{line}\n\nTo change your mind, answer the event with “yes”, “maybe” or “no”.",
}


def titles(language: str | None) -> tuple[str, ...]:
    """Give what there is to choose, in the language of an event."""
    return _TITLES[event_line.spoken(language)]


def options(language: str | None) -> list[PollOption]:
    """Make the options of such a poll, not to be saved."""
    return [PollOption(position=place, title=title, votes_count=0) for place, title in enumerate(titles(language))]


def ask(id_: int, event: Post, terms: Event, asked: Actor | None, ctx: Context) -> Activity:
    """Build the Create of a Question under this row id: for one person, or for all who may read the event.

    The `actor` of `event` and the `place` of `terms` must be loaded. How many chose what is told to nobody.
    """
    author = event.actor
    if asked is not None:
        to, cc = addressing.address(author, Visibility.DIRECT, [asked.uri])
    else:
        to, cc = event.to_uris, event.cc_uris
    post = Post(
        id=id_, uri=ctx.names.post(id_), url=ctx.names.post_page(author.username, id_), actor_id=author.id,
        type="Question", visibility=event.visibility if asked is None else Visibility.DIRECT,
        content_html=_html(event, terms, asked, ctx), language=event.language, to_uris=to, cc_uris=cc,
        published_at=ctx.now(), in_reply_to_uri=event.uri, conversation_uri=event.conversation_uri,
    )  # fmt: skip
    poll = Poll(is_multiple=False, hides_totals=True, closes_at=terms.starts_at)
    named: Sequence[Actor] = [asked] if asked is not None else []
    group = author if author.is_group and asked is None else None
    document = note.write(post, author, named, [], [], ctx.names, group, poll=(poll, options(event.language)))
    uri, published = ctx.names.new_activity(), written_instant(ctx.now())
    return build("Create", author, document, uri=uri, to=to, cc=cc, published=published)


def _html(event: Post, terms: Event, asked: Actor | None, ctx: Context) -> str:
    line = event_line.line(terms, terms.place, event.language)
    text = _TEXTS[event_line.spoken(event.language)].format(name=event.title, line=line)
    if asked is None:
        return markup.render(text, mention=lambda _: None, tag_url=ctx.names.tag).html
    handle, link = asked.handle.lower(), markup.MentionLink(asked.uri, asked.url, asked.username)
    named = f"@{asked.handle} {text}"
    found = markup.render(named, mention=lambda name: link if name.lower() == handle else None, tag_url=ctx.names.tag)
    return found.html


async def event_of(question: Post) -> Post | None:
    """Find the event of ours that a Question asks about, its `actor` loaded; None for any other Question."""
    if not question.is_local or question.in_reply_to_uri is None:
        return None
    row = await EventPoll.get_or_none(post_id=question.id).select_related("event__actor")
    return row.event if row is not None else None


def is_answer(activity: Activity, ctx: Context) -> bool:
    """Whether this creates a reply to an event that says in a few words whether somebody comes: nobody passes that on."""
    if activity.type != "Create" or activity.object is None:
        return False
    parent = ctx.known.posts.get(uri_of(activity.object.get("inReplyTo")) or "")
    if parent is None or parent.type != "Event":
        return False
    return reply_words.read(text_of(activity.object.get("content"))) is not None
