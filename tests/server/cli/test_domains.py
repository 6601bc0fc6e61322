"""Blocking other servers from the command line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from federation.policy import blocked_hosts
from models.host import DomainRule
from server.cli.domains import checked_domain
from server.errors import Invalid, NotFound
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation."""
    return install(database_url, tmp_path, monkeypatch)


def blocked(coopole: Installation, *hosts: str) -> set[str]:
    """Which of these hosts are blocked."""

    async def look(ctx: Context) -> set[str]:
        return await blocked_hosts(hosts)

    return coopole.look(look)


def test_a_blocked_domain_is_blocked_with_all_below_it(coopole: Installation) -> None:
    assert coopole.say("domain", "block", "troll.example") == "troll.example is blocked.\n"
    hosts = {"troll.example", "deep.below.troll.example", "troll.example:8443"}
    assert blocked(coopole, *hosts, "patroll.example", "example") == hosts


@pytest.mark.parametrize(
    "written",
    ["Troll.Example", ".troll.example.", "https://troll.example/", "http://TROLL.example:80", " troll.example "],
)
def test_a_domain_may_be_written_as_people_write_it(coopole: Installation, written: str) -> None:
    coopole.say("domain", "block", written)
    assert blocked(coopole, "troll.example") == {"troll.example"}
    coopole.say("domain", "unblock", written)
    assert blocked(coopole, "troll.example") == set()


def test_a_domain_with_other_letters_is_blocked_as_it_travels(coopole: Installation) -> None:
    assert coopole.say("domain", "block", "bücher.example") == "xn--bcher-kva.example is blocked.\n"
    assert blocked(coopole, "xn--bcher-kva.example") == {"xn--bcher-kva.example"}


def test_blocking_again_changes_the_reason_alone(coopole: Installation) -> None:
    coopole.say("domain", "block", "troll.example", "--comment", "first")
    coopole.say("domain", "block", "troll.example", "--comment", "second")

    async def look(ctx: Context) -> list[str]:
        return [rule.comment for rule in await DomainRule.all()]

    assert coopole.look(look) == ["second"]


def test_the_list_says_who_and_why(coopole: Installation) -> None:
    coopole.say("domain", "block", "b.example", "--comment", "[spam] and [/worse]")
    coopole.say("domain", "block", "a.example")
    said = coopole.say("domain", "list")
    assert said.index("a.example") < said.index("b.example")
    assert "[spam] and [/worse]" in said


@pytest.mark.parametrize("written", ["", "two words", "*.troll.example", "user@troll.example", "a/b", "[/red]"])
def test_what_is_no_domain_is_refused(coopole: Installation, written: str) -> None:
    assert isinstance(coopole.run("domain", "block", written).exception, Invalid)
    assert isinstance(coopole.run("domain", "unblock", written).exception, Invalid)


@pytest.mark.parametrize("domain", ["localhost", "http://localhost:8000"])
def test_nobody_blocks_this_server(coopole: Installation, domain: str) -> None:
    assert isinstance(coopole.run("domain", "block", domain).exception, Invalid)


def test_nobody_blocks_the_domain_above_this_server(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coopole = install(database_url, tmp_path, monkeypatch, ORIGIN="https://lille.party.example")
    assert isinstance(coopole.run("domain", "block", "party.example").exception, Invalid)


def test_what_is_not_blocked_cannot_be_unblocked(coopole: Installation) -> None:
    assert isinstance(coopole.run("domain", "unblock", "troll.example").exception, NotFound)


@given(st.text(max_size=60))
def test_any_text_is_a_domain_or_refused(text: str) -> None:
    try:
        domain = checked_domain(text)
    except Invalid:
        return
    assert checked_domain(domain) == domain
    assert domain == domain.lower()
    assert domain.isascii()
