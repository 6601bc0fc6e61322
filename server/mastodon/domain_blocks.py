"""The public list of moderated domains.   Source: docs.joinmastodon.org/methods/instance/#domain_blocks"""

from typing import TypedDict

from starlette.requests import Request

from models.host import Severity
from server.admin.public_list import listed
from server.errors import NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import viewer

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
