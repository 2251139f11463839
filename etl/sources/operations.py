"""What a row of a load of changes does: it inserts, updates or deletes the row of its key, by a word of its input.

Rules judge inserts and updates. A delete has its key and its order, and what else its line holds means nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.contract.loads import Load, LoadKind
from etl.contract.model import Contract

CHANGE = "_change"  # a row's ChangeKind on its way; only rows of a load of changes have it


class ChangeKind(StrEnum):
    """What a change does to the row of its key.

    Members:
        INSERT: it is there from now on.
        UPDATE: it takes the place of the one before.
        DELETE: it is gone.
    """

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"

    def words(self, load: Load) -> tuple[str, ...]:
        """Return what a load's operation column says of it."""
        match self:
            case ChangeKind.INSERT:
                return load.insert
            case ChangeKind.UPDATE:
                return load.update
            case ChangeKind.DELETE:
                return load.delete
            case _:
                assert_never(self)


@dataclass(frozen=True)
class Operations:
    """The operation of each row of an output's load of changes.

    Attributes:
        load: the load.
        needed: the published columns that a delete must have too: those of the key and of the order.
    """

    load: Load
    needed: frozenset[str]

    @classmethod
    def from_output(cls, output: Contract) -> "Operations | None":
        """Return those of an output; None where its load is no changes."""
        load = output.loading
        return cls(load, frozenset({*output.key, *load.order})) if load.kind is LoadKind.CHANGES else None

    @property
    def column(self) -> str:
        """The input column that has the word."""
        return self.load.operation

    def is_kind(self, kind: ChangeKind) -> Column:
        """Return where a line's word is one of a kind; never null."""
        return F.coalesce(F.col(f"`{self.column}`").isin(*kind.words(self.load)), F.lit(False))

    @property
    def is_unknown(self) -> Column:
        """Where a line's word is none of the load's."""
        words = [word for kind in ChangeKind for word in kind.words(self.load)]
        return ~F.coalesce(F.col(f"`{self.column}`").isin(*words), F.lit(False))

    @property
    def kind(self) -> Column:
        """A line's ChangeKind; a word that is none counts as an insert, and fails the run."""
        updates, deletes = self.is_kind(ChangeKind.UPDATE), self.is_kind(ChangeKind.DELETE)
        kinds = F.when(deletes, ChangeKind.DELETE).when(updates, ChangeKind.UPDATE).otherwise(ChangeKind.INSERT)
        return kinds.alias(CHANGE)

    def spares_deletes(self, name: str, mark: Column) -> Column:
        """Return a mark of a column's values, without deletes where a delete does not need the column."""
        return mark if name in self.needed else mark & ~self.is_kind(ChangeKind.DELETE)


def is_delete() -> Column:
    """Return where a row that carries CHANGE is a delete."""
    return F.col(CHANGE) == ChangeKind.DELETE
