"""What a machine lacks is said before anything is started."""

import socket
from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from bench import harness
from bench.__main__ import arguments
from bench.harness import CannotMeasure
from bench.installation import BenchServer, serious


@pytest.fixture
def fedbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "fedbench").mkdir()
    (tmp_path / "fedbench" / "__main__.py").touch()
    monkeypatch.setattr(harness, "FEDBENCH", tmp_path)
    monkeypatch.setattr(harness, "hosts_are_written", lambda options: True)
    return tmp_path


def options(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    harness.add_options(parser)
    return parser.parse_args(["--server-port", "0", "--fleet-port", "0", *arguments])


def test_a_missing_harness_says_where_it_was_sought(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(harness, "FEDBENCH", tmp_path / "nowhere")

    with pytest.raises(CannotMeasure, match="set COOPOLE_FEDBENCH"):
        harness.check(options())


@pytest.mark.usefixtures("fedbench")
def test_reading_needs_wrk(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.which", lambda name: None)

    with pytest.raises(CannotMeasure, match="apt-get install wrk"):
        harness.check(options(), ["inbox", "read"])


@pytest.mark.usefixtures("fedbench")
def test_a_low_port_needs_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "least").write_text("1024\n")
    monkeypatch.setattr(harness, "LEAST_UNPRIVILEGED", tmp_path / "least")
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(CannotMeasure, match="--fleet-port 8800"):
        harness.check(options("--fleet-port", "80"))


@pytest.mark.usefixtures("fedbench")
def test_a_port_that_is_taken_names_the_option_for_another():
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(CannotMeasure, match="Choose another with --server-port"),
    ):
        harness.check(options("--server-port", str(taken.getsockname()[1])))


@pytest.mark.usefixtures("fedbench")
def test_host_names_that_are_missing_need_root(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(harness, "hosts_are_written", lambda options: False)
    monkeypatch.setattr("os.access", lambda path, mode: False)

    with pytest.raises(CannotMeasure, match="/etc/hosts"):
        harness.check(options())


@pytest.mark.usefixtures("fedbench")
def test_a_machine_that_has_all_is_fit():
    harness.check(options(), ["inbox"])


def test_a_server_is_named_to_fedbench_with_its_scripts(tmp_path: Path):
    server = BenchServer(tmp_path, 8181, web_processes="2")

    given = server.fedbench_options(tmp_path / "results.json")

    assert given[given.index("--base") + 1] == "http://127.0.0.1:8181"
    assert given[given.index("--restart-cmd") + 1] == str(tmp_path / "start.sh")
    assert server.environment["COOPOLE_WEB_PROCESSES"] == "2"


def test_only_errors_of_a_log_are_serious():
    log = "\n".join(
        [
            "timestamp='2026-11-23T06:00:00Z' level='warning' process='web' event='slow' why='an error'",
            "timestamp='2026-11-23T06:00:01Z' level='error' process='web' event='request failed'",
            "ERROR asyncio: Task exception was never retrieved",
            "Traceback (most recent call last):",
            "WARNING uvicorn: an ERROR is not at the beginning",
        ]
    )

    assert len(serious(log)) == 3


def test_a_scenario_that_does_not_exist_is_refused():
    with pytest.raises(SystemExit):
        arguments(["idle", "outbox"])


def test_options_of_the_harness_are_handed_on():
    ours, theirs = arguments(["inbox", "--notes", "100", "--repeats", "1"])

    assert (ours.scenarios, ours.repeats) == (["inbox"], 1)
    assert theirs == ["--notes", "100"]
