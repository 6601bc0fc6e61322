"""Logs: one line an event, on standard error, each naming its process."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def logged(program: str, level: str = "info") -> list[str]:
    """What a process logs that configures its logs and then runs a program."""
    lines = [
        "import structlog, logging, sys",
        "from server.config import read_settings",
        "from server.logs import configure_logs",
        f"configure_logs(read_settings({{'COOPOLE_DATA': '/nowhere', 'COOPOLE_LOG_LEVEL': {level!r}}}), process='web')",
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
