"""Several numbers of processes side by side."""

import pytest

from bench import postgres, scale
from bench.goals import Results


def results(accepted: float) -> Results:
    summary = {"accepted_per_s": {"median": accepted}}
    return {"scenarios": {"inbox": {"parts": {"notes": {"summary": summary}}}}}


def test_each_number_of_processes_has_a_column_and_the_gain_is_told():
    headers, rows = scale.rows_of({1: results(400), 2: results(700), 4: results(1000)})

    assert headers[2:5] == ["1 + 1", "2 + 2", "4 + 4"]
    assert rows == [["inbox", "accepted/s", "400", "700", "1,000", "× 2.50"]]


def test_a_run_that_failed_leaves_a_gap():
    _, rows = scale.rows_of({1: results(400), 2: {}})

    assert rows == [["inbox", "accepted/s", "400", "–", "–"]]


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("postgres:///postgres?host=/run/postgresql&user=me", "postgres:///x?host=/run/postgresql&user=me"),
        ("postgres://me:secret@db.example:5432/coopole", "postgres://me:secret@db.example:5432/x"),
    ],
)
def test_another_database_of_the_same_server_is_named(url: str, other: str):
    assert postgres.with_name(url, "x") == other
