"""The languages: which one is read, and that nothing is left unsaid in either."""

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from tests.web.conftest import browser
from tests.web.messages import extracted
from tests.web.pages import read, text
from web.shared.languages import DOMAIN, LANGUAGES, LOCALES, negotiate, translate, translations

PLACEHOLDER = re.compile(r"%\([a-z_]+\)s")


def catalog(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as source:
        return read_po(source, locale=language)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "fr"),
        ("fr", "fr"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en;q=0.8, fr;q=0.9", "fr"),
        ("EN-gb", "en"),
        ("de,en;q=0.3", "en"),
        ("de, it", "fr"),
        ("*", "fr"),
        ("de, *;q=0.5, en;q=0.4", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("fr;q=0", "fr"),
        ("en;q=abc", "fr"),
        ("english", "fr"),
    ],
)
def test_the_language_wished_for_most_is_chosen(header, language):
    assert negotiate(header) == language


@given(st.text())
def test_any_header_gives_one_of_our_languages(header):
    assert negotiate(header) in LANGUAGES


async def test_page_comes_in_the_language_of_its_reader(app, visitor, section):
    async with browser(app, language="en-GB") as reader:
        english, french = read(await reader.get("/")), read(await visitor.get("/"))

    assert (english.html["lang"], text(english, "nav")) == ("en", "News Agenda The section Follow Join Search My space")
    assert (french.html["lang"], text(french, "nav")) == (
        "fr",
        "Actualités Agenda La section Suivre Rejoindre Chercher Mon espace",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_its_text(language):
    known = catalog(language)
    missing = []
    for message in extracted():
        if message.id:
            found = known.get(message.id)
            written = [] if found is None else [found.string] if isinstance(found.string, str) else list(found.string)
            if not written or not all(written):
                missing.append(message.id)
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_kept_for_a_sentence_that_is_no_more(language):
    asked = extracted()

    assert [message.id for message in catalog(language) if message.id and asked.get(message.id) is None] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_the_same_in_every_text(language):
    for message in catalog(language):
        asked = [message.id] if isinstance(message.id, str) else message.id
        given_ = [message.string] if isinstance(message.string, str) else message.string
        wanted = {name for sentence in asked for name in PLACEHOLDER.findall(sentence)}
        for sentence in given_:
            assert set(PLACEHOLDER.findall(sentence)) <= wanted
        assert {name for sentence in given_ for name in PLACEHOLDER.findall(sentence)} == wanted
        assert not [sentence for sentence in given_ if re.search(r"%(?!\([a-z_]+\)s)", sentence)]


def test_french_keeps_its_spaces_and_its_manners():
    for message in catalog("fr"):
        for sentence in [message.string] if isinstance(message.string, str) else message.string:
            assert not re.search(r" [:;?!»]|« ", sentence), sentence
            assert not re.search(r"\boups\b|'", sentence, re.IGNORECASE), sentence
            assert not re.search(r"\b(tu|toi|ton|ta|tes)\b", sentence, re.IGNORECASE), sentence


def test_plural_follows_the_language():
    assert translations("fr").ngettext("%(total)s reply", "%(total)s replies", 0) == "%(total)s réponse"
    assert translations("en").ngettext("%(total)s reply", "%(total)s replies", 0) == "%(total)s replies"


@pytest.mark.parametrize("sentence", ["", "Nobody wrote this.", "Not Found"])
def test_sentence_that_is_not_ours_is_not_passed_off_as_one(sentence):
    assert translate(sentence, "fr") is None
    assert translate(sentence, "en") is None
