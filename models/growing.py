"""A statement that grows with what is asked for: its conditions, and the values that they name."""


class Growing:
    """Conditions of a statement, and its values in the order in which `value` named them."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[object] = []

    def value(self, value: object, type_: str = "") -> str:
        """Name a value in the statement."""
        self.values.append(value)
        return f"${len(self.values)}{type_}"

    def where(self, condition: str, *, is_wanted: bool = True) -> None:
        """Add a condition, or its opposite."""
        self.conditions.append(condition if is_wanted else f"NOT ({condition})")
