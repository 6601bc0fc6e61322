"""Letters: the same in text and HTML, in both languages, with nothing that reports back."""

import re
from email import message_from_bytes
from email.policy import default

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from server.mail.writing import LANGUAGES, TEMPLATES, in_html, write

VALUES = {"section": "Section de Lille", "link": "https://lille.test/contact/abc", "host": "lille.test"}
OF_LOGINS = {
    "name": "zoe",
    "change": "password",
    "key": "",
    "left": "9",
    "origin": "https://lille.test",
    "device": "Firefox, Linux",
    "day": "28/11/2026",
    "clock": "18:30",
}
OF_EVENTS = {
    "title": "Porte-à-porte",
    "event": "Porte-à-porte",
    "line": "Samedi 5 décembre 2026, 14:00 - Halles",
    "page": "",
    "state": "accepted",
    "status": "confirmed",
    "by_mail": "yes",
}
OURS = ("https://lille.test/", "https://lille.test/login/forgotten", "https://lille.test/me/sessions")
NAMES = sorted({path.name.partition(".")[0] for path in TEMPLATES.iterdir() if path.is_file()})


def parts(name: str, language: str, **values: str) -> tuple[str, str, str]:
    """Write a letter, and read it as its reader's program does: (subject, text, HTML)."""
    raw = write(name, language, "zoe@post.example", **(VALUES | OF_EVENTS | OF_LOGINS | values)).as_bytes()
    assert raw.isascii()
    message = message_from_bytes(raw, policy=default)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    return message["Subject"], text.get_content(), html.get_content()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_letter_says_the_same_in_text_and_in_html(name: str, language: str) -> None:
    subject, text, html = parts(name, language)
    page = BeautifulSoup(html, "html.parser")
    assert subject
    assert page.html is not None
    assert page.html["lang"] == language
    assert page.body is not None
    assert page.body.get_text().split() == text.split()
    assert page.title is not None
    assert page.title.get_text() == subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_letter_fetches_nothing_and_leads_only_where_it_says(name: str, language: str) -> None:
    _, text, html = parts(name, language)
    page = BeautifulSoup(html, "html.parser")
    assert {tag.name for tag in page.find_all()} <= {"html", "head", "meta", "title", "body", "p", "a", "br"}
    assert "url(" not in html
    assert "?" not in html.replace("? ", " ")
    for link in page.find_all("a"):
        assert link["href"] == link.get_text()
        assert link["href"] in (VALUES["link"], *OURS)
    assert ("https://" in text) == bool(page.find_all("a"))


@pytest.mark.parametrize("name", NAMES)
def test_french_letters_have_their_spaces_and_manners(name: str) -> None:
    subject, text, _ = parts(name, "fr")
    assert not re.search(r" [:;?!»]|« |'", subject + text)
    assert not re.search(r"\b(tu|toi|ton|ta|tes)\b", text)


def test_every_letter_is_there_in_both_languages() -> None:
    assert {path.name for path in TEMPLATES.iterdir() if path.is_file()} == {
        f"{name}.{language}.txt" for name in NAMES for language in LANGUAGES
    }


def test_another_language_is_read_in_french() -> None:
    assert parts("trial", "de") == parts("trial", "fr")


def test_no_machine_is_asked_to_answer() -> None:
    message = write("trial", "fr", "zoe@post.example", **VALUES)
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "fr")
    assert not [name for name in message if name.lower().startswith(("x-", "disposition", "return-receipt"))]


@given(st.text(min_size=1))
def test_no_name_of_a_section_breaks_out_of_a_letter(name: str) -> None:
    subject, text, html = parts("confirm", "fr", section=name)
    page = BeautifulSoup(html, "html.parser")
    assert {tag.name for tag in page.find_all()} <= {"html", "head", "meta", "title", "body", "p", "a", "br"}
    assert [link["href"] for link in page.find_all("a")] == [VALUES["link"]]
    assert "\n" not in subject
    assert text.count("\n\n") == parts("confirm", "fr")[1].count("\n\n")


@given(st.text())
def test_any_text_becomes_harmless_html(text: str) -> None:
    page = BeautifulSoup(in_html(text, text, "fr"), "html.parser")
    assert not page.find_all(["script", "img", "style", "iframe"])
