"""The embedded Valkey server, run for real under a real supervisor."""

import os
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from server.cli.broker import EmbeddedBroker, find_binary, suits_a_socket
from server.cli.datadir import DataDirectory, StartRefused
from tests.server.cli.conftest import Launch
from tests.server.cli.supervised import PATIENT_SECONDS

VALKEY = [{"name": "broker", "target": "valkey"}, {"name": "worker-1"}]  # the worker waits for Valkey


@pytest.fixture
def short_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of the test's own, short enough for a socket, for processes it starts too."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture
def long_path(tmp_path: Path) -> Path:
    path = tmp_path / ("x" * 100) / "data"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def home(short_temp: Path) -> Path:
    """A data folder whose path is short enough for a socket, whatever the path of the tests."""
    return short_temp / "data"


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=PATIENT_SECONDS, decode_responses=True)


def broker_at(path: Path) -> EmbeddedBroker:
    return EmbeddedBroker(DataDirectory(path).valkey)


# --- running


def test_broker_answers_before_others_start(launch: Launch, home: Path) -> None:
    run = launch(*VALKEY, data=str(home))
    run.started("worker-1")

    broker = broker_at(home)
    assert broker.url == f"unix://{home}/valkey/valkey.sock"
    assert broker.is_ready()
    with client(broker.url) as connection:
        assert connection.ping()
    assert run.stop() == 0


def test_broker_listens_for_its_owner_alone_and_saves_nothing(launch: Launch, home: Path) -> None:
    run = launch(*VALKEY, data=str(home))
    run.started("worker-1")
    broker = broker_at(home)

    with client(broker.url) as connection:
        settings = connection.config_get("*")
    run.stop()

    expected = {"port": "0", "save": "", "appendonly": "no", "maxmemory": str(64 * 2**20)}
    expected |= {"maxmemory-policy": "noeviction", "unixsocketperm": "700"}
    assert {name: settings[name] for name in expected} == expected
    assert sorted(path.name for path in (home / "valkey").iterdir()) == ["valkey.conf", "valkey.log"]


def test_socket_is_closed_to_others(launch: Launch, home: Path) -> None:
    run = launch(*VALKEY, data=str(home))
    run.started("worker-1")

    found = broker_at(home).socket_path.stat()

    assert stat.S_ISSOCK(found.st_mode)
    assert stat.S_IMODE(found.st_mode) == 0o700
    run.stop()


def test_killed_broker_comes_back_on_the_same_socket(launch: Launch, home: Path) -> None:
    run = launch(*VALKEY, data=str(home))
    run.started("worker-1")
    broker = run.logged("started")[0]
    assert broker["name"] == "broker"

    os.kill(broker["pid"], signal.SIGKILL)
    again = run.until("started", name="broker")
    give_up_at = time.monotonic() + PATIENT_SECONDS
    while not broker_at(home).is_ready() and time.monotonic() < give_up_at:
        time.sleep(0.01)
    with client(broker_at(home).url) as connection:
        assert connection.info("server")["process_id"] == again["pid"]

    assert run.logged("died")[0]["signal"] == "SIGKILL"
    assert run.stop() == 0


def test_stopped_broker_leaves_no_socket(launch: Launch, home: Path) -> None:
    run = launch(*VALKEY, data=str(home))
    run.started("worker-1")

    run.stop()

    assert not broker_at(home).is_ready()
    assert not (home / "valkey" / "valkey.sock").exists()
    assert run.logged("killed") == []


def test_killed_supervisor_leaves_no_broker_and_the_next_start_works(launch: Launch, home: Path) -> None:
    first = launch(*VALKEY, data=str(home))
    first.started("worker-1")

    first.signal(signal.SIGKILL)
    second = launch(*VALKEY, data=str(home))

    second.started("worker-1")
    first.until_silence()
    assert broker_at(home).is_ready()
    with client(broker_at(home).url) as connection:
        assert connection.info("server")["process_id"] == second.logged("started")[0]["pid"]
    assert second.stop() == 0


def test_log_that_has_grown_large_is_emptied_at_the_next_start(launch: Launch, home: Path) -> None:
    DataDirectory(home).prepare()
    log = home / "valkey" / "valkey.log"
    log.write_bytes(b"x" * 2_000_000)

    run = launch(*VALKEY, data=str(home))
    run.started("worker-1")
    run.stop()

    assert log.stat().st_size < 100_000


