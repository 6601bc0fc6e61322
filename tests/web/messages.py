"""Every sentence that pages may show: those of the templates, and those of the errors that may reach a page."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

ROOT = Path(__file__).parents[2]
ERRORS = ("Conflict", "Forbidden", "Gone", "Invalid", "NotFound", "SetupRefused", "TooLarge", "TooMany", "Unavailable")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), **dict.fromkeys(ERRORS)}
ROOMS_OF_PAGES = (
    "server/consents",
    "server/contacts",
    "server/events",
    "server/filters",
    "server/follows",
    "server/lists",
    "server/mail",
    "server/media",
    "server/members",
    "server/oauth",
    "server/passkeys",
    "server/posts",
    "server/privacy",
    "server/reports",
    "server/search",
    "server/second_step",
    "server/sections",
    "server/sessions",
    "server/sign_up",
    "server/tags",
    "web",
)


def extracted() -> Catalog:
    """The catalogue that the code asks for."""
    catalog = Catalog()
    for room in ROOMS_OF_PAGES:
        for path in sorted((ROOT / room).rglob("*")):
            method = {".py": "python", ".html": "jinja2.ext:babel_extract", ".xml": "jinja2.ext:babel_extract"}.get(
                path.suffix
            )
            if method is None:
                continue
            options = {"trimmed": "false", "silent": "false"} if method != "python" else {}
            for line, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS, options=options):
                catalog.add(message, locations=[(path.relative_to(ROOT).as_posix(), line)])
    return catalog
