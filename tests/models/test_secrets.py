"""Columns that cannot be read without the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import database, secrets
from models.actor import Actor
from models.member import Member
from models.secrets import WrongKey, fingerprint, seal, unseal, use_key


@pytest.fixture(autouse=True)
def key() -> None:
    use_key(b"k" * 32)


@given(st.text())
def test_what_was_sealed_opens(text: str) -> None:
    use_key(b"k" * 32)
    assert unseal(seal(text)) == text


def test_the_same_text_is_sealed_otherwise_each_time() -> None:
    assert len({seal("zoe@lille.test") for _ in range(50)}) == 50


@pytest.mark.parametrize("key", [b"", b"k" * 31, b"k" * 33])
def test_a_key_has_32_bytes(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        use_key(key)


def test_another_key_opens_nothing() -> None:
    sealed = seal("zoe@lille.test")
    use_key(b"x" * 32)
    with pytest.raises(WrongKey):
        unseal(sealed)


@given(place=st.integers(0, 41), bit=st.integers(0, 7))
def test_what_was_changed_does_not_open(place: int, bit: int) -> None:
    use_key(b"k" * 32)
    sealed = bytearray(seal("zoe@lille.test"))
    sealed[place] ^= 1 << bit
    with pytest.raises(WrongKey):
        unseal(bytes(sealed))


@pytest.mark.parametrize("length", [0, 1, 12, 20, 27])
def test_what_was_cut_does_not_open(length: int) -> None:
    with pytest.raises(WrongKey):
        unseal(seal("zoe@lille.test")[:length])


def test_a_fingerprint_finds_an_address_again() -> None:
    assert fingerprint(" Zoe@Lille.test ") == fingerprint("zoe@lille.TEST")
    assert fingerprint("zoe@lille.test") != fingerprint("zoe@lille.tes")
    assert len(fingerprint("")) == 64


def test_a_fingerprint_depends_on_the_key() -> None:
    before = fingerprint("zoe@lille.test")
    use_key(b"x" * 32)
    assert fingerprint("zoe@lille.test") != before


async def test_a_sealed_column_is_plain_in_python_and_unreadable_in_the_database(member: Actor) -> None:
    login = await Member.get(actor_id=member.id)
    login.email = "zoe@lille.test"
    await login.save()

    assert (await Member.get(actor_id=member.id)).email == "zoe@lille.test"
    [row] = await database.select("SELECT email FROM member")
    assert b"zoe" not in bytes(row["email"])


async def test_an_empty_column_stays_empty(member: Actor) -> None:
    assert (await Member.get(actor_id=member.id)).email is None


async def test_a_database_of_another_key_says_so(member: Actor) -> None:
    login = await Member.get(actor_id=member.id)
    login.email = "zoe@lille.test"
    await login.save()
    secrets.use_key(b"x" * 32)
    with pytest.raises(WrongKey, match="does not fit"):
        await Member.get(actor_id=member.id)
