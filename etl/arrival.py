"""What a run reads by default: the raw objects that the published table does not hold yet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame, SparkSession

from etl import columnar, extract, first_look
from etl.arguments import Order
from etl.clients import Clients
from etl.contract import Contract
from etl.errors import ObjectChanged
from etl.first_look import Look
from etl.ledger import Ledger
from etl.raw import RawObject, latest
from etl.structure import of_objects
from etl.verdict import RuleResult

Demand = Callable[[list[RuleResult]], None]


@dataclass(frozen=True)
class Arrival:
    """The unread objects of a dataset's raw prefix, and the keys that are gone though the table holds them.

    `demand` takes results and raises where a critical rule broke.
    """

    order: Order
    aws: Clients
    contract: Contract
    demand: Demand
    unread: list[RawObject]
    deleted: list[str]

    @classmethod
    def of(cls, order: Order, aws: Clients, contract: Contract, demand: Demand, known: Ledger) -> "Arrival":
        """List the raw prefix and hold it against the ledger."""
        listed = latest(aws.s3, order.raw)
        deleted = known.deleted(listed, order.raw_expire_days, datetime.now(UTC))
        return cls(order, aws, contract, demand, known.unread(listed), deleted)

    @property
    def nothing(self) -> str:
        """Say that there is nothing to read; empty where there is."""
        return "" if self.unread else f"nothing unread under {self.order.raw.uri(self.order.raw.prefix)}"

    @property
    def told(self) -> str:
        """What was read, in words."""
        return f"{len(self.unread)} objects"

    @property
    def looks(self) -> list[Look]:
        """Look at each object, without Spark; stop where one shows a fault."""
        looks = [first_look.look(self.aws.s3, self.order.raw, found, self.contract) for found in self.unread]
        self.demand(of_objects(self.order.dataset, looks))
        return looks

    def read(self, spark: SparkSession, looks: list[Look]) -> DataFrame:
        """Return the objects' rows as `extract` has them."""
        if self.contract.format in first_look.MAGIC:
            inside = columnar.look_inside(spark, self.order.raw, looks, self.contract)
            self.demand(of_objects(self.order.dataset, inside))
        return extract.read(spark, self.order.raw, looks, self.contract)

    def diagnose(self, looks: list[Look]) -> None:
        """Name the objects that Spark cannot have read: a gzip stream that breaks beyond the first look."""
        broken = [
            Look(one.object, fault="gzip", detail=f"{one.object.key}: broken beyond its first {first_look.HEAD} bytes")
            for one in looks
            if one.object.key.endswith(".gz") and not first_look.is_sound_gzip(self.aws.s3, self.order.raw, one.object)
        ]
        self.demand(of_objects(self.order.dataset, broken))

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

    def ledgered(self, known: Ledger, aside: bool) -> Ledger:
        """Return the ledger that holds these objects too; `aside` says whether rows of theirs were set aside."""
        return known.with_these(self.unread, [self.order.run_id] if aside else [])
