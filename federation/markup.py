"""What a member writes, as HTML, and what it names: other actors and hashtags.

Members write plain text. A blank line starts a paragraph, a newline breaks the line, http and https URLs become
links, `@user`, `@user@host` and `#tag` become what Mastodon makes of them. Nothing inside a URL or an e-mail
address is a mention.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from itertools import chain, groupby

from federation import sanitise

MAX_TAG_CHARS = 100
MAX_SHOWN_URL_CHARS = 30
CHARACTERS_OF_A_URL = 23
MAX_URL_CHARACTERS = 2048


def _mark_ranges() -> str:
    """List, for a character class, the combining marks: accents typed apart, Indic vowel signs, Hebrew points.

    They belong to a word though \\w does not know them. Those of emoji (U+20D0 on, U+FE00 on) do not.
    """
    blocks = chain(range(0x0300, 0x20D0), range(0x3099, 0x309B), range(0xA66F, 0xAC00), range(0xFE20, 0xFE30))
    marks = (code for code in blocks if unicodedata.category(chr(code)) in {"Mn", "Mc"})
    runs = ([code for _, code in run] for _, run in groupby(enumerate(marks), lambda pair: pair[1] - pair[0]))
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)


_WORD = rf"[\w{_mark_ranges()}]"
# Mastodon takes these inside a hashtag: the point of "adhérent·e", its Japanese sister, the joiner of Persian.
_TAG_BODY = rf"{_WORD}(?:{_WORD}|[·・\u200c](?={_WORD})){{0,{MAX_TAG_CHARS - 1}}}+(?!{_WORD})"
_URL_CHARACTER = r"[^\s<>\"«»“”„`\\^{}|()\[\]]"
# Brackets belong to a URL when they close in it, punctuation when something follows it.
_URL = (
    rf"(?<!\w)https?://(?:{_URL_CHARACTER}|\((?:{_URL_CHARACTER})*+\)|\[(?:{_URL_CHARACTER})*+\])+"
    r"(?<![.,;:!?'’…*~])"
)
# Left as they are, whole: other schemes, and a bare host with a path, may hold an @ or a # that names nobody.
_OTHER_ADDRESS = (
    r"(?<![a-z0-9])[a-z][a-z0-9]{0,19}+://[^\s<>\"]+(?<![.,)])"
    r"|(?<![\w.-])[\w-]++(?:\.[\w-]++)++[/?#][^\s<>\"]*(?<![.,)])"
)
_USERNAME = r"[A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+"
_HOST = r"\w++(?:[.-]++\w++)*+(?::[0-9]{1,5}(?!\w))?+"
_MENTION = rf"(?<![\w@/\\=+%~&$#])@{_USERNAME}(?:@{_HOST})?+(?![\w@])"
_HASHTAG = rf"(?<![\w/=&#＃])[#＃]{_TAG_BODY}"
_NAMED = re.compile(f"{_URL}|{_OTHER_ADDRESS}|{_MENTION}|{_HASHTAG}", re.IGNORECASE)

_TAG_NAME = re.compile(_TAG_BODY)
_URL_START = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class MentionLink:
    """An actor as a post names it: `url` is the page a reader opens, `username` what stands after the @."""

    uri: str
    url: str
    username: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The clean HTML of a text; whom it mentions, once per `uri`; its tags, as first written, once per normalised tag."""

    html: str
    mentions: tuple[MentionLink, ...]
    tags: tuple[str, ...]


def render(text: str, *, mention: Callable[[str], MentionLink | None], tag_url: Callable[[str], str]) -> Rendered:
    """Turn what a member wrote into HTML that sanitise.post_html leaves unchanged.

    `mention` gets a name as find_mentions() gives it and answers None for one that stays plain text; `tag_url` gets
    a normalised tag. Neither may use the network: look the actors up first.
    """
    writer = _Writer(mention, tag_url)
    paragraphs = (paragraph.strip() for paragraph in _BLANK_LINES.split(_lines(text)))
    written = "".join(
        f"<p>{sanitise.linkify(paragraph, _NAMED, writer.link)}</p>" for paragraph in paragraphs if paragraph
    )
    html = sanitise.post_html(written.replace("\n", "<br>"))
    return Rendered(html, tuple(writer.mentions.values()), tuple(writer.tags.values()))


