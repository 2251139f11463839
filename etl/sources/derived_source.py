"""What a dataset that is built from tables reads: the days of its sources that changed since it was last built.

A day stands where a raw object stands for a dataset of files: each row's `_object` is its day and its `_version` the
snapshot of the source whose days they are; the ledger holds the days and the snapshots; a day that is built again takes the
place of what was there, as a corrected object does. A day of which a source no longer keeps the rows stays as it was built.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import ClassVar

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.json_values import is_day
from etl.contract.loading import contract_versions
from etl.contract.model import Contract
from etl.contract.table_names import LINE, OBJECT, VERSION
from etl.datasets import derivation_of
from etl.errors import NothingToRerun
from etl.iceberg.current_snapshot import Head
from etl.iceberg.kept_rows import KeptRows
from etl.ledger.ledger import Ledger
from etl.ledger.skip_list import Skip
from etl.results.rule_result import RuleResult
from etl.runtime.arguments import JobArguments
from etl.sources.change_detection import SourceChanges, days_in
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, HEADER, no_ordinal
from etl.sources.reconciliation import reconciliation_results
from etl.storage.clients import Clients
from etl.storage.raw_objects import RawObject
from etl.transform_errors import raising_transform_failed
from etl.wording import count_noun

MAX_DAYS_SHOWN = 3  # days named in a sentence


@dataclass(frozen=True)
class Derived:
    """The days to build.

    Attributes:
        output: the contract whose sums are held against the source's.
        full_rebuild_reason: why every day is built; empty where only those that changed are.
        looked: whether the days are known; finding them takes Spark.
        unread: the days, as objects; `corrected` are those of them that the table holds.
        gone: the days that the source has no row of any more.
        why: what asks for which days, in words.
        emptied: whether all of them are gone, though the table holds others.
        first_day: the first day that can be built, yyyy-MM-dd: neither the sources nor the table keep earlier rows; empty
            where all can.
    """

    arguments: JobArguments
    contract: Contract
    output: Contract
    ledger: Ledger
    changes: SourceChanges
    full_rebuild_reason: str
    looked: bool = False
    unread: list[RawObject] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    emptied: bool = False
    first_day: str = ""

    preflights: ClassVar[tuple[FilePreflight, ...]] = ()
    expects_rows = False
    skips: ClassVar[tuple[Skip, ...]] = ()
    leaving_objects: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def from_changes(
        cls, arguments: JobArguments, aws: Clients, contracts: tuple[Contract, Contract], before: Head, ledger: Ledger
    ) -> "Derived":
        """Hold the sources against the ledger, without Spark; `before` is what readers see.

        Raises:
            NothingToRerun: what is to be built again is no day.
        """
        if invalid_days := [day for day in arguments.rerun if not is_day(day)]:
            raise NothingToRerun(
                f"{arguments.dataset}: {', '.join(invalid_days)} is no day; name days such as 2025-01-15"
            )
        input_contract, output_contract = contracts
        changes = SourceChanges.from_heads(aws, arguments, input_contract, ledger)
        built_with = before.summary.get("sluice.contracts")
        contracts_changed = (
            f"its contracts were {built_with}"
            if built_with != contract_versions(input_contract, output_contract)
            else ""
        )
        kept = KeptRows.from_summary(before.summary)
        own_first_day = kept.first_day.isoformat() if kept and kept.column == input_contract.day else ""
        return cls(
            *(arguments, input_contract, output_contract, ledger, changes, changes.unknown_reason or contracts_changed),
            first_day=max(own_first_day, changes.first_whole_day),
        )

    @property
    def nothing_to_read(self) -> str:
        """Say that there is nothing to build; empty where there is, or may be."""
        names = ", ".join(self.changes.heads)
        if missing := self.changes.missing_sources:
            return f"nothing to build from yet: {', '.join(missing)} has no published table"
        if self.looked:
            return "" if self.unread else f"nothing changed in what is read of {names}"
        return (
            f"nothing changed in {names}"
            if self.changes.nothing_changed and not self.full_rebuild_reason and not self.arguments.rerun
            else ""
        )

    @property
    def read_summary(self) -> str:
        """What was built, in words."""
        days = [day_object.key for day_object in self.unread]
        more = f" and {len(days) - MAX_DAYS_SHOWN} more" if len(days) > MAX_DAYS_SHOWN else ""
        return f"{_count_days(len(days))} of {', '.join(self.changes.heads)} ({', '.join(days[:MAX_DAYS_SHOWN])}{more})"

    def with_days(self, spark: SparkSession) -> "Derived":
        """Return it with the days that are to be built.

        Raises:
            NothingToRerun: a day that is to be built again is one of which the sources keep no rows.
        """
        days_by_source = {} if self.full_rebuild_reason else self._changed_days(spark)
        requested_days = sorted({*self.arguments.rerun, *(day for days in days_by_source.values() for day in days)})
        present = (
            days_in(self._day_source_rows(spark, requested_days), self.changes.day_source.day)
            if requested_days or self.full_rebuild_reason
            else []
        )
        self._require_present(present)
        held = self.ledger.held
        held_days = (
            [day for day in held.all_objects() if day >= self.first_day]
            if self.full_rebuild_reason
            else held.select_held(requested_days)
        )
        days = sorted({*present, *held_days}) if self.full_rebuild_reason else requested_days
        built_at = datetime.now(UTC).isoformat(timespec="seconds")
        return replace(
            self,
            looked=True,
            unread=[RawObject(day, self._source_version, 0, built_at) for day in days],
            corrected=sorted(held_days),
            gone=sorted({*days} - {*present}),
            why=[f"all {_count_days(len(days))}{self._since_first_day}: {self.full_rebuild_reason}"]
            if self.full_rebuild_reason
            else self._explain_days(days_by_source),
            emptied=bool(requested_days) and not present and self.ledger.held.count > len(held_days),
        )

    def _changed_days(self, spark: SparkSession) -> dict[str, list[str]]:
        """Return the days that changed, by source, without those of which a source lost rows for their age."""
        changed_days = self.changes.days_to_build(spark)
        return {name: [day for day in days if day >= self.first_day] for name, days in changed_days.items()}

    def _require_present(self, present: list[str]) -> None:
        kept_out = sorted({day for day in self.arguments.rerun if day < self.first_day} - {*present})
        if kept_out:
            raise NothingToRerun(
                f"{self.arguments.dataset}: {', '.join(kept_out)} stays as it is: rows before {self.first_day} are no longer "
                f"kept (keep_days); name days from {self.first_day} on"
            )

    @property
    def _since_first_day(self) -> str:
        return f" from {self.first_day} on, before which rows are no longer kept" if self.first_day else ""

    def _explain_days(self, days_by_source: dict[str, list[str]]) -> list[str]:
        reasons = [
            f"{_count_days(len(days))}: {name} changed since {self.changes.since[name]}"
            for name, days in days_by_source.items()
        ]
        return [*reasons, *([f"{_count_days(len(self.arguments.rerun))}: asked for"] if self.arguments.rerun else [])]

    @property
    def _source_version(self) -> str:
        return str(self.changes.heads[self.changes.day_source.dataset])

    def _day_source_rows(self, spark: SparkSession, days: list[str]) -> DataFrame:
        """Return the rows of the source whose days are built, of these days alone where some are named, else of all that
        can be built."""
        source = self.changes.day_source
        rows, column = self.changes.source_rows(spark, source), F.col(f"`{source.day}`")
        if not days:
            return rows.where(column >= date.fromisoformat(self.first_day)) if self.first_day else rows
        # Iceberg holds files against up to 200 values of a set, and against a range always.
        dates = [date.fromisoformat(day) for day in days]
        return rows.where(column.between(dates[0], dates[-1]) & column.isin(dates))

    def read_rows(self, spark: SparkSession, _looks: list[FilePreflight], _plain: LineRegex) -> DataFrame:
        """Return the built rows as `extract` has them; kept, since they are looked at more than once."""
        days = [] if self.full_rebuild_reason else [day_object.key for day_object in self.unread]
        tables = {
            source.dataset: self._day_source_rows(spark, days)
            if source.day
            else self.changes.source_rows(spark, source)
            for source in self.contract.sources
        }
        names = [f"`{name}`" for name in self.contract.names]
        with raising_transform_failed(bool(self.contract.pii | self.output.pii)):
            rows = derivation_of(self.output.transform_module)(**tables).select(*names)
        return rows.select(
            *names,
            F.to_json(F.struct(*names), {"ignoreNullFields": "false"}).alias(LINE),
            F.lit(False).alias(BROKEN),
            F.lit(False).alias(HEADER),
            no_ordinal(),
            F.col(f"`{self.contract.day}`").cast("string").alias(OBJECT),
            F.lit(self._source_version).alias(VERSION),
        ).persist()

    def reconcile_sums(self, rows: DataFrame) -> list[RuleResult]:
        """Hold the sums of what was staged against those of the source, at the snapshot that it was built from."""
        spark, days = (
            rows.sparkSession,
            [] if self.full_rebuild_reason else [day_object.key for day_object in self.unread],
        )
        return [
            result
            for reconciliation in self.output.reconciles
            for result in reconciliation_results(self.output, reconciliation, rows, self._day_source_rows(spark, days))
        ]

    def reread_rows(self, spark: SparkSession, preflights: list[FilePreflight], plain: LineRegex) -> DataFrame:
        """Return all rows again: there are no objects to tell them by."""
        return self.read_rows(spark, preflights, plain)

    def row_of(self, key: str, line: str) -> int | None:
        """Return no number: the rows are not an object's lines."""
        return None

    def assert_unchanged(self) -> None:
        """Nothing to hold: the snapshots that were read do not change."""

    def diagnose_read_failure(self, preflights: list[FilePreflight]) -> None:
        """Nothing to name: no object is read."""

    def judge_rows(self, counts: Mapping[str, int]) -> list[RuleResult]:
        """No manifest to hold rows against: they come from tables."""
        return []

    def updated_ledger(self, ledger: Ledger, has_quarantined: bool) -> Ledger:
        """Return the ledger that holds these days, built from these snapshots."""
        heads = {name: str(head) for name, head in self.changes.heads.items()}
        present_days = [day_object for day_object in self.unread if day_object.key not in self.gone]
        return replace(ledger.with_objects(present_days, expired=self.gone), sources=heads)


def _count_days(days: int) -> str:
    return count_noun(days, "day")
