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
    Purpose.MEMBERSHIP: (1, "2d81ad6d1709c5f1"),
    Purpose.CHARTER: (1, "dc2459a9b8cb6bc7"),
    Purpose.SHARE_EMAIL: (1, "6cf88bb1421377db"),
    Purpose.SHARE_PHONE: (1, "aea5ef6b8cc02b2c"),
    Purpose.NEWS: (1, "d86b384e46f910b2"),
    Purpose.EVENTS: (1, "3032e560477192f2"),
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
