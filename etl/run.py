"""One run of a dataset's job: its contracts, what it reads, and how often it tries."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial

from pyspark.sql import SparkSession

from etl.contract.loading import parse_contract, with_copy_markers, with_shared_masking
from etl.contract.masking import Masking
from etl.contract.model import Contract
from etl.contract.stage import Stage
from etl.contract.validation.pair import find_disagreements
from etl.errors import ContractBroken, ContractInvalid, KeysShared, Superseded
from etl.gate.references import ResolvedReferences, unevaluated_results
from etl.history.earlier_results import RunPlace
from etl.history.resolution import ResolvedHistory, any_bounded, exemption_of
from etl.iceberg.current_snapshot import Head, read_head
from etl.isolation import Isolation
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.pipeline import GateRun, Source
from etl.publication import publish_ledger
from etl.removal import Removal
from etl.results.contract_failures import record_and_raise
from etl.results.rule_result import RuleResult
from etl.results.used_bound import AcceptedHistory
from etl.results.verdict import ObjectVersion, SkippedObject, Verdict
from etl.runtime import session
from etl.runtime.arguments import NO_PREFIX, JobArguments
from etl.sources.derived_source import Derived
from etl.sources.new_objects import Arrival
from etl.sources.replay import Replay
from etl.sources.withdrawal import Withdrawal
from etl.storage import permission_errors
from etl.storage.clients import Clients
from etl.storage.raw_objects import S3Prefix

ATTEMPTS = 2
PRELOADED = ("etl.gate.onepass.data_files",)  # imports PyArrow, which may be missing


def start_session() -> SparkSession:
    """Start Spark, and import beside its start what the gate takes."""
    return session.start_session(PRELOADED)


@dataclass
class Run:
    """One run: what it was told, what it talks to, and the verdict that tells how far it came."""

    arguments: JobArguments
    aws: Clients
    verdict: Verdict
    start: Callable[[], SparkSession] = start_session
    input: Contract = field(init=False)
    output: Contract = field(init=False)
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.verdict.kind, self.verdict.replay = self.arguments.kind, self.arguments.replay or None
        if why := self.arguments.accept_history:
            self.verdict.accepted_history = AcceptedHistory(why, self.arguments.accepted_by)

    def run(self) -> None:
        """Take what arrived, or what is to be read again or replayed, through the gate.

        A run whose main moved stages once more on the new one.

        Raises:
            ContractInvalid: a contract must not be run.
            NothingToReplay, NothingToRerun, WithdrawRefused: what was asked for is not there; nothing was published.
            ForeignSnapshot: somebody else wrote to the table.
            Denied: Spark lacks a permission.
            Superseded: another run published twice while this one worked; nothing of it was.
            SluiceError: what `Passage.through` raises.
        """
        self.input, self.output = with_shared_masking(
            self._load_contract(self.arguments.input_contract), self._load_contract(self.arguments.output_contract)
        )
        self._check_agreement()
        self.input = with_copy_markers(self.input, self.output)
        self.verdict.contracts = {Stage.INPUT: self.input.version, Stage.OUTPUT: self.output.version}
        with permission_errors.explain_spark_denials(self.arguments, self.arguments.raw.uri(self.arguments.raw.prefix)):
            try:
                self._retry_when_superseded(self.verdict, self._attempt_run)
            except ContractBroken:
                # What breaks its history does so as a whole: alone its objects are held to none, and would pass.
                if (
                    not self.input.on_poison.publishes_others
                    or not isinstance(self.source, Arrival)
                    or self.source.is_indivisible
                    or any_bounded(self.verdict.broken, (self.input, self.output))
                ):
                    raise
                Isolation(self.arguments, self.verdict, self._run_alone).run(self.source)

    @property
    def masking(self) -> Masking:
        """What is personal in the dataset, as far as its contracts were loaded."""
        loaded = getattr(self, "output", None)
        return loaded.masking if loaded else Masking()

    @property
    def bytes_read(self) -> int | None:
        """How large the objects are that it read; None where it read none."""
        source = getattr(self, "source", None)
        return sum(raw_object.size for raw_object in source.unread) if isinstance(source, Arrival) else None

    def _start_spark(self) -> SparkSession:
        spark = self.start()
        if self.masking.applies:
            session.silence_logs(spark)
        return spark

    def _retry_when_superseded(self, verdict: Verdict, attempt: Callable[[], None]) -> None:
        """Try, and once more where main moved meanwhile."""
        for number in range(1, ATTEMPTS + 1):
            verdict.attempts, verdict.rules, verdict.metrics, verdict.rows_read = number, [], {}, 0
            try:
                return attempt()
            except Superseded:
                if number == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def _load_contract(self, uri: str) -> Contract:
        place = S3Prefix.from_uri(uri)
        body = self.aws.s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read()
        return parse_contract(body.decode(), uri)

    def _check_agreement(self) -> None:
        faults = [str(disagreement) for disagreement in find_disagreements(self.input, self.output)]
        if not self.input.sources and self.arguments.raw == NO_PREFIX:
            faults.append(
                "it is built from files, and the job was given no --raw; name the prefix that they arrive under"
            )
        if faults:
            raise ContractInvalid("\n".join(f"{self.arguments.dataset}: {fault}" for fault in faults))

    def _attempt_run(self) -> None:
        head_before, current_ledger = self._published_state()
        self.verdict.snapshot_before = self.verdict.snapshot_after = head_before.snapshot
        self.source = source = self._find_source(head_before, current_ledger)
        if source.nothing_to_read:
            if isinstance(source, Withdrawal):
                Removal(self.arguments, self.aws, self.verdict, self.output, source, head_before, current_ledger).run(
                    self._start_spark
                )
                return
            if isinstance(source, Arrival) and source.manifests.broken:
                source.demand_manifests()
            if isinstance(source, Arrival) and source.superseded:
                ledger_after = source.updated_ledger(current_ledger, has_quarantined=False)
                publish_ledger(self._start_spark(), self.aws, self.arguments, head_before, ledger_after)
                self.verdict.snapshot_after = self._published_state()[0].snapshot
            self.verdict.nothing_unread = True
            self.verdict.message = f"{self.arguments.dataset}: {source.nothing_to_read}"
            return
        self._gate_run(self.arguments, self.verdict, source, head_before, current_ledger).run(self._start_spark)

    def _published_state(self) -> tuple[Head, Ledger]:
        """Return what readers see, and the ledger of just that."""
        head_before = read_head(self.aws.glue, self.aws.s3, self.arguments.table)
        return head_before, ledger.read_ledger(self.aws.s3, head_before)

    def _find_source(self, head_before: Head, current_ledger: Ledger) -> Source:
        if self.arguments.replay:
            return Replay.from_ledger(self.arguments, self.input, self.output, current_ledger)
        if self.arguments.withdraw:
            contracts = (self.input, self.output)
            withdrawal = Withdrawal.from_request(
                self.arguments, self.aws, contracts, self._record_and_raise, current_ledger
            )
            return withdrawal.with_counts(self._start_spark(), self.verdict, current_ledger)
        if self.input.sources:
            return self._with_days(
                Derived.from_changes(self.arguments, self.aws, (self.input, self.output), head_before, current_ledger)
            )
        arrival = Arrival.from_listing(
            self.arguments, self.aws, (self.input, self.output), self._record_and_raise, current_ledger
        )
        arrival = arrival if self.output.has_key else arrival.without_key(current_ledger)
        self.verdict.objects = ObjectVersion.from_objects(arrival.unread)
        self.verdict.corrected, self.verdict.deleted = arrival.corrected, arrival.deleted
        self.verdict.superseded = ObjectVersion.from_objects(arrival.superseded)
        self.verdict.skipped = [SkippedObject(**asdict(skip)) for skip in arrival.skipped]
        self.verdict.waiting = [*arrival.manifests.choice.waiting]
        self.verdict.manifests = ObjectVersion.from_objects([*arrival.manifests.used, *arrival.manifests.broken])
        self.verdict.passed_over = arrival.listed.passed_over
        self.verdict.objects_passed_over = arrival.listed.number_passed_over
        return arrival

    def _with_days(self, source: Derived) -> Derived:
        """Return the source with its days; which these are takes Spark, unless nothing changed."""
        if source.nothing_to_read:
            return source
        source = source.with_days(self._start_spark())
        self.verdict.objects = ObjectVersion.from_objects(source.unread)
        self.verdict.corrected, self.verdict.rebuilt = source.corrected, source.why
        self.verdict.sources = {name: str(head) for name, head in source.changes.heads.items()}
        return source

    def _gate_run(
        self, arguments: JobArguments, verdict: Verdict, source: Source, head_before: Head, current_ledger: Ledger
    ) -> GateRun:
        references = ResolvedReferences.from_published(self.aws, arguments, self.output)
        input_contract, output_contract = self.input, references.without_unresolved_rules(self.output)
        if isinstance(source, Withdrawal) or (isinstance(source, Derived) and source.emptied):
            input_contract, output_contract = input_contract.without_counts(), output_contract.without_counts()
        history = self._resolve_history(arguments, verdict, source.corrected)
        record_and_raise(
            verdict,
            [
                *unevaluated_results(self.input, input_contract),
                *unevaluated_results(self.output, output_contract),
                *history.unjudged_results(input_contract),
                *history.unjudged_results(output_contract),
            ],
            arguments.verdicts.uri(arguments.verdict_key),
        )
        return GateRun(
            arguments,
            self.aws,
            verdict,
            history.judged_contract(input_contract),
            history.judged_contract(output_contract),
            {**arguments.rule_parameters, **history.parameters},
            references,
            source,
            head_before,
            current_ledger,
        )

    def _resolve_history(self, arguments: JobArguments, verdict: Verdict, corrected: Sequence[str]) -> ResolvedHistory:
        """Return the bounds that earlier runs give this one; the verdict keeps them."""
        contracts, is_part = (self.input, self.output), arguments is not self.arguments
        if why := exemption_of(arguments, corrected, is_part):
            history = ResolvedHistory.without_values(contracts, why)
        else:
            history = ResolvedHistory.from_results(self.aws.s3, RunPlace.from_arguments(arguments), contracts)
        verdict.bounds, verdict.unreadable_results = [*history.bounds.values()], [*history.unreadable]
        return history

    def _run_alone(self, arguments: JobArguments, verdict: Verdict, arrival: Arrival) -> None:
        """Take some objects of an arrival through, as the table is now: others may have been published.

        Raises:
            KeysShared: nothing but keys that the table holds keeps them out.
        """

        def attempt_once() -> None:
            head_before, current_ledger = self._published_state()
            source = arrival.rebased_on(current_ledger, arguments, partial(self._record_in, verdict))
            gate_run = self._gate_run(arguments, verdict, source, head_before, current_ledger)
            try:
                gate_run.run(self._start_spark)
            except ContractBroken as error:
                key_rules = {rule.rule for rule in self.output.rules if self.output.is_key_rule(rule)}
                if gate_run.key_holders and {result.rule for result in verdict.broken} <= key_rules:
                    raise KeysShared(str(error), gate_run.key_holders) from error
                raise

        self._retry_when_superseded(verdict, attempt_once)

    def _record_and_raise(self, results: list[RuleResult]) -> None:
        self._record_in(self.verdict, results)

    def _record_in(self, verdict: Verdict, results: list[RuleResult]) -> None:
        record_and_raise(verdict, results, self.arguments.verdicts.uri(self.arguments.verdict_key))
