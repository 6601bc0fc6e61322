"""Drive a fresh server steadily for a while, and see whether it stays as it was.

    python -m bench.soak --minutes 20 --share 0.5 --results bench-data/results.json

`--share` is the share of the server's power to use: half of that goes to what it receives, half to what it delivers. The
most it can do, in notes and in deliveries, is read from a results file of `make bench`, or given. Exit status 1: memory,
but for what is mapped from files, grew by 1 MiB a minute or more after the warm-up, a queue did not become empty, or
anything failed.
"""

import asyncio
import json
import secrets
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import harness
from bench.goals import Figure
from bench.harness import RESULTS
from bench.installation import ACCOUNT, BenchServer
from bench.steadiness import Outcome, Sample
from bench.traffic import Load, Mix, Stage, cancelled, paced
from models import database
from server.config import read_settings

RECEIVED = Figure("inbox", "notes", "processed_per_s")
DELIVERED = Figure("fanout", "individual_x5", "deliveries_per_s")
DEPTH = "SELECT (SELECT count(*) FROM inbox_message) AS journal, (SELECT count(*) FROM delivery) AS deliveries"
MIB = 1024.0
NOTES_AN_ACTIVITY = 3.0  # what one of the mix costs a worker: most of the others touch more rows than a note does


def arguments(argv: Sequence[str] | None = None) -> Namespace:
    """Read the command line; the two rates are those to be driven."""
    parser = ArgumentParser(
        prog="python -m bench.soak", description=__doc__, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--share", type=float, default=0.5, help="share of the server's power to use (default 0.5)")
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="results of a bench, which say the most it can do"
    )
    parser.add_argument("--inbox-per-second", type=float, help="the most it can receive and perform")
    parser.add_argument("--deliveries-per-second", type=float, help="the most it can deliver")
    parser.add_argument("--reads-per-second", type=float, default=5)
    parser.add_argument("--authors", type=int, default=10, help="remote authors that the account follows")
    parser.add_argument("--followers", type=int, default=200, help="remote followers, each with an inbox of its own")
    parser.add_argument("--hosts", type=int, default=20, help="hosts that they are on")
    parser.add_argument("--warm-up", type=float, default=120, help="seconds whose memory does not count")
    parser.add_argument("--every", type=float, default=5, help="seconds between two looks at the server")
    parser.add_argument("--drain-seconds", type=float, default=300, help="how long the queues may take to empty")
    parser.add_argument("--out", type=Path, help="where to keep the samples (JSON)")
    harness.add_options(parser)
    options = parser.parse_args(argv)
    results = harness.read_results(options.results)
    most_received = options.inbox_per_second or RECEIVED.of(results)
    most_delivered = options.deliveries_per_second or DELIVERED.of(results)
    if not most_received or not most_delivered:
        parser.error(
            f"{options.results} does not say the most it can do: run `make bench`, or give --inbox-per-second and "
            "--deliveries-per-second"
        )
    options.receive_per_second = options.share / 2 * most_received / NOTES_AN_ACTIVITY
    options.posts_per_second = options.share / 2 * most_delivered / options.followers
    options.follow_concurrency = 16
    return options


def main() -> int:
    """Soak; 0 when the server stayed steady, 1 when it did not, 2 when nothing could be measured."""
    options = arguments()
    try:
        harness.check(options)
        with tempfile.TemporaryDirectory(prefix="coopole-soak-") as name:
            server = BenchServer(Path(name), options.server_port)
            server.set_up()
            harness.write_hosts(options, server.keys)
            with server.running():
                outcome = asyncio.run(soak(server, options))
    except harness.CannotMeasure as reason:
        print(f"soak: {reason}", file=sys.stderr)
        return 2
    if options.out:
        options.out.write_text(json.dumps([asdict(sample) for sample in outcome.samples], indent=1))
    problems = outcome.problems()
    print("\n".join(["", *outcome.lines(), *(problems or ["steady"])]))
    return 1 if problems else 0


