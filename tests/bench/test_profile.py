"""Samples of stacks become the functions that cost most."""

from bench import profile

STACKS = """run (loop.py);perform (notes.py);clean (html.py) 6
run (loop.py);perform (notes.py) 1
run (loop.py);fold (loop.py);fold (loop.py) 3
run (loop.py);_worker (concurrent/futures/thread.py:69) 50
not a stack
"""


def test_a_function_costs_what_it_does_itself():
    total, own, _ = profile.costs(STACKS)

    assert total == 10
    assert own == {"clean (html.py)": 6, "perform (notes.py)": 1, "fold (loop.py)": 3}


def test_a_function_also_costs_what_it_calls_and_recursion_counts_once():
    _, _, below = profile.costs(STACKS)

    assert below["run (loop.py)"] == 10
    assert below["perform (notes.py)"] == 7
    assert below["fold (loop.py)"] == 3


def test_the_report_names_the_dearest_first():
    lines = profile.report(STACKS)

    assert lines[3] == "  60.0 %  clean (html.py)"
    assert "100.0 %  run (loop.py)" in "\n".join(lines)


def test_a_process_that_was_never_seen_at_work_has_a_report_too():
    assert profile.report("")[0].startswith("0 samples")
