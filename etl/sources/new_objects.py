"""What a run reads by default: the raw objects that the published table does not hold yet."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pyspark.sql import DataFrame, SparkSession

from etl import wording
from etl.contract.model import Contract
from etl.errors import NothingToRerun, ObjectChanged
from etl.ledger import skip_list
from etl.ledger.ledger import Ledger
from etl.ledger.skip_list import Skip
from etl.results.verdict import RuleResult
from etl.runtime.arguments import Order
from etl.sources import columnar_reader, physical_lines, preflight, readers
from etl.sources.line_regex import Plain
from etl.sources.object_rules import of_objects
from etl.sources.preflight import Look
from etl.storage.clients import Clients
from etl.storage.raw_objects import Listing, RawObject, latest, listing

FEW = 3  # keys named in a sentence
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
    """

    order: Order
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

    @classmethod
    def of(cls, order: Order, aws: Clients, contract: Contract, demand: Demand, known: Ledger) -> "Arrival":
        """List the raw prefix and hold it against the ledger.

        Raises:
            NothingToRerun: an object that is to be read again is not there.
        """
        at = listing(aws.s3, order.raw)
        listed = at.objects
        found = known.difference(listed, order.raw_expire_days, datetime.now(UTC))
        recorded = skip_list.read(aws.s3, order.location)
        skip_list.move(aws.s3, order.location, recorded)
        skipped = recorded.of(found.unread)
        left = {(one.key, one.version) for one in skipped}
        unread = [one for one in found.unread if (one.key, one.version) not in left]
        if order.rerun:
            wanted = set(order.rerun)
            if strange := sorted(wanted - {one.key for one in listed}):
                raise NothingToRerun(
                    f"{order.dataset}: {', '.join(strange)} is not in the raw bucket; name keys as listed"
                )
            unread = [one for one in listed if one.key in wanted]
        # A row that replaced another's may be gone from the new version: then the other's counts again.
        again = known.beneath([one.key for one in unread]) - {one.key for one in unread}
        found_again = [one for one in listed if one.key in again]
        hidden = [one.key for one in found_again if (one.key, one.version) in left]
        unread = sorted([*unread, *(one for one in found_again if one.key not in hidden)])
        corrected = sorted(known.held.of(one.key for one in unread))
        together = len(found_again) > len(hidden)
        gone = (found.deleted, found.expired)
        return cls(order, aws, contract, demand, unread, corrected, skipped, *gone, together, hidden, at)

    @property
    def is_one(self) -> bool:
        """Whether it cannot be taken apart: one object, or some that are read again for another's sake."""
        return self.together or len(self.unread) < 2

    def only(self, keys: Collection[str]) -> "Arrival":
        """Return an arrival of some of the objects; `upon` says whose rows it replaces."""
        return replace(
            self, unread=[one for one in self.unread if one.key in keys], corrected=[], expired=[], hidden=[]
        )

    def upon(self, known: Ledger, order: Order, demand: Demand) -> "Arrival":
        """Return it for another order, as it stands against a later ledger.

        An object whose rows one of these replaced since, in this very run, is read again with it.
        """
        own = [one.key for one in self.unread]
        again = known.beneath(own) - {*own}
        others = [one for one in latest(self.aws.s3, self.order.raw) if one.key in again] if again else []
        unread = sorted([*self.unread, *others])
        corrected = sorted(known.held.of(one.key for one in unread))
        return replace(self, order=order, demand=demand, unread=unread, corrected=corrected)

    @property
    def nothing(self) -> str:
        """Say that there is nothing to read; empty where there is."""
        if self.unread:
            return ""
        left = f"; {len(self.skipped)} skipped" if self.skipped else ""
        return f"nothing unread under {self.order.raw.uri(self.order.raw.prefix)}{left}{self._passed_over}"

    @property
    def told(self) -> str:
        """What was read, in words, and what could not be since it is skipped."""
        hidden = f"; rows of the skipped {', '.join(self.hidden)} stay replaced until `unskip`" if self.hidden else ""
        return f"{wording.counted(len(self.unread), 'object')}{hidden}{self._passed_over}"

    @property
    def _passed_over(self) -> str:
        """Say what is never read for its name, so that a misnamed file is noticed; empty where there is none."""
        number = self.listed.number_passed_over
        keys = wording.listed(self.listed.passed_over, FEW, number=number)
        return (
            f"; {wording.counted(number, 'object')} passed over for _ or a dot before a name: {keys}" if number else ""
        )

    @property
    def looks(self) -> list[Look]:
        """Look at each object, without Spark; stop where one shows a fault."""
        looks = [preflight.look(self.aws.s3, self.order.raw, found, self.contract) for found in self.unread]
        self.demand(of_objects(self.order.dataset, looks))
        return looks

    def read(self, spark: SparkSession, looks: list[Look], plain: Plain) -> DataFrame:
        """Return the objects' rows as `extract` has them."""
        if self.contract.format in preflight.MAGIC:
            inside = columnar_reader.look_inside(spark, self.order.raw, looks, self.contract)
            self.demand(of_objects(self.order.dataset, inside))
        return readers.read(spark, self.order.raw, looks, self.contract, plain)

    def diagnose(self, looks: list[Look]) -> None:
        """Name the objects that Spark cannot have read: one that changed, a packed stream that breaks further down.

        Raises:
            ObjectChanged: an object is no longer what was listed.
        """
        self.hold()
        self.demand(of_objects(self.order.dataset, [self._sound(one) for one in looks]))

    def _sound(self, one: Look) -> Look:
        if self.contract.format in preflight.MAGIC:
            return columnar_reader.sound(SparkSession.active(), self.order.raw, one, self.contract.format)
        return preflight.sound(self.aws.s3, self.order.raw, one)

    def again(self, spark: SparkSession, looks: list[Look], plain: Plain) -> DataFrame:
        """Return the rows of some of the objects, to find what a transform fails on."""
        return readers.read(spark, self.order.raw, looks, self.contract, plain)

    def row_of(self, key: str, line: str) -> int | None:
        """Return the number of an object's line, from 1; None where that cannot be told."""
        found = next((one for one in self.unread if one.key == key), None)
        if found is None or self.contract.format in preflight.MAGIC:
            return None
        mark = physical_lines.mark(line.encode())
        numbers = physical_lines.find(self.aws.s3, self.order.raw.bucket, key, found.version, {mark: 1})
        return next(iter(numbers[mark]), None)

    def hold(self) -> None:
        """List the prefix once more before publishing.

        Raises:
            ObjectChanged: an object that was read is no longer what is there.
        """
        now = {found.key: found.version for found in latest(self.aws.s3, self.order.raw)}
        if changed := [found.key for found in self.unread if now.get(found.key) != found.version]:
            raise ObjectChanged(
                f"{self.order.dataset}: {', '.join(changed)} changed while being read, nothing was published; run again"
            )

    def reconciled(self, rows: DataFrame) -> list[RuleResult]:
        """Nothing to reconcile: each row is one that was read."""
        return []

    def ledgered(self, known: Ledger, aside: bool) -> Ledger:
        """Return the ledger that holds these objects too; `aside` says whether rows of theirs were set aside."""
        return known.with_these(self.unread, [self.order.run_id] if aside else [], self.expired)
