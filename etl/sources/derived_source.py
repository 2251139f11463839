"""What a dataset that is built from tables reads: the days of its sources that changed since it was last built.

A day stands where a raw object stands for a dataset of files: each row's `_object` is its day and its `_version` the
snapshot of the source whose days they are; the ledger holds the days and the snapshots; a day that is built again takes the
place of what was there, as a corrected object does.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import ClassVar

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract, versions
from etl.contract.table_names import LINE, OBJECT, VERSION
from etl.contract.validation.values import is_day
from etl.datasets import derivation_of
from etl.errors import NothingToRerun
from etl.iceberg.current_snapshot import Head
from etl.ledger.ledger import Ledger
from etl.results.verdict import RuleResult
from etl.runtime.arguments import Order
from etl.sources.change_detection import Changes, days_in
from etl.sources.line_regex import Plain
from etl.sources.preflight import Look
from etl.sources.provenance import BROKEN, HEADER, uncounted
from etl.sources.reconciliation import results
from etl.storage.clients import Clients
from etl.storage.raw_objects import RawObject
from etl.transform_errors import failing
from etl.wording import counted

FEW = 3  # days named in a sentence


@dataclass(frozen=True)
class Derived:
    """The days to build.

    Attributes:
        output: the contract whose sums are held against the source's.
        whole: why every day is built; empty where only those that changed are.
        looked: whether the days are known; finding them takes Spark.
        unread: the days, as objects; `corrected` are those of them that the table holds.
        gone: the days that the source has no row of any more.
        why: what asks for which days, in words.
        emptied: whether all of them are gone, though the table holds others.
    """

    order: Order
    contract: Contract
    output: Contract
    known: Ledger
    changes: Changes
    whole: str
    looked: bool = False
    unread: list[RawObject] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    emptied: bool = False

    looks: ClassVar[tuple[Look, ...]] = ()

    @classmethod
    def of(
        cls, order: Order, aws: Clients, contracts: tuple[Contract, Contract], before: Head, known: Ledger
    ) -> "Derived":
        """Hold the sources against the ledger, without Spark; `before` is what readers see.

        Raises:
            NothingToRerun: what is to be built again is no day.
        """
        if strange := [day for day in order.rerun if not is_day(day)]:
            raise NothingToRerun(f"{order.dataset}: {', '.join(strange)} is no day; name days such as 2025-01-15")
        given, published = contracts
        changes = Changes.of(aws, order, given, known)
        made = before.summary.get("sluice.contracts")
        other = f"its contracts were {made}" if made != versions(given, published) else ""
        return cls(order, given, published, known, changes, changes.unknown or other)

    @property
    def nothing(self) -> str:
        """Say that there is nothing to build; empty where there is, or may be."""
        names = ", ".join(self.changes.heads)
        if missing := self.changes.missing:
            return f"nothing to build from yet: {', '.join(missing)} has no published table"
        if self.looked:
            return "" if self.unread else f"nothing changed in what is read of {names}"
        return f"nothing changed in {names}" if self.changes.none and not self.whole and not self.order.rerun else ""

    @property
    def told(self) -> str:
        """What was built, in words."""
        days = [one.key for one in self.unread]
        more = f" and {len(days) - FEW} more" if len(days) > FEW else ""
        return f"{_counted(len(days))} of {', '.join(self.changes.heads)} ({', '.join(days[:FEW])}{more})"

    def found(self, spark: SparkSession) -> "Derived":
        """Return it with the days that are to be built."""
        asked = {} if self.whole else self.changes.days(spark)
        wanted = sorted({*self.order.rerun, *(day for days in asked.values() for day in days)})
        present = days_in(self._dated(spark, wanted), self.changes.dated.day) if wanted or self.whole else []
        held = self.known.held.all() if self.whole else self.known.held.of(wanted)
        days = sorted({*present, *held}) if self.whole else wanted
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return replace(
            self,
            looked=True,
            unread=[RawObject(day, self._version, 0, now) for day in days],
            corrected=sorted(held),
            gone=sorted({*days} - {*present}),
            why=[f"all {_counted(len(days))}: {self.whole}"] if self.whole else self._asked(asked),
            emptied=bool(wanted) and not present and self.known.held.count > len(held),
        )

    def _asked(self, asked: dict[str, list[str]]) -> list[str]:
        told = [
            f"{_counted(len(days))}: {name} changed since {self.changes.since[name]}" for name, days in asked.items()
        ]
        return [*told, *([f"{_counted(len(self.order.rerun))}: asked for"] if self.order.rerun else [])]

    @property
    def _version(self) -> str:
        return str(self.changes.heads[self.changes.dated.dataset])

    def _dated(self, spark: SparkSession, days: list[str]) -> DataFrame:
        """Return the rows of the source whose days are built, of these days alone where some are named."""
        source = self.changes.dated
        rows, column = self.changes.rows(spark, source), F.col(f"`{source.day}`")
        if not days:
            return rows
        # Iceberg holds files against up to 200 values of a set, and against a range always.
        wanted = [date.fromisoformat(day) for day in days]
        return rows.where(column.between(wanted[0], wanted[-1]) & column.isin(wanted))

    def read(self, spark: SparkSession, _looks: list[Look], _plain: Plain) -> DataFrame:
        """Return the built rows as `extract` has them; kept, since they are looked at more than once."""
        days = [] if self.whole else [one.key for one in self.unread]
        tables = {
            one.dataset: self._dated(spark, days) if one.day else self.changes.rows(spark, one)
            for one in self.contract.sources
        }
        names = [f"`{name}`" for name in self.contract.names]
        with failing(bool(self.contract.pii | self.output.pii)):
            rows = derivation_of(self.order.dataset)(**tables).select(*names)
        return rows.select(
            *names,
            F.to_json(F.struct(*names), {"ignoreNullFields": "false"}).alias(LINE),
            F.lit(False).alias(BROKEN),
            F.lit(False).alias(HEADER),
            uncounted(),
            F.col(f"`{self.contract.day}`").cast("string").alias(OBJECT),
            F.lit(self._version).alias(VERSION),
        ).persist()

    def reconciled(self, rows: DataFrame) -> list[RuleResult]:
        """Hold the sums of what was staged against those of the source, at the snapshot that it was built from."""
        spark, days = rows.sparkSession, [] if self.whole else [one.key for one in self.unread]
        return [
            one for each in self.output.reconciles for one in results(self.output, each, rows, self._dated(spark, days))
        ]

    def again(self, spark: SparkSession, looks: list[Look], plain: Plain) -> DataFrame:
        """Return all rows again: there are no objects to tell them by."""
        return self.read(spark, looks, plain)

    def row_of(self, key: str, line: str) -> int | None:
        """Return no number: the rows are not an object's lines."""
        return None

    def hold(self) -> None:
        """Nothing to hold: the snapshots that were read do not change."""

    def diagnose(self, looks: list[Look]) -> None:
        """Nothing to name: no object is read."""

    def ledgered(self, known: Ledger, aside: bool) -> Ledger:
        """Return the ledger that holds these days, built from these snapshots."""
        heads = {name: str(head) for name, head in self.changes.heads.items()}
        there = [one for one in self.unread if one.key not in self.gone]
        return replace(known.with_these(there, expired=self.gone), sources=heads)


def _counted(days: int) -> str:
    return counted(days, "day")
