"""Rows that an earlier run set aside, through the gate again: mended by an operator, or under a mended contract.

Each row of the run is published or set aside again under the replay's own id, and the commit moves the ledger with it: the
earlier run's rows count no longer, so a second replay finds none and no row is published twice.
"""

from dataclasses import dataclass, replace

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.table_names import LINE, OBJECT, ORDINAL, VERSION, quarantine_of
from etl.errors import NothingToReplay
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import rows_of
from etl.results.verdict import RuleResult
from etl.runtime.arguments import Order
from etl.sources import json_reader
from etl.sources.casting import BEYOND, dates
from etl.sources.line_regex import Plain
from etl.sources.preflight import Look
from etl.sources.provenance import BROKEN, HEADER, PROVENANCE
from etl.storage.raw_objects import RawObject


@dataclass(frozen=True)
class Replay:
    """The rows that run `order.replay` set aside; those in the file `order.mended` take the place of theirs."""

    order: Order
    contract: Contract
    known: Ledger

    @classmethod
    def of(cls, order: Order, contract: Contract, known: Ledger) -> "Replay":
        """Hold the run against the ledger.

        Raises:
            NothingToReplay: no rows of it count: it is unknown, set nothing aside, or was replayed before.
        """
        if order.replay not in known.quarantined:
            raise NothingToReplay(f"{order.dataset}: {known.refusal(order.replay)}")
        # What was set aside is JSON text, whatever the rows came as.
        return cls(order, replace(contract, format="jsonl"), known)

    nothing = ""
    looks: tuple[Look, ...] = ()
    corrected: tuple[str, ...] = ()
    unread: tuple[RawObject, ...] = ()

    @property
    def told(self) -> str:
        """What was read, in words."""
        return f"what {self.order.replay} set aside"

    def read(self, spark: SparkSession, _looks: list[Look], _plain: Plain) -> DataFrame:
        """Return the rows that were set aside as `extract` has them, each with the object that it came from.

        Raises:
            NothingToReplay: the mended rows name one that the run did not set aside, or one twice.
        """
        names = {"object": OBJECT, "version": VERSION, "ordinal": ORDINAL, "source": LINE}
        found = rows_of(spark, quarantine_of(self.order.table), self.known, self.order.replay)
        if self.order.mended:
            found = self._mended(spark, found)
        read = json_reader.split(found.withColumnsRenamed(names), self.contract)
        beyond = [f"{BEYOND}{name}" for name in dates(self.contract)]
        own = (LINE, BROKEN, F.lit(False).alias(HEADER), ORDINAL, *PROVENANCE)
        return read.select(*self.contract.names, *beyond, *own)

    def _mended(self, spark: SparkSession, found: DataFrame) -> DataFrame:
        rows = spark.read.text(self.order.mended).withColumnRenamed("value", LINE)
        rows = json_reader.parsed(rows.where(F.trim(LINE) != ""), ["row", "mended"])
        if unread := rows.where(F.col(BROKEN)).count():
            raise NothingToReplay(
                f"{self.order.mended}: {unread} lines are no JSON object of two texts, `row` and `mended`; "
                "write the row's JSON text under `mended`"
            )
        mended = rows.select("row", "mended")
        strange = mended.join(found, "row", "left_anti").select("row")
        twice = mended.groupBy("row").count().where("count > 1").select("row")
        if wrong := [row["row"] for row in strange.union(twice).limit(5).collect()]:
            raise NothingToReplay(
                f"{self.order.mended}: {', '.join(map(str, wrong))} names no row that {self.order.replay} set aside, "
                "or one twice; keep each line's row as it was listed"
            )
        source = F.coalesce("mended", "source").alias("source")
        return found.join(mended, "row", "left").select("row", source, "object", "version", "ordinal")

    def again(self, spark: SparkSession, looks: list[Look], plain: Plain) -> DataFrame:
        """Return all rows again: there are no objects to tell them by."""
        return self.read(spark, looks, plain)

    def row_of(self, key: str, line: str) -> int | None:
        """Return no number: the rows are not an object's lines."""
        return None

    def hold(self) -> None:
        """Nothing to hold: rows that were set aside do not change."""

    def diagnose(self, looks: list[Look]) -> None:
        """Nothing to name: no object is read."""

    def reconciled(self, rows: DataFrame) -> list[RuleResult]:
        """Nothing to reconcile: each row is one that was read."""
        return []

    def ledgered(self, known: Ledger, aside: bool) -> Ledger:
        """Return the ledger by which the earlier run's rows count no longer, and what is aside still does."""
        return known.replayed(self.order.replay, self.order.run_id, aside)
