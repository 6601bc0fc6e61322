"""Finding members, and where those live who moved."""

from models.actor import MAX_LOCAL_NAME, Actor
from models.member import Member
from models.secrets import fingerprint


async def by_login(typed: str) -> Member | None:
    """Find who logs in with that username or e-mail address, its actor loaded; nobody whose login is closed."""
    typed = typed.strip()
    open_logins = Member.filter(disabled_at=None, actor__gone_at=None).select_related("actor")
    if "@" in typed.removeprefix("@"):
        return await open_logins.get_or_none(email_fingerprint=fingerprint(typed))
    name = typed.removeprefix("@").lower()
    return await open_logins.get_or_none(actor__local_name=name) if len(name) <= MAX_LOCAL_NAME else None


def password_mark(member: Member) -> str:
    """Give a mark of a member's password, by which a note knows that it has changed: 32 hex digits."""
    return fingerprint(member.password_hash or "")[:32]


async def new_home(actor: Actor) -> Actor | None:
    """Find the actor that this one moved to, if that one says so too."""
    if actor.moved_to_uri is None:
        return None
    target = await Actor.get_or_none(uri=actor.moved_to_uri, gone_at=None)
    return target if target is not None and actor.uri in target.also_known_as else None
