"""The way of one file, top to bottom: extract, check, transform, stage, check, publish."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.contract.model import Contract, Rule, versions
from etl.datasets import transform_of
from etl.errors import ContractKept, RowsLost, SluiceError, StillBroken
from etl.gate import checks, key_conflicts, primary_key, quarantine_routing
from etl.gate.broken_rows import TRACED, traced
from etl.gate.gated_plan import INPUT, OUTPUT, Crossing
from etl.gate.key_conflicts import Settled, Staged
from etl.gate.onepass.metric_requests import Values
from etl.gate.onepass.staged_metrics import Written
from etl.gate.quarantine_routing import Aside
from etl.gate.references import Known
from etl.gate.row_evidence import SecondLook
from etl.gate.row_numbers import RowNumbers
from etl.gate.staging import Staging
from etl.gate.structure import Structure, of_transform
from etl.gate.transform_faults import Search, TransformFaults, failed, transform_traced
from etl.iceberg.branch_guard import Tip
from etl.iceberg.current_snapshot import Head, head
from etl.iceberg.table import Table
from etl.ledger import ledger, orphan_cleanup
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import Quarantine
from etl.results.verdict import OBSERVED, RuleResult, Verdict, in_words
from etl.runtime.arguments import Order
from etl.sources.derived_source import Derived
from etl.sources.new_objects import Arrival
from etl.sources.preflight import Look
from etl.sources.replay import Replay
from etl.storage.clients import Clients
from etl.transform_errors import failing, guarded
from etl.wording import counted

Source = Arrival | Replay | Derived


@dataclass
class Passage:
    """One passage through the gate: of the unread objects of a dataset, or of rows that were set aside.

    `order`, `aws` and `verdict` are the run's, `input` and `output` its contracts, `known` what the output's rows point to.
    `holders` are the objects that the table holds keys of these rows from, where that is asked: they are isolated.
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
    holders: frozenset[str] = field(init=False, default=frozenset())
    tip: Tip = field(init=False)
    look: SecondLook | None = field(init=False, default=None)
    staged_rows: Staged | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Start from what readers saw when the ledger was read."""
        self.tip = Tip(self.aws, self.order, self.before.snapshot)

    def through(self, start: Callable[[], SparkSession]) -> None:
        """Take the source's rows through.

        Raises:
            ContractBroken: a critical rule did not hold; nothing was published.
            RuleInError: a rule could not be judged; nothing was published.
            ObjectChanged: a raw object changed while it was read; nothing was published.
            StillBroken: no row of a replay is better than it was; nothing was published.
            MigrationNeeded: the table is not what the contract declares; nothing was changed.
            Superseded: another run published meanwhile; nothing of this one was.
            ContractKept: the rows were only on trial.
        """
        looks = list(self.source.looks)
        spark = start()
        table = Table(spark, self.order.table, self.order.location)
        quarantine = Quarantine.beside(table)
        with transform_traced(self._demand, partial(failed, self.order.dataset)):
            staging = self._staging(table)
        # To read and plan takes seconds of one processor, and so does the catalog's start.
        with ThreadPoolExecutor(2) as meanwhile:
            declared = meanwhile.submit(table.declare, self.output)
            with transform_traced(self._demand, partial(failed, self.order.dataset)), self._diagnosed(looks):
                lines = self.source.read(spark, looks, staging.crossing.beside.plain)
            planned = meanwhile.submit(staging.crossing.observed, lines, looks)
            numbers = RowNumbers(self.source, self.aws.s3, self.order.raw, staging.crossing, lines, looks)
            self.look = SecondLook(numbers)
            declared.result()
            self.verdict.remains += orphan_cleanup.clean(self.aws, self.order, table, quarantine, self.ledger)
        try:
            with self._traced(lines, looks, staging):
                staging.observe(planned.result)
                self._judge_source(lines, looks, staging)
                if staging.marked is None:
                    staging.anew(lines)
                aside = self._set_aside(lines, quarantine, staging)
            self._demand([of_transform(self.order.dataset)])
            settled = self._audit(staging, aside)
            if self.order.trial:
                raise ContractKept(f"{self.order.dataset}: a trial, nothing was published")
            self._publish(table, quarantine, settled)
        except quarantine_routing.Unjudged as error:
            self._drop(table, quarantine)
            self._demand(error.results)
            raise
        except BaseException:
            self._drop(table, quarantine)
            raise

    @contextmanager
    def _diagnosed(self, looks: list[Look]) -> Iterator[None]:
        """Where reading fails, name the objects that it must have failed for."""
        try:
            yield
        except SluiceError:
            raise
        except Exception:
            self.source.diagnose(looks)
            raise

    def _traced(self, lines: DataFrame, looks: list[Look], staging: Staging) -> AbstractContextManager[None]:
        source, plain = self.source, staging.crossing.beside.plain
        read = partial(source.again, lines.sparkSession, plain=plain)
        search = Search(staging.crossing, lines, looks, read, isinstance(source, Derived))
        faults = TransformFaults(self.order.dataset, self._is_personal, search, source.row_of)
        return transform_traced(self._demand, faults.of)

    @property
    def _is_personal(self) -> bool:
        return bool(self.input.pii | self.output.pii)

    def _staging(self, table: Table) -> Staging:
        contracts = (self.source.contract, self.input, self.output)
        with failing(self._is_personal):
            own = transform_of(self.order.dataset)
        transform = guarded(own, self.output.names, self._is_personal)
        crossing = Crossing(self._parameters, transform, *contracts, self.known)
        return Staging(self.order, table, self.tip, crossing, self.source.corrected, self._summary)

    def _judge_source(self, lines: DataFrame, looks: list[Look], staging: Staging) -> None:
        """Judge structure and the input contract; what the pass that wrote did not prove, in passes of their own."""
        told, rows, judged = staging.told, staging.crossing.rows(lines), staging.crossing.judged[INPUT]
        structure = told and told.watched.structure.held(told.reading, looks)
        with self._diagnosed(looks):
            if told and structure:
                self.verdict.rows_read = told.rows
                asked = told.input_asked
                answers = staging.written(self._staged(staging).rows).answers(asked) if asked else {}
                content = checks.judge(rows, self.input, judged, self._parameters, told.input_values | answers)
            else:
                of_lines = Structure(self.source.contract, self.output)
                self.verdict.rows_read, structure = of_lines.check(lines, looks)
                content = checks.check(rows, self.input, judged, self._parameters)
        self._demand([*structure, *content])

    def _set_aside(self, lines: DataFrame, quarantine: Quarantine, staging: Staging) -> Aside:
        """Stage the rows that broke a warning beside the table, in a pass of their own, where there are any."""
        self.staged, marked, told = staging.rows, staging.marked, staging.told
        if marked is None or not marked.rules:
            return Aside()
        if told and not told.aside:
            return Aside(way=OBSERVED)
        # The source is read once more for them, and not for each look at them.
        rows = staging.crossing.crossed(traced(lines), TRACED).aside.persist()
        aside = Aside.of(rows, (self.input, self.output))
        if self.look:
            self.look.remember(rows, aside)
        if aside.combinations:
            self.aside = True
            quarantine.stage(rows, self.order.branch, self.order.run_id)
        rows.unpersist()
        return aside

    def _audit(self, staging: Staging, aside: Aside) -> Settled:
        """Judge what was written, read back: keys against the whole table, every other rule on this run's rows."""
        self._account(aside)
        self._demand(self._of_aside(aside))
        self.staged_rows = staged = self._staged(staging)
        settled = self._settle(staged)
        values = staging.told.output_values if staging.told and not settled.own else None
        results = self._judged(staging.written(staged.rows), staging.crossing.judged[OUTPUT], values)
        if self.before.snapshot is not None and self.output.on_conflict == "refuse":
            results = [self._held_against(staged, one) for one in results]
        self._demand([*results, self._keyed(staged, staging), *self.source.reconciled(staged.rows)])
        return settled

    def _keyed(self, staged: Staged, staging: Staging) -> RuleResult:
        """Return whether every part of the key is there; of all rows of the table, where their head names no such key."""
        if not primary_key.is_proven(self.before, self.output.key):
            return primary_key.of_table(self.order.dataset, staged, self.output.masking)
        if staging.told and not staging.told.keyless:
            return primary_key.observed(self.order.dataset)
        return primary_key.of_run(self.order.dataset, staged, self.output.masking)

    def _judged(self, written: Written, rules: list[Rule], values: Values | None) -> list[RuleResult]:
        """Judge the rows of the run by the output's rules; `values` were observed of these very rows."""
        if values is None:
            return checks.check(written.rows, self.output, rules, self._parameters)
        found = {**values.found, **written.answers(values.asked)}
        return checks.judge(written.rows, self.output, rules, self._parameters, found)

    def _staged(self, staging: Staging) -> Staged:
        return Staged(staging.table, self.order.branch, self.order.run_id, self.output.key)

    def _held_against(self, staged: Staged, result: RuleResult) -> RuleResult:
        """Hold the run's keys against those that the table has already."""
        if not any(self.output.is_key_rule(rule) for rule in self.output.rules if rule.rule == result.rule):
            return result
        refused = key_conflicts.refused(staged, result, self.output.masking)
        if not refused.held and self.input.on_poison == "isolate":
            self.holders |= key_conflicts.holders(staged)
        return refused

    def _settle(self, staged: Staged) -> Settled:
        """Where the newer object's row wins, let it."""
        if self.output.on_conflict != "replace":
            return Settled()
        found = key_conflicts.settled(staged, self._put, self._summary)
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
            return [
                *told,
                *(aside.share(one, self.verdict.rows_read) for one in contracts if quarantine_routing.warnings(one)),
            ]
        if not self.staged:
            broken = in_words([result for result in told if result.broken])
            verdict = self.order.verdicts.uri(self.order.verdict_key)
            raise StillBroken(
                f"{self.order.dataset}: verdict {verdict}: every row of the replay is set aside as before: {broken}"
                f"{self.verdict.left_out}"
            )
        return told

    def _account(self, aside: Aside) -> None:
        """Hold the rows that were staged and set aside against those that were read.

        Raises:
            ObjectChanged: they differ, since the pass over the rows set aside read another version of an object.
            RowsLost: they differ; the transform drops or doubles rows.
        """
        self.verdict.rows_quarantined = sum(aside.combinations.values())
        if self.staged + self.verdict.rows_quarantined != self.verdict.rows_read:
            self.source.hold()
            were = "was" if self.verdict.rows_read == 1 else "were"
            raise RowsLost(
                f"{self.order.dataset}: {counted(self.verdict.rows_read, 'row')} {were} read, {self.staged} staged and "
                f"{self.verdict.rows_quarantined} set aside; "
                f"a transform keeps one row per row: mend etl/datasets/{self.order.dataset}.py"
            )

    def _publish(self, table: Table, quarantine: Quarantine, settled: Settled) -> None:
        self.source.hold()
        ledger.write(self.aws.s3, self.order.ledger, self.source.ledgered(self.ledger, self.aside).won(settled.over))
        if self.aside:
            staged_on = head(self.aws.glue, self.aws.s3, quarantine.table.name, self.order.branch).parent
            quarantine.table.publish(self.order.branch, staged_on)
        try:
            table.publish(self.order.branch, self.before.snapshot)
        except Exception:
            # An answer can be lost after the commit was made: what readers see decides.
            if self._head.summary.get("sluice.run-id") != self.order.run_id:
                raise
        self.verdict.rows_published = self.staged - settled.own
        self.verdict.snapshot_after = self._head.snapshot
        left = f", {self.verdict.rows_quarantined} set aside" if self.verdict.rows_quarantined else ""
        lost = f", {settled.own} older than a row with the same key" if settled.own else ""
        rows = counted(self.verdict.rows_published, "row")
        told = f"{self.order.dataset}: {rows} published from {self.source.told}{left}{lost}"
        self.verdict.message = f"{told}{self.verdict.left_out}"

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
            "sluice.kind": self.order.kind,
            "sluice.contracts": versions(self.input, self.output),
            "sluice.code": self.order.code,
            **primary_key.summary(self.output.key),
        }

    @property
    def _parameters(self) -> dict[str, Any]:
        return {"run_date": self.order.run_date.isoformat()}

    def _demand(self, results: list[RuleResult]) -> None:
        placed = self.look.placed(results, self.staged_rows) if self.look else results
        self.verdict.demand(placed, self.order.verdicts.uri(self.order.verdict_key))
