"""An object that is withdrawn: its rows leave, and what they had replaced is read again.

It is a correction into nothing. An object that lost rows to it is read again with all that this one had replaced in turn; of a
snapshot its whole copy leaves, and the copy before it is read again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyspark.sql import SparkSession

from etl.contract.model import Contract
from etl.errors import WithdrawRefused
from etl.iceberg.table import Table
from etl.ledger import skip_list
from etl.ledger.ingested_objects import HeldVersion
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import Quarantine
from etl.ledger.replaced_objects import ReplacedObjects
from etl.ledger.skip_list import Skip
from etl.results.verdict import ObjectVersion, Verdict
from etl.results.withdrawn_object import WithdrawnObject
from etl.runtime.arguments import JobArguments
from etl.runtime.withdraw_request import WithdrawRequest
from etl.sources.manifest_rules import ManifestAudit, ObjectDigests
from etl.sources.manifest_selection import ManifestChoice
from etl.sources.new_objects import Arrival, Demand
from etl.sources.raw_prefix import RawPrefix, list_raw_prefix
from etl.sources.withdrawn_copy import EARLIER_COPY, WithdrawnCopy
from etl.storage.clients import Clients
from etl.wording import count_noun

NO_OBJECT = WithdrawnObject("", "", "", "")


@dataclass(frozen=True)
class Withdrawal(Arrival):
    """What is read again when an object is withdrawn; `corrected` has the object too, since its rows leave.

    Attributes:
        withdrawn: the object, and what left.
        leaving: the versions that leave: the object's, or of a snapshot those of its whole copy.
    """

    withdrawn: WithdrawnObject = NO_OBJECT
    leaving: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def from_request(
        cls,
        arguments: JobArguments,
        aws: Clients,
        contracts: tuple[Contract, Contract],
        demand: Demand,
        ledger: Ledger,
    ) -> "Withdrawal":
        """Hold what is asked for against the ledger and the raw prefix.

        Raises:
            WithdrawRefused: the dataset is built from tables, the table holds another version or is of another copy, or
                what the object's rows had replaced cannot come back.
        """
        request, (contract, output) = arguments.withdraw or WithdrawRequest(""), contracts
        held = ledger.held.select_held([request.key]).get(request.key)
        _refuse_unsound(arguments.dataset, request, contract, held)
        recorded = skip_list.read_skip_list(aws.s3, arguments.location).skipped
        is_whole = output.loading.kind.is_whole_table
        listed = list_raw_prefix(aws.s3, arguments.raw, contract, with_first_puts=is_whole)
        if is_whole:
            raw = RawPrefix(aws.s3, arguments.raw, contract, listed, ledger)
            copy = WithdrawnCopy.find(raw, output.loading, recorded, request.key)
            replaced, chosen, corrected = copy.replaced, copy.before, list[str]()
            leaving = {key: version.version for key, version in copy.objects.items()}
        else:
            replaced, chosen = ReplacedObjects.find(request.key, ledger, listed.objects, recorded), None
            reread = ledger.held.select_held(raw_object.key for raw_object in replaced.restorable)
            corrected = sorted({request.key, *reread})
            leaving = {request.key: held.version if held else request.version}
        _refuse_lost(arguments.dataset, request, replaced)
        restored = replaced.restorable
        withdrawn = WithdrawnObject(
            key=request.key,
            version=leaving.get(request.key, request.version),
            why=request.why,
            who=request.who,
            restored=tuple(raw_object.key for raw_object in restored),
            without=tuple(replaced.lost),
        )
        manifests = chosen.manifests if chosen else ManifestChoice([])
        return cls(
            *(arguments, aws, contract, demand, restored, corrected),
            listed=listed,
            has_key=output.has_key,
            manifests=ManifestAudit.for_contract(contract, manifests, ObjectDigests(aws.s3, arguments.raw)),
            chosen_copies=chosen,
            withdrawn=withdrawn,
            leaving=leaving,
        )

    def with_counts(self, spark: SparkSession, verdict: Verdict, ledger: Ledger) -> "Withdrawal":
        """Return it with how many rows leave; the verdict tells of the object.

        Raises:
            WithdrawRefused: neither table nor ledger knows the object.
        """
        table = Table(spark, self.arguments.table, self.arguments.location)
        rows = table.count_rows_of(self.leaving) if table.exists else 0
        if not rows and not ledger.held.select_held(self.leaving):
            raise WithdrawRefused(
                f"{self.arguments.dataset}: no run has published {self.withdrawn.key}, so that nothing of it can leave; "
                "nothing was changed. Have runs leave it alone: sluice skip"
            )
        aside = Quarantine.for_table(table).count_rows_of(self.leaving, ledger)
        withdrawn = replace(self.withdrawn, rows=rows, rows_quarantined=aside)
        verdict.withdrawn, verdict.corrected = withdrawn, [*withdrawn.restored]
        verdict.objects = ObjectVersion.from_objects(self.unread)
        return replace(self, withdrawn=withdrawn)

    @property
    def is_indivisible(self) -> bool:
        """It cannot be taken apart: what comes back does so with the commit by which the object leaves."""
        return True

    @property
    def empties_table(self) -> bool:
        """Whether no row stays: the copy of a snapshot leaves, and none before it is there."""
        return EARLIER_COPY in self.withdrawn.without

    @property
    def leaving_objects(self) -> Sequence[str]:
        """The objects of which no row stays."""
        return [*self.leaving]

    @property
    def skips(self) -> Sequence[Skip]:
        """The versions that left, which no run is to read again; none where they are not known."""
        withdrawn, at = self.withdrawn, self.arguments.started.isoformat(timespec="seconds")
        return [
            Skip(key, version, withdrawn.why, withdrawn.who, at) for key, version in self.leaving.items() if version
        ]

    @property
    def read_summary(self) -> str:
        """What was read again, and what left, in words."""
        return f"{count_noun(len(self.unread), 'object')} that it had replaced rows of; {self.withdrawn.in_words}"

    def updated_ledger(self, ledger: Ledger, has_quarantined: bool) -> Ledger:
        """Return the ledger that holds what came back, and nothing of the object."""
        remaining = ledger.without_objects(self.leaving)
        if self.empties_table and ledger.copy:
            return remaining.with_copy(ledger.copy, self.arguments.run_id, has_quarantined)
        return super().updated_ledger(remaining, has_quarantined)


def _refuse_unsound(dataset: str, request: WithdrawRequest, contract: Contract, held: HeldVersion | None) -> None:
    if contract.sources:
        raise WithdrawRefused(f"{dataset} is built from tables and has no objects: withdraw from what it is built from")
    if request.version and held and held.version != request.version:
        raise WithdrawRefused(
            f"{dataset}: the table holds {request.key} in the version {held.version} by now, and not in {request.version}; "
            "nothing was changed: look at what came, then withdraw it again"
        )


def _refuse_lost(dataset: str, request: WithdrawRequest, replaced: ReplacedObjects) -> None:
    if lost := [key for key in replaced.lost if key not in request.without]:
        raise WithdrawRefused(
            f"{dataset}: rows of {request.key} had replaced rows of {replaced.describe_lost(lost)}: these cannot be read "
            "again, so nothing was changed. Let these rows stay away: sluice withdraw --without"
        )
