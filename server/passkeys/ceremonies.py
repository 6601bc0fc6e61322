"""What a browser is asked, and what it answers: the one file that knows the package webauthn.

Source: Web Authentication Level 3, §5.4 (creating), §5.5 (asking), §7.1, §7.2 (verifying). No attestation is asked for:
of which make somebody's telephone is, is nobody's business.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from federation.naming import Names
from models.passkey import Passkey
from server.errors import Invalid

MAX_ANSWER_CHARACTERS = 16_384
MAX_CREDENTIAL_BYTES = 1023
PATIENCE_MS = 300_000

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made, as its columns hold it."""

    credential: str
    public_key: str
    sign_count: int


def read_answer(text: str) -> Answer:
    """Read what our script sends of a browser's answer, which is to be verified yet.

    Raises:
        Invalid: it is none.
    """
    try:
        found: Any = orjson.loads(text) if len(text) <= MAX_ANSWER_CHARACTERS else None
    except orjson.JSONDecodeError:
        found = None
    if not (isinstance(found, dict) and isinstance(found.get("id"), str) and isinstance(found.get("response"), dict)):
        raise refused()
    return found


def refused() -> Invalid:
    """Say that a passkey did not do."""
    return Invalid("This passkey was not recognised. Try again, or log in with your password.")


def to_make(names: Names, challenge: str, handle: str, username: str, name: str, have: Sequence[Passkey]) -> str:
    """Write what a browser is asked so that it makes a key; `have` are those that the member has already."""
    options = generate_registration_options(
        rp_id=host(names),
        rp_name=names.host,
        user_id=base64url_to_bytes(handle),
        user_name=username,
        user_display_name=name or username,
        challenge=challenge.encode(),
        timeout=PATIENCE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(have),
    )
    return options_to_json(options)


def to_ask(names: Names, challenge: str, among: Sequence[Passkey] = ()) -> str:
    """Write what a browser is asked so that it shows a key: one of these, or any that it has for this server."""
    options = generate_authentication_options(
        rp_id=host(names),
        challenge=challenge.encode(),
        timeout=PATIENCE_MS,
        allow_credentials=_described(among),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def made(answer: Answer, names: Names, challenge: str) -> NewKey:
    """Verify that a key was made for us.

    Raises:
        Invalid: it was not.
    """
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge.encode(),
            expected_rp_id=host(names),
            expected_origin=names.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise refused() from error
    if len(found.credential_id) > MAX_CREDENTIAL_BYTES:
        raise refused()
    return NewKey(_text(found.credential_id), _text(found.credential_public_key), found.sign_count)


def shown(answer: Answer, names: Names, challenge: str, key: Passkey) -> int:
    """Verify that this key was shown to us, by its owner; how often it says that it was used.

    Raises:
        Invalid: it was not, or a copy of it is about.
    """
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge.encode(),
            expected_rp_id=host(names),
            expected_origin=names.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise refused() from error
    return found.new_sign_count


def handle_in(answer: Answer) -> str:
    """Give the handle of whom the browser says it is: base64 for addresses; '' where it does not say."""
    said = answer["response"].get("userHandle")
    return said.rstrip("=") if isinstance(said, str) else ""


def host(names: Names) -> str:
    """Name this server as browsers do: without the port."""
    return names.origin.partition("://")[2].partition(":")[0]


def _described(keys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential)) for key in keys]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