async def soak(server: BenchServer, options: Namespace) -> Outcome:
    """Put the fleet on stage, drive the load, look at the server meanwhile, and wait until it has worked off everything."""
    fleet = harness.module("fleet").Fleet(harness.world(options), str(server.keys))
    fleet.start()
    sut = harness.module("sut").Sut(server.origin, server.token, ACCOUNT, str(server.pid_file))
    stage = Stage(sut, fleet, options, secrets.token_hex(3))
    await database.open_database(read_settings(server.environment).database_url, pool_size=1)
    try:
        await sut.wait_up()
        await sut.discover(fleet)
        return await _drive(server, stage, await _meet(stage))
    finally:
        await database.close_database()
        sut.pool.close()
        fleet.stop()


async def _meet(stage: Stage) -> Load:
    """Have the account follow the authors and gain its followers."""
    social, world, options = harness.module("social"), stage.fleet.world, stage.opts
    authors = world.actors("a", options.authors, min(options.authors, world.hosts_per_group), stage.salt)
    stage.log(f"the account follows {len(authors)} authors")
    await social.follow_authors(stage, authors)
    followers = world.actors("i", options.followers, options.hosts, stage.salt)
    met = await social.gain_followers(stage, followers)
    stage.log(f"{met['accepts']} followers")

    def stranger(number: int) -> Any:
        return harness.module("world").Actor(world, world.host("s", number % options.hosts), f"n{number}_{stage.salt}")

    return Load(stage, Mix(authors, stranger, stage.sut.actor["id"]))


async def _drive(server: BenchServer, stage: Stage, load: Load) -> Outcome:
    options, seconds = stage.opts, stage.opts.minutes * 60
    stage.log(
        f"{options.minutes:g} minutes: {options.receive_per_second:.1f} activities received a second, "
        f"{options.posts_per_second:.2f} posts to {options.followers} followers, {options.reads_per_second:g} reads"
    )
    samples: list[Sample] = []
    bad = [0]
    watch = asyncio.create_task(_watch(stage, time.monotonic(), samples, bad))
    try:
        late = await asyncio.gather(
            paced(options.receive_per_second, seconds, load.receive),
            paced(options.posts_per_second, seconds, load.publish),
            paced(options.reads_per_second, seconds, load.read),
        )
        stage.log(f"load ended, {max(late):.1f} s late; answers: {dict(load.answers)}")
        ended = time.monotonic()
        left = await _drain(options.drain_seconds)
        drained_after = None if left else time.monotonic() - ended
    finally:
        await cancelled(watch)
    bad[0] += await _bad_signatures(stage)
    return Outcome(samples, options.warm_up, drained_after, left, max(late), server.errors(), load.failures(), bad[0])


async def _watch(stage: Stage, start: float, samples: list[Sample], bad: list[int]) -> None:
    """Look at the server every few seconds, and empty the fleet's memory of what arrived."""
    options, load_seconds = stage.opts, stage.opts.minutes * 60
    while True:
        pss, processes = await asyncio.to_thread(memory, stage.sut.pids())
        journal, deliveries = await depth()
        seconds = time.monotonic() - start
        if seconds <= load_seconds:
            samples.append(Sample(seconds, pss, sum(processes.values()), journal, deliveries, processes))
        bad[0] += await _bad_signatures(stage)
        await asyncio.sleep(options.every)


async def _bad_signatures(stage: Stage) -> int:
    return sum(1 for delivery in await stage.fleet.drain() if delivery.error)


async def depth() -> tuple[int, int]:
    """Count what waits in the database: (activities received, deliveries to send)."""
    [row] = await database.select(DEPTH)
    return int(row["journal"]), int(row["deliveries"])


async def _drain(seconds: float) -> int:
    """Wait until nothing is queued; what is left."""
    try:
        async with asyncio.timeout(seconds):
            while sum(await depth()):  # noqa: ASYNC110 - other processes work it off, and tell nobody
                await asyncio.sleep(0.5)
    except TimeoutError:
        return sum(await depth())
    return 0


def memory(roots: list[int]) -> tuple[float, dict[str, float]]:
    """Measure the processes and all their descendants: (PSS, of it anonymous by the name of the process), in MiB."""
    total, processes = 0, Counter[str]()
    for pid in harness.module("proc").tree(roots):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue
        fields = dict(line.split(":", 1) for line in text.splitlines() if ": " in line)
        total += int(fields.get("Pss", "0").split()[0])
        processes[name] += int(fields.get("Pss_Anon", "0").split()[0])
    return total / MIB, {name: size / MIB for name, size in processes.items()}


if __name__ == "__main__":
    sys.exit(main())
