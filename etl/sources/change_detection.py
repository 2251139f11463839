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
from etl.iceberg.current_snapshot import read_snapshot_line
from etl.iceberg.kept_rows import KeptRows
from etl.ledger.ledger import Ledger
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients

NET = "_net"


@dataclass(frozen=True)
class SourceChanges:
    """The sources of a dataset at the snapshots that a run reads, and what led there.

    `heads` are these snapshots by dataset, None where nothing is published; `since` those that were read last; `between` the
    snapshots after these that changed rows, None where that is unknown; `kept` the rows that they keep, by dataset, where
    maintenance removed others.
    """

    arguments: JobArguments
    contract: Contract
    heads: Mapping[str, str | None]
    since: Mapping[str, str]
    between: Mapping[str, list[str] | None]
    kept: Mapping[str, KeptRows]

    @classmethod
    def from_heads(cls, aws: Clients, arguments: JobArguments, contract: Contract, ledger: Ledger) -> "SourceChanges":
        """Look the sources up, without Spark."""
        lines = {
            source.dataset: read_snapshot_line(aws.glue, aws.s3, arguments.table_of(source.dataset))
            for source in contract.sources
        }
        between = {
            name: snapshot_line.changes_since(ledger.sources[name]) if name in ledger.sources else None
            for name, snapshot_line in lines.items()
        }
        return cls(
            arguments,
            contract,
            {name: snapshot_line.head for name, snapshot_line in lines.items()},
            ledger.sources,
            between,
            {name: snapshot_line.kept for name, snapshot_line in lines.items() if snapshot_line.kept},
        )

    @property
    def missing_sources(self) -> list[str]:
        """The sources that have no published table yet."""
        return [name for name, head in self.heads.items() if head is None]

    @property
    def nothing_changed(self) -> bool:
        """Whether no source changed."""
        return all(changed == [] for changed in self.between.values())

    @property
    def unknown_reason(self) -> str:
        """Say why it is not known what changed; empty where it is."""
        if not self.since:
            return "it is built for the first time"
        reasons = [
            f"{name} stands at snapshot {self.heads[name]}, which is not known to have come from "
            f"{self.since.get(name, 'any that was read')}"
            for name, changed in self.between.items()
            if changed is None
        ]
        return "; ".join(reasons)

    @property
    def day_source(self) -> TableSource:
        """The source whose days are built."""
        return next(source for source in self.contract.sources if source.day)

    @property
    def first_whole_day(self) -> str:
        """The first day of which the sources still have all rows, yyyy-MM-dd; empty where they keep all."""
        first_days = (
            kept.first_day.isoformat()
            for source in self.contract.sources
            if (kept := self.kept.get(source.dataset)) and kept.column == source.day
        )
        return max(first_days, default="")

    def source_rows(self, spark: SparkSession, source: TableSource) -> DataFrame:
        """Return the columns of a source that the contract names, at the snapshot that the whole run reads.

        Raises:
            ContractInvalid: the table lacks one of them.
        """
        reader = spark.read.option("versionAsOf", str(self.heads[source.dataset]))
        table = reader.table(self.arguments.table_of(source.dataset))
        if faults := [*unresolved_source(source, Publication(dict(table.dtypes)))]:
            raise ContractInvalid("\n".join(f"{self.arguments.dataset}.input: {fault}" for fault in faults))
        return table.select(*(f"`{name}`" for name in source.columns))

    def days_to_build(self, spark: SparkSession) -> dict[str, list[str]]:
        """Return the days to build again, by the source whose change asks for it; only of those that changed."""
        changed = [source for source in self.contract.sources if self.between[source.dataset]]
        return {source.dataset: self._days_of(spark, source) for source in changed}

    def _days_of(self, spark: SparkSession, source: TableSource) -> list[str]:
        net = self._net_changes(spark, source)
        if source.day:
            return days_in(net, source.day)
        keys = net.select(f"`{source.on}`").distinct()
        touched = self.source_rows(spark, self.day_source).join(keys, source.on, "left_semi")
        return days_in(touched, self.day_source.day) if keys.limit(1).count() else []

    def _net_changes(self, spark: SparkSession, source: TableSource) -> DataFrame:
        """Return the rows, by the columns that are read, of which there are more or fewer than there were."""
        reader = spark.read.option("start-snapshot-id", self.since[source.dataset])
        reader = reader.option("end-snapshot-id", str(self.heads[source.dataset]))
        rows = reader.table(f"{self.arguments.table_of(source.dataset)}.changes")
        sign = F.when(F.col("_change_type") == "INSERT", 1).otherwise(-1)
        return rows.groupBy(*(f"`{name}`" for name in source.columns)).agg(F.sum(sign).alias(NET)).where(f"{NET} <> 0")


def days_in(rows: DataFrame, column: str) -> list[str]:
    """Return the days, as yyyy-MM-dd, that a column of dates has; through the driver, since they are few."""
    days = rows.select(F.col(f"`{column}`").cast("string").alias("day")).distinct().collect()
    return sorted(row["day"] for row in days)
