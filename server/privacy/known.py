"""What is known about somebody, gathered: {part: [{field: value}]}, ready to be shown, and to be written as JSON or CSV."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import orjson

from models.actor import Actor
from models.consent import Contact, Look
from models.member import Member
from models.membership import Membership, MembershipState
from server.privacy.parts import OF_ACTORS, OF_ADDRESSES, OF_CONTACTS, Part, relations, value
from server.sections.spreadsheet import safe_cell

Rows = list[dict[str, Any]]
Known = dict[str, Rows]


async def known(actor: Actor) -> Known:
    """Gather all that this server holds about a person; parts without a row are left out. For themselves alone.

    That takes in what was left under the e-mail address of their login, without an account.
    """
    found = {name: await _rows(part, actor.id) for name, part in OF_ACTORS.items()}
    found["looks at you"] = await _looks(actor)
    addresses = [await known_contact(contact) for contact in await contacts_of(actor)]
    found["addresses left"] = [row for one in addresses for row in one.get("address", [])]
    found["consents by e-mail"] = [row for one in addresses for row in one.get("consents", [])]
    login = await Member.get_or_none(actor_id=actor.id)
    if login is not None and login.email_fingerprint:
        found |= {name: await _rows(part, login.email_fingerprint) for name, part in OF_ADDRESSES.items()}
    return {name: rows for name, rows in found.items() if rows}


async def known_contact(contact: Contact) -> Known:
    """Gather all that is known about somebody who left an address. For whoever has their private link."""
    found = {name: await _rows(part, contact.id) for name, part in OF_CONTACTS.items()}
    return {name: rows for name, rows in found.items() if rows}


async def contacts_of(actor: Actor) -> list[Contact]:
    """Find what was left with sections under the e-mail address of somebody's login, whoever left it there."""
    login = await Member.get_or_none(actor_id=actor.id)
    return await Contact.of_address(login.email) if login is not None and login.email else []


async def _rows(part: Part, whose: int | str) -> Rows:
    rows = part.model.filter(**{part.column: whose}).select_related(*relations(part))
    return [{path: _plain(value(row, path)) for path in part.shown} for row in await rows.order_by("id")]


async def _looks(actor: Actor) -> Rows:
    """Tell when the managers of their sections looked at them, alone or with all others; not which of them did."""
    groups = Membership.filter(member_id=actor.id, state=MembershipState.ACCEPTED)
    ids = [int(str(id_)) for id_ in await groups.values_list("group_id", flat=True)]
    alone = await Look.filter(at_what=f"@{actor.handle}").select_related("group").order_by("id")
    listed = Look.filter(group_id__in=ids, at_what__in=["list", "export"]).select_related("group") if ids else None
    rows = sorted([*alone, *(await listed if listed is not None else [])], key=lambda row: row.id)
    return [{"group.uri": row.group.uri, "at_what": row.at_what, "at": _plain(row.at)} for row in rows]


def as_json(found: Known) -> bytes:
    """Write what is known as JSON: {part: [{field: value}]}."""
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def as_csv(found: Known) -> str:
    """Write what is known as CSV: one line a value."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(("part", "number", "field", "value"))
    for name, rows in found.items():
        for number, row in enumerate(rows, 1):
            lines.writerows((name, str(number), field, safe_cell(_cell(item))) for field, item in row.items())
    return out.getvalue()


def _plain(item: Any) -> Any:
    """Give a value as JSON has it."""
    if isinstance(item, datetime):
        return item.isoformat()
    return item.value if isinstance(item, Enum) else item


def _cell(item: Any) -> str:
    if item is None:
        return ""
    return orjson.dumps(item).decode() if isinstance(item, list | Mapping | bool) else str(item)
