"""A section's two colours: readable whatever they are, in light and in dark, and given without a style in the page."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.section import Section
from server.sections.profile import SectionChanges, edit
from tests import factories
from tests.web.conftest import browser
from tests.web.pages import read
from web.shared import palette
from web.shared.palette import DARK, GRAPHICS, LIGHT, TEXT, Palette, Theme, contrast, mix
from web.shared.static import FOLDER

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
STYLE = (FOLDER / "css/coopole.css").read_text()


def wrong(colours: Palette, theme: Theme) -> list[tuple[str, str, float]]:
    """What cannot be read or seen: (what, on which ground, contrast)."""
    grounds = (*theme.grounds, colours["tint"])
    text = [(colours[name], ground) for name in ("link", "link-hover") for ground in grounds]
    text += [(colours["on-fill"], colours["fill"]), (colours["on-fill"], colours["fill-hover"])]
    text += [(ink, ground) for ink in (theme.ink, theme.soft) for ground in grounds]
    graphics = [(colours[name], ground) for name in ("section", "section-accent", "fill") for ground in theme.grounds]
    return [(*pair, contrast(*pair)) for pair in text if contrast(*pair) < TEXT] + [
        (*pair, contrast(*pair)) for pair in graphics if contrast(*pair) < GRAPHICS
    ]


@given(COLOURS, COLOURS)
@example("#000000", "#ffffff")
@example("#ffffff", "#000000")
@example("#ffff00", "#0000ff")
@example("#010000", "#fffffe")
def test_any_two_colours_are_readable_in_light_and_in_dark(first, second):
    assert wrong(palette.light(first, second), LIGHT) == []
    assert wrong(palette.dark(first, second), DARK) == []


def test_every_grey_and_every_pure_colour_is_readable():
    for part in range(256):
        for colour in (f"#{part:02x}{part:02x}{part:02x}", f"#{part:02x}0000", f"#00{part:02x}00", f"#0000{part:02x}"):
            assert wrong(palette.light(colour, colour), LIGHT) == [], colour
            assert wrong(palette.dark(colour, colour), DARK) == [], colour


def test_a_colour_that_can_be_read_stays_as_it_was_chosen():
    colours = palette.light("#c8102e", "#0f5263")

    assert (colours["link"], colours["fill"], colours["section"]) == ("#c8102e",) * 3
    assert colours["section-accent"] == "#0f5263"
    assert palette.dark("#8fbccb", "#ffd100")["link"] == "#8fbccb"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.478), ("#c8102e", "#c8102e", 1.0)],
)
def test_contrast_is_that_of_the_guidelines(one, other, ratio):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.001)


def test_mixing_is_that_of_browsers():
    """The values are those that Chromium computes."""
    assert mix("#0f5263", 0.12, "#faf8f5") == "#dee3e3"
    assert mix("#23201d", 0.86, "#000000") == "#1b1816"
    assert mix("#ff0000", 0.5, "#0000ff") == "#8c53a2"


def test_grounds_are_those_of_the_stylesheet():
    assert (LIGHT.paper, LIGHT.ink) == (palette.GREY_LIGHT, palette.GREY_DARK)
    for token in (
        f"--grey-dark: {palette.GREY_DARK}",
        f"--grey-light: {palette.GREY_LIGHT}",
        f"--section: {palette.FIRST}",
        "--paper: var(--grey-light)",
        "--ink: var(--grey-dark)",
        "--ink-soft: color-mix(in oklab, var(--ink) 68%, var(--paper))",
        "--panel: color-mix(in oklab, var(--ink) 4.5%, var(--paper))",
        "--field: color-mix(in oklab, white 70%, var(--paper))",
        "--paper: color-mix(in oklab, var(--grey-dark) 86%, black)",
        "--ink: color-mix(in oklab, var(--grey-light) 92%, var(--grey-dark))",
        "--field: color-mix(in oklab, black 22%, var(--paper))",
    ):
        assert f"  {token};" in STYLE, token
    for name in palette.light("#000000", "#000000"):
        assert f"--{name}: " in STYLE


@pytest.fixture
async def coloured(section, main_section):
    """The main section, in red and yellow."""
    await Section.filter(id=main_section.id).update(first_colour="#c8102e", second_colour="#ffd100")
    return main_section


def sheets(page):
    return [link["href"] for link in page.select("link[rel=stylesheet]")]


async def test_pages_load_the_colours_after_the_style_of_all(visitor, coloured):
    for address in ("/", "/@lille", "/@lille/join", "/about", "/follow?of=lille"):
        response = await visitor.get(address)
        assert sheets(read(response))[1:] == ["/colours/c8102e-ffd100.css"], address
        assert "'unsafe-inline'" not in response.headers["content-security-policy"]


async def test_stylesheet_is_style_alone_and_is_kept(visitor, coloured):
    response = await visitor.get("/colours/c8102e-ffd100.css")
    again = await visitor.get("/colours/c8102e-ffd100.css", headers={"If-None-Match": response.headers["etag"]})

    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=86400"
    assert (again.status_code, again.content) == (304, b"")
    rule = r":root(?::where\([^{}]+\))?(?:,\.theme-[a-z]+)?\{(?:--[a-z-]+:#[0-9a-f]{6};?)+\}"
    lines = response.text.splitlines()
    assert [line.partition("{")[0] for line in lines] == [
        "@media screen", "@media screen and (prefers-color-scheme:dark)", "@media screen", "@media print",
    ]  # fmt: skip
    dark = [line.partition("{--")[2] for line in lines[1:3]]
    assert dark[0] == dark[1]
    assert "[data-theme=dark]" in lines[2]
    assert all(re.fullmatch(rf"@media [^{{}}]+\{{{rule}\}}", line) for line in lines)
    assert "--link:#c8102e;" in response.text


@pytest.mark.parametrize(
    "pair", ["", "x", "c8102e", "c8102e-", "C8102E-ffd100", "c8102e-ffd100-000000", "12345-1234567", "c8102e-ffd10%7d"]
)
async def test_what_names_no_two_colours_is_not_found(visitor, section, pair):
    assert (await visitor.get(f"/colours/{pair}.css")).status_code == 404


async def test_a_change_of_colours_is_seen_at_once(visitor, coloured, ctx):
    await visitor.get("/")
    await edit(coloured, SectionChanges(first_colour="#005500"), None, ctx)

    assert sheets(read(await visitor.get("/")))[1:] == ["/colours/005500-ffd100.css"]


@pytest.mark.parametrize(
    ("first", "second", "address"),
    [
        ("", "", None),
        ("#c8102e", "", "/colours/c8102e-c8102e.css"),
        ("", "#ffd100", f"/colours/{palette.FIRST[1:]}-ffd100.css"),
    ],
)
async def test_a_section_with_one_colour_or_none(app, main_section, first, second, address):
    await Section.filter(id=main_section.id).update(first_colour=first, second_colour=second)

    async with browser(app) as reader:
        assert sheets(read(await reader.get("/")))[1:] == ([address] if address else [])


async def test_pages_of_another_section_wear_its_own_colours(visitor, zoe, section, ctx):
    await edit(await Section.get(actor_id=section.id), SectionChanges(first_colour="#0f5263"), None, ctx)
    roubaix = await factories.section(ctx, "roubaix", "Section de Roubaix", is_main=False)
    await edit(
        await Section.get(actor_id=roubaix.id),
        SectionChanges(first_colour="#ffd100", second_colour="#010203"), None, ctx,
    )  # fmt: skip
    event = await factories.event(roubaix)
    pages = [
        *(f"/@roubaix{page}" for page in ("", f"/{event.id}", f"/{event.id}/come", "/agenda", "/contact", "/join")),
        "/follow?of=roubaix",
    ]
    for browser_, addresses in ((visitor, pages), (zoe, [f"/events/{event.id}"])):
        for address in addresses:
            sheets = [link["href"] for link in read(await browser_.get(address)).select("link[rel=stylesheet]")]
            assert sheets[-1] == "/colours/ffd100-010203.css", address
    style = (await visitor.get("/colours/ffd100-010203.css")).text
    for theme, made in ((LIGHT, palette.light("#ffd100", "#010203")), (DARK, palette.dark("#ffd100", "#010203"))):
        assert wrong(made, theme) == []
        assert all(f"--{name}:{colour}" in style for name, colour in made.items())


async def test_what_is_organised_by_nobody_with_colours_wears_those_of_the_server(visitor, zoe, section, stranger, ctx):
    await edit(await Section.get(actor_id=section.id), SectionChanges(first_colour="#0f5263"), None, ctx)
    event = await factories.event(stranger)
    sheets = [link["href"] for link in read(await zoe.get(f"/events/{event.id}")).select("link[rel=stylesheet]")]
    assert sheets[-1] == "/colours/0f5263-0f5263.css"
