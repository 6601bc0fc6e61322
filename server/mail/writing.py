"""Writing a letter: plain text first, and the same as HTML, which shows no picture and fetches nothing.

A template is plain text: the first line is the subject, a paragraph follows each empty line, and one that is nothing but
an address becomes a link.
"""

import re
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("fr", "en")
_BLANK_LINES = re.compile(r"\n\s*\n")
POLICY = SMTP.clone(cte_type="7bit")

_HTML = (
    '<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n<title>{subject}</title>\n</head>\n'
    '<body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">\n{paragraphs}\n</body>\n</html>\n'
)


def write(template: str, language: str, to: str, **values: str) -> EmailMessage:
    """Write a letter from a template, "confirm" and the like, in French or, where the reader wishes it, in English."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    subject, text = words(template, language, **values)
    message = EmailMessage(POLICY)
    message["To"] = to
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
    message.set_content(f"{text}\n")
    message.add_alternative(in_html(text, subject, language), subtype="html")
    message["Content-Language"] = language
    return message


def words(template: str, language: str, **values: str) -> tuple[str, str]:
    """Say what a template says: (subject, text). A value is one line, whatever it was."""
    clean = {name: " ".join(value.split()) for name, value in values.items()}
    subject, _, text = _environment().get_template(f"{template}.{language}.txt").render(clean).partition("\n")
    return subject.strip(), _BLANK_LINES.sub("\n\n", text).strip()


def in_html(text: str, subject: str, language: str) -> str:
    """Write the paragraphs of a plain text as HTML."""
    paragraphs = [paragraph.strip() for paragraph in text.split("\n\n") if paragraph.strip()]
    written = "\n".join(f"<p>{_linked(paragraph)}</p>" for paragraph in paragraphs)
    return _HTML.format(language=language, subject=escape(subject), paragraphs=written)


def _linked(paragraph: str) -> str:
    shown = escape(paragraph)
    if paragraph.startswith(("https://", "http://")) and len(paragraph.split()) == 1:
        return f'<a href="{shown}">{shown}</a>'
    return shown.replace("\n", "<br>\n")


@cache
def _environment() -> Environment:
    return Environment(  # noqa: S701 - plain text; the HTML is escaped above
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
