"""`coopole` whose processes kill themselves where a test says: `python -m tests.scenarios.crashing serve`.

STEPS names every point at which a process can die and leave something half done. At the start each of the functions
they stand in is wrapped, and a name that is gone fails loudly. A test writes into the data directory which step is to be
the last one, and at its how manyeth time; the process that takes it is killed, once.
"""

import functools
import importlib
import inspect
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from federation.context import Work
from server.cli.supervisor import Patience, Supervisor

ARMED, SPRUNG = "crash.armed", "crash.sprung"


class Process(StrEnum):
    """Which kind of process dies, by the beginning of the name that the kernel shows."""

    WEB = "coopole-web"
    WORKER = "coopole-worker"
    COMMAND = "python"


class When(StrEnum):
    """On which side of the function."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Step:
    """A point before or after a call of the function that `target`, "module:name", names where it is looked up.

    `is_meant` tells by its arguments which calls count, `is_found` by their result, where the point is after them.
    """

    when: When
    target: str
    is_meant: Callable[..., bool] = lambda *_, **__: True
    is_found: Callable[[Any], bool] = lambda _: True


def _wakes(work: Work) -> Callable[..., bool]:
    return lambda _, woken, *__: bool(woken is work)


def _is_row(_: Any, item: object) -> bool:
    return isinstance(item, int)


STEPS: dict[str, Step] = {
    # the inbox, in the web process
    "inbox: before the journal is written": Step(When.BEFORE, "server.activitypub.journal:Journal._write"),
    "inbox: in the journal, nobody woken": Step(When.AFTER, "server.activitypub.journal:Journal._write"),
    "inbox: before the worker is woken": Step(When.BEFORE, "server.queue:Queue.wake", _wakes(Work.INBOX)),
    "inbox: worker woken": Step(When.AFTER, "server.queue:Queue.wake", _wakes(Work.INBOX)),
    # a batch of the inbox, in a worker
    "batch: claimed": Step(When.AFTER, "workers.inbox:InboxMessage.claim", is_found=bool),
    "batch: settled": Step(When.AFTER, "workers.inbox:_settle"),
    "batch: performed, not settled": Step(When.BEFORE, "workers.inbox:_settle"),
    # the path, in a worker or a web process
    "path: policy checked": Step(When.AFTER, "federation.pipeline:_check_policy"),
    "path: rows loaded": Step(When.AFTER, "federation.gathering:load"),
    "path: before fetching": Step(When.BEFORE, "federation.gathering:fetch"),
    "path: fetched": Step(When.AFTER, "federation.gathering:fetch"),
    "path: before storing": Step(When.BEFORE, "federation.pipeline:_store"),
    "path: stored": Step(When.AFTER, "federation.pipeline:_store"),
    "path: planned": Step(When.AFTER, "federation.pipeline:_plan"),
    "path: before performing": Step(When.AFTER, "federation.resending:passers"),
    "path: performed": Step(When.BEFORE, "federation.resending:resend"),
    "path: before reacting": Step(When.BEFORE, "server.runtime:react"),
    "path: reacted, before commit": Step(When.AFTER, "server.runtime:react"),
    "path: committed, nobody woken": Step(When.BEFORE, "server.queue:Queue.wake", _wakes(Work.DELIVERY)),
    "path: delivery woken": Step(When.AFTER, "server.queue:Queue.wake", _wakes(Work.DELIVERY)),
    # a post asked for by a client, in a web process
    "post: key claimed": Step(When.AFTER, "server.posts.once:IdempotencyKey.claim"),
    "profile: before it is told": Step(When.BEFORE, "server.members.profiles:send_update"),
    "profile: told": Step(When.AFTER, "server.members.profiles:send_update"),
    "report: before it is forwarded": Step(When.BEFORE, "server.reports.actions:_forward"),
    "report: forwarded": Step(When.AFTER, "server.reports.actions:_forward"),
    # deliveries, in a worker
    "delivery: claimed": Step(When.AFTER, "workers.delivery:Lane._claim", is_found=bool),
    "delivery: before sending": Step(When.BEFORE, "federation.delivery:send"),
    "delivery: sent, not settled": Step(When.AFTER, "federation.delivery:send"),
    "delivery: before the group is settled": Step(When.BEFORE, "server.group_commit:GroupCommit.add", _is_row),
    "delivery: group settled": Step(When.AFTER, "server.group_commit:GroupCommit.add", _is_row),
    "delivery: before its leases end": Step(When.BEFORE, "workers.delivery:Lane._give_back"),
    "delivery: leases ended": Step(When.AFTER, "workers.delivery:Lane._give_back"),
    "delivery: failed, before the blame": Step(When.BEFORE, "workers.delivery:blame"),
    "delivery: blamed": Step(When.AFTER, "workers.delivery:blame"),
    "delivery: before the host waits": Step(When.BEFORE, "workers.delivery:Host.back_off"),
    "delivery: host waits": Step(When.AFTER, "workers.delivery:Host.back_off"),
    "delivery: before the host is well again": Step(When.BEFORE, "workers.delivery:Host.answered"),
    "delivery: host well again": Step(When.AFTER, "workers.delivery:Host.answered"),
    "delivery: before it is put off": Step(When.BEFORE, "workers.delivery:put_off"),
    "delivery: put off": Step(When.AFTER, "workers.delivery:put_off"),
    "delivery: before its owner is buried": Step(When.BEFORE, "federation.delivery:bury_owner"),
    "delivery: owner buried, not given up": Step(When.AFTER, "federation.delivery:bury_owner"),
    "delivery: before giving up": Step(When.BEFORE, "workers.delivery:give_up"),
    "delivery: given up": Step(When.AFTER, "workers.delivery:give_up"),
    # errands, in a worker
    "errand: claimed": Step(When.AFTER, "workers.errands:Errand.claim", is_found=bool),
    "errand: done, not at rest": Step(When.AFTER, "federation.conversations:fetch_ancestors"),
    "errand: before the rest": Step(When.BEFORE, "workers.errands:Errand.rest"),
    "errand: at rest": Step(When.AFTER, "workers.errands:Errand.rest"),
    # what runs by the clock, in a worker
    "sweep: before the purge": Step(When.BEFORE, "workers.sweep:purge"),
    "sweep: some purged": Step(When.AFTER, "workers.sweep:purge"),
    "sweep: before keys are destroyed": Step(When.BEFORE, "workers.sweep:destroy_keys"),
    "sweep: keys destroyed": Step(When.AFTER, "workers.sweep:destroy_keys"),
    "sweep: before a poll is closed": Step(When.BEFORE, "server.posts.polls:tell"),
    "sweep: poll closed": Step(When.AFTER, "server.posts.polls:tell"),
    "sweep: before moved followers are carried over": Step(When.BEFORE, "server.follows.moving:carry_over"),
    "sweep: carried over, not submitted": Step(When.AFTER, "server.follows.moving:carry_over"),
    "sweep: told of the move, not carried over": Step(
        When.BEFORE,
        "federation.pipeline:submit_many",
        lambda items, *_, **__: any(item.activity.type == "Undo" for item in items),
    ),
    "sweep: some carried over": Step(When.AFTER, "server.follows.moving:_carry_on"),
    # an account that is closed, in a command
    "closing: addressees found": Step(When.AFTER, "server.members.leaving:_who_has_something_of"),
    "closing: Delete submitted": Step(When.AFTER, "federation.pipeline:submit"),
    "closing: Delete planned": Step(When.AFTER, "server.members.leaving:Delivery.plan_to_actors"),
    # a domain that is blocked, in a command
    "blocking: some follows ended": Step(When.AFTER, "server.admin.domains:_end_follows"),
    "blocking: applied, before commit": Step(When.AFTER, "server.admin.domains:_apply"),
    "blocking: committed": Step(When.AFTER, "server.admin.domains:set_rule"),
}

# So few that a handful of rows takes several turns; and a supervisor that lets nobody wait.
FEW = {
    "server.admin.domains:POSTS_AT_ONCE": 3,
    "server.admin.domains:ACTORS_AT_ONCE": 1,
    "federation.handlers.moving:FOLLOWERS_AT_ONCE": 1,
}
PATIENCE = Patience(first_delay=0.02, longest_delay=0.02)


def steps(*subjects: str) -> list[str]:
    """Name the steps of some subjects: what stands before the colon."""
    return [name for name in STEPS if name.partition(":")[0] in subjects]


_seen: Counter[str] = Counter()


def install() -> None:
    """Wrap every function of STEPS.

    Raises:
        AttributeError: there is none of that name; the table above is to follow the code.
    """
    by_target: dict[str, dict[str, Step]] = {}
    for name, step in STEPS.items():
        by_target.setdefault(step.target, {})[name] = step
    for target, steps in by_target.items():
        owner, name = _find(target)
        found = inspect.getattr_static(owner, name)
        if isinstance(found, classmethod):
            setattr(owner, name, classmethod(_wrap(found.__func__, steps)))
        else:
            setattr(owner, name, _wrap(found, steps))
    for target, value in FEW.items():
        owner, name = _find(target)
        setattr(owner, name, value)
    serving: Any = importlib.import_module("server.cli.serving")
    serving.Supervisor = functools.partial(Supervisor, patience=PATIENCE)


def _find(target: str) -> tuple[Any, str]:
    """Find what holds a name: (the module or class, the last part of the name)."""
    module_name, _, path = target.partition(":")
    owner: Any = importlib.import_module(module_name)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    return owner, name


def _wrap(function: Callable[..., Awaitable[Any]], steps: dict[str, Step]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(function)
    async def wrapped(*arguments: Any, **named: Any) -> Any:
        for name, step in steps.items():
            if step.when is When.BEFORE and step.is_meant(*arguments, **named):
                _pass(name)
        result = await function(*arguments, **named)
        for name, step in steps.items():
            if step.when is When.AFTER and step.is_meant(*arguments, **named) and step.is_found(result):
                _pass(name)
        return result

    return wrapped


def _pass(name: str) -> None:
    """Die here if this is the step, and the time, that the test named."""
    folder = Path(os.environ["COOPOLE_DATA"])
    try:
        armed = (folder / ARMED).read_text()
    except FileNotFoundError:
        return
    kind, number, step, _ = armed.split("\n")
    if step != name or not Path("/proc/self/comm").read_text().startswith(kind):
        return
    _seen[armed] += 1
    if _seen[armed] == int(number):
        os.rename(folder / ARMED, folder / SPRUNG)
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    install()
    importlib.import_module("server.cli.commands").main()
