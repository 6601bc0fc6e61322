"""Finding members."""

from models.member import Member
from models.secrets import fingerprint


async def by_login(typed: str) -> Member | None:
    """Find who logs in with that username or e-mail address, its actor loaded; nobody whose login is closed."""
    typed = typed.strip()
    open_logins = Member.filter(disabled_at=None, actor__gone_at=None).select_related("actor")
    if "@" in typed.removeprefix("@"):
        return await open_logins.get_or_none(email_fingerprint=fingerprint(typed))
    return await open_logins.get_or_none(actor__local_name=typed.removeprefix("@").lower())
