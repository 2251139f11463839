"""What a run reads by default: the raw objects that the published table does not hold yet."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyspark.sql import DataFrame, SparkSession

from etl import wording
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.structure_rules import StructureRule
from etl.errors import ObjectChanged
from etl.ledger.ledger import Ledger
from etl.ledger.rewrites import recognize_rewrites
from etl.ledger.skip_list import Skip
from etl.results.rule_result import RuleResult
from etl.runtime.arguments import JobArguments
from etl.sources import columnar_failures, columnar_reader, preflight, readers
from etl.sources.copied_objects import find_copies
from etl.sources.left_objects import describe_left
from etl.sources.line_regex import LineRegex
from etl.sources.manifest_rules import NO_MANIFESTS, ManifestAudit, ObjectDigests
from etl.sources.object_choice import choose_objects
from etl.sources.object_rules import judge_objects
from etl.sources.object_verification import verify_object
from etl.sources.preflight import FilePreflight
from etl.sources.raw_prefix import list_raw_prefix
from etl.sources.row_lookup import find_row
from etl.sources.snapshot_copies import CopyChoice
from etl.storage.clients import Clients
from etl.storage.many_objects import map_objects
from etl.storage.object_streams import ObjectStreams
from etl.storage.raw_objects import Listing, RawObject, are_latest, list_latest

Demand = Callable[[list[RuleResult]], None]


@dataclass(frozen=True)
class Arrival:
    """What to read, and what else the listing showed.

    Attributes:
        demand: takes results, and raises where a critical rule broke.
        unread: the objects to read, those that are read again among them.
        corrected: keys of these that the table holds: their rows are replaced.
        skipped: objects that an operator had left alone.
        deleted: keys that the table holds and the raw bucket lost before their time: they change nothing.
        expired: keys that the raw bucket's own expiry took.
        together: whether some are read again since another's rows had replaced theirs.
        listed: the raw prefix, with what is passed over for its name.
        hidden: keys that would be read again for that, but are skipped: the rows stay replaced until `unskip`.
        has_key: whether columns tell one published row from another.
        copies: keys of objects that are copies, each with that of the object it equals; where rows have no key.
        manifests: what manifests say of these objects, and which others wait.
        chosen_copies: of a snapshot, which copy these objects are, and which others count no longer.
    """

    arguments: JobArguments
    aws: Clients
    contract: Contract
    demand: Demand
    unread: list[RawObject]
    corrected: list[str] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    together: bool = False
    hidden: list[str] = field(default_factory=list)
    listed: Listing = field(default_factory=Listing)
    has_key: bool = True
    copies: Mapping[str, str] = field(default_factory=dict[str, str])
    manifests: ManifestAudit = NO_MANIFESTS
    chosen_copies: CopyChoice | None = None

    @classmethod
    def from_listing(
        cls, arguments: JobArguments, aws: Clients, contracts: tuple[Contract, Contract], demand: Demand, ledger: Ledger
    ) -> "Arrival":
        """List the raw prefix and hold it against the ledger; `contracts` are those of input and output.

        Raises:
            NothingToRerun: an object that is to be read again is not there.
        """
        contract, output = contracts
        choice = choose_objects(arguments, aws, contract, output.loading, ledger)
        return cls(
            *(arguments, aws, contract, demand),
            *(choice.unread, choice.corrected, choice.skipped, choice.deleted, choice.expired),
            *(choice.together, choice.hidden, choice.listed),
            manifests=ManifestAudit.for_contract(contract, choice.manifests, ObjectDigests(aws.s3, arguments.raw)),
            chosen_copies=choice.copies,
        )

    def without_key(self, ledger: Ledger) -> "Arrival":
        """Return it as of a dataset whose rows have no key: with the objects that are copies, where these are refused."""
        arrival = replace(self, has_key=False)
        copies = find_copies(self.unread, self.listed.objects, ledger) if arrival.refuses_copies else {}
        return replace(arrival, copies=copies)

    @property
    def skips(self) -> Sequence[Skip]:
        """What is to be skipped once its rows are published: nothing."""
        return ()

    @property
    def leaving_objects(self) -> Sequence[str]:
        """Objects of which no row stays: none."""
        return ()

    @property
    def refuses_copies(self) -> bool:
        """Whether an object that is a copy breaks a rule."""
        return not self.has_key and not self.contract.copies.publishes_copies

    @property
    def is_indivisible(self) -> bool:
        """Whether it cannot be taken apart: one part, or objects that are read again for another's sake."""
        parts = [*self.manifests.parts_of(self.unread), *self.manifests.broken]
        return self.together or not self.unread or len(parts) < 2

    def select_objects(self, keys: Collection[str]) -> "Arrival":
        """Return an arrival of some of the objects; `rebased_on` says whose rows it replaces."""
        return replace(
            self,
            unread=[raw_object for raw_object in self.unread if raw_object.key in keys],
            corrected=[],
            expired=[],
            hidden=[],
            manifests=self.manifests.without_broken(),
        )

    def rebased_on(self, ledger: Ledger, arguments: JobArguments, demand: Demand) -> "Arrival":
        """Return it for another order, as it stands against a later ledger.

        An object whose rows one of these replaced since, in this very run, is read again with it.
        """
        own_keys = [raw_object.key for raw_object in self.unread]
        replaced_keys = ledger.replaced_by(own_keys) - {*own_keys}
        replaced_objects = (
            [raw_object for raw_object in self._list_latest(ledger) if raw_object.key in replaced_keys]
            if replaced_keys
            else []
        )
        unread = sorted([*self.unread, *replaced_objects])
        corrected = sorted(ledger.held.select_held(raw_object.key for raw_object in unread))
        rebased = replace(self, arguments=arguments, demand=demand, unread=unread, corrected=corrected)
        return rebased if self.has_key else rebased.without_key(ledger)

    def _list_latest(self, ledger: Ledger) -> list[RawObject]:
        listed = list_latest(self.aws.s3, self.arguments.raw, self.contract.files)
        return recognize_rewrites(self.aws.s3, self.arguments.raw, ledger.rewrites, listed).objects

    @property
    def nothing_to_read(self) -> str:
        """Say that there is nothing to read; empty where there is."""
        if self.unread:
            return ""
        skipped_note = f"; {len(self.skipped)} skipped" if self.skipped else ""
        return (
            f"nothing unread under {self.arguments.raw.uri(self.arguments.raw.prefix)}{skipped_note}{self._left_words}"
        )

    @property
    def superseded(self) -> list[RawObject]:
        """Of a snapshot, unread objects of copies that are older than the table's."""
        return self.chosen_copies.superseded if self.chosen_copies else []

    @property
    def read_summary(self) -> str:
        """What was read, in words, and what could not be since it is skipped."""
        hidden = f"; rows of the skipped {', '.join(self.hidden)} stay replaced until `unskip`" if self.hidden else ""
        return f"{wording.count_noun(len(self.unread), 'object')}{hidden}{self._left_words}"

    @property
    def _left_words(self) -> str:
        superseded = self.chosen_copies.superseded_words if self.chosen_copies else ""
        return f"{superseded}{describe_left(self.manifests.choice.waiting, self.listed, self.contract.files)}"

    def demand_manifests(self) -> None:
        """Hold objects against their manifests, before a row of them is read; stop where one is not what they say."""
        self.demand(self.manifests.judge_objects(self.unread))

    @property
    def expects_rows(self) -> bool:
        """Whether a manifest says how many rows an object has."""
        return self.manifests.says_rows(self.unread)

    def judge_rows(self, counts: Mapping[str, int]) -> list[RuleResult]:
        """Hold the rows of objects against their manifests."""
        return self.manifests.judge_rows(self.unread, counts)

    @property
    def preflights(self) -> list[FilePreflight]:
        """Look at each object, without Spark; stop where one shows a fault."""
        self.demand_manifests()
        # A workbook is read whole: one at a time, for memory.
        in_threads = self.contract.format is not SourceFormat.EXCEL
        preflights = map_objects(self._preflight, self.unread) if in_threads else [*map(self._preflight, self.unread)]
        if self.chosen_copies and len(preflights) > 1:
            preflights = preflight.without_empty_parts(preflights, self.contract)
        self._demand_objects(preflights)
        return preflights

    def _preflight(self, raw_object: RawObject) -> FilePreflight:
        if original := self.copies.get(raw_object.key):
            detail = f"{raw_object.key}: the ETag and size of {original}"
            return FilePreflight(raw_object, fault=StructureRule.COPY, detail=detail)
        return preflight.preflight_object(self.aws.s3, self.arguments.raw, raw_object, self.contract)

    def _demand_objects(self, preflights: Iterable[FilePreflight]) -> None:
        self.demand(judge_objects(self.arguments.dataset, preflights, refuses_copies=self.refuses_copies))

    def read_rows(self, spark: SparkSession, preflights: list[FilePreflight], plain: LineRegex) -> DataFrame:
        """Return the objects' rows as `extract` has them; `preflights` get what the files' schemas show."""
        if self.contract.format.is_columnar:
            inspected = columnar_reader.check_file_schemas(spark, self.arguments.raw, preflights, self.contract)
            self._demand_objects(inspected)
            preflights[:] = inspected
        return readers.read_objects(spark, self.arguments.raw, preflights, self.contract, plain, self._streams)

    def diagnose_read_failure(self, preflights: list[FilePreflight]) -> None:
        """Name the objects that Spark cannot have read: one that changed, a packed stream that breaks further down.

        Raises:
            ObjectChanged: an object is no longer what was listed.
        """
        self.assert_unchanged()
        self._demand_objects([self._verify_stream(preflight) for preflight in preflights])

    def _verify_stream(self, file_preflight: FilePreflight) -> FilePreflight:
        if self.contract.format.is_columnar:
            return columnar_failures.verify_rows(
                SparkSession.active(), self.arguments.raw, file_preflight, self.contract.format
            )
        return verify_object(self.aws.s3, self.arguments.raw, file_preflight, self.contract)

    def reread_rows(self, spark: SparkSession, preflights: list[FilePreflight], plain: LineRegex) -> DataFrame:
        """Return the rows of some of the objects, to find what a transform fails on."""
        return readers.read_objects(spark, self.arguments.raw, preflights, self.contract, plain, self._streams)

    @property
    def _streams(self) -> ObjectStreams:
        return ObjectStreams.from_client(self.aws.s3, self.arguments.raw.bucket)

    def row_of(self, key: str, line: str) -> int | None:
        """Return the number of an object's line, from 1; None where that cannot be told."""
        raw_object = next((candidate for candidate in self.unread if candidate.key == key), None)
        return raw_object and find_row(self.aws.s3, self.arguments.raw, raw_object, self.contract, line)

    def assert_unchanged(self) -> None:
        """Look at the objects once more before publishing; list the prefix for it where they are many.

        Raises:
            ObjectChanged: an object that was read is no longer what is there.
        """
        compared = [*self.unread, *self.manifests.compared]
        if len(compared) <= self.listed.pages and are_latest(self.aws.s3, self.arguments.raw, compared):
            return
        listed = list_raw_prefix(self.aws.s3, self.arguments.raw, self.contract)
        current = {(raw_object.key, raw_object.version) for raw_object in (*listed.objects, *listed.manifests)}
        if changed := [
            raw_object.key for raw_object in compared if (raw_object.key, raw_object.version) not in current
        ]:
            raise ObjectChanged(
                f"{self.arguments.dataset}: {', '.join(changed)} changed while being read, nothing was published; run again"
            )

    def reconcile_sums(self, rows: DataFrame) -> list[RuleResult]:
        """Nothing to reconcile: each row is one that was read."""
        return []

    def updated_ledger(self, ledger: Ledger, has_quarantined: bool) -> Ledger:
        """Return the ledger that holds these objects too; `has_quarantined` says whether rows of theirs were set aside."""
        if self.chosen_copies:
            return self.chosen_copies.updated_ledger(ledger, self.arguments.run_id, has_quarantined, self.expired)
        ledger = replace(ledger, copy=None)  # a table that others' rows come to is of no one copy
        runs = [self.arguments.run_id] if has_quarantined else []
        return ledger.with_objects(self.unread, runs, self.expired, keep_contents=not self.has_key)
