"""The one gate for HTML: what other servers send and what members write become safe here, or nowhere.

Only this module imports nh3, on which safety rests, and bleach, which merely finds links in plain text.
Each gate answers a fixed point: parsing its answer and writing it again changes nothing, so that a browser
reads exactly the tree that was judged, and cleaning twice is cleaning once.
"""

import html as entities
import re
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address
from typing import Any, cast
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import nh3
from bleach.linkifier import LinkifyFilter

MAX_POST_CHARS = 100_000
MAX_NOTE_CHARS = 20_000
MAX_FIELD_CHARS = 4_000
MAX_NAME_CHARS = 200
MAX_URL_CHARS = 2048

# The parser rebuilds open formatting in every paragraph and searches open blocks at every tag: the product of the
# two, not the length of the text, is what a hostile post can make costly. Both factors are bounded.
MAX_TAGS = 4000
MAX_STYLED_TAGS = 40
MAX_ROUNDS = 10

# A page, a letter or a conversation: all open on a click only, and none runs a script here.
SCHEMES = {"http", "https", "mailto", "xmpp", "gemini"}
CLASSES = {"mention", "hashtag", "u-url", "h-card", "invisible", "ellipsis", "quote-inline"}
LINK_REL = "nofollow noopener noreferrer ugc"

FIELD_TAGS = {"a", "b", "br", "code", "del", "em", "i", "s", "span", "strong", "u"}
NOTE_TAGS = FIELD_TAGS | {"blockquote", "li", "ol", "p", "pre", "ul"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
POST_TAGS = NOTE_TAGS | HEADINGS | {"rp", "rt", "ruby"}

_PARAGRAPHS = HEADINGS | {"blockquote", "dl", "figure", "hr", "ol", "p", "pre", "table", "ul"}
_LINES = {"address", "article", "aside", "caption", "center", "dd", "details", "div", "dt", "fieldset", "figcaption"}
_LINES |= {"footer", "form", "header", "li", "main", "nav", "section", "summary", "tr"}
_CELLS = {"td", "th"}
_BLOCKS = _PARAGRAPHS | _LINES | _CELLS
_DROPPED_WHOLE = {"applet", "audio", "canvas", "embed", "iframe", "math", "noembed", "noframes", "noscript", "object"}
_DROPPED_WHOLE |= {"plaintext", "script", "select", "style", "svg", "template", "textarea", "title", "video", "xmp"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "translate"},
    "a": {"class", "href", "rel"},
    "img": {"alt", "src"},
    "li": {"value"},
    "ol": {"start"},
    "p": {"class"},
    "span": {"class"},
}
_VALUES = {
    "dir": re.compile(r"ltr|rtl|auto"),
    "lang": re.compile(r"[A-Za-z0-9-]{1,35}"),
    "translate": re.compile(r"yes|no"),
    "start": re.compile(r"-?[0-9]{1,9}"),
    "value": re.compile(r"-?[0-9]{1,9}"),
}
_FORMATTING = re.compile(r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/][^>]*>?", re.IGNORECASE)
_CUT_ENTITY = re.compile(r"&[#\w]{0,31}\Z")
# How nh3 writes a tag: lower case, double quotes, and no bare < or > in a value. Exact on its output, on no other.
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
# A parser drops the first newline of <pre>, one more at each reading.
_PRE_START = re.compile(r'(<pre(?: [a-z]+="[^"]*")*>)\n+')
_LINK_WITHOUT_REL = re.compile(r'<a((?: (?!rel=)[a-z]+="[^"]*")*)>')

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BIDI_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_LINE_ENDS = re.compile("[\r\u2028\u2029]")
_NOT_IN_URI = re.compile(r"[^!#-;=?-\[\]_a-z~]+")
_NOT_IN_URL = re.compile(r"""[\s"<>\\]|""" + _CONTROLS.pattern + "|" + _BIDI_OVERRIDES.pattern)
_HOST = re.compile(rb"[A-Za-z0-9_-][A-Za-z0-9._-]*")
# Zero-width and blank-looking characters. The joiners (ZWNJ, ZWJ) have honest work between two letters or emoji,
# the tag characters after a black flag (Scotland, Wales): one by one they stay.
_UNSEEN = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f)"
    "|[\u00ad\u034f\u115f\u1160\u180b-\u180e\u200b\u200e\u200f\u061c\u2028\u2029\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
    "|[\u200c\u200d]{2,}|(?:^|(?<=\\s))[\u200c\u200d]|[\u200c\u200d](?=\\s|$)"
)


