"""The rows that were set aside: their source text and the rules they broke, in an Iceberg table beside the published one.

It is published just before the dataset's own table, whose fast-forward is the commit: rows of a run count only where the
ledger names that run. A run that died in between leaves rows that nobody counts; the next run removes them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.layout import Places
from etl.contract.model import ColumnSpec, Contract
from etl.contract.table_names import LINE, OBJECT, ORDINAL, RULES, RUN, VERSION, quarantine_of
from etl.iceberg.schema import literal
from etl.iceberg.table import Table
from etl.ledger.ledger import Ledger

COLUMNS = (
    ColumnSpec("row", "string", "the id of the row, by which a replay mends it"),
    ColumnSpec("source", "string", "the row as it came, as JSON text"),
    ColumnSpec("rules", "array<string>", "the ids of the warning rules it broke"),
    ColumnSpec("object", "string", "the raw object it came in"),
    ColumnSpec("version", "string", "the version of that object"),
    ColumnSpec("ordinal", "bigint", "the row of the object, where its format counts them"),
    ColumnSpec("set_aside_at", "timestamp", "when, in UTC"),
    ColumnSpec(RUN, "string", "the run that set it aside"),
)


@dataclass(frozen=True)
class Quarantine:
    """A dataset's quarantine, beside its published table; `former` is where earlier versions made it."""

    table: Table
    former: str = ""

    @classmethod
    def beside(cls, published: Table) -> "Quarantine":
        """Return the quarantine of a published table; it is made when the first row is set aside."""
        places = Places.of(published.location)
        table = Table(published.spark, quarantine_of(published.name), places.quarantine)
        return cls(table, places.former_quarantine)

    def stage(self, frame: DataFrame, branch: str, run_id: str) -> None:
        """Stage the rows of a frame that carries their source and `_rules`, the rules they broke."""
        self.table.ensure(COLUMNS)
        self.table.settle(self.former)
        rows = frame.select(
            F.expr("uuid()").alias("row"),
            F.col(LINE).alias("source"),
            F.col(RULES).alias("rules"),
            F.col(OBJECT).alias("object"),
            F.col(VERSION).alias("version"),
            F.col(ORDINAL).alias("ordinal"),
            F.current_timestamp().alias("set_aside_at"),
        )
        self.table.stage(rows, branch, run_id, {"sluice.run-id": run_id})

    def runs(self) -> set[str]:
        """Return the runs that brought its rows."""
        return {row[RUN] for row in self.table.spark.table(self.table.name).select(RUN).distinct().collect()}

    def sweep(self, known: Ledger, ended: Iterable[str]) -> None:
        """Remove rows that count no longer: of `ended` runs that never published, of replays, of objects read again."""
        final = _among(sorted({*ended, *known.quarantined}))
        self.table.spark.sql(f"DELETE FROM {self.table.name} WHERE {final} AND NOT ({counting(known)})")  # noqa: S608  our own literals


def rows_of(spark: SparkSession, name: str, known: Ledger, run: str) -> DataFrame:
    """Return the rows that a run set aside and that are still aside: no other way to read a quarantine is right."""
    return spark.table(name).where(counting(known)).where(F.col(RUN) == run)


def counting(known: Ledger) -> str:
    """Return Spark SQL for which rows of a quarantine count, as the ledger has it."""
    again = [f"(object = {literal(key)} AND {_among(runs)})" for key, runs in known.corrected.items()]
    return f"{_among(known.quarantined)} AND NOT ({' OR '.join(again) or 'false'})"


def _among(runs: Iterable[str]) -> str:
    return f"{RUN} IN ({', '.join(map(literal, runs)) or 'NULL'})" if runs else "false"


def source_of(contract: Contract) -> str:
    """Return Spark SQL for a row as JSON text: a JSON line as it came, other formats' columns as they were read."""
    if contract.format == "jsonl":
        return LINE
    names = ", ".join(f"`{name}`" for name in contract.names)
    return f"to_json(struct({names}), map('ignoreNullFields', 'false'))"
