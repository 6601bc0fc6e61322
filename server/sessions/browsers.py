"""Whether somebody logs in from where they did before; if not, they are told by a letter.

A browser is known again by a cookie that says nothing: random letters, and a mark for each login that it was used for,
which only we can make, and which another password makes worthless. A network is known as long as a session from it lasts;
of its address only a keyed hash is kept.   Source: OWASP Authentication Cheat Sheet
"""

import ipaddress
import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo

from federation.context import Context
from models.member import Member
from models.secrets import fingerprint, link_token
from models.session import Session
from models.setting import Setting
from server.members.letters import write
from server.members.queries import password_mark
from server.sections.setup import DEFAULT_ZONE, ZONE_SETTING

NEW_HERE_FOR = timedelta(hours=1)  # whoever has just made their account knows
MOST_LOGINS = 5
MARK_CHARACTERS = 22
RANDOM_BYTES = 16
PREFIX_OF_IPV4, PREFIX_OF_IPV6 = 24, 48
MAX_COOKIE_CHARACTERS = 256


async def recognise(session: Session, cookie: str, address: str, ctx: Context) -> str:
    """Write to whoever has just opened this session unless browser or network are known; what the cookie is to hold.

    `member` with its `actor` must be loaded.
    """
    member = session.member
    random, marks = _read(cookie)
    mark = _mark(random, member)
    network_hash = fingerprint(f"network {member.id} {network_of(address)}")
    others = Session.filter(member_id=member.id, expires_at__gt=ctx.now()).exclude(id=session.id)
    is_known = mark in marks or await others.filter(network_hash=network_hash).exists()
    await Session.filter(id=session.id).update(network_hash=network_hash)
    if not is_known and member.created_at <= ctx.now() - NEW_HERE_FOR:
        await _tell(member, session, ctx)
    kept = [mark, *(other for other in marks if other != mark)][:MOST_LOGINS]
    return ".".join([random, *kept])


def network_of(address: str) -> str:
    """Name the network that an address belongs to: wide enough to stay the same, narrow enough to tell a town apart."""
    try:
        network = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return address
    prefix = PREFIX_OF_IPV4 if network.version == 4 else PREFIX_OF_IPV6
    return str(network.supernet(new_prefix=prefix)) if network.prefixlen > prefix else str(network)


def _read(cookie: str) -> tuple[str, list[str]]:
    """Read a cookie: its random letters, and the marks in it; new letters where it is none of ours."""
    random, *marks = cookie.split(".") if len(cookie) <= MAX_COOKIE_CHARACTERS else [""]
    if len(random) != MARK_CHARACTERS or any(len(mark) != MARK_CHARACTERS for mark in marks):
        return secrets.token_urlsafe(RANDOM_BYTES), []
    return random, marks


def _mark(random: str, member: Member) -> str:
    return link_token(f"browser {random} {member.id} {password_mark(member)}")[:MARK_CHARACTERS]


async def _tell(member: Member, session: Session, ctx: Context) -> None:
    if not member.email:
        return
    at = ctx.now().astimezone(ZoneInfo(str(await Setting.read(ZONE_SETTING, DEFAULT_ZONE))))
    await write(
        "login_new",
        member.email,
        ctx,
        language=member.language,
        name=member.actor.username,
        device=session.device,
        day=f"{at:%d/%m/%Y}" if member.language == "fr" else f"{at:%Y-%m-%d}",
        clock=f"{at:%H:%M}",
    )