class _Gate:
    """One allow-list: its nh3 cleaners, built once, and the passes that make the answer final.

    `rels` are the words of `rel` that say what a link is and may stay beside LINK_REL.
    """

    def __init__(self, tags: set[str], rels: set[str], max_chars: int) -> None:
        self._rels = rels
        self._max_chars = max_chars
        self._foreign = (_BLOCKS | {"img"}) - tags
        self._has_foreign = re.compile(rf"<(?:{'|'.join(sorted(self._foreign))})\b", re.IGNORECASE)
        self._strict = _cleaner(tags, self._attribute)
        self._wide = _cleaner(tags | self._foreign, self._attribute)
        self._reader = _cleaner(tags, None)  # reads back what has passed; without Python in it, twice as fast

    def clean(self, html: str) -> str:
        """Return the safe part of `html`, at most `max_chars` long and unchanged by a second cleaning."""
        html = _bounded(html, self._max_chars)
        if self._has_foreign.search(html):
            html = "".join(_translated(self._wide.clean(html), self._foreign))
        for _ in range(MAX_ROUNDS):
            bounded = _bounded(html, self._max_chars)
            cleaned = self._once(bounded)
            excess = max(len(cleaned) / self._max_chars, cleaned.count("<") / MAX_TAGS)
            if excess > 1:
                html = _bounded(bounded, int(0.9 * len(bounded) / excess))  # the head may be the costly part
            elif self._reader.clean(_bounded(cleaned, self._max_chars)) == cleaned:
                return cleaned
            else:
                html = cleaned
        return self._once(entities.escape(plain_text(html)[: self._max_chars // 6], quote=False))

    def _once(self, html: str) -> str:
        cleaned = _CONTROLS.sub("", self._strict.clean(html)).replace("\r", "\n")
        return _LINK_WITHOUT_REL.sub(rf'<a\1 rel="{LINK_REL}">', _PRE_START.sub(r"\1", cleaned))

    def _attribute(self, _tag: str, name: str, value: str) -> str | None:
        """Answer the value an attribute keeps, or None to drop it; nh3 has judged the URLs already."""
        if name == "class" and value not in CLASSES:
            return " ".join(word for word in value.split() if word in CLASSES) or None
        if name == "rel":
            return " ".join([*sorted(self._rels & set(value.lower().split())), LINK_REL])
        if name in _VALUES:
            return value if _VALUES[name].fullmatch(value) else None
        return value


def _cleaner(tags: set[str], attribute_filter: Callable[[str, str, str], str | None] | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        attributes={tag: names for tag, names in _ATTRIBUTES.items() if tag == "*" or tag in tags},
        attribute_filter=attribute_filter,
        clean_content_tags=_DROPPED_WHOLE,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel=None,
    )


def post_html(html: str) -> str:
    """Clean the content of a post, from another server or from here.

    Keeps what Mastodon's clients show: paragraphs, lists, headings at their level, quotes, code, emphasis, ruby and
    links; an image becomes its description, or a link; other blocks become line breaks. Every link carries LINK_REL,
    a hashtag also `tag`. No `target`: the reader decides where a page opens.
    """
    return _POST.clean(html)


def actor_note_html(html: str) -> str:
    """Clean the presentation an actor writes of itself: as a post, without headings; `rel="me"` stays."""
    return _NOTE.clean(html)


def field_value_html(html: str) -> str:
    """Clean the value of a profile field: one or two lines of text and links; `rel="me"` stays."""
    return _FIELD.clean(html)


def words_of(html: str) -> str:
    """Read the words of HTML that has passed a gate: as `plain_text`, but for its lines, in a tenth of the time."""
    text = _TAG.sub(_between_words, html)
    return entities.unescape(text) if "&" in text else text


def _between_words(tag: re.Match[str]) -> str:
    return " " if tag[2] in _BLOCKS or tag[2] == "br" else ""


def plain_text(html: str) -> str:
    """Read the text of an HTML fragment, for feeds, titles, e-mails and content warnings.

    The end of a block or a <br> is a newline, the end of a paragraph a blank line; entities are decoded, images give
    their description; control and bidi-override characters are gone. The answer is text: escape it before showing it.
    """
    if not html:  # as most titles and warnings are
        return ""
    parts: list[str] = []
    newlines = pre_depth = 0
    for text, slash, name, attributes in _pieces(_TEXT.clean(_bounded(html, MAX_POST_CHARS))):
        text += dict(_ATTRIBUTE.findall(attributes)).get("alt", "") if name == "img" else ""
        if text.strip():
            parts.append("\n" * newlines)
            newlines = 0
        parts.append(text if pre_depth else _BLANKS.sub(" ", text))
        if name == "pre":
            pre_depth += -1 if slash else 1
        if name in _CELLS:
            parts.append(" ")
        elif name == "br":
            newlines += 1
        elif name in _BLOCKS:
            newlines = max(newlines, 2 if name in _PARAGRAPHS else 1)
    text = _LINE_ENDS.sub("\n", entities.unescape("".join(parts)))
    text = _BIDI_OVERRIDES.sub("", _CONTROLS.sub("", text))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def display_name(text: str, *, max_chars: int = MAX_NAME_CHARS) -> str:
    """Read a name fit to stand in a line of ours: no markup, nothing unseen, no run of spaces, at most `max_chars`.

    May be empty: the caller falls back on the actor's username.
    """
    name, before = plain_text(text[: 10 * max_chars]), None
    while name != before:
        before = name
        name = " ".join(_UNSEEN.sub(r"\1", name).split())[:max_chars]
    return name


def safe_url(url: str | None) -> str | None:
    """Answer `url` itself if it is an absolute http or https URL that hides nothing, else None.

    Hidden things: user and password, control characters, spaces, quotes, angle brackets, backslashes (which
    browsers read as slashes), bidi overrides, a host or port that is none.
    """
    if url is None or len(url) > MAX_URL_CHARS or _NOT_IN_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
        host = parts.hostname or ""
        is_host = bool(IPv6Address(host) if ":" in host else _HOST.fullmatch(host.encode("idna")))
    except ValueError:  # AddressValueError and UnicodeError are both
        return None
    return url if is_host and parts.scheme in {"http", "https"} and "@" not in parts.netloc else None


def ascii_url(url: str | None) -> str | None:
    """Answer what `safe_url` does, in the characters that RFC 3986 knows: some clients read no others, and give up a page.

    A host is written as DNS has it, everything else in percent.   Source: RFC 3987 §3.1
    """
    if (safe := safe_url(url)) is None or not _NOT_IN_URI.search(safe):
        return safe
    parts = urlsplit(safe)
    host = parts.netloc if parts.netloc.isascii() else _ascii_host(parts)
    written = urlunsplit((parts.scheme, host, *(_NOT_IN_URI.sub(_in_percent, part) for part in parts[2:])))
    return written if len(written) <= MAX_URL_CHARS else None


def _ascii_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").encode("idna").decode()
    return f"{host}:{parts.port}" if parts.port is not None else host


def _in_percent(match: re.Match[str]) -> str:
    return quote(match[0])


def linkify(text: str, pattern: re.Pattern[str], link: Callable[[str], str | None]) -> str:
    """Turn plain text into HTML, not yet clean: what matches `pattern` becomes what `link` answers.

    `link` gets the matched text and answers HTML, or None to leave the text as it is. All else is escaped.
    """

    def on_match(attributes: Any, _is_new: bool = True) -> Any:
        markup = link(attributes["_text"])
        return None if markup is None else {"_text": markup}

    # bleach filters the tokens of a parsed page; plain text is a single token, and only its link finder is wanted.
    finder = LinkifyFilter(cast("Any", ()), callbacks=[on_match], url_re=pattern)
    parts: list[str] = []
    in_link = False
    for token in finder.handle_links(iter([{"type": "Characters", "data": text}])):
        if token["type"] == "Characters":
            parts.append(token["data"] if in_link else entities.escape(token["data"], quote=False))
        in_link = token["type"] == "StartTag"
    return "".join(parts)


def _bounded(html: str, max_chars: int) -> str:
    """Cut at `max_chars` and MAX_TAGS, drop what UTF-8 and XML forbid, and tame formatting past MAX_STYLED_TAGS."""
    html = _CONTROLS.sub("", html.replace("\f", " "))
    if len(html) > max_chars:
        html = _CUT_ENTITY.sub("", html[:max_chars])  # a tag cut short is dropped by the parser, an entity is not
    if html.count("<") <= MAX_STYLED_TAGS:
        return html
    html = "<".join(html.split("<", MAX_TAGS + 1)[: MAX_TAGS + 1])
    if sum(1 for _ in _FORMATTING.finditer(html)) > MAX_STYLED_TAGS:
        html = _FORMATTING.sub(r"<\1>", html)
    return html


def _pieces(canonical: str) -> Iterator[tuple[str, str, str, str]]:
    """Walk HTML that nh3 wrote: (text, slash, tag, attributes), the last tag empty."""
    parts = [*_TAG.split(canonical), "", "", ""]
    return zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True)


def _translated(canonical: str, foreign: set[str]) -> Iterator[str]:
    """Write foreign blocks as the breaks they make between words, images as their description or a link."""
    owed, is_inline, in_link = "", False, False
    for text, slash, name, attributes in _pieces(canonical):
        if text.strip():
            yield owed
            owed, is_inline = "", True
        yield text
        if name == "img":
            yield owed + _image(attributes, in_link)
            owed, is_inline = "", True
        elif name in foreign:
            if is_inline or owed:
                owed = (owed or " ") if name in _CELLS else "<br>"
            is_inline = False
        elif name:
            in_link = not slash if name == "a" else in_link
            if name in _BLOCKS or name == "br":
                owed, is_inline = "", False
            elif not slash:
                yield owed
                owed = ""
            yield f"<{slash}{name}{attributes}>"


def _image(attributes: str, in_link: bool) -> str:
    values: dict[str, str] = dict(_ATTRIBUTE.findall(attributes))
    alt, source = values.get("alt", "").strip(), values.get("src", "")
    return alt or (source if in_link or not source else f'<a href="{source}">{source}</a>')


_POST = _Gate(POST_TAGS, {"tag"}, MAX_POST_CHARS)
_NOTE = _Gate(NOTE_TAGS, {"me", "tag"}, MAX_NOTE_CHARS)
_FIELD = _Gate(FIELD_TAGS, {"me"}, MAX_FIELD_CHARS)
_TEXT = _cleaner(_BLOCKS | {"br", "img"}, None)
