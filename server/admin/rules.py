"""The rules of this server, in words: its administrator writes them, and everybody may read them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from models.setting import Setting
from server.errors import Invalid, NotFound

SETTING = "rules"
MAX_RULES = 30
MAX_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class HouseRule:
    """One rule. Its `number` stays the same as long as it stands; `hint` explains it further."""

    number: int
    text: str
    hint: str = ""


async def all_rules() -> list[HouseRule]:
    """Give the rules in their order."""
    return [HouseRule(**row) for row in (await Setting.read(SETTING, {"rules": []}))["rules"]]


async def add(text: str, hint: str = "") -> HouseRule:
    """Add a rule behind the others; no number is used twice.

    Raises:
        Invalid: it says nothing, or too much, or there are enough.
    """
    found = await Setting.read(SETTING, {"rules": [], "last": 0})
    rule = _checked(HouseRule(found["last"] + 1, text, hint))
    if len(found["rules"]) >= MAX_RULES:
        raise Invalid(f"{MAX_RULES} rules are enough: nobody reads more.")
    await _write([HouseRule(**row) for row in found["rules"]] + [rule], rule.number)
    return rule


async def change(number: int, text: str, hint: str | None = None) -> HouseRule:
    """Write a rule anew; without a new hint it keeps its own.

    Raises:
        NotFound: there is no such rule.
        Invalid: it says nothing, or too much.
    """
    before = await _rule(number)
    rule = _checked(replace(before, text=text, hint=before.hint if hint is None else hint))
    await _write([rule if one.number == number else one for one in await all_rules()])
    return rule


async def remove(number: int) -> None:
    """Take a rule away.

    Raises:
        NotFound: there is no such rule.
    """
    await _rule(number)
    await _write([one for one in await all_rules() if one.number != number])


async def _rule(number: int) -> HouseRule:
    if (rule := next((one for one in await all_rules() if one.number == number), None)) is None:
        raise NotFound(f"There is no rule {number}.")
    return rule


async def _write(rules: Sequence[HouseRule], last: int | None = None) -> None:
    if last is None:
        last = (await Setting.read(SETTING))["last"]
    await Setting.write(SETTING, {"rules": [asdict(rule) for rule in rules], "last": last})


def _checked(rule: HouseRule) -> HouseRule:
    text, hint = " ".join(rule.text.split()), " ".join(rule.hint.split())
    if not text:
        raise Invalid("A rule says something.")
    if max(len(text), len(hint)) > MAX_CHARACTERS:
        raise Invalid(f"A rule may have {MAX_CHARACTERS} characters at most, and its hint as many.")
    return replace(rule, text=text, hint=hint)
