"""Finding contacts: for the managers of their section alone."""

from dataclasses import dataclass
from datetime import datetime

from models.actor import Actor
from models.consent import Consent, Contact, Purpose
from models.section import Section
from server.consents.looks import look
from server.sections.permissions import Act, check, note


@dataclass(frozen=True, slots=True)
class Known:
    """A contact as managers see it. Only those who confirmed their address, and to what they agree now.

    `source` says how the address came: by the "form" of our pages, from another program ("api"), or by a "command".
    """

    email: str
    name: str
    language: str
    purposes: tuple[Purpose, ...]
    source: str
    since: datetime


async def contacts_of(section: Section, by: Actor | None) -> list[Known]:
    """List the contacts of a section; that somebody looked is written down. Its `actor` must be loaded.

    Raises:
        Forbidden: their role does not allow it.
    """
    if by is not None:
        await check(by, Act.SEE_CONTACTS, section)
    rows = await Contact.filter(group_id=section.actor_id, confirmed_at__not_isnull=True).order_by("id")
    given: dict[int, list[Consent]] = {row.id: [] for row in rows}
    for consent in await Consent.filter(contact_id__in=list(given)).order_by("id") if rows else ():
        given[consent.contact_id or 0].append(consent)
    await look(section.actor, by, "contacts", len(rows))
    await note(by, Act.SEE_CONTACTS, section, f"{len(rows)} contacts")
    return [_known(row, given[row.id]) for row in rows]


def _known(row: Contact, given: list[Consent]) -> Known:
    agreed = tuple(consent.purpose for consent in given if consent.withdrawn_at is None)
    source = given[0].given_by if given else ""
    return Known(row.email, row.name or "", row.language, agreed, source, row.confirmed_at or row.created_at)
