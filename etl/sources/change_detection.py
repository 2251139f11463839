"""What happened to the tables that a dataset is built from, since it was last built: days to build again, or all of them.

Iceberg tells which rows a line of snapshots added and removed, reading only the files that these did. What cancels out,
as where a file was rewritten for one of its rows, is no change. Where a table's line does not lead back to the snapshot
that was read last (a rollback, an expired snapshot), the difference cannot be trusted, and every day is built again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract, TableSource
from etl.contract.validation.cross_dataset import Publication, unresolved_source
from etl.errors import ContractInvalid
from etl.iceberg.current_snapshot import line
from etl.ledger.ledger import Ledger
from etl.runtime.arguments import Order
from etl.storage.clients import Clients

NET = "_net"


@dataclass(frozen=True)
class Changes:
    """The sources of a dataset at the snapshots that a run reads, and what led there.

    `heads` are these snapshots by dataset, None where nothing is published; `since` those that were read last; `between` the
    snapshots after these that changed rows, None where that is unknown.
    """

    order: Order
    contract: Contract
    heads: Mapping[str, str | None]
    since: Mapping[str, str]
    between: Mapping[str, list[str] | None]

    @classmethod
    def of(cls, aws: Clients, order: Order, contract: Contract, known: Ledger) -> "Changes":
        """Look the sources up, without Spark."""
        lines = {one.dataset: line(aws.glue, aws.s3, order.beside(one.dataset)) for one in contract.sources}
        between = {
            name: each.changes_since(known.sources[name]) if name in known.sources else None
            for name, each in lines.items()
        }
        return cls(order, contract, {name: each.head for name, each in lines.items()}, known.sources, between)

    @property
    def missing(self) -> list[str]:
        """The sources that have no published table yet."""
        return [name for name, head in self.heads.items() if head is None]

    @property
    def none(self) -> bool:
        """Whether no source changed."""
        return all(changed == [] for changed in self.between.values())

    @property
    def unknown(self) -> str:
        """Say why it is not known what changed; empty where it is."""
        if not self.since:
            return "it is built for the first time"
        told = [
            f"{name} stands at snapshot {self.heads[name]}, which is not known to have come from "
            f"{self.since.get(name, 'any that was read')}"
            for name, changed in self.between.items()
            if changed is None
        ]
        return "; ".join(told)

    @property
    def dated(self) -> TableSource:
        """The source whose days are built."""
        return next(one for one in self.contract.sources if one.day)

    def rows(self, spark: SparkSession, source: TableSource) -> DataFrame:
        """Return the columns of a source that the contract names, at the snapshot that the whole run reads.

        Raises:
            ContractInvalid: the table lacks one of them.
        """
        reader = spark.read.option("versionAsOf", str(self.heads[source.dataset]))
        table = reader.table(self.order.beside(source.dataset))
        if faults := [*unresolved_source(source, Publication(dict(table.dtypes)))]:
            raise ContractInvalid("\n".join(f"{self.order.dataset}.input: {fault}" for fault in faults))
        return table.select(*(f"`{name}`" for name in source.columns))

    def days(self, spark: SparkSession) -> dict[str, list[str]]:
        """Return the days to build again, by the source whose change asks for it; only of those that changed."""
        changed = [one for one in self.contract.sources if self.between[one.dataset]]
        return {one.dataset: self._days_of(spark, one) for one in changed}

    def _days_of(self, spark: SparkSession, source: TableSource) -> list[str]:
        net = self._net(spark, source)
        if source.day:
            return days_in(net, source.day)
        keys = net.select(f"`{source.on}`").distinct()
        touched = self.rows(spark, self.dated).join(keys, source.on, "left_semi")
        return days_in(touched, self.dated.day) if keys.limit(1).count() else []

    def _net(self, spark: SparkSession, source: TableSource) -> DataFrame:
        """Return the rows, by the columns that are read, of which there are more or fewer than there were."""
        reader = spark.read.option("start-snapshot-id", self.since[source.dataset])
        reader = reader.option("end-snapshot-id", str(self.heads[source.dataset]))
        rows = reader.table(f"{self.order.beside(source.dataset)}.changes")
        more = F.when(F.col("_change_type") == "INSERT", 1).otherwise(-1)
        return rows.groupBy(*(f"`{name}`" for name in source.columns)).agg(F.sum(more).alias(NET)).where(f"{NET} <> 0")


def days_in(rows: DataFrame, column: str) -> list[str]:
    """Return the days, as yyyy-MM-dd, that a column of dates has; through the driver, since they are few."""
    days = rows.select(F.col(f"`{column}`").cast("string").alias("day")).distinct().collect()
    return sorted(row["day"] for row in days)
