"""Rows that an earlier run set aside, through the gate again: mended by an operator, or under a mended contract.

Each row of the run is published or set aside again under the replay's own id, and the commit moves the ledger with it: the
earlier run's rows count no longer, so a second replay finds none and no row is published twice.
"""

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.table_names import LINE, OBJECT, ORDINAL, VERSION, quarantine_of
from etl.errors import NothingToReplay
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import counted_rows
from etl.results.rule_result import RuleResult
from etl.runtime.arguments import JobArguments
from etl.sources import json_reader
from etl.sources.casting import OUT_OF_RANGE, columns_beside_texts
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, HEADER, PROVENANCE
from etl.storage.raw_objects import RawObject


@dataclass(frozen=True)
class Replay:
    """The rows that run `order.replay` set aside; those in the file `order.mended` take the place of theirs."""

    arguments: JobArguments
    contract: Contract
    ledger: Ledger

    @classmethod
    def from_ledger(cls, arguments: JobArguments, contract: Contract, ledger: Ledger) -> "Replay":
        """Hold the run against the ledger.

        Raises:
            NothingToReplay: no rows of it count: it is unknown, set nothing aside, or was replayed before.
        """
        if arguments.replay not in ledger.quarantined:
            raise NothingToReplay(f"{arguments.dataset}: {ledger.replay_refusal(arguments.replay)}")
        # What was set aside is JSON text, whatever the rows came as.
        return cls(arguments, contract.as_stored_rows(), ledger)

    nothing_to_read = ""
    preflights: tuple[FilePreflight, ...] = ()
    corrected: tuple[str, ...] = ()
    unread: tuple[RawObject, ...] = ()

    @property
    def read_summary(self) -> str:
        """What was read, in words."""
        return f"what {self.arguments.replay} set aside"

    def read_rows(self, spark: SparkSession, _looks: list[FilePreflight], _plain: LineRegex) -> DataFrame:
        """Return the rows that were set aside as `extract` has them, each with the object that it came from.

        Raises:
            NothingToReplay: the mended rows name one that the run did not set aside, or one twice.
        """
        names = {"object": OBJECT, "version": VERSION, "ordinal": ORDINAL, "source": LINE}
        quarantined_rows = counted_rows(spark, quarantine_of(self.arguments.table), self.ledger, self.arguments.replay)
        if self.arguments.mended:
            quarantined_rows = self._replace_mended(spark, quarantined_rows)
        parsed_rows = json_reader.split_columns(quarantined_rows.withColumnsRenamed(names), self.contract)
        beyond = [f"{OUT_OF_RANGE}{name}" for name in columns_beside_texts(self.contract)]
        source_columns = (LINE, BROKEN, F.lit(False).alias(HEADER), ORDINAL, *PROVENANCE)
        return parsed_rows.select(*self.contract.names, *beyond, *source_columns)

    def _replace_mended(self, spark: SparkSession, quarantined_rows: DataFrame) -> DataFrame:
        rows = spark.read.text(self.arguments.mended).withColumnRenamed("value", LINE)
        rows = json_reader.parse_texts(rows.where(F.trim(LINE) != ""), {"row": "row", "mended": "mended"})
        if unread := rows.where(F.col(BROKEN)).count():
            raise NothingToReplay(
                f"{self.arguments.mended}: {unread} lines are no JSON object of two texts, `row` and `mended`; "
                "write the row's JSON text under `mended`"
            )
        mended = rows.select("row", "mended")
        unknown = mended.join(quarantined_rows, "row", "left_anti").select("row")
        twice = mended.groupBy("row").count().where("count > 1").select("row")
        if wrong := [row["row"] for row in unknown.union(twice).limit(5).collect()]:
            raise NothingToReplay(
                f"{self.arguments.mended}: {', '.join(map(str, wrong))} names no row that {self.arguments.replay} set aside, "
                "or one twice; keep each line's row as it was listed"
            )
        source = F.coalesce("mended", "source").alias("source")
        return quarantined_rows.join(mended, "row", "left").select("row", source, "object", "version", "ordinal")

    def reread_rows(self, spark: SparkSession, preflights: list[FilePreflight], plain: LineRegex) -> DataFrame:
        """Return all rows again: there are no objects to tell them by."""
        return self.read_rows(spark, preflights, plain)

    def row_of(self, key: str, line: str) -> int | None:
        """Return no number: the rows are not an object's lines."""
        return None

    def assert_unchanged(self) -> None:
        """Nothing to hold: rows that were set aside do not change."""

    def diagnose_read_failure(self, preflights: list[FilePreflight]) -> None:
        """Nothing to name: no object is read."""

    def reconcile_sums(self, rows: DataFrame) -> list[RuleResult]:
        """Nothing to reconcile: each row is one that was read."""
        return []

    def updated_ledger(self, ledger: Ledger, has_quarantined: bool) -> Ledger:
        """Return the ledger by which the earlier run's rows count no longer, and what is aside still does."""
        return ledger.with_replay(self.arguments.replay, self.arguments.run_id, has_quarantined)
