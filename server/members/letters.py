"""What is written to members about their own login: whoever holds it unasked shall not go unseen."""

from enum import StrEnum

from federation.context import Context
from models.member import Member
from models.section import Section
from server.mail import actions as mail


class Change(StrEnum):
    """What has changed about a login."""

    PASSWORD = "password"  # noqa: S105 - the name of a change
    CODE_ON = "code_on"
    CODE_OFF = "code_off"
    CODE_TAKEN_OFF = "code_taken_off"
    CODES_NEW = "codes_new"
    PAPER_USED = "paper_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"


async def tell(member: Member, change: Change, ctx: Context, **values: str) -> None:
    """Tell a member what has changed about their login, if they gave an e-mail address. Their `actor` must be loaded."""
    if member.email:
        said = {"change": change.value, "name": member.actor.username, "left": "", "key": ""} | values
        await write("login_changed", member.email, ctx, language=member.language, **said)


async def write(template: str, to: str, ctx: Context, *, language: str, **values: str) -> None:
    """Write a letter in the name of this server."""
    main = await Section.filter(is_main=True).select_related("actor").first()
    name = main.actor.name if main else ctx.names.host
    await mail.post(
        template, to, ctx, language=language, sender_name=name, host=ctx.names.host, origin=ctx.names.origin, **values
    )
