"""What stands between a row and a page: escaping, excerpts, initials, links."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from server.errors import Invalid
from web.shared.forms import parse_form
from web.shared.rendering import contact_link, excerpt, initials

WEB = Path(__file__).parents[2] / "web"
SAFE = {"post.content_html", "actor.note_html", "field.value"}


def test_only_html_that_passed_the_gate_is_let_through():
    let_through = set()
    for template in WEB.glob("*/templates/*"):
        let_through |= set(re.findall(r"\{\{\s*([^{}|]+?)\s*\|\s*safe", template.read_text()))
    assert let_through == SAFE


@pytest.mark.parametrize(
    ("name", "username", "letters"),
    [
        ("Section de Lille-Centre", "lille", "LC"),
        ("Zoé Lambert", "zoe", "ZL"),
        ("max", "max", "M"),
        ("🌹🌹", "rose", "R"),
        ("", "__", "·"),
        ("L’équipe", "equipe", "É"),
    ],
)
def test_initials_stand_for_a_name(name, username, letters):
    assert initials(name, username) == letters


@given(st.text(), st.text())
def test_initials_are_short_and_harmless(name, username):
    letters = initials(name, username)

    assert 1 <= len(letters) <= 6
    assert str(escape(letters)) == letters


@pytest.mark.parametrize(
    ("contact", "html"),
    [
        ("a@b.fr", '<a href="mailto:a@b.fr">a@b.fr</a>'),
        ("https://www.b.fr/x", '<a href="https://www.b.fr/x" rel="noopener noreferrer">b.fr</a>'),
        ("12, rue des Postes", "12, rue des Postes"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_contact_is_a_link_where_it_can_be_one(contact, html):
    assert contact_link(contact) == html


@given(st.text())
def test_contact_never_brings_html_of_its_own(contact):
    shown = str(escape(contact_link(contact)))

    assert set(re.findall(r"<[^>]*>", shown)) <= set(
        re.findall(r'<a href="[^"<>]*"(?: rel="noopener noreferrer")?>|</a>', shown)
    )


def test_excerpt_is_cut_between_words():
    assert excerpt("<p>Un deux trois</p><p>quatre</p>", 12) == "Un deux…"
    assert excerpt("<p>Un deux</p>", 12) == "Un deux"


@given(st.text(), st.integers(10, 300))
def test_excerpt_is_one_line_of_bounded_length(html, most):
    text = excerpt(html, most)

    assert "\n" not in text
    assert len(text) <= most + 1


@given(st.binary(max_size=300))
def test_any_body_is_a_form_without_control_characters(body):
    for name, value in parse_form(body).items():
        assert isinstance(name, str)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", value)


def test_form_with_too_many_fields_is_refused():
    with pytest.raises(Invalid):
        parse_form(b"&".join(b"a%d=1" % number for number in range(2000)))
