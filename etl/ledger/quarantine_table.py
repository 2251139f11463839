"""The rows that were set aside: their source text and the rules they broke, in an Iceberg table beside the published one.

It is published just before the dataset's own table, whose fast-forward is the commit: rows of a run count only where the
ledger names that run. A run that died in between leaves rows that nobody counts; the next run removes them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import assert_never

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.layout import DatasetLocations
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.table_names import (
    FILE_HEADER,
    LINE,
    OBJECT,
    ORDINAL,
    RAW_TEXT,
    RULES,
    RUN,
    VERSION,
    quarantine_of,
)
from etl.iceberg.schema import TableColumn, quote_literal
from etl.iceberg.table import Table
from etl.ledger.ledger import Ledger

COLUMNS = (
    TableColumn("row", "string", "the id of the row, by which a replay mends it"),
    TableColumn("source", "string", "the row as it came, as JSON text; null of a line that could not be read as one"),
    TableColumn("raw", "string", "the line or record as its object has it, where it broke a rule on its structure"),
    TableColumn("header", "string", "the header of the file that such a line is from, where it has one"),
    TableColumn("rules", "array<string>", "the ids of the warning rules it broke"),
    TableColumn("object", "string", "the raw object it came in"),
    TableColumn("version", "string", "the version of that object"),
    TableColumn("ordinal", "bigint", "the row of the object, where its format counts them"),
    TableColumn("set_aside_at", "timestamp", "when, in UTC"),
    TableColumn(RUN, "string", "the run that set it aside"),
)

JSON_OPTIONS = {
    "ignoreNullFields": "false",
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}
"""How Spark writes a row as JSON text (its data source options): all columns, and times whole; by itself it cuts them."""


@dataclass(frozen=True)
class Quarantine:
    """A dataset's quarantine, beside its published table; `former_location` is where earlier versions made it."""

    table: Table
    former_location: str = ""

    @classmethod
    def for_table(cls, published: Table) -> "Quarantine":
        """Return the quarantine of a published table; it is made when the first row is set aside."""
        places = DatasetLocations.from_location(published.location)
        table = Table(published.spark, quarantine_of(published.name), places.quarantine)
        return cls(table, places.former_quarantine)

    def stage_rows(self, frames: Sequence[DataFrame], branch: str, run_id: str) -> None:
        """Stage the rows of frames that carry their source, `_rules`, the rules they broke, and, of lines, their raw text."""
        self.table.ensure_schema(COLUMNS)
        self.table.move_location(self.former_location)
        rows = reduce(DataFrame.unionByName, map(self._table_rows, frames))
        self.table.stage_rows(rows, branch, run_id, {"sluice.run-id": run_id})

    def _table_rows(self, frame: DataFrame) -> DataFrame:
        return frame.select(
            F.expr("uuid()").alias("row"),
            F.col(LINE).alias("source"),
            *(
                (F.col(name) if name in frame.columns else F.lit(None).cast("string")).alias(column)
                for column, name in (("raw", RAW_TEXT), ("header", FILE_HEADER))
            ),
            F.col(RULES).alias("rules"),
            F.col(OBJECT).alias("object"),
            F.col(VERSION).alias("version"),
            F.col(ORDINAL).alias("ordinal"),
            F.current_timestamp().alias("set_aside_at"),
        )

    def run_ids(self) -> set[str]:
        """Return the runs that brought its rows."""
        return {row[RUN] for row in self.table.spark.table(self.table.name).select(RUN).distinct().collect()}

    def count_rows_of(self, keys: Iterable[str], ledger: Ledger) -> int:
        """Return how many rows of objects are aside, as the ledger has it."""
        if not ledger.quarantined or not self.table.exists:
            return 0
        rows = self.table.spark.table(self.table.name).where(counting_condition(ledger))
        return rows.where(F.col("object").isin(*keys)).count()

    def remove_uncounted(self, ledger: Ledger, ended: Iterable[str]) -> None:
        """Remove rows that count no longer: of `ended` runs that never published, of replays, of objects read again."""
        final = _run_condition(sorted({*ended, *ledger.quarantined}))
        self.table.spark.sql(f"DELETE FROM {self.table.name} WHERE {final} AND NOT ({counting_condition(ledger)})")  # noqa: S608  our own literals


def counted_rows(spark: SparkSession, name: str, ledger: Ledger, run: str) -> DataFrame:
    """Return the rows that a run set aside and that are still aside: no other way to read a quarantine is right."""
    rows = spark.table(name).where(counting_condition(ledger)).where(F.col(RUN) == run)
    # A table of an earlier version lacks what came later until rows are staged in it again.
    missing = [column.name for column in COLUMNS if column.name not in rows.columns]
    return rows.withColumns({name: F.lit(None).cast("string") for name in missing}) if missing else rows


def counting_condition(ledger: Ledger) -> str:
    """Return Spark SQL for which rows of a quarantine count, as the ledger has it."""
    read_again = [
        f"(object = {quote_literal(key)} AND {_run_condition(runs)})" for key, runs in ledger.corrected.items()
    ]
    return f"{_run_condition(ledger.quarantined)} AND NOT ({' OR '.join(read_again) or 'false'})"


def _run_condition(runs: Iterable[str]) -> str:
    return f"{RUN} IN ({', '.join(map(quote_literal, runs)) or 'NULL'})" if runs else "false"


def source_expression(contract: Contract) -> str:
    """Return Spark SQL for a row as JSON text: a JSON line of declared keys and plain texts as it came, else its columns."""
    match contract.format:
        case SourceFormat.JSONL if not (
            contract.extra_columns.are_ignored
            or contract.has_reading_options
            or contract.renames_columns
            or contract.folder_columns
        ):
            return LINE
        case (
            SourceFormat.JSONL
            | SourceFormat.CSV
            | SourceFormat.PARQUET
            | SourceFormat.ORC
            | SourceFormat.AVRO
            | SourceFormat.EXCEL
            | SourceFormat.TABLES
        ):
            names = ", ".join(f"`{name}`" for name in contract.names)
            options = ", ".join(quote_literal(text) for option in JSON_OPTIONS.items() for text in option)
            return f"to_json(struct({names}), map({options}))"
        case _:
            assert_never(contract.format)
