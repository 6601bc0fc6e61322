"""Housekeeping from the command line."""

from datetime import timedelta
from pathlib import Path

import pytest

from federation.context import Context
from models.actor import Actor
from models.ids import id_at
from models.notification import Notification, NotificationType
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation."""
    return install(database_url, tmp_path, monkeypatch)


def told_long_ago(coopole: Installation) -> None:
    """Leave a notification of last year."""

    async def leave(ctx: Context) -> None:
        actor = await Actor.first()
        assert actor is not None
        moment = ctx.now() - timedelta(days=300)
        said = {"type": NotificationType.FOLLOW, "actor_id": actor.id, "created_at": moment}
        await Notification.create(id=id_at(int(moment.timestamp() * 1000)), recipient_id=actor.id, **said)

    coopole.look(leave)


def test_where_nothing_is_old_nothing_is_deleted(coopole: Installation) -> None:
    assert coopole.say("housekeeping") == "There is nothing to delete.\n"


def test_a_dry_run_only_counts(coopole: Installation) -> None:
    told_long_ago(coopole)
    for _ in range(2):
        assert coopole.say("housekeeping", "--dry-run").split() == ["Would", "be", "deleted:", "1", "notifications"]


def test_what_is_old_goes_and_the_space_comes_back(coopole: Installation) -> None:
    told_long_ago(coopole)
    assert coopole.say("housekeeping", "--compact").split() == ["Deleted:", "1", "notifications"]
    assert coopole.say("housekeeping") == "There is nothing to delete.\n"
