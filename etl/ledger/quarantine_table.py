"""The rows that were set aside: their source text and the rules they broke, in an Iceberg table beside the published one.

It is published just before the dataset's own table, whose fast-forward is the commit: rows of a run count only where the
ledger names that run. A run that died in between leaves rows that nobody counts; the next run removes them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.layout import DatasetLocations
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.table_names import LINE, OBJECT, ORDINAL, RULES, RUN, VERSION, quarantine_of
from etl.iceberg.schema import TableColumn, quote_literal
from etl.iceberg.table import Table
from etl.ledger.ledger import Ledger

COLUMNS = (
    TableColumn("row", "string", "the id of the row, by which a replay mends it"),
    TableColumn("source", "string", "the row as it came, as JSON text"),
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

    def stage_rows(self, frame: DataFrame, branch: str, run_id: str) -> None:
        """Stage the rows of a frame that carries their source and `_rules`, the rules they broke."""
        self.table.ensure_schema(COLUMNS)
        self.table.move_location(self.former_location)
        rows = frame.select(
            F.expr("uuid()").alias("row"),
            F.col(LINE).alias("source"),
            F.col(RULES).alias("rules"),
            F.col(OBJECT).alias("object"),
            F.col(VERSION).alias("version"),
            F.col(ORDINAL).alias("ordinal"),
            F.current_timestamp().alias("set_aside_at"),
        )
        self.table.stage_rows(rows, branch, run_id, {"sluice.run-id": run_id})

    def run_ids(self) -> set[str]:
        """Return the runs that brought its rows."""
        return {row[RUN] for row in self.table.spark.table(self.table.name).select(RUN).distinct().collect()}

    def remove_uncounted(self, ledger: Ledger, ended: Iterable[str]) -> None:
        """Remove rows that count no longer: of `ended` runs that never published, of replays, of objects read again."""
        final = _run_condition(sorted({*ended, *ledger.quarantined}))
        self.table.spark.sql(f"DELETE FROM {self.table.name} WHERE {final} AND NOT ({counting_condition(ledger)})")  # noqa: S608  our own literals


def counted_rows(spark: SparkSession, name: str, ledger: Ledger, run: str) -> DataFrame:
    """Return the rows that a run set aside and that are still aside: no other way to read a quarantine is right."""
    return spark.table(name).where(counting_condition(ledger)).where(F.col(RUN) == run)


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
            contract.extra_columns.are_ignored or contract.has_reading_options or contract.renames_columns
        ):
            return LINE
        case (
            SourceFormat.JSONL
            | SourceFormat.CSV
            | SourceFormat.PARQUET
            | SourceFormat.ORC
            | SourceFormat.AVRO
            | SourceFormat.TABLES
        ):
            names = ", ".join(f"`{name}`" for name in contract.names)
            options = ", ".join(quote_literal(text) for option in JSON_OPTIONS.items() for text in option)
            return f"to_json(struct({names}), map({options}))"
        case _:
            assert_never(contract.format)
