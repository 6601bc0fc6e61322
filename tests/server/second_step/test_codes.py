"""Codes: those of the standard's own examples, each for its half minute, read however they are typed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.second_step import codes

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the one of RFC 6238, appendix B


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert codes.step_of(SECRET, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


def test_a_code_is_good_half_a_minute_before_and_after() -> None:
    at = datetime.fromtimestamp(1111111109, UTC)

    for aside in (-30, 0, 30):
        assert codes.step_of(SECRET, "081804", at + timedelta(seconds=aside)) == 1111111109 // 30
    for aside in (-60, 60):
        assert codes.step_of(SECRET, "081804", at + timedelta(seconds=aside)) is None


def test_secrets_and_recovery_codes_are_long_and_never_the_same() -> None:
    made = codes.new_recovery_codes()

    assert len(set(made)) == codes.RECOVERY_CODES == 10
    assert len(codes.new_secret()) == 32
    assert codes.new_secret() != codes.new_secret()
    assert all(codes.as_recovery_code(code) == code.replace("-", "") for code in made)
    assert not set(made) & set(codes.new_recovery_codes())


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "12 34 56"])
def test_six_digits_are_read_with_spaces(typed: str) -> None:
    assert codes.as_code(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "1" * 6 + " " * 99])
def test_anything_else_is_no_code(typed: str) -> None:
    assert codes.as_code(typed) == ""


@pytest.mark.parametrize("typed", ["ABCD-efgh-2345-ijkl", " abcdefgh2345ijkl ", "abcd efgh 2345 ijkl"])
def test_recovery_codes_are_read_in_any_case_with_or_without_dashes(typed: str) -> None:
    assert codes.as_recovery_code(typed) == "abcdefgh2345ijkl"


@given(st.text())
def test_whatever_is_typed_is_read_as_a_code_or_as_nothing(typed: str) -> None:
    assert len(codes.as_code(typed)) in (0, 6)
    assert len(codes.as_recovery_code(typed)) in (0, 16)


def test_the_address_for_an_application_names_the_server_and_the_account() -> None:
    address = codes.address_of(SECRET, name="@zoe@lille.test", issuer="lille.test")

    assert address.startswith("otpauth://totp/lille.test:%40zoe%40lille.test?secret=GEZD")
    assert "issuer=lille.test" in address
