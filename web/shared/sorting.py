"""Tables that are sorted by a link on the head of a column: the address says by what, `?sort=name` or `?sort=-name`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sorting:
    """By which column a table is sorted, and whether from the greatest down."""

    by: str
    is_descending: bool = False

    def link(self, column: str) -> str:
        """Give the query of the same table sorted by a column: the other way round where it is by that one already."""
        return f"?sort={'-' if column == self.by and not self.is_descending else ''}{column}"

    def said(self, column: str) -> str:
        """Give what `aria-sort` says of a column; '' for those by which it is not sorted."""
        if column != self.by:
            return ""
        return "descending" if self.is_descending else "ascending"


def read_sorting(query: Mapping[str, str], columns: Sequence[str], default: Sorting) -> Sorting:
    """Read by what somebody wishes a table to be sorted; the default where they name no column of it."""
    wished = query.get("sort", "")
    column = wished.removeprefix("-")
    return Sorting(column, wished.startswith("-")) if column in columns else default
