"""The terms of use of this server: its administrator writes them, they hold from a day on, and everybody may read them."""

from dataclasses import dataclass
from datetime import date

from federation import markup
from models.setting import Setting
from server.errors import Invalid, NotFound

SETTING = "terms"
MAX_CHARACTERS = 50_000
MAX_KEPT = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of use as they hold from a day on, as they were typed."""

    since: date
    text: str


async def all_terms() -> list[Terms]:
    """Give all terms that were published, the newest first."""
    rows = await Setting.read(SETTING, [])
    found = [Terms(date.fromisoformat(row["since"]), row["text"]) for row in rows]
    return sorted(found, key=lambda one: one.since, reverse=True)


async def current(today: date) -> Terms | None:
    """Give the terms that hold today; those to come, where there were none before; None where there are none at all."""
    found = await all_terms()
    return next((one for one in found if one.since <= today), found[-1] if found else None)


async def publish(text: str, since: date) -> None:
    """Publish terms that hold from a day on; those published for that day before are replaced.

    Raises:
        Invalid: they say nothing, or too much, or there are enough.
    """
    text = text.strip()
    if not 0 < len(text) <= MAX_CHARACTERS:
        raise Invalid(f"Terms have between 1 and {MAX_CHARACTERS:,} characters.")
    kept = [one for one in await all_terms() if one.since != since]
    if len(kept) >= MAX_KEPT:
        raise Invalid(f"{MAX_KEPT} versions of the terms are enough: withdraw one first.")
    await _write([*kept, Terms(since, text)])


async def withdraw(since: date) -> None:
    """Take the terms of a day away.

    Raises:
        NotFound: there are none.
    """
    found = await all_terms()
    kept = [one for one in found if one.since != since]
    if len(kept) == len(found):
        raise NotFound(f"There are no terms that hold from {since} on.")
    await _write(kept)


async def _write(terms: list[Terms]) -> None:
    await Setting.write(SETTING, [{"since": one.since.isoformat(), "text": one.text} for one in terms])


def as_html(text: str) -> str:
    """Write plain text as HTML: paragraphs, lines and links; nobody is named in it."""
    return markup.render(text, mention=lambda _: None, tag_url=lambda _: "").html
