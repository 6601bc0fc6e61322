"""What a post quotes, in every spelling, and the consent to it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import sanitise
from federation.naming import Names
from federation.objects import note, quote
from federation.vocabulary import ACTIVITY_JSON, LD_JSON, PUBLIC
from models.actor import Actor
from models.post import Post, QuotePolicy, Visibility
from models.quote import Quote, QuoteState

NAMES = Names("https://lille.test")
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
ZOE = Actor(uri=NAMES.actor(1), username="zoe", followers_uri=f"{NAMES.actor(1)}/followers")
FAR, PAGE = "https://far.test/notes/1", "https://far.test/@noor/1"
STAMP = "https://far.test/stamps/1"

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(FAR),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "href", "rel", "mediaType", "canQuote", "automaticApproval"]), inner
        )
    ),
    max_leaves=8,
)


def link(**more: Any) -> dict[str, Any]:
    return {"tag": [{"type": "Link", "href": FAR, "name": "RE: x", **more}]}


# Reading


@pytest.mark.parametrize(
    "document",
    [
        {"quoteUrl": FAR},
        {"quoteUri": FAR},
        {"_misskey_quote": FAR},
        link(mediaType=LD_JSON),
        link(mediaType=LD_JSON.replace("; ", ";")),
        link(mediaType=ACTIVITY_JSON),
        link(rel=quote.MISSKEY_REL),
        link(rel=["x", quote.MISSKEY_REL]),
    ],
)
def test_older_spellings_are_understood_and_know_no_consent(document: dict[str, Any]) -> None:
    assert quote.read(document | {"quoteAuthorization": STAMP}) == quote.ReadQuote(FAR, None, knows_consent=False)


def test_the_new_spelling_goes_before_the_others() -> None:
    document = {"quote": {"id": FAR, "type": "Note"}, "quoteUrl": PAGE, "quoteAuthorization": STAMP}
    assert quote.read(document) == quote.ReadQuote(FAR, STAMP, knows_consent=True)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"quote": {"type": "Tombstone"}},
        {"quoteUrl": "javascript:alert(1)"},
        {"id": FAR, "quote": FAR},
        {"id": FAR, "quoteUrl": FAR},
        link(),
        link(mediaType="text/html"),
        {"tag": [{"type": "Mention", "href": FAR, "mediaType": LD_JSON}]},
    ],
)
def test_what_is_no_quote_is_none(document: dict[str, Any]) -> None:
    assert quote.read(document) is None


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["id", "quote", "quoteUrl", "tag", "quoteAuthorization", "interactionPolicy", "type"]), anything
    )
)
def test_whatever_is_sent_is_read_or_passed_over(document: dict[str, Any]) -> None:
    found = quote.read(document)
    assert found is None or found.uri.startswith("https://")
    assert quote.read_policy(document, ZOE) in QuotePolicy
    names = {"author_uri": "https://far.test/users/noor", "quoting_uri": FAR, "quoted_uri": PAGE}
    assert not quote.is_authorization(document, STAMP, **names)


@pytest.mark.parametrize(
    ("granted", "policy"),
    [
        ([PUBLIC], QuotePolicy.EVERYBODY),
        ("as:Public", QuotePolicy.EVERYBODY),
        ([ZOE.followers_uri], QuotePolicy.FOLLOWERS),
        ([ZOE.uri], QuotePolicy.NOBODY),
        ([], QuotePolicy.NOBODY),
        (None, QuotePolicy.NOBODY),
    ],
)
def test_the_policy_is_read(granted: Any, policy: QuotePolicy) -> None:
    assert quote.read_policy({"interactionPolicy": {"canQuote": {"automaticApproval": granted}}}, ZOE) is policy


def test_without_a_policy_everybody_may() -> None:
    for document in ({}, {"interactionPolicy": None}, {"interactionPolicy": {"canLike": {}}}):
        assert quote.read_policy(document, ZOE) is QuotePolicy.EVERYBODY


# Consent


def test_a_stamp_must_be_of_the_author_for_this_very_quote() -> None:
    author, quoting = "https://far.test/users/noor", NAMES.post(7)
    stamp = quote.write_authorization(STAMP, author, quoting, FAR)
    names = {"author_uri": author, "quoting_uri": quoting, "quoted_uri": FAR}
    assert quote.is_authorization(stamp, STAMP, **names)
    assert quote.is_authorization(stamp | {"interactingObject": {"id": quoting}}, STAMP, **names)
    for change in (
        {"type": "Note"},
        {"id": f"{STAMP}2"},
        {"attributedTo": "https://far.test/users/max"},
        {"interactingObject": NAMES.post(8)},
        {"interactionTarget": PAGE},
        {"interactionTarget": None},
    ):
        assert not quote.is_authorization(stamp | change, STAMP, **names)


def test_a_stamp_of_another_server_than_the_authors_is_none() -> None:
    author, uri = "https://elsewhere.test/users/max", STAMP
    stamp = quote.write_authorization(uri, author, NAMES.post(7), FAR)
    assert not quote.is_authorization(stamp, uri, author_uri=author, quoting_uri=NAMES.post(7), quoted_uri=FAR)


# Writing


def written(state: QuoteState = QuoteState.REQUESTED, stamp: str | None = None, **more: Any) -> dict[str, Any]:
    values = {
        "id": 7, "uri": NAMES.post(7), "url": NAMES.post_page("zoe", 7), "visibility": Visibility.PUBLIC,
        "content_html": "<p>À lire</p>", "language": "fr", "to_uris": [PUBLIC], "cc_uris": [ZOE.followers_uri],
        "published_at": NOW,
    }  # fmt: skip
    row = Quote(quoted_uri=FAR, state=state, authorization_uri=stamp)
    return note.write(Post(**(values | more)), ZOE, [], [], [], NAMES, quoted=(row, PAGE))


def test_a_quote_is_written_in_every_spelling_and_read_back() -> None:
    document = written()
    for name in ("quote", *quote.OLDER_SPELLINGS):
        assert document[name] == FAR
        assert quote.read({name: document[name]}) is not None
    assert quote.read({"tag": document["tag"]}) == quote.ReadQuote(FAR, None, knows_consent=False)
    assert document["content"].endswith(f'<p class="quote-inline">RE: <a href="{PAGE}">{PAGE}</a></p>')
    assert document["contentMap"] == {"fr": document["content"]}
    assert "quoteAuthorization" not in document

    read = note.read(document, ZOE, activity_to=(), activity_cc=(), now=NOW)
    assert quote.without_fallback(read.columns["content_html"], {PAGE}) == "<p>À lire</p>"


def test_the_stamp_is_written_where_there_is_consent() -> None:
    assert written(QuoteState.ACCEPTED, STAMP)["quoteAuthorization"] == STAMP
    assert "quoteAuthorization" not in written(QuoteState.ACCEPTED)
    assert "quoteAuthorization" not in written(QuoteState.REVOKED, STAMP)


@pytest.mark.parametrize("state", [QuoteState.REJECTED, QuoteState.REVOKED])
def test_without_consent_only_those_learn_of_the_quote_who_ask_for_consent(state: QuoteState) -> None:
    document = written(state)
    assert document["quote"] == FAR
    assert document["tag"] == []
    assert not any(name in document for name in quote.OLDER_SPELLINGS)


@pytest.mark.parametrize(
    ("visibility", "policy", "granted"),
    [
        (Visibility.PUBLIC, QuotePolicy.EVERYBODY, PUBLIC),
        (Visibility.UNLISTED, QuotePolicy.FOLLOWERS, ZOE.followers_uri),
        (Visibility.PUBLIC, QuotePolicy.NOBODY, ZOE.uri),
        (Visibility.FOLLOWERS, QuotePolicy.EVERYBODY, ZOE.uri),
        (Visibility.DIRECT, QuotePolicy.FOLLOWERS, ZOE.uri),
    ],
)
def test_the_policy_is_written(visibility: Visibility, policy: QuotePolicy, granted: str) -> None:
    document = written(visibility=visibility, quote_policy=policy)
    assert document["interactionPolicy"] == {"canQuote": {"automaticApproval": [granted]}}


# The line that stands for a quote


A = f'<a href="{PAGE}">far.test</a>'


@pytest.mark.parametrize(
    "html",
    [
        f'<p>À lire</p><p class="quote-inline">RE: {A}</p>',
        f'<p class="quote-inline">RE: {A}</p><p>À lire</p>',
        '<p>À lire<span class="quote-inline"><br/>QT: <a href="x"><span class="invisible">https://</span>y</a></span></p>',
        f'<p>À lire<span class="quote-inline"><br><br>RE: {A}</span></p>',
        f"<p>À lire<br><br>RE: {A}</p>",
        f"<p>À lire</p><p>RE: {A}</p>",
    ],
)
def test_the_line_is_left_out(html: str) -> None:
    assert quote.without_fallback(sanitise.post_html(html), {PAGE}) == "<p>À lire</p>"


def test_misskey_closes_its_text_within_the_line() -> None:
    html = sanitise.post_html(f"<p><span>À lire<br><br>RE: </span>{A}</p>")
    assert quote.without_fallback(html, {PAGE}) == "<p><span>À lire</span></p>"


@pytest.mark.parametrize(
    "html",
    [
        "<p>À lire</p>",
        f"<p>RE: {A} dit autre chose</p>",
        '<p>À lire<br>RE: <a href="https://far.test/other">x</a></p>',
        f"<p>{A}</p>",
    ],
)
def test_what_is_no_such_line_stays(html: str) -> None:
    clean = sanitise.post_html(html)
    assert quote.without_fallback(clean, {PAGE}) == clean


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from(
            [
                '<p class="quote-inline">',
                '<span class="quote-inline">',
                "<span>",
                "</span>",
                "</p>",
                "<p>",
                "RE: ",
                A,
                "<br>",
                "x",
            ]
        ),
        max_size=14,
    )
)
def test_what_is_left_has_passed_the_gate_still(parts: list[str]) -> None:
    clean = sanitise.post_html("".join(parts))
    left = quote.without_fallback(clean, {PAGE})
    assert "quote-inline" not in left
    assert sanitise.plain_text(sanitise.post_html(left)) == sanitise.plain_text(left)