def find_mentions(text: str) -> list[str]:
    """List whom a text names, once each, in order: "user" for someone here, "user@host" with the host in lower case."""
    matches = (match[0] for match in _NAMED.finditer(_lines(text)))
    return list(dict.fromkeys(_mentioned(found) for found in matches if found.startswith("@")))


def counted(text: str) -> int:
    """Count the characters of a text as Mastodon and its apps do: a URL for 23, a name without the server behind it.

    A URL that is longer than any is counted in full.   Source: docs.joinmastodon.org/user/posting/#text
    """
    return len(_NAMED.sub(_counted, _lines(text)))


def _counted(match: re.Match[str]) -> str:
    found = match[0]
    if found.startswith("@"):
        return "@" + found[1:].partition("@")[0]
    is_url = _URL_START.match(found) is not None and len(found) <= MAX_URL_CHARACTERS
    return "-" * CHARACTERS_OF_A_URL if is_url else found


def normalise_tag(name: str) -> str:
    """Make the spellings of a hashtag one: no #, NFKC, no capitals; accents stay, for "sale" is not "salé"."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return re.sub(r"^[\s#]+", "", folded).rstrip()


def canonical_tag(text: str) -> str | None:
    """Read a hashtag, with or without its #, in its canonical form; None where a text would bear no such hashtag."""
    tag = normalise_tag(text)
    is_tag = len(tag) <= MAX_TAG_CHARS and _TAG_NAME.fullmatch(tag) and any(map(str.isalpha, tag))
    return tag if is_tag else None


@dataclass(slots=True)
class _Writer:
    """Write each link of one text, and remember whom and what it named."""

    mention: Callable[[str], MentionLink | None]
    tag_url: Callable[[str], str]
    mentions: dict[str, MentionLink] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def link(self, found: str) -> str | None:
        if found[0] == "@":
            return self._mention(found)
        return self._hashtag(found) if found[0] in "#＃" else _url(found)

    def _mention(self, found: str) -> str | None:
        actor = self.mention(_mentioned(found))
        if actor is None or sanitise.safe_url(actor.url) is None:
            return None
        self.mentions.setdefault(actor.uri, actor)
        shown = escape(actor.username)
        link = f'<a href="{escape(actor.url)}" class="u-url mention">@<span>{shown}</span></a>'
        return f'<span class="h-card" translate="no">{link}</span>'

    def _hashtag(self, found: str) -> str | None:
        if (tag := canonical_tag(found)) is None:
            return None
        url = sanitise.safe_url(self.tag_url(tag))
        if url is None:
            return None
        self.tags.setdefault(tag, found[1:])
        shown = escape(found[1:])
        return f'<a href="{escape(url)}" class="mention hashtag" rel="tag">#<span>{shown}</span></a>'


def _lines(text: str) -> str:
    return re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text).strip()


def _mentioned(found: str) -> str:
    username, at, host = found[1:].partition("@")
    return username + at + host.lower()


def _url(found: str) -> str | None:
    """Link a URL as Mastodon does: scheme and www. hidden, the first MAX_SHOWN_URL_CHARS shown, the rest hidden."""
    start = _URL_START.match(found)
    if start is None or sanitise.safe_url(found) is None:
        return None
    shown = found[start.end() : start.end() + MAX_SHOWN_URL_CHARS]
    rest = found[start.end() + MAX_SHOWN_URL_CHARS :]
    middle = f'<span class="ellipsis">{escape(shown)}</span>' if rest else f"<span>{escape(shown)}</span>"
    end = f'<span class="invisible">{escape(rest)}</span>' if rest else ""
    return f'<a href="{escape(found)}"><span class="invisible">{start[0]}</span>{middle}{end}</a>'
