"""Passwords: which are refused, how they are kept, how they are checked."""

import pytest
from argon2 import PasswordHasher

from server.errors import Invalid
from server.members.passwords import Verdict, check_strength, hash_password, verify_password

GOOD = "cheval agrafe pile"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "neuf cara",
        "aaaaaaaaaaaa",
        "abababababab",
        "motdepasse123",
        "1234567890",
        "zoe-lambert",
        "ZoeLambert1",
        "x" * 1025,
    ],
)
def test_password_that_would_be_guessed_is_refused(password):
    with pytest.raises(Invalid):
        check_strength(password, names=("zoe", "Lambert", "zoe-lambert"))


@pytest.mark.parametrize("password", [GOOD, "éàüö ñß 日本語 pile", "zoe aime les tomates", "x1!" * 5 + "yz"])
def test_password_that_would_not_be_guessed_is_taken(password):
    check_strength(password, names=("zoe", "", "or"))


async def test_kept_password_names_its_costs_and_not_itself():
    kept = await hash_password(GOOD)

    assert kept.startswith("$argon2id$v=19$m=19456,t=3,p=1$")
    assert GOOD not in kept
    assert kept != await hash_password(GOOD)


async def test_right_password_is_right_and_any_other_is_not():
    kept = await hash_password(GOOD)

    assert await verify_password(kept, GOOD) == Verdict(True)
    for other in (GOOD.upper(), GOOD + " ", "", "x" * 5000, "\ud800"):
        assert await verify_password(kept, other) == Verdict(False)


async def test_one_password_typed_on_two_keyboards_is_the_same():
    assert (await verify_password(await hash_password("été e\u0301tonnant"), "e\u0301te\u0301 étonnant")).is_right


async def test_weaker_hash_of_old_is_renewed():
    kept = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)

    verdict = await verify_password(kept, GOOD)

    assert verdict.is_right
    assert verdict.new_hash is not None
    assert await verify_password(verdict.new_hash, GOOD) == Verdict(True)


@pytest.mark.parametrize("kept", [None, "", "not a hash", "$argon2id$v=19$m=19456,t=3,p=1$x"])
async def test_without_anything_kept_nothing_is_right(kept):
    assert await verify_password(kept, GOOD) == Verdict(False)
