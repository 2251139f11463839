"""An object that is withdrawn: its rows leave, and what they had replaced is read again.

It is a correction into nothing. An object that lost rows to it is read again with all that this one had replaced in turn.
"""

from dataclasses import dataclass, field, replace

from pyspark.sql import SparkSession

from etl.contract.loads import LoadKind
from etl.contract.model import Contract
from etl.errors import WithdrawRefused
from etl.iceberg.table import Table
from etl.ledger import skip_list
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import Quarantine
from etl.ledger.replaced_objects import ReplacedObjects
from etl.ledger.skip_list import Skip
from etl.results.verdict import ObjectVersion, Verdict
from etl.results.withdrawn_object import WithdrawnObject
from etl.runtime.arguments import JobArguments
from etl.runtime.withdraw_request import WithdrawRequest
from etl.sources.new_objects import Arrival, Demand
from etl.sources.raw_prefix import list_raw_prefix
from etl.storage.clients import Clients
from etl.wording import count_noun

NO_OBJECT = WithdrawnObject("", "", "", "")


@dataclass(frozen=True)
class Withdrawal(Arrival):
    """What is read again when an object is withdrawn; `corrected` has the object too, since its rows leave.

    Attributes:
        withdrawn: the object, and what left.
    """

    withdrawn: WithdrawnObject = field(default=NO_OBJECT)

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
            WithdrawRefused: the dataset is built from tables, the table holds another version, or what the object's rows
                had replaced cannot come back.
        """
        request, (input_contract, output) = arguments.withdraw or WithdrawRequest(""), contracts
        if input_contract.sources:
            raise WithdrawRefused(
                f"{arguments.dataset} is built from tables and has no objects: withdraw from what it is built from"
            )
        if output.loading.kind is LoadKind.SNAPSHOT:
            raise WithdrawRefused(
                f"{arguments.dataset}: each copy of a snapshot is the whole table, so {request.key} cannot leave alone; "
                "nothing was changed: put a right copy under a new key, or go back to the copy before with sluice rollback"
            )
        listed = list_raw_prefix(aws.s3, arguments.raw, input_contract)
        held = ledger.held.select_held([request.key]).get(request.key)
        if request.version and held and held.version != request.version:
            raise WithdrawRefused(
                f"{arguments.dataset}: the table holds {request.key} in the version {held.version} by now, and not in "
                f"{request.version}; nothing was changed: look at what came, then withdraw it again"
            )
        recorded = skip_list.read_skip_list(aws.s3, arguments.location)
        replaced = ReplacedObjects.find(request.key, ledger, listed.objects, recorded.skipped)
        _refuse_lost(arguments.dataset, request, replaced)
        restored = replaced.restorable
        withdrawn = WithdrawnObject(
            key=request.key,
            version=held.version if held else request.version,
            why=request.why,
            who=request.who,
            restored=tuple(raw_object.key for raw_object in restored),
            without=tuple(replaced.lost),
        )
        corrected = sorted({request.key, *ledger.held.select_held(raw_object.key for raw_object in restored)})
        arrival = cls(arguments, aws, input_contract, demand, restored, corrected, listed=listed, withdrawn=withdrawn)
        return replace(arrival, has_key=output.has_key)

    def with_counts(self, spark: SparkSession, verdict: Verdict, ledger: Ledger) -> "Withdrawal":
        """Return it with how many rows leave; the verdict tells of the object.

        Raises:
            WithdrawRefused: neither table nor ledger knows the object.
        """
        table = Table(spark, self.arguments.table, self.arguments.location)
        key = self.withdrawn.key
        rows = table.count_rows_of(key) if table.exists else 0
        if not rows and not ledger.held.select_held([key]):
            raise WithdrawRefused(
                f"{self.arguments.dataset}: no run has published {key}, so that nothing of it can leave; nothing was "
                "changed. Have runs leave it alone: sluice skip"
            )
        aside = Quarantine.for_table(table).count_rows_of(key, ledger)
        withdrawn = replace(self.withdrawn, rows=rows, rows_quarantined=aside)
        verdict.withdrawn, verdict.corrected = withdrawn, [*withdrawn.restored]
        verdict.objects = ObjectVersion.from_objects(self.unread)
        return replace(self, withdrawn=withdrawn)

    @property
    def is_indivisible(self) -> bool:
        """It cannot be taken apart: what comes back does so with the commit by which the object leaves."""
        return True

    @property
    def skip(self) -> Skip | None:
        """The version that left, which no run is to read again; none where it is not known."""
        withdrawn = self.withdrawn
        at = self.arguments.started.isoformat(timespec="seconds")
        return Skip(withdrawn.key, withdrawn.version, withdrawn.why, withdrawn.who, at) if withdrawn.version else None

    @property
    def read_summary(self) -> str:
        """What was read again, and what left, in words."""
        return f"{count_noun(len(self.unread), 'object')} that it had replaced rows of; {self.withdrawn.in_words}"

    def updated_ledger(self, ledger: Ledger, has_quarantined: bool) -> Ledger:
        """Return the ledger that holds what came back, and nothing of the object."""
        return super().updated_ledger(ledger, has_quarantined).without_object(self.withdrawn.key)


def _refuse_lost(dataset: str, request: WithdrawRequest, replaced: ReplacedObjects) -> None:
    if lost := [key for key in replaced.lost if key not in request.without]:
        raise WithdrawRefused(
            f"{dataset}: rows of {request.key} had replaced rows of {replaced.describe_lost(lost)}: these cannot be read "
            "again, so nothing was changed. Let these rows stay away: sluice withdraw --without"
        )
