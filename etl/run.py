"""One run of a dataset's job: its contracts, what it reads, and how often it tries."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial

from pyspark.sql import SparkSession

from etl.contract.masking import Masking
from etl.contract.model import Contract, load, paired
from etl.contract.validation.pair import disagreements
from etl.errors import ContractBroken, ContractInvalid, KeysShared, Superseded
from etl.gate.references import Known, unevaluated
from etl.iceberg.current_snapshot import Head, head
from etl.isolation import Isolation
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.pipeline import Passage, Source
from etl.results.verdict import RuleResult, Verdict
from etl.runtime import session
from etl.runtime.arguments import NOWHERE, Order
from etl.sources.derived_source import Derived
from etl.sources.new_objects import Arrival
from etl.sources.replay import Replay
from etl.storage import permission_errors
from etl.storage.clients import Clients
from etl.storage.raw_objects import Place

ATTEMPTS = 2
PRELOADED = ("etl.gate.onepass.data_files",)  # imports PyArrow, which may be missing


def start_session() -> SparkSession:
    """Start Spark, and import beside its start what the gate takes."""
    return session.start(PRELOADED)


@dataclass
class Run:
    """One run: what it was told, what it talks to, and the verdict that tells how far it came."""

    order: Order
    aws: Clients
    verdict: Verdict
    start: Callable[[], SparkSession] = start_session
    input: Contract = field(init=False)
    output: Contract = field(init=False)
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.verdict.kind, self.verdict.replay = self.order.kind, self.order.replay or None

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
        self.input, self.output = paired(
            self._contract(self.order.input_contract), self._contract(self.order.output_contract)
        )
        self._agreed()
        self.verdict.contracts = {"input": self.input.version, "output": self.output.version}
        with permission_errors.explained(self.order, self.order.raw.uri(self.order.raw.prefix)):
            try:
                self._staging_anew(self.verdict, self._attempt)
            except ContractBroken:
                if self.input.on_poison != "isolate" or not isinstance(self.source, Arrival) or self.source.is_one:
                    raise
                Isolation(self.order, self.verdict, self._alone).through(self.source)

    @property
    def masking(self) -> Masking:
        """What is personal in the dataset, as far as its contracts were loaded."""
        loaded = getattr(self, "output", None)
        return loaded.masking if loaded else Masking()

    def _started(self) -> SparkSession:
        spark = self.start()
        if self.masking.applies:
            session.hush(spark)
        return spark

    def _staging_anew(self, verdict: Verdict, attempt: Callable[[], None]) -> None:
        """Try, and once more where main moved meanwhile."""
        for number in range(1, ATTEMPTS + 1):
            verdict.attempts, verdict.rules = number, []
            try:
                return attempt()
            except Superseded:
                if number == ATTEMPTS:
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
        self.source = source = self._source(before, known)
        if source.nothing:
            self.verdict.nothing_unread = True
            self.verdict.message = f"{self.order.dataset}: {source.nothing}"
            return
        self._passage(self.order, self.verdict, source, before, known).through(self._started)

    def _published(self) -> tuple[Head, Ledger]:
        """Return what readers see, and the ledger of just that."""
        before = head(self.aws.glue, self.aws.s3, self.order.table)
        return before, ledger.read(self.aws.s3, before)

    def _source(self, before: Head, known: Ledger) -> Source:
        if self.order.replay:
            return Replay.of(self.order, self.input, known)
        if self.input.sources:
            return self._derived(Derived.of(self.order, self.aws, (self.input, self.output), before, known))
        arrival = Arrival.of(self.order, self.aws, self.input, self._demand, known)
        self.verdict.objects = [found.identity for found in arrival.unread]
        self.verdict.corrected, self.verdict.deleted = arrival.corrected, arrival.deleted
        self.verdict.skipped = [asdict(skip) for skip in arrival.skipped]
        self.verdict.passed_over = arrival.listed.passed_over
        self.verdict.objects_passed_over = arrival.listed.number_passed_over
        return arrival

    def _derived(self, source: Derived) -> Derived:
        """Return the source with its days; which these are takes Spark, unless nothing changed."""
        if source.nothing:
            return source
        source = source.found(self._started())
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

    def _alone(self, order: Order, verdict: Verdict, arrival: Arrival) -> None:
        """Take some objects of an arrival through, as the table is now: others may have been published.

        Raises:
            KeysShared: nothing but keys that the table holds keeps them out.
        """

        def attempt() -> None:
            before, known = self._published()
            source = arrival.upon(known, order, partial(self._demand_of, verdict))
            passage = self._passage(order, verdict, source, before, known)
            try:
                passage.through(self._started)
            except ContractBroken as error:
                of_key = {rule.rule for rule in self.output.rules if self.output.is_key_rule(rule)}
                if passage.holders and {one.rule for one in verdict.broken} <= of_key:
                    raise KeysShared(str(error), passage.holders) from error
                raise

        self._staging_anew(verdict, attempt)

    def _demand(self, results: list[RuleResult]) -> None:
        self._demand_of(self.verdict, results)

    def _demand_of(self, verdict: Verdict, results: list[RuleResult]) -> None:
        verdict.demand(results, self.order.verdicts.uri(self.order.verdict_key))
