"""What a file of rows shows, and what a mended one is held against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Any

from etl.contract.masking import Masking


@unique
class Rewritten(StrEnum):
    """What to do with cells that a spreadsheet seems to have rewritten by itself."""

    KEEP = "keep"
    TAKE = "take"


@dataclass(frozen=True)
class ShownRows:
    """The rows that a run set aside.

    Attributes:
        sources: the row as it came, by id; no mapping where a line could not be read as a row.
        columns: what the input's contract declares; a mended row has these, and those that it came with.
        raws: the text of a line that could not be read, by id.
        nested: the declared columns that hold lists or objects.
        masking: what a message must not show.
    """

    sources: Mapping[str, Any]
    columns: tuple[str, ...]
    raws: Mapping[str, str | None] = field(default_factory=dict)
    nested: frozenset[str] = frozenset()
    masking: Masking = field(default_factory=Masking)

    def source_of(self, row: str) -> dict[str, Any]:
        """Return the columns that a row came with; none of a line that could not be read."""
        source = self.sources[row]
        return source if isinstance(source, dict) else {}

    def raw_of(self, row: str) -> str | None:
        """Return the line that could not be read as a row, or the text of one that is no object."""
        source = self.sources[row]
        return source if isinstance(source, str) else self.raws.get(row)

    def all_columns(self) -> list[str]:
        """Return the declared columns, then others that rows came with."""
        others = (name for row in self.sources for name in self.source_of(row))
        return list(dict.fromkeys((*self.columns, *others)))
