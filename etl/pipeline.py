"""The way of one file, top to bottom: extract, check, transform, stage, check, publish."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from etl import conflicts, gate, ledger, remains, set_aside
from etl.arguments import Order
from etl.arrival import Arrival
from etl.casting import typed
from etl.clients import Clients
from etl.conflicts import Settled, Staged
from etl.contract import Contract, versions
from etl.datasets import transform_of
from etl.derived import Derived
from etl.errors import RowsLost, SluiceError, StillBroken
from etl.first_look import Look
from etl.head import Head, head
from etl.ledger import Ledger
from etl.quarantine import Quarantine, source_of
from etl.references import Known
from etl.replay import Replay
from etl.set_aside import Aside
from etl.sources import BROKEN, HEADER, LINE, ORDINAL, PROVENANCE
from etl.structure import Structure
from etl.table import Table
from etl.tip import Tip
from etl.verdict import RuleResult, Verdict

Source = Arrival | Replay | Derived


@dataclass
class Passage:
    """One passage through the gate: of the unread objects of a dataset, or of rows that were set aside.

    `order`, `aws` and `verdict` are the run's, `input` and `output` its contracts, `known` what the output's rows point to.
    """

    order: Order
    aws: Clients
    verdict: Verdict
    input: Contract
    output: Contract
    known: Known
    source: Source
    before: Head
    ledger: Ledger
    aside: bool = field(init=False, default=False)
    staged: int = field(init=False, default=0)
    tip: Tip = field(init=False)

    def __post_init__(self) -> None:
        """Start from what readers saw when the ledger was read."""
        self.tip = Tip(self.aws, self.order, self.before.snapshot)

    def through(self, start: Callable[[], SparkSession]) -> None:
        """Take the source's rows through.

        Raises:
            ContractBroken: a critical rule did not hold; nothing was published.
            ObjectChanged: a raw object changed while it was read; nothing was published.
            StillBroken: no row of a replay is better than it was; nothing was published.
            MigrationNeeded: the table is not what the contract declares; nothing was changed.
            Superseded: another run published meanwhile; nothing of this one was.
        """
        looks = list(self.source.looks)
        spark = start()
        rows = self._check(looks, spark)
        table = Table(spark, self.order.table, self.order.location)
        quarantine = Quarantine.beside(table)
        table.declare(self.output)
        self.verdict.remains += remains.clean(self.aws, self.order, table, quarantine, self.ledger)
        try:
            aside = self._stage(table, self._transform(rows), quarantine)
            settled = self._audit(table, aside)
            self._publish(table, quarantine, settled)
        except BaseException:
            self._drop(table, quarantine)
            raise

    def _check(self, looks: list[Look], spark: SparkSession) -> DataFrame:
        """Return the sound rows as they were read, judged by structure and the input contract."""
        line = F.expr(source_of(self.source.contract)).alias(LINE)
        judged = [rule for rule in self.input.rules if rule.severity != "warning"]
        try:
            frame = self.source.read(spark, looks)
            rows = frame.where(~F.col(BROKEN) & ~F.col(HEADER)).select(*self.input.names, line, ORDINAL, *PROVENANCE)
            self.verdict.rows_read, structure = Structure(self.source.contract, self.output).check(frame, looks)
            content = gate.check(rows, self.input, judged, self._parameters)
        except SluiceError:
            raise
        except Exception:
            self.source.diagnose(looks)
            raise
        self._demand([*structure, *content])
        return rows

    def _transform(self, rows: DataFrame) -> DataFrame:
        """Return typed and derived rows, each with its source and the warning rules that it breaks."""
        marked = set_aside.mark(set_aside.unmarked(rows), self.input, self._parameters)
        types = {column.name: column.type for column in self.output.columns}
        given = {column.name: column.type for column in self.input.columns}
        shared = [typed(name, types[name], given[name]).alias(name) for name in given if name in types]
        carried = (LINE, ORDINAL, set_aside.RULES, *PROVENANCE)
        derived = transform_of(self.order.dataset)(marked.select(*shared, *carried))
        return set_aside.mark(self.known.joined(derived), self.output, self._parameters)

    def _stage(self, table: Table, rows: DataFrame, quarantine: Quarantine) -> Aside:
        """Stage the rows that broke no warning; the others too, in a pass of their own, where there are any."""
        if self.source.corrected:
            table.clear(self.order.branch, self.source.corrected)
            self.tip.follow()
        seen = Observation()
        marked = F.sum((F.size(set_aside.RULES) > 0).cast("bigint"))
        observed = rows.observe(seen, F.count(F.lit(1)).alias("rows"), marked.alias("aside"))
        own = (*self.output.names, *PROVENANCE)
        table.stage(set_aside.kept(observed).select(*own), self.order.branch, self.order.run_id, self._summary)
        if not seen.get["aside"]:
            return Aside()
        self.aside = True
        quarantine.stage(rows, self.order.branch, self.order.run_id)
        return Aside.of(rows, (self.input, self.output))

    def _audit(self, table: Table, aside: Aside) -> Settled:
        """Judge what was written, read back: keys against the whole table, every other rule on this run's rows."""
        self._account(aside)
        self._demand(self._of_aside(aside))
        staged = Staged(table, self.order.branch, self.order.run_id, self.output.key)
        settled = self._settle(staged)
        judged = [rule for rule in self.output.rules if rule.severity != "warning" or self.output.is_key_rule(rule)]
        results = gate.check(staged.rows, self.output, judged, self._parameters)
        if self.before.snapshot is not None and self.output.on_conflict == "refuse":
            results = [self._held_against(staged, one) for one in results]
        self._demand([*results, *self.source.reconciled(staged.rows)])
        return settled

    def _held_against(self, staged: Staged, result: RuleResult) -> RuleResult:
        """Hold the run's keys against those that the table has already."""
        if not any(self.output.is_key_rule(rule) for rule in self.output.rules if rule.rule == result.rule):
            return result
        return conflicts.refused(staged, result, bool(self.output.pii & set(self.output.key)))

    def _settle(self, staged: Staged) -> Settled:
        """Where the newer object's row wins, let it."""
        if self.output.on_conflict != "replace":
            return Settled()
        found = conflicts.settled(staged, self._put, self._summary)
        if found.over:
            self.tip.follow()
        self.verdict.rows_replaced = found.own
        return found

    def _put(self, objects: Iterable[str]) -> dict[str, str]:
        """Return when objects were put: those that the table holds, and over them those of this run."""
        held = {key: at for key, (_, at) in self.ledger.held.of(objects).items()}
        return held | {one.key: one.modified for one in self.source.unread}

    def _of_aside(self, aside: Aside) -> list[RuleResult]:
        """Return what the warnings say: a replay may leave rows aside, but not all of them.

        Raises:
            StillBroken: no row of a replay is better than it was.
        """
        contracts = (self.input, self.output)
        told = [result for one in contracts for result in aside.results(one)]
        if not self.order.replay:
            return [*told, *(aside.share(one, self.verdict.rows_read) for one in contracts if set_aside.warnings(one))]
        if not self.staged:
            broken = "; ".join(one.in_words for one in told if not one.held)
            raise StillBroken(f"{self.order.dataset}: every row of the replay is set aside as before: {broken}")
        return told

    def _account(self, aside: Aside) -> None:
        """Hold the rows that were staged and set aside against those that were read.

        Raises:
            RowsLost: they differ; the transform drops or doubles rows.
            Superseded: the rows are not staged on what this run began from.
        """
        staged = self.tip.follow()
        own = staged.summary.get("sluice.run-id") == self.order.run_id
        self.staged = int(staged.summary.get("added-records", 0)) if own else 0
        self.verdict.rows_quarantined = sum(aside.combinations.values())
        if self.staged + self.verdict.rows_quarantined != self.verdict.rows_read:
            raise RowsLost(
                f"{self.order.dataset}: {self.verdict.rows_read} rows were read, {self.staged} staged and "
                f"{self.verdict.rows_quarantined} set aside; "
                f"a transform keeps one row per row: mend etl/datasets/{self.order.dataset}.py"
            )

    def _publish(self, table: Table, quarantine: Quarantine, settled: Settled) -> None:
        self.source.hold()
        ledger.write(self.aws.s3, self.order.ledger, self.source.ledgered(self.ledger, self.aside).won(settled.over))
        if self.aside:
            quarantine.table.publish(self.order.branch)
        try:
            table.publish(self.order.branch)
        except Exception:
            # An answer can be lost after the commit was made: what readers see decides.
            if self._head.summary.get("sluice.run-id") != self.order.run_id:
                raise
        self.verdict.rows_published = self.staged - settled.own
        self.verdict.snapshot_after = self._head.snapshot
        left = f", {self.verdict.rows_quarantined} set aside" if self.verdict.rows_quarantined else ""
        lost = f", {settled.own} older than a row with the same key" if settled.own else ""
        self.verdict.message = (
            f"{self.order.dataset}: {self.verdict.rows_published} rows published from {self.source.told}{left}{lost}"
        )

    def _drop(self, table: Table, quarantine: Quarantine) -> None:
        self.verdict.rows_quarantined = 0
        for one in (table, quarantine.table) if self.aside else (table,):
            with suppress(Exception):  # what stays behind no reader sees; the run's own error is the one to tell
                one.drop(self.order.branch)

    @property
    def _head(self) -> Head:
        return head(self.aws.glue, self.aws.s3, self.order.table)

    @property
    def _summary(self) -> dict[str, str]:
        return {
            ledger.POINTER: self.order.ledger,
            "sluice.run-id": self.order.run_id,
            "sluice.contracts": versions(self.input, self.output),
            "sluice.code": self.order.code,
        }

    @property
    def _parameters(self) -> dict[str, Any]:
        return {"run_date": self.order.run_date.isoformat()}

    def _demand(self, results: list[RuleResult]) -> None:
        self.verdict.demand(results, self.order.verdicts.uri(self.order.verdict_key))
