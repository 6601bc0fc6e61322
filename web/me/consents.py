"""To what a member agreed, section by section: withdrawn as easily as given; an e-mail address or a phone number shared."""

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
from web.me.pages import own_group
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.rendering import language_of
from web.shared.site import context_of

ADDRESS = "/me/consents"


@dataclass(frozen=True, slots=True)
class Agreed:
    """How somebody stands to one section of ours: what they agreed to, what they share, and what they may still agree to."""

    group: Actor
    row: Membership
    standing: dict[Purpose, Consent]
    words: dict[Purpose, Words]


@for_members
async def list_consents(request: Request, who: LoggedIn) -> Response:
    """GET /me/consents."""
    return await _page(request, who, {})


@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/consents: group and do=share and field, value; do=withdraw and purpose. 303 to the same page."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), request, who, typed)
    except AppError as refused:
        return await _page(request, who, typed, refused)
    return go(ADDRESS, said)


async def _share(request: Request, who: LoggedIn, typed: Typed) -> str:
    group, field = await own_group(who, typed), typed.get("field", "")
    if field not in list(Shared):
        raise Invalid("This form could not be read.")
    language = language_of(request)
    await sharing.share(who.actor, group, Shared(field), typed.get("value", ""), language=language, by="form")
    return "shared"


async def _withdraw(request: Request, who: LoggedIn, typed: Typed) -> str:
    group, purpose = await own_group(who, typed), _purpose(typed)
    await consents.withdraw(group, who.actor, purpose, by="form", at=context_of(request).now())
    return "consent_withdrawn"


_DEEDS = {"share": _share, "withdraw": _withdraw}


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
        groups=[await _agreed(row, ledger, language) for row in rows if row.group.is_local],
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
    wanted = {field.purpose: await texts.words(row.group, field.purpose, language) for field in Shared}
    return Agreed(row.group, row, standing, wanted)
