"""Numbers of several processes, kept in files: what adds up, what is counted on, what a broken file does."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram

from server.monitoring import shared_values


@pytest.fixture(autouse=True)
def alone_afterwards() -> Iterator[None]:
    """Leave the files of a test with it."""
    yield
    shared_values.unshare()


def counter(name: str = "tries") -> Counter:
    return Counter(name, "How often.", ("how",), registry=CollectorRegistry())


def total(folder: Path, name: str, **labels: str) -> float | None:
    """Give a sample of what all places counted."""
    samples = [sample for metric in shared_values.summed(folder) for sample in metric.samples]
    return next((found.value for found in samples if found.name == name and found.labels == labels), None)


def in_child(work: Callable[[], None]) -> None:
    """Do something in a forked process, to its end."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    assert child.exitcode == 0


@pytest.fixture(autouse=True)
def _no_numbers_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with none: those of all tests before would fill the file."""
    monkeypatch.setattr(shared_values, "_VALUES", [])


def test_a_process_that_shares_nothing_counts_for_itself(tmp_path: Path) -> None:
    tries = counter()
    tries.labels("hard").inc(3)
    [metric] = tries.collect()
    assert [sample.value for sample in metric.samples] == [3.0]
    assert shared_values.summed(tmp_path) == []


def test_forked_processes_add_up_and_one_that_was_killed_still_counts(tmp_path: Path) -> None:
    tries = counter()

    def work(place: str, often: int) -> None:
        shared_values.share(tmp_path, place)
        tries.labels("hard").inc(often)
        os._exit(0)  # as abruptly as a kill: nothing is written at the end

    in_child(lambda: work("worker-1", 2))
    in_child(lambda: work("worker-2", 5))
    shared_values.share(tmp_path, "web")
    tries.labels("hard").inc()
    assert total(tmp_path, "tries_total", how="hard") == 8


def test_whoever_takes_a_place_counts_on_from_where_it_was(tmp_path: Path) -> None:
    tries = counter()

    def work() -> None:
        shared_values.share(tmp_path, "worker-1")
        tries.labels("hard").inc()

    for _ in range(3):
        in_child(work)
    assert total(tmp_path, "tries_total", how="hard") == 3
    assert len(list(tmp_path.glob("*.db"))) == len(shared_values.KINDS)


def test_histograms_add_up_bucket_by_bucket(tmp_path: Path) -> None:
    sizes = Histogram("sizes", "How large.", registry=CollectorRegistry(), buckets=(1, 10))

    def work() -> None:
        shared_values.share(tmp_path, "worker-1")
        sizes.observe(5)

    in_child(work)
    shared_values.share(tmp_path, "web")
    sizes.observe(0.5)
    sizes.observe(100)
    assert [total(tmp_path, "sizes_bucket", le=bound) for bound in ("1.0", "10.0", "+Inf")] == [1, 2, 3]
    assert total(tmp_path, "sizes_sum") == 105.5
    assert total(tmp_path, "sizes_count") == 3


@pytest.mark.parametrize("left", [b"", b"\xff" * 100, b"\x40\x00\x00\x00" + b"\xff" * 80])
def test_a_file_that_a_power_cut_left_half_written_is_dropped(tmp_path: Path, left: bytes) -> None:
    for name in ("counter_web.db", "histogram_worker-9.db"):
        (tmp_path / name).write_bytes(left)
    tries = counter()
    shared_values.share(tmp_path, "web")
    tries.labels("hard").inc()
    assert total(tmp_path, "tries_total", how="hard") == 1


@given(st.binary(max_size=200))
def test_whatever_is_in_a_file_it_is_read_or_called_unreadable(
    tmp_path_factory: pytest.TempPathFactory, left: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "counter_any.db"
    path.write_bytes(left)
    assert shared_values.is_readable(path) in (True, False)


def test_a_file_never_outgrows_its_size_and_what_does_not_fit_is_not_told(tmp_path: Path) -> None:
    tries = counter()
    shared_values.share(tmp_path, "web")
    for number in range(20):
        tries.labels(f"{number}" * 100_000).inc()
    assert {path.stat().st_size for path in tmp_path.glob("*.db")} == {shared_values.FILE_BYTES}
    assert 0 < len(shared_values.summed(tmp_path)[0].samples) < 20


def test_a_place_is_no_path(tmp_path: Path) -> None:
    shared_values.share(tmp_path / "in", "worker-../../out_1")
    names = {path.name for path in (tmp_path / "in").iterdir()}
    assert names == {f"{kind}_worker-..-..-out-1.db" for kind in shared_values.KINDS}


def test_a_folder_that_cannot_be_written_is_told_and_the_count_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    tries = counter()
    with pytest.raises(OSError, match="file"):
        shared_values.share(tmp_path / "file" / "metrics", "web")
    tries.labels("hard").inc()
    assert tries.collect()
