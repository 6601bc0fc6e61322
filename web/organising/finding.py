"""The event that an address names, among those that the section at whose desk one stands made itself."""

from dataclasses import dataclass

from starlette.requests import Request

from models.event import Event
from models.post import Post
from server.errors import NotFound
from web.profiles.pages import MAX_ID
from web.sections.finding import Desk


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An event of the section (`place`, `report` loaded), its post (`actor` loaded), and where it is at the desk."""

    event: Event
    post: Post
    address: str


async def own_event(request: Request, desk: Desk) -> OwnEvent:
    """Find the event that the address names.

    Raises:
        NotFound: the section made none of that number.
    """
    id_, actor = request.path_params["id"], desk.section.actor
    rows = Event.filter(post_id=id_, organiser_id=actor.id, post__actor_id=actor.id)
    event = await rows.select_related("place", "report", "post").first() if id_ <= MAX_ID else None
    if event is None:
        raise NotFound("The section has no such event.")
    event.post.actor = actor
    return OwnEvent(event, event.post, f"{events_of(desk)}/{event.post_id}")


def events_of(desk: Desk) -> str:
    """Give the address of the section's events at the desk."""
    return f"{desk.address}/events"
