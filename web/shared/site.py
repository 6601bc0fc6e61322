"""What every page shows of the server it stands on: the main section's name and place, the time zone."""

from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request

from federation.context import Context
from federation.naming import Names
from models.actor import Actor
from models.post import Attachment
from models.section import Section
from models.setting import Setting
from models.state import State, database_state
from models.trail import Trail, followed, used
from server.media.addresses import copy_url, shown_url, small_copy_url, small_shown_url
from server.sections import queries
from server.sections.setup import DEFAULT_ZONE, ZONE_SETTING


@dataclass(frozen=True, slots=True)
class Site:
    """The server as its pages know it. `section` (actor loaded) is None before the server is set up.

    `state` is that of the database when it was read, `trail` what was asked for it.
    """

    names: Names
    section: Section | None
    zone: ZoneInfo
    state: State
    trail: Trail

    @property
    def title(self) -> str:
        """The name at the head of every page."""
        return self.section.actor.name if self.section else self.names.host

    async def section_of(self, actor: Actor) -> Section | None:
        """Give the section of ours that somebody is, in whose colours its pages are; None for everybody else."""
        if self.section is not None and self.section.actor_id == actor.id:
            return self.section
        return await queries.of_actor(actor.id) if actor.is_group and actor.is_local else None

    def mark_of(self, actor: Actor) -> str | None:
        """Tell where a page shows the picture of an actor from, always this server; None where there is none to show."""
        return small_copy_url(actor.icon_url, self.names) if actor.icon_url and not actor.is_media_rejected else None

    def banner_of(self, actor: Actor) -> str | None:
        """Tell where a page shows the wide picture of an actor from, always this server; None where there is none."""
        return copy_url(actor.image_url, self.names) if actor.image_url and not actor.is_media_rejected else None

    def is_ours(self, item: Attachment) -> bool:
        """Whether what hangs on a post lies on this server."""
        return self.names.is_ours(item.url)

    def plays(self, item: Attachment) -> bool:
        """Whether a page may play a film or sound: it lies on this server, or a copy of it may."""
        return self.is_ours(item) or not item.playing.is_elsewhere

    def shown_url(self, item: Attachment) -> str:
        """Tell where what hangs on a post is seen: on this server, but for documents and films that are not copied."""
        return shown_url(item, self.names)

    def small_url(self, item: Attachment) -> str | None:
        """Tell where a page shows a small picture of what hangs on a post from, always this server."""
        return small_shown_url(item, self.names)


async def site_of(request: Request) -> Site:
    """Give the site as the database has it now; read anew only when something was written since."""
    state = await database_state()
    kept: Site | None = getattr(request.app.state, "site", None)
    if kept is not None and (kept.state == state or await kept.trail.stands()):
        used(kept.trail)
    else:
        with followed() as trail:
            zone, section = ZoneInfo(str(await Setting.read(ZONE_SETTING, DEFAULT_ZONE))), await queries.main()
        kept = Site(context_of(request).names, section, zone, state, trail)
    request.app.state.site = kept = kept if kept.state == state else replace(kept, state=state)
    return kept


def context_of(request: Request) -> Context:
    """Give the context of the process."""
    context: Context = request.app.state.context
    return context


def last_site(request: Request) -> Site | None:
    """Give the site as it was last seen, without asking the database: for pages that say what went wrong."""
    state: Any = request.app.state
    return getattr(state, "site", None)
