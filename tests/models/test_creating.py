"""All tables of an empty database are made at once."""

import pytest
from tortoise.migrations.operations import RunSQL
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

from models.creating import FirstTables


async def test_what_does_more_than_create_tables_is_refused() -> None:
    class More(FirstTables):
        operations = [RunSQL("SELECT 1")]

    state = State(models={}, apps=StateApps({}))
    with pytest.raises(TypeError, match="does nothing else"):
        await More("0001_initial", "models").apply(state)
