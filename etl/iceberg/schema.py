"""A table's schema as plain data, and its parts in Spark SQL."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from etl.contract.model import ColumnSpec

OWNER = "sluice"  # and not the user of whatever machine made the table


class PartitionField(NamedTuple):
    """A partition field: Iceberg's name of the transform (`identity`, `month`, `bucket[16]`) and the column it takes."""

    transform: str
    column: str

    @classmethod
    def from_declared(cls, declared: str) -> "PartitionField":
        """Read what a contract's `partition_by` holds: `region` or `month(sold_on)`."""
        transform, parenthesis, column = declared.rstrip(")").partition("(")
        return cls(transform, column) if parenthesis else cls("identity", declared)

    @property
    def declared(self) -> str:
        """As a contract writes it."""
        return self.column if self.transform == "identity" else f"{self.transform}({self.column})"

    @property
    def sql(self) -> str:
        """As Spark SQL writes it: years to hours in the plural, a width before the column."""
        if self.transform == "identity":
            return quote_identifier(self.column)
        function, _, width = self.transform.rstrip("]").partition("[")
        return (
            f"{function}({width}, {quote_identifier(self.column)})"
            if width
            else f"{function}s({quote_identifier(self.column)})"
        )


@dataclass(frozen=True)
class TableColumn:
    """A table's column: its name, Spark SQL type, which no contract has to know, and comment."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class TableSchema:
    """A table's columns and partition fields.

    Attributes:
        required: the columns that take no null; what is declared has none.
        sources: the columns that the table is or was partitioned by.
        owner: whose table the catalog says it is.
        branches: whether a run's rows go to its branch, as they do only where `write.wap.enabled` is true.
    """

    columns: tuple[TableColumn, ...]
    parts: tuple[PartitionField, ...] = ()
    required: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    branches: bool = True
    owner: str = OWNER

    @classmethod
    def from_declared(cls, columns: Iterable[ColumnSpec | TableColumn], partition_by: Iterable[str]) -> "TableSchema":
        """Return what a contract, or Sluice itself, wants a table to be."""
        table_columns = (TableColumn(column.name, column.type, column.description) for column in columns)
        return cls(tuple(table_columns), tuple(PartitionField.from_declared(part) for part in partition_by))

    @property
    def by_name(self) -> dict[str, TableColumn]:
        """The columns by their names in lower case, since Spark tells no two apart by case."""
        return {column.name.lower(): column for column in self.columns}


def column_definition(column: TableColumn) -> str:
    """Return a column as CREATE TABLE and ADD COLUMNS take it."""
    comment = f" COMMENT {quote_literal(column.description)}" if column.description else ""
    return f"{quote_identifier(column.name)} {column.type}{comment}"


def quote_identifier(name: str) -> str:
    """Return a name that Spark SQL takes as it stands."""
    return "`" + name.replace("`", "``") + "`"


def quote_literal(text: str) -> str:
    """Return a text that nothing takes for syntax.

    Two others read a statement before Spark's parser: one replaces `${env:HOME}`, and Iceberg's takes every ALTER TABLE
    that says `drop tag` anywhere for its own (IcebergSparkSqlExtensionsParser). So only letters, digits and _ stay.
    """
    return "'" + re.sub(r"\W", lambda match: f"\\U{ord(match[0]):08x}", text) + "'"
