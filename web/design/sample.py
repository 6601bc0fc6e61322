"""What the design page shows: made up, about nobody, and nowhere in the database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from tortoise.models import Model

from models.actor import Actor, ActorType
from models.event import Event, EventKind, EventStatus, Place, Shift
from models.poll import Poll, PollOption
from models.post import Attachment, Post, Visibility
from models.quote import Quote, QuoteState
from server.events.queries import EventView
from server.posts.queries import PollView, PostView, QuoteView
from web.events.month import Day, Month, by_day, month_of
from web.shared.site import Site

Row = TypeVar("Row", bound=Model)

HERE = "/design"
PUBLISHED = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
BEGINS = datetime(2026, 12, 5, 9, tzinfo=UTC)
FIRST = date(2026, 12, 1)


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of the sample in one language."""

    section: str
    other: str
    person: str
    place: str
    about: str
    post: str
    reply: str
    long: str
    title: str
    warning: str
    question: str
    options: tuple[str, str, str]
    picture: str
    event: str
    hall: str
    shift: str
    months: tuple[str, ...]


WORDS = {
    "fr": Words(
        "Section d’exemple", "Section voisine", "Personne d’exemple", "Bourg-Exemple",
        "Une section qui n’existe pas, pour montrer.",
        "Le compte rendu de la réunion est prêt. Merci à l’équipe qui l’a écrit.", "Merci, je le lis ce soir.",
        "Un texte plus long, avec un <a href=\"/design\">lien</a>, une liste et une citation.",
        "Une publication qui a un titre",
        "Long texte", "Quel jour vous convient le mieux\N{NO-BREAK SPACE}?",
        ("Samedi matin", "Samedi après-midi", "Dimanche"),
        "Une place, un jour de marché", "Tractage au marché", "Halle du marché", "Tenir la table",
        ("juil.", "août", "sept.", "oct.", "nov.", "déc."),
    ),
    "en": Words(
        "Sample section", "Section next door", "Sample person", "Sampleton", "A section that does not exist, to show one.",
        "The minutes of the meeting are ready. Thanks to the team that wrote them.", "Thank you, I read them tonight.",
        "A longer text, with a <a href=\"/design\">link</a>, a list and a quotation.", "A post that has a title",
        "Long text", "Which day suits you best?", ("Saturday morning", "Saturday afternoon", "Sunday"),
        "A square on market day", "Leafleting at the market", "Market hall", "Hold the table",
        ("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything that is shown."""

    words: Words
    section: Actor
    other: Actor
    person: Actor
    remote: Actor
    posts: dict[str, PostView]
    thread: list[tuple[PostView, int]]
    events: dict[str, PostView]
    days: list[Day]
    month: Month
    rows: list[tuple[str, int, int]]
    counts: list[tuple[str, float]]


def sample(language: str, site: Site) -> Sample:
    """Make it, in a language."""
    words = WORDS[language]
    section, other = (
        _actor(1, words.section, ActorType.GROUP),
        _actor(2, words.other, ActorType.GROUP, "voisine.example"),
    )
    person, remote = _actor(3, words.person), _actor(4, words.person, host="ailleurs.example")
    section.note_html = other.note_html = f"<p>{words.about}</p>"
    events = {name: _event(number, section, words, **more) for number, (name, more) in enumerate(_EVENTS.items(), 100)}
    views = list(events.values())
    thread = [
        (_post(20, person, words.reply), 0),
        (_post(21, remote, words.reply), 1),
        (_post(22, section, words.post), 2),
    ]
    counts = [(label, float(value)) for label, value in zip(words.months, (12, 18, 9, 24, 31, 27), strict=True)]
    return Sample(
        words, section, other, person, remote, _posts(words, section, person, remote), thread, events,
        by_day(views, site.zone), month_of(FIRST, views, site.zone),
        [(words.event, 24, 3), (words.other, 9, 1), (words.section, 41, 7)], counts,
    )  # fmt: skip


def _posts(words: Words, section: Actor, person: Actor, remote: Actor) -> dict[str, PostView]:
    listed = f"<ul><li>{words.shift}</li><li>{words.hall}</li></ul>"
    long = f"<p>{words.long}</p>{listed}<blockquote><p>{words.reply}</p></blockquote>"
    posts = {
        "plain": _post(10, section, words.post),
        "titled": _post(11, section, words.post, title=words.title, edited_at=PUBLISHED + timedelta(hours=1)),
        "long": _post(12, section, "", content_html=long),
        "warned": _post(13, section, words.post, content_warning=words.warning),
        "sensitive": _post(14, section, words.post, is_sensitive=True),
        "poll": _post(15, section, words.question),
        "closed": _post(16, section, words.question),
        "quoting": _post(17, section, words.reply),
        "quoting nothing": _post(18, section, words.reply),
        "files": _post(19, section, words.post),
    }
    posts["poll"].poll = _poll(posts["poll"].post, words, voters=(14, 9, 5), closes_at=BEGINS)
    posts["closed"].poll = _poll(posts["closed"].post, words, voters=(0, 0, 0), closed_at=PUBLISHED, is_multiple=True)
    quoted = QuoteView(_quote(posts["quoting"].post, QuoteState.ACCEPTED), _post(30, remote, words.post))
    posts["quoting"].quote = quoted
    posts["quoting nothing"].quote = QuoteView(_quote(posts["quoting nothing"].post, QuoteState.REVOKED))
    posts["files"].attachments = [
        Attachment(id=number, media_type=kind, url=f"https://ailleurs.example/{number}", description=words.picture)
        for number, kind in enumerate(("video/mp4", "application/pdf"), 1)
    ]
    return posts


_EVENTS: dict[str, dict[str, Any]] = {
    "open": {"capacity": 20, "coming": 6, "has_wheelchair_access": True, "most_guests": 2},
    "full": {"capacity": 8, "coming": 8, "day": 3},
    "tentative": {"status": EventStatus.TENTATIVE, "day": 7},
    "postponed": {"status": EventStatus.POSTPONED, "day": 12},
    "cancelled": {"status": EventStatus.CANCELLED, "day": 14},
    "all day": {"is_all_day": True, "day": 15, "kind": EventKind.TRAINING},
    "elsewhere": {
        "timezone": "America/Martinique",
        "day": 18,
        "kind": EventKind.DEBATE,
        "online_url": "https://salle.example/a",
    },
}


def _actor(id_: int, name: str, kind: ActorType = ActorType.PERSON, host: str = "") -> Actor:
    actor = Actor(
        id=id_, uri=f"https://{host}/{id_}", url=f"https://{host}/" if host else HERE, type=kind, is_local=not host,
        username="exemple", handle_host=host, display_name=name, host=host, inbox_uri="", delivery_uri="",
    )  # fmt: skip
    return _as_if_kept(actor)


def _post(id_: int, author: Actor, text: str, **more: Any) -> PostView:
    columns: dict[str, Any] = {"content_html": f"<p>{text}</p>", "source_text": text} | more
    post = Post(
        id=id_, uri=f"{author.uri}/{id_}", url=author.url, actor=author, is_local=author.is_local,
        visibility=Visibility.PUBLIC, published_at=PUBLISHED, **columns,
    )  # fmt: skip
    return PostView(_as_if_kept(post))


def _poll(post: Post, words: Words, voters: tuple[int, int, int], **more: Any) -> PollView:
    poll = _as_if_kept(Poll(id=post.id, post=post, voters_count=sum(voters), **more))
    options = [
        PollOption(poll=poll, position=position, title=title, votes_count=votes)
        for position, (title, votes) in enumerate(zip(words.options, voters, strict=True))
    ]
    return PollView(poll, options)


def _quote(post: Post, state: QuoteState) -> Quote:
    return Quote(id=post.id, post=post, quoted_uri=HERE, state=state)


def _event(
    id_: int, organiser: Actor, words: Words, *, day: int = 0, coming: int = 0, is_all_day: bool = False, **more: Any
) -> PostView:
    view = _post(id_, organiser, words.post, type="Event", title=words.event)
    begins = BEGINS + timedelta(days=day, hours=-10 if is_all_day else 0)
    ends = begins + (timedelta(days=1) if is_all_day else timedelta(hours=2))
    columns = {"kind": EventKind.LEAFLETING, "timezone": "Europe/Paris"} | more
    event = _as_if_kept(
        Event(
            id=id_,
            post=view.post,
            organiser=organiser,
            starts_at=begins,
            ends_at=ends,
            is_all_day=is_all_day,
            **columns,
        )
    )
    place = Place(id=id_, uri=f"{HERE}/{id_}", name=words.hall, street="1, rue de l’Exemple", locality=words.place)
    shift = Shift(id=id_, uri=f"{HERE}/{id_}", event=event, name=words.shift, starts_at=begins, ends_at=ends, places=3)
    is_first = day == 0
    view.event = EventView(
        event, place, shifts=[shift] if is_first else [], left_of_shifts={id_: 2} if is_first else {},
        organisers=[organiser], coming=coming,
    )  # fmt: skip
    return view


def _as_if_kept(row: Row) -> Row:
    """Let other rows belong to one that is in no table."""
    row._saved_in_db = True
    return row
