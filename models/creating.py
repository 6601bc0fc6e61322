"""Making all tables of an empty database at once.

Tortoise builds every model anew after each step of a migration, in case the next step needs it: with the models of this
server, that is the most of a first start. A migration that does nothing but create tables needs them once.
"""

from tortoise.migrations import Migration
from tortoise.migrations.operations import CreateModel
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import ModelState, State


class FirstTables(Migration):
    """A migration whose operations are all `CreateModel`; the initial one derives from it (scripts/migration.sh)."""

    async def apply(
        self,
        state: State,
        *,
        dry_run: bool = False,
        schema_editor: BaseSchemaEditor | None = None,
        collect_sql: bool = False,
    ) -> State:
        """Build the models, then make their tables in the order in which they are written.

        Raises:
            TypeError: an operation does something else.
        """
        created = []
        for operation in self.operations:
            if not isinstance(operation, CreateModel):
                raise TypeError(f"{operation.describe()}: the first migration creates tables, and does nothing else")
            created.append(operation)
            state.models[self.app_label, operation.name] = ModelState.make_from_model(self.app_label, operation.model)
        state.reload_models((self.app_label, operation.name) for operation in created)
        if schema_editor is not None and not dry_run:
            for operation in created:
                await operation.database_forward(self.app_label, state, state, schema_editor)
        state.validate_relations_initialized()
        return state
