"""The way of one file, top to bottom: extract, check, transform, stage, check, publish."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from etl import gate, ledger, session, set_aside
from etl.arguments import Order
from etl.arrival import Arrival
from etl.casting import typed
from etl.clients import Clients
from etl.contract import Contract, load
from etl.datasets import transform_of
from etl.errors import ContractBroken, RowsLost, StillBroken
from etl.first_look import Look
from etl.head import Head, head
from etl.ledger import Ledger
from etl.quarantine import Quarantine, source_of
from etl.raw import Place
from etl.references import Known, unevaluated
from etl.replay import Replay
from etl.set_aside import Aside
from etl.sources import BROKEN, HEADER, LINE, ORDINAL, PROVENANCE
from etl.structure import Structure
from etl.table import Table
from etl.verdict import RuleResult, Verdict


@dataclass
class Run:
    """One run of a dataset: what it was told, what it talks to, and the verdict that tells how far it came."""

    order: Order
    aws: Clients
    verdict: Verdict
    start: Callable[[], SparkSession] = session.start
    input: Contract = field(init=False)
    output: Contract = field(init=False)
    known: Known = field(init=False)
    staged: int = field(init=False, default=0)
    aside: bool = field(init=False, default=False)

    def through(self) -> None:
        """Take what arrived, or what is to be replayed, through the gate.

        Raises:
            ContractInvalid: a contract must not be run.
            ContractBroken: a critical rule did not hold; nothing was published.
            ObjectChanged: a raw object changed while it was read; nothing was published.
            NothingToReplay, StillBroken: a replay finds no rows, or none that is better; nothing was published.
            Superseded: another run published meanwhile; nothing of this one was.
        """
        self._terms()
        before = head(self.aws.glue, self.aws.s3, self.order.table)
        self.verdict.snapshot_before = self.verdict.snapshot_after = before.snapshot
        known = ledger.read(self.aws.s3, before)
        source = self._source(known)
        if source.nothing:
            return self._nothing(source.nothing)
        looks = source.looks
        spark = self.start()
        rows = self._check(source, list(looks), source.read(spark, list(looks)))
        table = Table(spark, self.order.table, self.order.location)
        quarantine = Quarantine.beside(table)
        table.declare(self.output)
        self._sweep(quarantine, known)
        try:
            aside = self._stage(table, self._transform(rows), quarantine)
            self._audit(table, before, aside)
            self._publish(source, table, quarantine, known)
        except BaseException:
            self._drop(table, quarantine)
            raise
        return self._published(source)

    def _terms(self) -> None:
        self.input, self.output = self._contract(self.order.input_contract), self._contract(self.order.output_contract)
        self.verdict.contracts = {"input": self.input.version, "output": self.output.version}
        self.known = Known.of(self.aws, self.order, self.output)
        whole, self.output = self.output, self.known.judged(self.output)
        self._demand(unevaluated(whole, self.output))

    def _contract(self, uri: str) -> Contract:
        place = Place.of(uri)
        body = self.aws.s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read()
        return load(body.decode(), uri)

    def _source(self, known: Ledger) -> Arrival | Replay:
        if self.order.replay:
            self.verdict.replay = self.order.replay
            return Replay.of(self.order, self.input, known)
        arrival = Arrival.of(self.order, self.aws, self.input, self._demand, known)
        self.verdict.objects = [found.identity for found in arrival.unread]
        self.verdict.deleted = arrival.deleted
        return arrival

    def _nothing(self, message: str) -> None:
        self.verdict.nothing_unread = True
        self.verdict.message = f"{self.order.dataset}: {message}"

    def _check(self, source: Arrival | Replay, looks: list[Look], frame: DataFrame) -> DataFrame:
        """Return the sound rows as they were read, judged by structure and the input contract."""
        line = F.expr(source_of(source.contract)).alias(LINE)
        rows = frame.where(~F.col(BROKEN) & ~F.col(HEADER)).select(*self.input.names, line, ORDINAL, *PROVENANCE)
        judged = [rule for rule in self.input.rules if rule.severity != "warning"]
        try:
            self.verdict.rows_read, structure = Structure(source.contract, self.output).check(frame, looks)
            content = gate.check(rows, self.input, judged, self._parameters)
        except Exception:
            source.diagnose(looks)
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

    def _sweep(self, quarantine: Quarantine, known: Ledger) -> None:
        """Remove what a run set aside that died between the quarantine's publishing and its own."""
        last = head(self.aws.glue, self.aws.s3, quarantine.table.name).summary.get("sluice.run-id")
        if last is not None and last not in known.quarantined:
            quarantine.sweep(known.quarantined)

    def _stage(self, table: Table, rows: DataFrame, quarantine: Quarantine) -> Aside:
        """Stage the rows that broke no warning; the others too, in a pass of their own, where there are any."""
        summary = {
            ledger.POINTER: self.order.ledger,
            "sluice.run-id": self.order.run_id,
            "sluice.contracts": f"input {self.input.version}, output {self.output.version}",
            "sluice.code": self.order.code,
        }
        seen = Observation()
        marked = F.sum((F.size(set_aside.RULES) > 0).cast("bigint"))
        observed = rows.observe(seen, F.count(F.lit(1)).alias("rows"), marked.alias("aside"))
        own = (*self.output.names, *PROVENANCE)
        table.stage(set_aside.kept(observed).select(*own), self.order.branch, self.order.run_id, summary)
        if not seen.get["aside"]:
            return Aside()
        self.aside = True
        quarantine.stage(rows, self.order.branch, self.order.run_id)
        return Aside.of(rows, (self.input, self.output))

    def _audit(self, table: Table, before: Head, aside: Aside) -> None:
        """Judge what was written, read back: the key on the whole table, every other rule on this run's rows."""
        self._account(aside)
        staged = table.staged(self.order.branch, self.order.run_id)
        keyed = staged
        if before.snapshot is not None:
            key = list(self.output.key)
            keyed = table.on(self.order.branch).join(staged.select(*key), key, "left_semi")
        of_key = [rule for rule in self.output.rules if self.output.is_key_rule(rule)]
        of_run = [rule for rule in self.output.rules if rule not in of_key and rule.severity != "warning"]
        self._demand(self._aside(aside))
        results = gate.check(staged, self.output, of_run, self._parameters)
        self._demand([*results, *gate.check(keyed, self.output, of_key, self._parameters)])

    def _aside(self, aside: Aside) -> list[RuleResult]:
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
        """
        staged = head(self.aws.glue, self.aws.s3, self.order.table, self.order.branch)
        self.staged = int(staged.summary.get("added-records", 0))
        self.verdict.rows_quarantined = sum(aside.combinations.values())
        if self.staged + self.verdict.rows_quarantined != self.verdict.rows_read:
            raise RowsLost(
                f"{self.order.dataset}: {self.verdict.rows_read} rows were read, {self.staged} staged and "
                f"{self.verdict.rows_quarantined} set aside; "
                f"a transform keeps one row per row: mend etl/datasets/{self.order.dataset}.py"
            )

    def _publish(self, source: Arrival | Replay, table: Table, quarantine: Quarantine, known: Ledger) -> None:
        source.hold()
        after = source.ledgered(known, self.aside)
        ledger.write(self.aws.s3, self.order.ledger, after)
        if self.aside:
            quarantine.table.publish(self.order.branch)
        table.publish(self.order.branch)

    def _drop(self, table: Table, quarantine: Quarantine) -> None:
        self.verdict.rows_quarantined = 0
        for one in (table, quarantine.table) if self.aside else (table,):
            with suppress(Exception):  # what stays behind no reader sees; the run's own error is the one to tell
                one.drop(self.order.branch)

    def _published(self, source: Arrival | Replay) -> None:
        self.verdict.rows_published = self.staged
        self.verdict.snapshot_after = head(self.aws.glue, self.aws.s3, self.order.table).snapshot
        aside = f", {self.verdict.rows_quarantined} set aside" if self.verdict.rows_quarantined else ""
        self.verdict.message = f"{self.order.dataset}: {self.staged} rows published from {source.told}{aside}"

    @property
    def _parameters(self) -> dict[str, Any]:
        return {"run_date": self.order.run_date.isoformat()}

    def _demand(self, results: list[RuleResult]) -> None:
        """Add results to the verdict, a later one of a rule in place of the earlier, and stop where a critical rule broke."""
        self.verdict.rules = list({one.rule: one for one in (*self.verdict.rules, *results)}.values())
        if self.verdict.broken:
            named = "; ".join(one.in_words for one in self.verdict.broken)
            where = self.order.verdicts.uri(self.order.verdict_key)
            raise ContractBroken(
                f"{self.order.dataset} broke its contract, nothing was published: {named}. Verdict: {where}"
            )
