"""SIGHUP: web and workers are replaced one by one."""

import signal
import socket
from pathlib import Path

from tests.server.cli.conftest import Launch
from tests.server.cli.supervised import PATIENT_SECONDS, Gate

ALL = [{"name": "broker"}, {"name": "web"}, {"name": "worker-1"}, {"name": "worker-2"}]


def test_hangup_replaces_web_and_workers_one_by_one_and_keeps_the_broker(launch: Launch) -> None:
    run = launch(*ALL, patience={"trial": 0.0})
    run.started("broker", "web", "worker-1", "worker-2")

    run.signal(signal.SIGHUP)
    run.until("rolled")
    run.stop()

    changes = [
        (each["name"], each["event"])
        for each in run.events
        if each["by"] == "supervisor" and each["event"] in ("started", "ended")
    ]
    assert changes[4:10] == [
        (name, event) for name in ("web", "worker-1", "worker-2") for event in ("ended", "started")
    ]
    assert [name for name, event in run.told() if event == "here"].count("broker") == 1


def test_replacement_that_dies_ends_the_rolling_and_spares_the_others(launch: Launch, tmp_path: Path) -> None:
    broken = {"name": "worker-1", "target": "serve_once", "arguments": [str(tmp_path / "marker")]}
    run = launch(broken, {"name": "worker-2"}, patience={"trial": 3600, "first_delay": 3600})
    run.started("worker-1", "worker-2")

    run.signal(signal.SIGHUP)
    assert run.until("rolling ended early")["name"] == "worker-1"
    run.stop()

    assert [name for name, event in run.told() if event == "here"].count("worker-2") == 1


def test_stop_during_a_rolling_restart_wins(launch: Launch, gate: Gate) -> None:
    run = launch({"name": "web", "arguments": [str(gate.path)]}, {"name": "worker-1"})
    run.started("web", "worker-1")

    run.signal(signal.SIGHUP)
    run.until("told", by="web")
    run.signal(signal.SIGTERM)
    gate.open()
    run.until_silence()

    assert [each["name"] for each in run.logged("started")] == ["web", "worker-1"]
    assert run.process.wait(PATIENT_SECONDS) == 0


def test_connection_made_while_web_is_replaced_is_answered_by_the_next(launch: Launch, gate: Gate) -> None:
    run = launch({"name": "web", "target": "answer_once", "arguments": ["listener", str(gate.path)]})
    port = run.until("listening")["port"]
    run.started("web")

    run.signal(signal.SIGHUP)
    run.until("told", by="web")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENT_SECONDS) as connection:
        gate.open()
        assert connection.recv(16) == b"web"
    run.started("web")
    run.stop()
