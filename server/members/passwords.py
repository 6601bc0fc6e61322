"""Passwords: kept as Argon2id, so that a stolen database is slow to guess from, and checked at one pace for everybody.

Parameters: 19 MiB of memory, 3 passes, 1 lane: one pass more than OWASP's least for this memory, some 40 ms on a small
machine. Larger memory (RFC 9106 proposes 64 MiB) would let a few log-ins at once fill the machines that sections own,
which is also why no more than two are computed at a time.   Source: RFC 9106 §4; OWASP Password Storage Cheat Sheet.
"""

import asyncio
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from server.errors import Invalid

MIN_CHARACTERS = 10
MAX_CHARACTERS = 1024
MIN_DISTINCT_CHARACTERS = 5
MIN_CHARACTERS_BESIDE_NAMES = 6

_T = TypeVar("_T")
_HASHER = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
_NOBODYS_HASH = (  # of 256 random bits that were not kept
    "$argon2id$v=19$m=19456,t=3,p=1$WvgZ3fy4p/ScfHHKvCb0tA$xY/X+cf9vbhie/qT99JHmpIpoDxilRA4dWtrw0mriFA"
)
_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_FIRST_GUESSES = """
0123456789 1234567890 12345678910 123456789a azertyuiop azerty1234 azerty12345 qwertyuiop qwerty12345 motdepasse
motdepasse1 motdepasse123 password12 password123 password1234 1q2w3e4r5t bonjour123 administrateur
"""
_KNOWN_TO_ALL = frozenset(_FIRST_GUESSES.split())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking a password found. `new_hash` is to be kept instead, where the old one is weaker than today's."""

    is_right: bool
    new_hash: str | None = None


def check_strength(password: str, *, names: Iterable[str] = ()) -> None:
    """Refuse a password that would be guessed; `names` are what everybody knows of its owner.

    Raises:
        Invalid: it is too short, too long, or one of the first guesses.
    """
    password = _normal(password)
    if len(password) < MIN_CHARACTERS:
        raise Invalid("A password needs at least 10 characters.")
    if len(password) > MAX_CHARACTERS:
        raise Invalid("A password may have 1,024 characters at most.")
    folded = password.casefold()
    for name in names:
        rest = folded.replace(name.casefold(), "") if len(name) > 2 else folded
        if len(rest) < MIN_CHARACTERS_BESIDE_NAMES:
            raise Invalid("This password is little more than a name: it would be guessed.")
    if folded in _KNOWN_TO_ALL or len(set(folded)) < MIN_DISTINCT_CHARACTERS:
        raise Invalid("This password is among the first that would be tried. Choose another.")


async def hash_password(password: str) -> str:
    """Give what is kept of a password, its parameters included."""
    return await _computed(lambda: _HASHER.hash(_bytes(password)))


async def verify_password(kept: str | None, password: str) -> Verdict:
    """Check a password against what was kept. Without anything kept it takes as long, and is never right."""
    if len(password) > MAX_CHARACTERS:
        return Verdict(False)
    return await _computed(lambda: _verdict(kept, _bytes(password)))


def _verdict(kept: str | None, password: bytes) -> Verdict:
    try:
        _HASHER.verify(kept or _NOBODYS_HASH, password)
    except (VerificationError, InvalidHashError):
        return Verdict(False)
    if kept is None:
        return Verdict(False)
    return Verdict(True, _HASHER.hash(password) if _HASHER.check_needs_rehash(kept) else None)


async def _computed(work: Callable[[], _T]) -> _T:
    return await asyncio.get_running_loop().run_in_executor(_POOL, work)


def _normal(password: str) -> str:
    """Give one spelling to what two keyboards type differently. Source: NIST SP 800-63B §3.1.1.2."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _normal(password).encode(errors="backslashreplace")
