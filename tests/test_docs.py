"""The pages say what the code does: settings, commands, folders, links."""

import os
import re
from collections.abc import Iterator
from dataclasses import fields
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from docs import tables
from docs.__main__ import MADE, PAGES, ROOT, main, remade, stale_pages
from server.config import Settings

WRITTEN_BY_TOOLS = re.compile(
    r"__pycache__|node_modules|site-packages|build|dist|htmlcov|(demo-|bench-)?data|.*\.egg-info|\.(?!ci$).*"
)
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
MAP_LINE = re.compile(r"^(\S+/) {2,}\S", re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / name).read_text()


def folders() -> Iterator[str]:
    """Give every folder that is part of the source and holds a file somewhere below: 'server/cli/'."""
    for folder, below, files in os.walk(ROOT):
        below[:] = [name for name in below if not WRITTEN_BY_TOOLS.fullmatch(name)]
        if files and (path := Path(folder).relative_to(ROOT)) != Path():
            yield from (f"{part}/" for part in (path, *path.parents[:-1]))


def mapped() -> list[str]:
    """Give the folders that the map of CONTRIBUTING.md has a line for; a * stands for one name."""
    section = read("CONTRIBUTING.md").partition("## The map")[2].partition("\n## ")[0]
    return MAP_LINE.findall(section)


def covers(line: str, folder: str) -> bool:
    return line.count("/") == folder.count("/") and fnmatchcase(folder, line)


def pages() -> list[Path]:
    return sorted(path for pattern in ("*.md", "docs/**/*.md", "changelog.d/*.md") for path in ROOT.glob(pattern))


def test_made_parts_say_what_the_code_says():
    assert [path.name for path, _ in stale_pages()] == []


def test_every_made_part_stands_in_a_page():
    text = "".join(read(name) for name in PAGES)

    assert [name for name in MADE if f"<!-- begin made: {name} -->" not in text] == []


def test_every_setting_is_in_the_table_with_a_meaning():
    table = read("docs/deploy.md").partition("## Settings")[2]

    for field in fields(Settings):
        row = re.search(rf"^\| `COOPOLE_{field.name.upper()}` \| .+ \| (.+) \|$", table, re.MULTILINE)
        assert row is not None, f"docs/deploy.md does not tell of COOPOLE_{field.name.upper()}"
        assert row[1].strip(), f"Settings.{field.name} has no docstring"


def test_every_command_is_on_its_page():
    headings = re.findall(r"^## `(coopole [^`]+)`$", read("docs/commands.md"), re.MULTILINE)

    assert headings == [path for path, _ in tables.commands()]


def test_every_option_of_a_command_says_what_it_is():
    for path, command in tables.commands():
        for item in command.params:
            if item.param_type_name == "option" and item.name != "help":
                assert item.help or item.prompt, f"{path} {item.opts[0]} has no help"


def test_every_folder_has_a_line_in_the_map():
    lines = mapped()

    missing = {folder for folder in folders() if not any(covers(line, folder) for line in lines)}
    assert not missing, f"CONTRIBUTING.md has no line for {sorted(missing)}"


def test_every_line_of_the_map_is_a_folder():
    there = set(folders())

    gone = [line for line in mapped() if not any(covers(line, folder) for folder in there)]
    assert not gone, f"CONTRIBUTING.md has a line for {gone}, where there is nothing"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_lead_somewhere(page: Path):
    broken = [
        link for link in LINK.findall(page.read_text()) if "://" not in link and not (page.parent / link).exists()
    ]

    assert broken == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs/decisions").glob("0*.md")), ids=lambda page: page.stem)
def test_a_decision_has_its_four_parts_and_a_line_in_the_list(page: Path):
    text = page.read_text()

    assert text.startswith(f"# {page.stem[:4]}: ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "What else was considered",
    ]
    assert f"({page.name})" in read("docs/decisions/README.md")


def test_a_made_part_is_replaced_and_the_rest_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(MADE, "settings", lambda: "new")

    page = "before\n<!-- begin made: settings -->\nold\n<!-- end made: settings -->\nafter\n"

    assert remade(page) == ("before\n<!-- begin made: settings -->\n\nnew\n\n<!-- end made: settings -->\nafter\n")
    assert remade(remade(page)) == remade(page)


def test_a_part_that_nobody_makes_is_refused():
    with pytest.raises(KeyError):
        remade("<!-- begin made: wishes -->\n<!-- end made: wishes -->\n")


def test_a_page_whose_made_part_is_old_is_stale(tmp_path: Path):
    (tmp_path / "docs").mkdir()
    for name in PAGES:
        (tmp_path / name).write_text("nothing made\n")
    (tmp_path / "docs/commands.md").write_text("<!-- begin made: commands -->\n<!-- end made: commands -->\n")

    [(path, fresh)] = stale_pages(tmp_path)

    assert path.name == "commands.md"
    assert "## `coopole serve`" in fresh


def test_an_unknown_argument_of_the_generator_is_refused(capsys: pytest.CaptureFixture[str]):
    assert main(["--chek"]) == 2
    assert "usage" in capsys.readouterr().err
