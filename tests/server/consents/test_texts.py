"""The words of consents: in both languages, and never changed without a new version."""

import hashlib
import re

import pytest

from models.actor import Actor
from models.consent import ConsentText, Purpose
from server.consents import actions as consents
from server.consents import texts

# Whoever changes a wording raises its version, and writes both down here.
VERSIONS = {
    Purpose.MEMBERSHIP: (1, "25fab06251d7a777"),
    Purpose.CHARTER: (1, "c47ba42cdbbcb410"),
    Purpose.SHARE_EMAIL: (1, "4b4c19181d8368a6"),
    Purpose.SHARE_PHONE: (1, "3415b61e18384e22"),
    Purpose.SEND_EMAIL: (1, "b58706b1d45b7876"),
    Purpose.SEND_PHONE: (1, "42ccf93d743f0e14"),
    Purpose.NEWS: (1, "f839c960e916be89"),
    Purpose.EVENTS: (1, "47cb3f3227717f0b"),
}


def digest(purpose: Purpose) -> str:
    wording = texts.WORDINGS[purpose]
    return hashlib.sha256(f"{wording.fr}\n{wording.en}".encode()).hexdigest()[:16]


@pytest.mark.parametrize("purpose", Purpose)
def test_words_that_change_have_a_new_version(purpose: Purpose) -> None:
    assert (texts.WORDINGS[purpose].version, digest(purpose)) == VERSIONS[purpose]


@pytest.mark.parametrize("purpose", Purpose)
def test_each_purpose_is_said_in_both_languages_and_names_the_section(purpose: Purpose) -> None:
    wording = texts.WORDINGS[purpose]
    for text in (wording.fr, wording.en):
        assert text.count("%(section)s") == 1
        assert "%" not in text.replace("%(section)s", "")
    assert not re.search(r" [:;?!»]|« |'", wording.fr)
    assert not re.search(r"\b(tu|toi|ton|ta|tes)\b", wording.fr)


async def test_the_same_words_are_kept_once_and_dropped_when_nobody_agrees_any_more(
    section: Actor, member: Actor, other_member: Actor
) -> None:
    for who in (member, other_member):
        await consents.give(section, who, Purpose.NEWS, language="fr", by="form")
    await consents.give(section, member, Purpose.EVENTS, language="en", by="form")
    assert await ConsentText.all().count() == 2

    for row in await consents.ledger(member):
        await row.delete()

    assert await texts.drop_unused() == 1
    assert [row.purpose for row in await ConsentText.all()] == [Purpose.NEWS]
