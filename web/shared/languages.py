"""The languages of the pages: which one a visitor reads, and the sentences in it."""

import re
from functools import lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("fr", "en")
DEFAULT = "fr"
MAX_HEADER_CHARACTERS = 512
LOCALES = Path(__file__).parents[1] / "locales"
DOMAIN = "coopole"

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


@lru_cache(maxsize=1024)
def negotiate(accept_language: str) -> str:
    """Choose the language of a page from an Accept-Language header: the one wished for most, French where none is ours.

    Source: RFC 9110 §12.5.4.
    """
    wishes: dict[str, float] = {}
    for item in accept_language[:MAX_HEADER_CHARACTERS].split(","):
        if found := _RANGE.fullmatch(item):
            language = DEFAULT if found[1] == "*" else found[1].lower()
            wishes.setdefault(language, min(float(found[2] or 1), 1.0))
    ours = [language for language in wishes if language in LANGUAGES and wishes[language] > 0]
    return max(ours, key=lambda language: wishes[language], default=DEFAULT)


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> GNUTranslations:
    """Load the sentences of a language: compiled where a .mo file lies beside the .po file, else from that."""
    folder = LOCALES / language / "LC_MESSAGES"
    compiled = folder / f"{DOMAIN}.mo"
    if compiled.is_file():
        return GNUTranslations(BytesIO(compiled.read_bytes()))
    with (folder / f"{DOMAIN}.po").open("rb") as source:
        catalog = read_po(source, locale=language, domain=DOMAIN)
    buffer = BytesIO()
    write_mo(buffer, catalog)
    buffer.seek(0)
    return GNUTranslations(buffer)


def translate(sentence: str, language: str) -> str | None:
    """Give an English sentence of the code in a language; None where it is not one that the pages know."""
    is_known = bool(sentence) and translations("fr").gettext(sentence) != sentence
    return translations(language).gettext(sentence) if is_known else None
