"""Settings: read once, refused when they make no sense."""

import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from federation.uris import parse_uri
from server.config import ConfigurationError, Settings, checked_origin, read_env_file, read_settings
from server.queue import redis_settings


def settings(tmp_path: Path, **values: str) -> Settings:
    """Read settings from nothing but these."""
    return read_settings({"COOPOLE_DATA": str(tmp_path)} | {f"COOPOLE_{name}": value for name, value in values.items()})


def test_with_nothing_set_a_server_runs_on_this_machine(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.origin == "http://localhost:8000"
    assert found.database_url == f"sqlite:///{tmp_path}/coopole.db"
    assert (found.listen_host, found.listen_port, found.redis_url, found.secret_key) == ("127.0.0.1", 8000, "", b"")
    assert (found.workers, found.max_body_bytes, found.log_level) == (0, 1024 * 1024, "info")
    assert found.allow_private_addresses
    assert not found.is_secure


def test_a_server_with_a_name_reaches_no_private_address(tmp_path: Path) -> None:
    found = settings(tmp_path, ORIGIN="https://lille.example")
    assert not found.allow_private_addresses
    assert found.is_secure
    assert found.names.shared_inbox == "https://lille.example/inbox"


def test_the_port_is_part_of_the_origin_that_nobody_set(tmp_path: Path) -> None:
    assert settings(tmp_path, LISTEN_PORT="9000").origin == "http://localhost:9000"


def test_the_environment_comes_before_the_file_and_the_file_before_nothing(tmp_path: Path) -> None:
    (tmp_path / "coopole.env").write_text("COOPOLE_LISTEN_PORT=9001\nCOOPOLE_WORKERS=3\n")
    found = settings(tmp_path, LISTEN_PORT="9002")
    assert (found.listen_port, found.workers) == (9002, 3)


def test_the_environment_of_the_process_is_read_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOPOLE_DATA", str(tmp_path))
    monkeypatch.setenv("COOPOLE_WORKERS", "7")
    assert read_settings().workers == 7


def test_a_relative_data_directory_is_where_we_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({"COOPOLE_DATA": "here"}).data == tmp_path / "here"
    assert read_settings({}).data == tmp_path / "data"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://lille.example", "https://lille.example"),
        (" https://Lille.Example/ ", "https://lille.example"),
        ("https://lille.example:443", "https://lille.example"),
        ("http://lille.example:80/", "http://lille.example"),
        ("https://lille.example:8443", "https://lille.example:8443"),
        ("https://Bücher.example", "https://xn--bcher-kva.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_tidied(written: str, read: str) -> None:
    assert checked_origin(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "",
        "lille.example",
        "ftp://lille.example",
        "https://",
        "https://lille.example/path",
        "https://lille.example?query",
        "https://lille.example#fragment",
        "https://lille.example/#",
        "https://somebody@lille.example",
        "https://lille.example:0",
        "https://lille.example:99999",
        "https://lille.example:port",
        "http://[::1",
        "https://lille..example",
        "https://2130706433",
    ],
)
def test_what_is_no_origin_is_refused_by_name(tmp_path: Path, written: str) -> None:
    with pytest.raises(ConfigurationError, match="COOPOLE_ORIGIN"):
        settings(tmp_path, ORIGIN=written)


@given(st.text())
@example("https://ß.example")
def test_an_origin_is_spelt_as_uris_of_it_are(text: str) -> None:
    try:
        origin = checked_origin(text)
    except ConfigurationError:
        return
    assert checked_origin(origin) == origin
    assert parse_uri(f"{origin}/inbox").origin == origin


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB_PROCESSES", "0"),
        ("WEB_PROCESSES", "65"),
        ("LISTEN_PORT", "0"),
        ("LISTEN_PORT", "65536"),
        ("LISTEN_PORT", "eighty"),
        ("LISTEN_PORT", "8000.0"),
        ("LISTEN_PORT", "-1"),
        ("LISTEN_PORT", "²"),
        ("LISTEN_PORT", ""),
        ("WORKERS", "65"),
        ("MAX_BODY_BYTES", "10"),
        ("ALLOW_PRIVATE_ADDRESSES", "perhaps"),
        ("LOG_LEVEL", "loud"),
        ("SECRET_KEY", "zz" * 32),
        ("SECRET_KEY", "ab" * 31),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis://localhost:port"),
        ("REDIS_URL", "redis://localhost:6379/zero"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"COOPOLE_{name}"):
        settings(tmp_path, **{name: value})


@pytest.mark.parametrize("url", ["redis://localhost", "rediss://user:word@host:6380/2", "unix:///run/valkey.sock"])
def test_a_broker_that_settings_accept_can_be_used(tmp_path: Path, url: str) -> None:
    assert redis_settings(settings(tmp_path, REDIS_URL=url).redis_url)


@pytest.mark.parametrize(("text", "means"), [("1", True), ("YES", True), ("on", True), ("0", False), ("no", False)])
def test_a_flag_is_read_as_people_write_it(tmp_path: Path, text: str, means: bool) -> None:
    assert settings(tmp_path, ALLOW_PRIVATE_ADDRESSES=text).allow_private_addresses is means


def test_a_flag_left_empty_means_no(tmp_path: Path) -> None:
    assert settings(tmp_path, ALLOW_PRIVATE_ADDRESSES="").allow_private_addresses is False


def test_the_secret_key_is_given_in_hex_or_lies_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"f" * 32)
    assert settings(tmp_path).secret_key == b"f" * 32
    assert settings(tmp_path, SECRET_KEY="ab" * 32).secret_key == b"\xab" * 32


