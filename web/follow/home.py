"""Finding the way home: from a visitor's address to the page on their own server that does what they wish.

Source: RFC 7033 (WebFinger); FEP-3b86 (Activity Intents); before it, the link rel
http://ostatus.org/schema/1.0/subscribe with "{uri}" in the template, which Mastodon made to open posts as well.
"""

import asyncio
import re
from dataclasses import dataclass

from federation import webfinger
from federation.context import Context
from federation.errors import FederationError, MalformedActivity, ObjectGone, RemoteUnavailable, UnsupportedActivity
from federation.uris import parse_uri
from federation.webfinger import Jrd
from server.errors import Invalid, Unavailable
from web.follow.targets import Act, Target

MAX_ADDRESS_CHARACTERS = 320
MOST_AT_ONCE = 16

INTENTS = {
    Act.FOLLOW: "follow",
    Act.JOIN: "join",
    Act.REPLY: "create",
    Act.LIKE: "like",
    Act.SHARE: "announce",
    Act.COME: "object",
}

_HOST = re.compile(r"[a-z0-9.-]{1,253}(?::[0-9]{1,5})?|\[[0-9a-f:.]{2,45}\](?::[0-9]{1,5})?")
_slots = asyncio.Semaphore(MOST_AT_ONCE)


def complete(address: str, remembered_host: str) -> tuple[str, str]:
    """Read a fediverse address into (user, host); a bare name is taken to live on the remembered host.

    Raises:
        Invalid: it is no address.
    """
    bare = address.strip().removeprefix("acct:").removeprefix("@")
    if bare and "@" not in bare and is_host(remembered_host):
        bare = f"{bare}@{remembered_host}"
    try:
        if len(bare) > MAX_ADDRESS_CHARACTERS:
            raise MalformedActivity("too long")
        return webfinger.parse_handle(bare)
    except MalformedActivity as error:
        raise Invalid("This is not a fediverse address. It looks like name@server.example.") from error


def is_host(text: str) -> bool:
    """Whether a remembered host is fit to be used again."""
    return _HOST.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Way:
    """Where a visitor goes on: the page that does what they wish; without it, one that shows the target, if there is any.

    Of the two `does` and `shows`, either may be ''. `jrd` is what their server said.
    """

    does: str
    shows: str
    jrd: Jrd


async def way_home(user: str, host: str, target: Target, ctx: Context) -> Way:
    """Ask the visitor's server for its page that does to the target what they wish; to join, one that shows it may do.

    Raises:
        Invalid: that server knows nobody of this name, or has no page to follow or answer; the sentence says which.
        Unavailable: it does not answer, or too many people are asking at once.
    """
    if _slots.locked():
        raise Unavailable("Many people are following just now. Try again in a minute.")
    async with _slots:
        jrd = await _ask(user, host, ctx)
    way = way_by(jrd, target, ctx)
    if not way.does and target.act is not Act.JOIN:
        raise Invalid("This server offers no page for following from elsewhere.")
    return way


def way_by(jrd: Jrd, target: Target, ctx: Context) -> Way:
    """Give the way that a server's answer shows, as far as a browser may be sent there."""
    does, shows = (address if address and _is_allowed(address, ctx) else "" for address in addresses_of(jrd, target))
    return Way(does, shows, jrd)


def addresses_of(jrd: Jrd, target: Target) -> tuple[str, str]:
    """Choose the pages for what is wished: one that does it, and one that shows the target; '' where there is none.

    What was made to follow, and of old opens posts too, does not join: it can but show the section.
    """
    values = {"object": target.uri, "uri": target.uri, "on-success": target.page, "on-cancel": target.page}
    template = jrd.intents.get(INTENTS[target.act], "")
    if target.act is Act.REPLY:
        values["inReplyTo"] = target.uri
        if "{inReplyTo}" not in template:
            template = ""  # it writes something new, and would not know what is answered
    shows = jrd.intents.get("object", "") if target.act is not Act.FOLLOW else ""
    shows = shows or jrd.subscribe_template or ""
    does = template or ("" if target.act is Act.JOIN else shows)
    return webfinger.fill(does, values), webfinger.fill(shows, values)


async def _ask(user: str, host: str, ctx: Context) -> Jrd:
    scheme = webfinger.scheme_for(host, ctx.client)
    try:
        return await webfinger.look_up(f"{user}@{host}", ctx.client, scheme)
    except RemoteUnavailable as error:
        raise Unavailable("This server does not answer just now.") from error
    except (ObjectGone, UnsupportedActivity) as error:
        raise Invalid("This server knows nobody of that name.") from error
    except FederationError as error:
        raise Invalid("This address cannot be found. Is it written correctly?") from error


def _is_allowed(address: str, ctx: Context) -> bool:
    """Whether a browser may be sent there: https, or http where this server is a test."""
    try:
        scheme = parse_uri(address).scheme
    except MalformedActivity:
        return False
    return scheme == "https" or ctx.client.allow_http
