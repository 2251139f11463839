"""One run of a dataset's job: its contracts, what it reads, and how often it tries."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import partial

from pyspark.sql import SparkSession

from etl import denied, ledger, session
from etl.agreement import disagreements
from etl.arguments import NOWHERE, Order
from etl.arrival import Arrival
from etl.clients import Clients
from etl.contract import Contract, load
from etl.derived import Derived
from etl.errors import ContractBroken, ContractInvalid, Superseded
from etl.head import Head, head
from etl.ledger import Ledger
from etl.pipeline import Passage, Source
from etl.raw import Place
from etl.references import Known, unevaluated
from etl.replay import Replay
from etl.verdict import RuleResult, Verdict

ATTEMPTS = 2
BROKEN = "BROKEN"


@dataclass
class Run:
    """One run: what it was told, what it talks to, and the verdict that tells how far it came."""

    order: Order
    aws: Clients
    verdict: Verdict
    start: Callable[[], SparkSession] = session.start
    input: Contract = field(init=False)
    output: Contract = field(init=False)

    def through(self) -> None:
        """Take what arrived, or what is to be read again or replayed, through the gate.

        A run whose main moved stages once more on the new one.

        Raises:
            ContractInvalid: a contract must not be run.
            NothingToReplay, NothingToRerun: what was asked for is not there; nothing was published.
            ForeignSnapshot: somebody else wrote to the table.
            Denied: Spark lacks a permission.
            Superseded: another run published twice while this one worked; nothing of it was.
            SluiceError: what `Passage.through` raises.
        """
        self.input, self.output = self._contract(self.order.input_contract), self._contract(self.order.output_contract)
        self._agreed()
        self.verdict.contracts = {"input": self.input.version, "output": self.output.version}
        for attempt in range(1, ATTEMPTS + 1):
            self.verdict.attempts, self.verdict.rules = attempt, []
            try:
                with denied.explained(self.order):
                    return self._attempt()
            except Superseded:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def _contract(self, uri: str) -> Contract:
        place = Place.of(uri)
        body = self.aws.s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read()
        return load(body.decode(), uri)

    def _agreed(self) -> None:
        faults = [str(one) for one in disagreements(self.input, self.output)]
        if not self.input.sources and self.order.raw == NOWHERE:
            faults.append(
                "it is built from files, and the job was given no --raw; name the prefix that they arrive under"
            )
        if faults:
            raise ContractInvalid("\n".join(f"{self.order.dataset}: {fault}" for fault in faults))

    def _attempt(self) -> None:
        before, known = self._published()
        self.verdict.snapshot_before = self.verdict.snapshot_after = before.snapshot
        source = self._source(before, known)
        if source.nothing:
            self.verdict.nothing_unread = True
            self.verdict.message = f"{self.order.dataset}: {source.nothing}"
            return
        try:
            self._passage(self.order, self.verdict, source, before, known).through(self.start)
        except ContractBroken:
            if self.input.on_poison != "isolate" or not isinstance(source, Arrival) or len(source.alone()) < 2:
                raise
            self._one_by_one(source)

    def _published(self) -> tuple[Head, Ledger]:
        """Return what readers see, and the ledger of just that."""
        before = head(self.aws.glue, self.aws.s3, self.order.table)
        return before, ledger.read(self.aws.s3, before)

    def _source(self, before: Head, known: Ledger) -> Source:
        if self.order.replay:
            self.verdict.replay = self.order.replay
            return Replay.of(self.order, self.input, known)
        if self.input.sources:
            return self._derived(Derived.of(self.order, self.aws, (self.input, self.output), before, known))
        arrival = Arrival.of(self.order, self.aws, self.input, self._demand, known)
        self.verdict.objects = [found.identity for found in arrival.unread]
        self.verdict.corrected, self.verdict.deleted = arrival.corrected, arrival.deleted
        self.verdict.skipped = [asdict(skip) for skip in arrival.skipped]
        return arrival

    def _derived(self, source: Derived) -> Derived:
        """Return the source with its days; which these are takes Spark, unless nothing changed."""
        if source.nothing:
            return source
        source = source.found(self.start())
        self.verdict.objects = [one.identity for one in source.unread]
        self.verdict.corrected, self.verdict.rebuilt = source.corrected, source.why
        self.verdict.sources = {name: str(head) for name, head in source.changes.heads.items()}
        return source

    def _passage(self, order: Order, verdict: Verdict, source: Source, before: Head, known: Ledger) -> Passage:
        pointed = Known.of(self.aws, order, self.output)
        given, judged = self.input, pointed.judged(self.output)
        if isinstance(source, Derived) and source.emptied:
            given, judged = given.without_counts(), judged.without_counts()
        verdict.demand([*unevaluated(self.input, given), *unevaluated(self.output, judged)], "")
        return Passage(order, self.aws, verdict, given, judged, pointed, source, before, known)

    def _one_by_one(self, arrival: Arrival) -> None:
        """Take each object through alone: the good ones are published, and the run fails for the others.

        Raises:
            ContractBroken: always; at least one object broke its contract.
        """
        parts = []
        for number, one in enumerate(arrival.alone(), 1):
            part = replace(self.verdict, rules=[], rows_read=0, objects=[found.identity for found in one.unread])
            order = replace(self.order, run_id=f"{self.order.run_id}_{number}")
            parts.append(part)
            try:
                source = replace(one, order=order, demand=partial(self._demand_of, part))
                self._passage(order, part, source, *self._published()).through(self.start)
            except ContractBroken:
                part.state = BROKEN
        self._sum(parts)

    def _sum(self, parts: list[Verdict]) -> None:
        broken = [part for part in parts if part.state == BROKEN]
        for name in ("rows_read", "rows_published", "rows_quarantined", "rows_replaced"):
            setattr(self.verdict, name, sum(getattr(part, name) for part in parts))
        rules = sorted((one for part in parts for one in part.rules), key=lambda one: not one.held)
        self.verdict.rules = list({one.rule: one for one in rules}.values())
        self.verdict.snapshot_after = head(self.aws.glue, self.aws.s3, self.order.table).snapshot
        keys = ", ".join(one["key"] for part in broken for one in part.objects)
        named = "; ".join(one.in_words for one in self.verdict.broken)
        raise ContractBroken(
            f"{self.order.dataset}: {keys} broke the contract and stays unread, {self.verdict.rows_published} rows of "
            f"{len(parts) - len(broken)} other objects were published: {named}. "
            f"Verdict: {self.order.verdicts.uri(self.order.verdict_key)}"
        )

    def _demand(self, results: list[RuleResult]) -> None:
        self._demand_of(self.verdict, results)

    def _demand_of(self, verdict: Verdict, results: list[RuleResult]) -> None:
        verdict.demand(results, self.order.verdicts.uri(self.order.verdict_key))
