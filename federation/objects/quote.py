"""What a post quotes, in every spelling, the consent to it, and who may quote without being asked about.

Source: FEP-044f (quote, quoteAuthorization, QuoteRequest, QuoteAuthorization); GoToSocial (interactionPolicy); Misskey
(`_misskey_quote`, `quoteUrl`), Fedibird (`quoteUri`), FEP-e232 (a Link among the tags) for the older spellings.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from federation import vocabulary
from federation.jsonld import Json, each, is_uri, text_of, type_of, uri_of, uris_of
from federation.uris import same_origin
from models.actor import Actor
from models.post import OPEN, Post, QuotePolicy
from models.quote import Quote, QuoteState

OLDER_SPELLINGS = ("quoteUrl", "quoteUri", "_misskey_quote")
MAX_LAST_LINE_CHARACTERS = 5000
MISSKEY_REL = "https://misskey-hub.net/ns#_misskey_quote"
AGREED_TO_OR_OPEN = (QuoteState.UNASKED, QuoteState.REQUESTED, QuoteState.ACCEPTED)

_INLINE = re.compile(r'<(p|span)\b[^>]*\bclass="(?:[^"]* )?quote-inline(?: [^"]*)?"[^>]*>')
_LAST_LINE = re.compile(
    r"RE:\s*+(</span>)?\s*+(?:<span[^>]*>)?"
    r'<a\b[^>]*\bhref="([^"]*)"[^>]*>(?:(?!</a>).)*</a>((?:</span>)*)</p>\s*\Z',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class ReadQuote:
    """A quote read from JSON: what it names, the stamp of consent if any; `knows_consent` is false for older spellings."""

    uri: str
    authorization_uri: str | None
    knows_consent: bool


def read(document: Json) -> ReadQuote | None:
    """Read what a post quotes; None where it quotes nothing, or itself."""
    own_uri = document.get("id")
    if (uri := uri_of(document.get("quote"))) is not None and uri != own_uri:
        return ReadQuote(uri, uri_of(document.get("quoteAuthorization")), knows_consent=True)
    older = [uri_of(document.get(name)) for name in OLDER_SPELLINGS] + [
        _linked(tag) for tag in each(document.get("tag"))
    ]
    found = next((uri for uri in older if uri is not None and uri != own_uri), None)
    return ReadQuote(found, None, knows_consent=False) if found else None


def _linked(tag: Any) -> str | None:
    """Give what a tag of FEP-e232 links to: an object, in ActivityPub's own media type or by Misskey's relation."""
    if not isinstance(tag, dict) or type_of(tag) != "Link" or not is_uri(href := tag.get("href")):
        return None
    media_type = text_of(tag.get("mediaType")).replace(" ", "")
    is_object = media_type in (vocabulary.LD_JSON.replace(" ", ""), vocabulary.ACTIVITY_JSON)
    return href if is_object or MISSKEY_REL in each(tag.get("rel")) else None


def read_policy(document: Json, author: Actor) -> QuotePolicy:
    """Read who may quote a post without being asked about; everybody, where it does not say."""
    policy = document.get("interactionPolicy")
    rule = policy.get("canQuote") if isinstance(policy, dict) else None
    if not isinstance(rule, dict):
        return QuotePolicy.EVERYBODY
    granted = uris_of(rule.get("automaticApproval"))
    if not vocabulary.PUBLIC_SPELLINGS.isdisjoint(granted):
        return QuotePolicy.EVERYBODY
    return QuotePolicy.FOLLOWERS if author.followers_uri in granted else QuotePolicy.NOBODY


def write_policy(post: Post, author: Actor) -> Json:
    """Write who may quote a post of ours; what is not open is quoted by nobody else."""
    granted = author.uri
    if post.visibility in OPEN and post.quote_policy is QuotePolicy.EVERYBODY:
        granted = vocabulary.PUBLIC
    elif post.visibility in OPEN and post.quote_policy is QuotePolicy.FOLLOWERS and author.followers_uri:
        granted = author.followers_uri
    return {"interactionPolicy": {"canQuote": {"automaticApproval": [granted]}}}


def write(document: Json, quote: Quote, page_url: str) -> Json:
    """Add to a written post of ours what it quotes. `page_url` is where people read that, for programs without quotes.

    Where its author does not agree, only those learn what is quoted who know that it needs consent.
    """
    link = f'<a href="{escape(page_url)}">{escape(page_url)}</a>'
    document = document | {
        "quote": quote.quoted_uri,
        "content": f'{document["content"]}<p class="quote-inline">RE: {link}</p>',
    }
    if languages := document.get("contentMap"):
        document["contentMap"] = dict.fromkeys(languages, document["content"])
    tag = {
        "type": "Link",
        "mediaType": vocabulary.LD_JSON,
        "rel": MISSKEY_REL,
        "href": quote.quoted_uri,
        "name": f"RE: {page_url}",
    }
    document |= dict.fromkeys(OLDER_SPELLINGS, quote.quoted_uri) | {"tag": [*document["tag"], tag]}
    return with_consent(document, quote)


def with_consent(document: Json, quote: Quote) -> Json:
    """Bring a written quote up to what its author said of it."""
    document = {name: value for name, value in document.items() if name != "quoteAuthorization"}
    if quote.state is QuoteState.ACCEPTED and quote.authorization_uri:
        document["quoteAuthorization"] = quote.authorization_uri
    if quote.state in AGREED_TO_OR_OPEN:
        return document
    document = {name: value for name, value in document.items() if name not in OLDER_SPELLINGS}
    return document | {"tag": [tag for tag in each(document.get("tag")) if _linked(tag) is None]}


def write_authorization(uri: str, author_uri: str, quoting_uri: str, quoted_uri: str) -> Json:
    """Write the stamp by which the author of a post agrees to a quote of it."""
    return {
        "@context": vocabulary.AUTHORIZATION_CONTEXT,
        "id": uri,
        "type": "QuoteAuthorization",
        "attributedTo": author_uri,
        "interactingObject": quoting_uri,
        "interactionTarget": quoted_uri,
    }


def is_authorization(stamp: Json, uri: str, *, author_uri: str, quoting_uri: str, quoted_uri: str) -> bool:
    """Whether this document, served as `uri`, is the quoted author's consent to this very quote."""
    return (
        type_of(stamp) == "QuoteAuthorization"
        and stamp.get("id") == uri
        and same_origin(uri, author_uri)
        and uri_of(stamp.get("attributedTo")) == author_uri
        and uri_of(stamp.get("interactingObject")) == quoting_uri
        and uri_of(stamp.get("interactionTarget")) == quoted_uri
    )


