"""The migrations make the tables that the models describe."""

from tortoise.context import get_current_context
from tortoise.migrations.autodetector import MigrationAutodetector

from models import database


async def test_no_model_has_changed_without_a_migration(db: str) -> None:
    context = get_current_context()
    assert context is not None
    assert context.apps is not None
    detector = MigrationAutodetector(context.apps, database.configuration(db)["apps"])
    forgotten = [operation for writer in await detector.changes() for operation in writer.operations]
    assert forgotten == [], "run tortoise makemigrations"


async def test_a_migrated_database_waits_for_nothing(db: str) -> None:
    assert await database.pending_migrations() == []
