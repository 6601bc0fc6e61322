"""Lists of domains as servers exchange them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.host import DomainRule, Severity
from server.admin import blocklists
from server.admin.domains import Rule
from server.errors import Invalid

LIST = """#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
troll.example,suspend,true,true,"Insultes, menaces",false
Loud.Example,silence,false,true,,true
noop.example,noop,true,false,,false
tr**.example,suspend,false,false,,false
odd.example,explode,false,false,,false
not a domain,suspend,false,false,,false
"""


def test_a_list_is_read_line_by_line_and_says_what_it_leaves_out() -> None:
    found = {entry.domain: entry for entry in blocklists.read(LIST)}
    assert found["troll.example"].rule == Rule(Severity.SUSPEND, True, True, public_comment="Insultes, menaces")
    assert found["loud.example"].rule == Rule(Severity.SILENCE, False, True, is_obfuscated=True)
    assert found["noop.example"].rule == Rule(Severity.NONE, True, False)
    problems = [entry.problem for entry in found.values() if entry.problem]
    assert problems == ["the domain is half hidden", "explode is no severity", "'not a domain' is not a domain."]


def test_bare_domains_are_blocked() -> None:
    assert [(entry.domain, entry.rule.severity) for entry in blocklists.read("a.example\n\nb.example\n")] == [
        ("a.example", Severity.SUSPEND),
        ("b.example", Severity.SUSPEND),
    ]


def test_what_is_written_is_read_again() -> None:
    rules = [
        DomainRule(
            domain="a.example", severity=Severity.SUSPEND, rejects_media=True, public_comment='"quoted", and more'
        ),
        DomainRule(domain="b.example", severity=Severity.SILENCE, is_obfuscated=True, comment="for us alone"),
    ]
    text = blocklists.write([*rules, DomainRule(domain="ally.example", severity=Severity.ALLOW)])
    assert "for us alone" not in text
    assert "ally" not in text
    assert [(entry.domain, entry.rule) for entry in blocklists.read(text)] == [
        ("a.example", Rule(Severity.SUSPEND, rejects_media=True, public_comment='"quoted", and more')),
        ("b.example", Rule(Severity.SILENCE, is_obfuscated=True)),
    ]


def test_a_list_without_end_is_refused() -> None:
    with pytest.raises(Invalid):
        blocklists.read("a.example\n" * (blocklists.MAX_ROWS + 1))


@given(st.text(max_size=300))
@settings(max_examples=60)
def test_any_text_is_read_or_refused(text: str) -> None:
    for lines in (text, LIST + text):
        try:
            entries = blocklists.read(lines)
        except Invalid:
            continue
        assert all(entry.problem or entry.domain for entry in entries)
