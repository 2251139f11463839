"""The published Iceberg table: staged on a branch, read back, published by one fast-forward, or dropped.

Write, audit, publish: readers of `main` see nothing of a run until its rows are judged (Iceberg's branching guide).
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract import Contract
from etl.errors import Superseded
from etl.sources import PROVENANCE

RUN = "_run_id"
OWN = (*PROVENANCE, RUN)  # beside the contract's columns every row says where it came from and which run brought it
PROPERTIES = {
    "format-version": "2",  # Athena reads no format 3
    "write.parquet.compression-codec": "snappy",
    "write.wap.enabled": "true",
}


@dataclass(frozen=True)
class Table:
    """A dataset's table by its full name (catalog.database.table) and location, an S3 URI."""

    spark: SparkSession
    name: str
    location: str

    def create(self, columns: Iterable[str], partition_by: Iterable[str] = ()) -> None:
        """Make the table where there is none, from column definitions and partition transforms in Spark SQL."""
        partitions = ", ".join(partition_by)
        properties = ", ".join(f"'{key}'='{value}'" for key, value in PROPERTIES.items())
        self.spark.sql(
            f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(columns)}) USING iceberg "
            + (f"PARTITIONED BY ({partitions}) " if partitions else "")
            + f"LOCATION '{self.location}' TBLPROPERTIES ({properties})"
        )

    def declare(self, contract: Contract) -> None:
        """Make the published table where there is none, from the output contract's columns."""
        columns = [f"`{c.name}` {c.type} COMMENT {_quoted(c.description)}" for c in contract.columns]
        partitions = [re.sub(r"^(year|month|day)\(", r"\1s(", part) for part in contract.partition_by]
        self.create([*columns, *(f"`{name}` string" for name in OWN)], partitions)

    def stage(self, rows: DataFrame, branch: str, run_id: str, summary: Mapping[str, str]) -> None:
        """Append rows to a branch; `summary` goes into the snapshot's."""
        self.spark.conf.set("spark.wap.branch", branch)
        try:
            writer = rows.withColumn(RUN, F.lit(run_id)).writeTo(self.name)
            for key, value in summary.items():
                writer = writer.option(f"snapshot-property.{key}", value)
            writer.append()
        finally:
            self.spark.conf.unset("spark.wap.branch")

    def staged(self, branch: str, run_id: str) -> DataFrame:
        """Return the rows that this run wrote, read back from the branch."""
        return self.on(branch).where(F.col(RUN) == run_id)

    def on(self, branch: str) -> DataFrame:
        """Return the table as the branch has it: what is published and what is staged."""
        return self.spark.read.option("branch", branch).table(self.name)

    def publish(self, branch: str) -> None:
        """Fast-forward main to the branch, in one commit, and drop the branch.

        Raises:
            Superseded: main has moved since the branch was made.
        """
        catalog = self.name.partition(".")[0]
        try:
            self.spark.sql(f"CALL {catalog}.system.fast_forward('{self.name}', 'main', '{branch}')").collect()
        except Exception as error:
            if "not an ancestor" not in str(error):
                raise
            raise Superseded(f"{self.name}: another run published while this one worked; run again") from error
        with suppress(Exception):  # published is published: a name that stays behind must not fail the run
            self.drop(branch)

    def drop(self, branch: str) -> None:
        """Drop a branch; readers never saw what only it holds."""
        self.spark.sql(f"ALTER TABLE {self.name} DROP BRANCH IF EXISTS `{branch}`")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
