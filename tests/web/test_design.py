"""The design page: every component, in both themes, of content that is nobody's."""

import re

import pytest

from tests.web.conftest import browser
from tests.web.pages import read, text, texts
from tests.web.test_queries import asked, needs_sqlite
from web.shared.static import FOLDER

STYLE = (FOLDER / "css/coopole.css").read_text()
COMPONENTS = (
    ".post", ".thread .depth-2", ".warning", ".poll progress", ".quoted", ".quoted-not", ".attachment-link", ".event-card",
    ".event-card-off", ".agenda-day", "table.month", ".event-banner", ".event-facts", ".event-shifts", ".answer", ".follow",
    ".person", ".section-card", ".field-wrong .error", ".field .hint", "fieldset", "button.quiet", "button.grave",
    "button.plain", ".said", ".summary", ".toast", ".confirm", ".empty", ".error-page",
    ".composer .counter", ".composer .audience .choice", ".progress progress[value]", ".skeleton", ".sorted", ".chart",
    ".theme-light", ".theme-dark", ".type-scale", ".space-scale", ".tokens", ".mark-word",
)  # fmt: skip


async def test_every_component_is_there_in_both_languages(app, visitor, section):
    for language in ("fr", "en"):
        async with browser(app, language=language) as reader:
            page = read(await reader.get("/design"))
        assert [component for component in COMPONENTS if page.select_one(component) is None] == []
        ids = [element["id"] for element in page.select("[id]")]
        assert sorted({id_ for id_ in ids if ids.count(id_) > 1}) == []


async def test_it_is_found_by_no_search_engine_and_before_anything_is_set_up(visitor, ctx):
    page = read(await visitor.get("/design"))

    assert page.select_one("meta[name=robots]")["content"] == "noindex"
    assert text(page, "h1") == "Composants"


@pytest.mark.parametrize(
    ("asked", "theme"), [("", None), ("light", "theme-light"), ("dark", "theme-dark"), ("x", None)]
)
async def test_a_link_shows_it_in_one_theme(visitor, section, asked, theme):
    page = read(await visitor.get(f"/design?theme={asked}"))

    assert page.select_one("body > .theme")["class"] == ["theme", *([theme] if theme else [])]
    assert not page.select("script")
    assert len(texts(page, "nav [aria-current=page]")) == 1


@needs_sqlite
async def test_its_content_is_in_no_database(visitor, section):
    assert await asked(visitor, "/design") <= 5


def test_the_dark_theme_of_a_part_is_that_of_a_reader():
    whole = re.search(r"@media \(prefers-color-scheme: dark\) \{\s*:root[^{]*\{(.*?)\}", STYLE, re.DOTALL)
    part = re.search(r", \.theme-dark \{\n  color-scheme: dark;\n(.*?)\}", STYLE, re.DOTALL)
    assert whole is not None
    assert part is not None
    assert whole[1].split() == part[1].split()