def test_a_secret_key_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "secret.key").write_bytes(b"f" * 32)
    (tmp_path / "secret.key").chmod(0)
    with pytest.raises(ConfigurationError, match=r"secret\.key"):
        settings(tmp_path)


def test_an_env_file_has_comments_spaces_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "coopole.env"
    path.write_text("# a comment\n\n COOPOLE_A = one \nCOOPOLE_B=\"two words\"\nCOOPOLE_C='x=y'\nCOOPOLE_D\n")
    assert read_env_file(path) == {
        "COOPOLE_A": "one",
        "COOPOLE_B": "two words",
        "COOPOLE_C": "x=y",
        "COOPOLE_D": "",
    }


def test_without_an_env_file_there_are_no_values(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / "none") == {}


def test_an_env_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "coopole.env").write_bytes(b"COOPOLE_A=\xff")
    with pytest.raises(ConfigurationError, match=r"coopole\.env"):
        settings(tmp_path)


NAMES = [field.name.upper() for field in dataclasses.fields(Settings) if field.name != "data"]


@given(values=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30)))
def test_any_values_give_settings_or_a_sentence(
    values: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    try:
        found = settings(tmp_path_factory.getbasetemp(), **values)
    except ConfigurationError:
        return
    assert 1 <= found.listen_port <= 65535
    assert found.redis_url == "" or redis_settings(found.redis_url)


@given(content=st.binary(max_size=200))
def test_any_env_file_gives_values_or_a_sentence(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.env"
    path.write_bytes(content)
    try:
        values = read_env_file(path)
    except ConfigurationError:
        return
    assert all(name == name.strip() and value == value.strip() for name, value in values.items())


def test_nobody_is_given_the_numbers_from_elsewhere_by_default_and_requests_are_not_logged(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert (found.metrics_token, found.log_requests, found.log_format) == ("", False, "text")


@pytest.mark.parametrize(
    "token", ["short", "a space in a long token", "unlisiblé-unlisiblé", "a-long-one-with-\x07-in-it"]
)
def test_a_token_that_could_be_guessed_or_not_be_sent_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(ConfigurationError, match="COOPOLE_METRICS_TOKEN"):
        settings(tmp_path, METRICS_TOKEN=token)


def test_a_log_format_is_one_that_there_is(tmp_path: Path) -> None:
    assert settings(tmp_path, LOG_FORMAT="JSON").log_format == "json"
    with pytest.raises(ConfigurationError, match="COOPOLE_LOG_FORMAT must be one of text, json"):
        settings(tmp_path, LOG_FORMAT="xml")


def test_without_a_mail_server_letters_come_from_this_host(tmp_path: Path) -> None:
    assert (settings(tmp_path).smtp_url, settings(tmp_path).mail_from) == ("", "coopole@localhost")
    assert settings(tmp_path, ORIGIN="https://lille.example:8443").mail_from == "coopole@lille.example"
    assert settings(tmp_path, MAIL_FROM="section@lille.example").mail_from == "section@lille.example"


@pytest.mark.parametrize("value", ["http://post.example", "smtp://zoe:secret@", "smtp://zoe:secret@post:x"])
def test_a_mail_server_that_makes_no_sense_is_refused_without_its_password(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigurationError, match="COOPOLE_SMTP_URL") as refused:
        settings(tmp_path, SMTP_URL=value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("value", ["section", "a@b@c.example", "Lille <a@b.example>", "a@b.example\nBcc: c@d.example"])
def test_a_sender_that_is_no_address_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigurationError, match="COOPOLE_MAIL_FROM"):
        settings(tmp_path, MAIL_FROM=value)
