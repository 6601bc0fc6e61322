"""What an administrator edits."""

from typing import Any

import orjson
from tortoise import fields
from tortoise.models import Model


class Setting(Model):
    """One named setting, its `value` the text of some JSON."""

    name = fields.CharField(max_length=64, primary_key=True)
    value = fields.TextField()

    class Meta:
        table = "setting"

    @classmethod
    async def read(cls, name: str, default: Any = None) -> Any:
        """Give the value of a setting, or `default` where nobody has set it."""
        row = await cls.get_or_none(name=name)
        return default if row is None else orjson.loads(row.value)

    @classmethod
    async def write(cls, name: str, value: Any) -> None:
        """Set a setting."""
        await cls.update_or_create({"value": orjson.dumps(value).decode()}, name=name)
