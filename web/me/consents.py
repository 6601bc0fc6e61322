"""To what a member agreed, section by section: withdrawn as easily as given; an e-mail address or a phone number shared.

With a section on another server it is the same, by a consent of its own that says that it leaves this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from models.consent import Consent, Purpose
from models.membership import Membership, MembershipState
from server.consents import actions as consents
from server.consents import texts
from server.consents.texts import Words
from server.errors import AppError, Invalid
from server.sections import belonging, sharing
from server.sections.sharing import Shared
from server.throttle import throttled
from web.me.pages import own_group
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.rendering import language_of
from web.shared.site import context_of

ADDRESS = "/me/consents"


@dataclass(frozen=True, slots=True)
class Agreed:
    """How somebody stands to one section: what they agreed to, what they share, and the words to agree to for each.

    `purposes` are the consents by which each is shared. `is_taken`: whether the section's server takes it.
    """

    group: Actor
    row: Membership
    standing: dict[Purpose, Consent]
    purposes: dict[Shared, Purpose]
    words: dict[Shared, Words]

    @property
    def is_taken(self) -> bool:
        """Whether there is anything to fill in."""
        return self.group.is_local or self.group.takes_shared_details


@for_members
async def list_consents(request: Request, who: LoggedIn) -> Response:
    """GET /me/consents."""
    return await _page(request, who, {})


@throttled("consents", burst=30, every_seconds=5)
@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/consents: group and do=share and field, value; do=withdraw and purpose; do=look. 303 to the same page."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), request, who, typed)
    except AppError as refused:
        return await _page(request, who, typed, refused)
    return go(ADDRESS, said)


async def _share(request: Request, who: LoggedIn, typed: Typed) -> str:
    group, field = await own_group(who, typed), typed.get("field", "")
    if field not in list(Shared):
        raise Invalid("This form could not be read.")
    ctx, language = context_of(request), language_of(request)
    await sharing.share(who.actor, group, Shared(field), typed.get("value", ""), ctx, language=language, by="form")
    return "shared" if group.is_local else "sent"


async def _withdraw(request: Request, who: LoggedIn, typed: Typed) -> str:
    group, purpose = await own_group(who, typed), _purpose(typed)
    await sharing.withdraw(who.actor, group, purpose, context_of(request), by="form")
    return "consent_withdrawn"


async def _look(request: Request, who: LoggedIn, typed: Typed) -> str:
    group = await own_group(who, typed)
    if not group.is_local and not await sharing.takes_details(group, context_of(request)):
        raise Invalid("The server of this section cannot take this: give it to them yourself.")
    return ""


_DEEDS = {"share": _share, "withdraw": _withdraw, "look": _look}


def _purpose(typed: Typed) -> Purpose:
    if (text := typed.get("purpose", "")) not in list(Purpose):
        raise Invalid("This form could not be read.")
    return Purpose(text)


async def _page(request: Request, who: LoggedIn, typed: Typed, refused: AppError | None = None) -> Response:
    language = language_of(request)
    rows = [row for row in await belonging.own(who.actor) if row.state is MembershipState.ACCEPTED]
    ledger = await consents.ledger(who.actor)
    return await member_page(
        request,
        who,
        "me/consents.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        groups=[await _agreed(row, ledger, language) for row in rows],
        ledger=ledger,
        typed=dict(typed),
        fields=list(Shared),
    )


async def _agreed(row: Membership, ledger: Sequence[Consent], language: str) -> Agreed:
    standing = {
        consent.purpose: consent
        for consent in reversed(ledger)
        if consent.group_id == row.group_id and consent.withdrawn_at is None
    }
    purposes = {field: field.purpose(is_sent=not row.group.is_local) for field in Shared}
    wanted = {field: await texts.words(row.group, purpose, language) for field, purpose in purposes.items()}
    return Agreed(row.group, row, standing, purposes, wanted)