# --- where the socket lies


def test_too_long_a_path_gets_a_private_folder(launch: Launch, long_path: Path, short_temp: Path) -> None:
    run = launch(*VALKEY, data=str(long_path))
    run.started("worker-1")
    broker = broker_at(long_path)

    assert broker.is_ready()
    folder = broker.socket_path.parent
    assert folder.parent == short_temp
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert run.stop() == 0


@pytest.mark.parametrize("name", ["with space", "é", "a%20b", "a?b", "a#b", 'a"b'])
def test_path_that_reads_differently_in_a_url_gets_a_private_folder(
    launch: Launch, short_temp: Path, name: str
) -> None:
    run = launch(*VALKEY, data=str(short_temp / name))
    run.started("worker-1")

    with client(broker_at(short_temp / name).url) as connection:
        assert connection.ping()
    assert run.stop() == 0


def test_private_folder_is_remembered(long_path: Path, short_temp: Path) -> None:
    assert broker_at(long_path).url == broker_at(long_path).url
    assert len(list(short_temp.iterdir())) == 1


@pytest.mark.parametrize("change", ["opened", "swept", "replaced by a link", "replaced by a file"])
def test_private_folder_that_is_no_longer_private_is_not_used_again(
    long_path: Path, short_temp: Path, change: str
) -> None:
    before = broker_at(long_path).socket_path.parent
    if change == "opened":
        before.chmod(0o755)
    else:
        before.rmdir()
    if change == "replaced by a link":
        before.symlink_to(short_temp)
    if change == "replaced by a file":
        before.touch(mode=0o600)

    after = broker_at(long_path).socket_path.parent

    assert after != before
    assert stat.S_IMODE(after.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_private_folder_of_another_user_is_not_used(long_path: Path, short_temp: Path) -> None:
    before = broker_at(long_path).socket_path.parent
    os.chown(before, 65534, 65534)

    assert broker_at(long_path).socket_path.parent != before


@given(note=st.binary(max_size=120))
def test_any_note_of_a_private_folder_leads_to_a_usable_one(note: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", root)
        room = Path(root) / ("x" * 100) / "valkey"
        room.mkdir(parents=True)
        (room / "socket-folder").write_bytes(note)

        chosen = EmbeddedBroker(room).socket_path

    assert suits_a_socket(chosen)
    assert chosen.parent.parent == Path(root)


def test_long_temporary_folder_is_passed_over(long_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(long_path))

    folder = broker_at(long_path).socket_path.parent

    assert folder.parent == Path("/tmp")
    folder.rmdir()


@given(st.text(max_size=130))
def test_path_that_suits_a_socket_reads_the_same_everywhere(text: str) -> None:
    path = Path("/" + text.replace("\0", ""))

    if suits_a_socket(path):
        assert len(os.fsencode(path)) <= 107
        assert quote(str(path)) == str(path).replace("+", "%2B")
        assert urlsplit(f"unix://{path}").path == str(path)
        assert str(path).split() == [str(path)]


@pytest.mark.parametrize(("length", "suits"), [(107, True), (108, False)])
def test_socket_path_may_have_107_bytes(length: int, suits: bool) -> None:
    assert suits_a_socket(Path("/" + "x" * (length - 1))) is suits


# --- refusals


def test_nothing_is_ready_where_nothing_listens(home: Path) -> None:
    assert not broker_at(home).is_ready()


def test_socket_of_a_dead_server_is_cleared(home: Path) -> None:
    broker = broker_at(home)
    broker.prepare()
    broker.socket_path.touch()

    broker.prepare()

    assert not broker.socket_path.exists()


def test_room_that_is_a_file_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "valkey").touch()

    with pytest.raises(StartRefused, match=r"broker's folder .* cannot be written: .*\.$"):
        broker_at(home).prepare()


def test_machine_without_a_valkey_is_told_to_bring_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    strange = os.uname_result(("Plan9", "host", "4", "", "mips"))
    monkeypatch.setattr(os, "uname", lambda: strange)

    with pytest.raises(StartRefused, match="for Plan9 on mips: set COOPOLE_REDIS_URL"):
        find_binary()


def test_valkey_of_this_machine_is_found() -> None:
    assert os.access(find_binary(), os.X_OK)
