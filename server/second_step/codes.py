"""Codes that last half a minute, and codes on paper that last until they are used.   Source: RFC 6238; RFC 4226 §7.2, §7.4

The one file that knows pyotp.
"""

import base64
import hmac
import re
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
STEPS_ASIDE = 1  # clocks of telephones are half a minute wrong now and then
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
MAX_TYPED_CHARACTERS = 64

_CODE = re.compile(r"[0-9]{6}")
_RECOVERY_CODE = re.compile(r"[a-z2-7]{16}")


def new_secret() -> str:
    """Make what an application and we share: 160 random bits in base 32."""
    return pyotp.random_base32(32)


def address_of(secret: str, *, name: str, issuer: str) -> str:
    """Give the otpauth:// address by which an application learns a secret, as its QR code says it."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Tell of which half minute this is the code; None where it is of none near `now`."""
    current = int(now.timestamp()) // STEP_SECONDS
    near = range(current - STEPS_ASIDE, current + STEPS_ASIDE + 1)
    found = [step for step in near if hmac.compare_digest(pyotp.HOTP(secret).at(step), code)]
    return found[-1] if found else None


def new_recovery_codes() -> list[str]:
    """Make codes of 80 random bits: "abcd-efgh-ijkl-mnop"."""
    whole = (base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES))
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in whole]


def as_code(typed: str) -> str:
    """Read six digits, with whatever spaces; '' where it is something else."""
    digits = "".join(typed.split()) if len(typed) <= MAX_TYPED_CHARACTERS else ""
    return digits if digits.isascii() and _CODE.fullmatch(digits) else ""


def as_recovery_code(typed: str) -> str:
    """Read a code from paper, in any case and with or without its dashes; '' where it is something else."""
    letters = "".join(typed.split()).replace("-", "").lower() if len(typed) <= MAX_TYPED_CHARACTERS else ""
    return letters if _RECOVERY_CODE.fullmatch(letters) else ""
