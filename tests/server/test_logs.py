"""Logs: one line an event, on standard error, each naming its process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def logged(program: str, level: str = "info", form: str = "text") -> list[str]:
    """What a process logs that configures its logs and then runs a program."""
    lines = [
        "import structlog, logging, sys",
        "from server.config import read_settings",
        "from server.logs import configure_logs",
        f"settings = {{'COOPOLE_DATA': '/nowhere', 'COOPOLE_LOG_LEVEL': {level!r}, 'COOPOLE_LOG_FORMAT': {form!r}}}",
        "configure_logs(read_settings(settings), process='web')",
        "log = structlog.get_logger()",
        program,
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_an_event_is_one_line_that_says_when_how_grave_where_and_what() -> None:
    [line] = logged("log.warning('host waits', host='far.test')")
    assert line.startswith("timestamp='20")
    assert line.endswith("Z' level='warning' process='web' event='host waits' host='far.test'")


def test_what_strangers_wrote_begins_no_line_of_its_own() -> None:
    [line] = logged("log.error('refused', error='a\\nlevel=error event=forged\\r\\x1b[31m')")
    assert "\\n" in line
    assert "\x1b" not in line


def test_a_failure_is_one_line_with_its_traceback() -> None:
    [line] = logged("try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    log.error('failed', exc_info=error)")
    assert "ZeroDivisionError" in line
    assert "Traceback" in line


@pytest.mark.parametrize(("level", "shown"), [("debug", "abcd"), ("info", "bcd"), ("warning", "cd"), ("error", "d")])
def test_what_is_less_grave_than_was_asked_for_is_left_out(level: str, shown: str) -> None:
    program = "log.debug('a'); log.info('b'); log.warning('c'); log.error('d')"
    assert [line.rpartition("event=")[2].strip("'") for line in logged(program, level)] == list(shown)


def test_libraries_are_heard_when_something_is_wrong() -> None:
    program = "logging.getLogger('arq').info('started'); logging.getLogger('arq').error('job failed')"
    assert logged(program) == ["ERROR arq: job failed"]


def test_the_number_of_a_request_is_in_every_line_logged_for_it() -> None:
    [line] = logged("structlog.contextvars.bind_contextvars(request_id='12ab'); log.info('x')")
    assert "request_id='12ab'" in line


def test_where_json_is_asked_for_an_event_is_one_object_a_line() -> None:
    program = (
        "structlog.contextvars.bind_contextvars(request_id='12ab'); log.warning('host waits', host='far.test', n=2)"
    )
    [line] = logged(program, form="json")
    found = json.loads(line)
    assert found.pop("timestamp").endswith("Z")
    assert found == {
        "level": "warning", "process": "web", "event": "host waits", "host": "far.test", "n": 2, "request_id": "12ab",
    }  # fmt: skip


def test_a_failure_is_one_object_with_its_traceback() -> None:
    failing = "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    log.error('failed', exc_info=error)"
    [line] = logged(failing, form="json")
    assert "ZeroDivisionError" in json.loads(line)["exception"]


def test_what_libraries_say_is_an_object_too() -> None:
    program = "logging.getLogger('arq').error('job %s failed', 7)"
    [line] = logged(program, form="json")
    found = json.loads(line)
    assert (found["level"], found["logger"], found["event"]) == ("error", "arq", "job 7 failed")


def test_a_failure_that_a_library_tells_has_its_traceback() -> None:
    program = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.getLogger('arq').exception('broken')"
    [line] = logged(program, form="json")
    assert "ZeroDivisionError" in json.loads(line)["exception"]


@pytest.mark.parametrize("value", ["object()", "'\\ud800'", "b'\\xff'", "{1: 2}", "2**70"])
def test_what_json_has_no_word_for_is_logged_all_the_same(value: str) -> None:
    [line] = logged(f"log.error('odd', value={value})", form="json")
    assert "odd" in json.loads(line)["event"]
