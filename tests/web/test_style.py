"""The stylesheets keep to their tokens: sizes, spaces and colours are named once, and nothing in them is for nobody."""

import re
from itertools import pairwise
from pathlib import Path

from web.shared.static import FOLDER

WEB = Path(__file__).parents[2] / "web"
SHEETS = "\n".join((FOLDER / f"css/{name}.css").read_text() for name in ("coopole", "inside"))
STYLE = re.sub(r"/\*.*?\*/", "", SHEETS, flags=re.DOTALL)
TOKENS, RULES = STYLE.split("*, ::before, ::after", 1)
# Sizes beside the scale, each for a reason: the page, the same on paper, code in text, what is hidden, as large as its text;
# the bar of five words on a small telephone, and the number in it.
OTHER_SIZES = {"0.6875rem", "0.75rem", "106.25%", "0.85em", "0.9em", "0", "inherit"}
COUNTED = re.compile(r"(depth|type|space|token|theme)-[\w-]+")
"""Classes whose end is filled in by a template."""


def values(prop: str, style: str = RULES) -> set[str]:
    """Every value that a property is given."""
    return {found.strip() for found in re.findall(rf"(?<![\w-]){prop}:\s*([^;}}]+)", style)}


def test_the_scale_has_six_steps_of_a_fifth_each():
    steps = [float(size) for size in re.findall(r"--step-[-\d]+: ([\d.]+)rem", TOKENS)]
    assert len(steps) == 6
    assert all(abs(greater / less - 1.2) < 0.001 for less, greater in pairwise(steps))
    sizes = {size for size in values("font-size") if not size.startswith("var(--step-")}
    assert {size for size in sizes if not size.endswith("pt")} <= OTHER_SIZES  # points are for paper


def test_spaces_are_those_seven():
    pixels = [float(size) * 16 for size in re.findall(r"--space-\d: ([\d.]+)rem", TOKENS)]
    assert pixels == [4, 8, 12, 16, 24, 40, 64]


def test_colours_are_named_in_the_first_block_alone():
    rules = re.sub(r"[^{}]*::backdrop[^{}]*\{[^{}]*\}", "", RULES)  # which has no tokens of the page in older browsers
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", rules) == []
    named = {word for value in values("(?:color|background|border-color)") for word in re.findall(r"[a-z]+", value)}
    assert named & {"red", "green", "blue", "grey", "gray", "orange", "yellow", "purple"} == set()


def test_corners_and_shadows_are_one():
    assert re.findall(r"--radius: (\w+);", TOKENS) == ["6px"]
    rings = ("inset", "0 0 0 ")
    assert {shadow for shadow in values("box-shadow") if not shadow.startswith(rings)} == {"var(--shadow)", "none"}


def test_focus_is_seen_from_outside():
    assert ":focus-visible { outline: 3px solid var(--section-accent); outline-offset: 3px;" in RULES
    without = re.findall(r"([^{}]+)\{[^{}]*outline:\s*(?:none|0)", STYLE)
    assert [rule for rule in without if ":not(:focus-visible)" not in rule] == []


def test_what_moves_stands_still_for_those_who_wish_so():
    allowed = re.findall(r"@media \(prefers-reduced-motion: no-preference\) \{(.*?)\n\}", STYLE, re.DOTALL)
    outside = STYLE
    for block in allowed:
        outside = outside.replace(block, "")
    assert not re.search(r"(animation|transition)(-[a-z]+)?:", outside)
    assert "@media (prefers-reduced-motion: reduce)" in STYLE


def test_no_rule_is_for_what_no_page_has():
    written = "".join(path.read_text() for path in WEB.rglob("*") if path.suffix in (".html", ".py", ".js"))
    written += (WEB.parent / "federation" / "sanitise.py").read_text()
    classes = {name for rule in re.findall(r"([^{}]+)\{", STYLE) for name in re.findall(r"\.([a-zA-Z][\w-]*)", rule)}
    unused = {name for name in classes if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", written)}
    assert {name for name in unused if not COUNTED.fullmatch(name)} == set()
