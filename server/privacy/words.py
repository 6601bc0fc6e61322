"""What is written down about somebody in words rather than by their row: activities, journals, what waits to be done.

Source: GDPR art. 17
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from tortoise.expressions import Q

from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Look
from models.delivery import Delivery
from models.errand import Errand, ErrandType
from models.inbox import InboxMessage, host_in
from models.role import SectionAct

ERASED = "somebody erased"
AT_ONCE = 500
MAX_STEPS = 4  # Undo of the Announce of the Create of a post
Found = dict[int, tuple[str, str, str]]
T = TypeVar("T")


async def scrub(actor: Actor, uris: Sequence[str]) -> None:
    """Take somebody who is gone out of all that is written here.

    `uris` are those of what went with them, such as posts and follows; what they had deleted before is looked up. What ends
    something elsewhere stays until the last server was told of it, and a Delete stays.
    """
    await ActivityRecord.filter(concerns_uri=actor.uri).delete()
    uris = list(dict.fromkeys([*uris, *await ActivityRecord.deleted_by(actor.uri)]))
    await _scrub_activities(actor, [actor.uri, *uris])
    await leave_journals(actor, uris)
    await InboxMessage.filter(host=host_in(actor.uri), actor_uri=actor.uri).delete()
    if actor.inbox_uri.startswith(actor.uri):  # else others may have the same
        await Delivery.filter(host=actor.host, inbox_uri=actor.inbox_uri).delete()
    await Errand.filter(about_uri=actor.uri).delete()
    for some in _pieces(uris):
        await Errand.filter(type__in=list(ErrandType), uri__in=some).delete()


async def leave_activities(actor: Actor) -> None:
    """Drop the activities by which somebody came to belong and ceased to, but for what others are still to be told."""
    about = await ActivityRecord.filter(concerns_uri=actor.uri).values_list("id", flat=True)
    ids = [int(str(id_)) for id_ in about]
    owed = await _owed(ids)
    await _delete([id_ for id_ in ids if id_ not in owed])


async def leave_journals(actor: Actor, uris: Sequence[str] = ()) -> None:
    """Leave in the journals of sections what was done and when, without who did it, and to whom or what of theirs."""
    handle = f"@{actor.handle}"
    await Look.filter(at_what=handle).update(at_what=ERASED)
    await Look.filter(viewer_id=actor.id).update(viewer_id=None)
    await SectionAct.filter(author_id=actor.id).update(author_id=None)
    named = Q(about__endswith=f" {handle}") | Q(about__endswith=f" {actor.uri}")
    await SectionAct.filter(named).update(about=ERASED)
    for some in _pieces([handle, actor.handle, actor.uri, *uris]):
        await SectionAct.filter(about__in=some).update(about=ERASED)


async def _scrub_activities(actor: Actor, uris: Sequence[str]) -> None:
    """Drop the activities about somebody, their posts and their follows, and what is about those in turn.

    What ends one of them goes when it was delivered: it concerns somebody who is gone.
    """
    found: Found = {}
    about = list(uris)
    for _ in range(MAX_STEPS):
        news = {id_: row for id_, row in (await _about(about)).items() if id_ not in found}
        found |= news
        about = [uri for uri, _, _ in news.values()]
    for some in _pieces(uris):
        await ActivityRecord.filter(uri__in=some).delete()
    deletes = {uri for uri, kind, _ in found.values() if kind == "Delete"}
    ending = [id_ for id_, (_, kind, object_uri) in found.items() if kind == "Undo" or object_uri in deletes]
    owed = await _owed(ending)
    kept = owed | {id_ for id_, (_, kind, _) in found.items() if kind == "Delete"}
    await _delete([id_ for id_ in found if id_ not in kept])
    for ids in _pieces(sorted(owed)):
        await ActivityRecord.filter(id__in=ids).update(concerns_uri=actor.uri)


async def _about(uris: Sequence[str]) -> Found:
    """Find the activities about these objects: {id: (uri, type, uri of the object)}. What they say is not read."""
    found: Found = {}
    for some in _pieces(uris):
        rows = ActivityRecord.filter(object_uri__in=some).values_list("id", "uri", "type", "object_uri")
        found |= {int(str(id_)): (str(uri), str(kind), str(about)) for id_, uri, kind, about in await rows}
    return found


async def _owed(ids: Sequence[int]) -> set[int]:
    """Tell which of these activities are still owed to another server."""
    owed: set[int] = set()
    for some in _pieces(ids):
        rows = Delivery.filter(activity_id__in=some, due_at__not_isnull=True).distinct()
        owed |= {int(str(id_)) for id_ in await rows.values_list("activity_id", flat=True)}
    return owed


async def _delete(ids: Sequence[int]) -> None:
    for some in _pieces(ids):
        await ActivityRecord.filter(id__in=some).delete()


def _pieces(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
