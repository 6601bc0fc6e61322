"""The rules of the server: written, changed, removed, and numbered for good."""

import pytest

from server.admin import rules
from server.admin.rules import MAX_CHARACTERS, MAX_RULES, HouseRule
from server.errors import Invalid, NotFound


async def test_a_number_is_used_once(db: str) -> None:
    await rules.add("  Un\n ")
    await rules.add("Deux", "Pour de bon")
    await rules.remove(2)
    await rules.add("Trois")
    assert await rules.all_rules() == [HouseRule(1, "Un"), HouseRule(3, "Trois")]


async def test_a_rule_is_written_anew_in_its_place(db: str) -> None:
    await rules.add("Un", "Parce que")
    await rules.add("Deux")
    await rules.change(1, "Premier")
    await rules.change(2, "Second", "Voilà")
    assert await rules.all_rules() == [HouseRule(1, "Premier", "Parce que"), HouseRule(2, "Second", "Voilà")]
    await rules.change(1, "Premier", "")
    assert (await rules.all_rules())[0].hint == ""


async def test_what_is_no_rule_is_refused(db: str) -> None:
    for text, hint in ((" ", ""), ("x" * (MAX_CHARACTERS + 1), ""), ("x", "y" * (MAX_CHARACTERS + 1))):
        with pytest.raises(Invalid):
            await rules.add(text, hint)
    with pytest.raises(NotFound):
        await rules.change(1, "Un")
    with pytest.raises(NotFound):
        await rules.remove(1)
    for number in range(MAX_RULES):
        await rules.add(str(number))
    with pytest.raises(Invalid):
        await rules.add("Un de trop")
    with pytest.raises(Invalid):
        await rules.change(1, "")
    assert len(await rules.all_rules()) == MAX_RULES