def without_fallback(html: str, quoted_urls: Collection[str]) -> str:
    """Take out of a cleaned post the line that stands for its quote where programs cannot show one.

    It bears the class `quote-inline`, or is a last line "RE: link" to one of `quoted_urls`.
    """
    while (start := _INLINE.search(html)) is not None:
        html = _joined(html[: start.start()], html[_end_of(html, start) :])
    tail_at = max(0, len(html) - MAX_LAST_LINE_CHARACTERS)
    last = _LAST_LINE.search(html, tail_at)
    if last is not None and unescape(last[2]) in quoted_urls:
        html = _joined(html[: last.start()], f"{last[1] or last[3]}</p>")
    return html


def _joined(before: str, after: str) -> str:
    """Join what stood around a line that was taken out, without the breaks before it or a paragraph left empty."""
    if not after.startswith("</"):
        return before + after
    end = len(before)
    while end and (before.endswith("<br>", 0, end) or before[end - 1].isspace()):
        end -= 4 if before.endswith("<br>", 0, end) else 1
    if before.endswith("<p>", 0, end) and after.startswith("</p>"):
        return before[: end - 3] + after[4:]
    return before[:end] + after


def _end_of(html: str, start: re.Match[str]) -> int:
    """Find where the element ends that begins at `start`; at the end, where it is not closed."""
    depth = 1
    for tag in re.compile(rf"<(/?){start[1]}\b[^>]*>").finditer(html, start.end()):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(html)
