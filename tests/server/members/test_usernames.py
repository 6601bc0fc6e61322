"""The names of our actors."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.actor import Actor
from server.errors import Conflict, Invalid
from server.members.usernames import RESERVED, check_free, check_username, suggest_username


@pytest.mark.parametrize("typed", ["zoe", " @Zoe ", "lille_centre", "a", "x" * 30, "2026"])
def test_plain_name_is_read_in_small_letters(typed):
    assert check_username(typed) == typed.strip().removeprefix("@").lower()


@pytest.mark.parametrize(
    "typed", ["", " ", "@", "x" * 31, "zoé", "zoe.l", "zoe-l", "a b", "a@x", "ſam", "admin", "AIDE"]
)
def test_any_other_name_is_refused(typed):
    with pytest.raises(Invalid):
        check_username(typed)


@given(st.text())
def test_any_text_is_a_username_or_is_refused(typed):
    try:
        username = check_username(typed)
    except Invalid:
        return
    assert re.fullmatch("[a-z0-9_]{1,30}", username)
    assert username not in RESERVED


async def test_name_of_a_member_is_not_free(member):
    with pytest.raises(Conflict):
        await check_free("zoe")


async def test_name_of_somebody_who_left_is_never_free_again(member, ctx):
    await Actor.filter(id=member.id).update(gone_at=ctx.now())

    with pytest.raises(Conflict):
        await check_free("zoe")


@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("Section de Lille-Centre", "lille_centre"),
        ("Section locale de l’Île-d’Yeu", "ile_yeu"),
        ("La Section", "la_section"),
        ("Zoé", "zoe_2"),
        ("Admin", "admin_2"),
        ("日本", "lieu"),
        ("", "lieu"),
        ("Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson", "saint_remy_bouzemont_saint_gen"),
    ],
)
async def test_name_proposes_a_username_that_is_free(member, name, username):
    assert await suggest_username(name) == username
    assert check_username(username) == username
