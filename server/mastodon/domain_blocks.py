"""Domains that a member does not want to read, and the public list of those that are moderated.

Source: docs.joinmastodon.org/methods/domain_blocks, /methods/instance#domain_blocks
"""

from typing import TypedDict

from starlette.requests import Request

from models.host import Severity
from server.admin.public_list import listed
from server.errors import NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.kinds import Nothing
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import read
from server.members import host_mutes

WORD_OF = {Severity.SUSPEND: "suspend", Severity.SILENCE: "silence"}


class DomainBlock(TypedDict):
    """A domain that is moderated."""

    domain: str
    digest: str
    severity: str
    comment: str


async def domain_blocks(request: Request) -> Json[list[DomainBlock]]:
    """GET /api/v1/instance/domain_blocks -> [DomainBlock].

    Raises:
        NotFound: the list is not for whoever asks.
    """
    found = await listed(is_member=viewer(request) is not None)
    if found is None:
        raise NotFound("This server does not show which servers it has blocked.")
    return Json(
        [
            {
                "domain": row.domain,
                "digest": row.digest,
                "severity": WORD_OF[row.severity],
                "comment": row.comment,
            }
            for row in found
        ]
    )


class AtStake(TypedDict):
    """How many follows a block would end."""

    following_count: int
    followers_count: int


async def index(request: Request) -> Json[list[str]]:
    """GET /api/v1/domain_blocks -> [domain]; pages count the blocks."""
    page = Page.read(await read(request), default=100, most=200)
    rows = await host_mutes.page(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [row for row in rows if page.reaches(row.id)]
    headers = link_header(request, context(request).names, page, [row.id for row in shown])
    return Json([row.host for row in shown], headers=headers)


async def preview(request: Request) -> Json[AtStake]:
    """GET /api/v1/domain_blocks/preview?domain=… -> how many follows blocking it would end."""
    following, followers = await host_mutes.at_stake(me(request), (await read(request)).text("domain"))
    return Json({"following_count": following, "followers_count": followers})


async def block(request: Request) -> Json[Nothing]:
    """POST /api/v1/domain_blocks -> {}: `domain`."""
    await host_mutes.mute(me(request), (await read(request)).text("domain"), context(request))
    return Json({})


async def unblock(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/domain_blocks -> {}: `domain`, in the query or in a body."""
    await host_mutes.unmute(me(request), (await read(request)).text("domain"))
    return Json({})
