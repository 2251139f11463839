"""The published Iceberg table: staged on a branch, read back, published by one fast-forward, or dropped.

Write, audit, publish: readers of `main` see nothing of a run until its rows are judged (Iceberg's branching guide).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, cast

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import ColumnSpec, Contract
from etl.contract.table_names import OBJECT, RUN, VERSION
from etl.errors import MigrationNeeded
from etl.iceberg.commit import fast_forward, load_iceberg_table
from etl.iceberg.migration import migration_refusals
from etl.iceberg.schema import (
    PartitionField,
    TableColumn,
    TableSchema,
    column_definition,
    quote_identifier,
    quote_literal,
)
from etl.iceberg.schema_evolution import evolution_statements

# Beside the contract's columns every row says where it came from and which run brought it.
DESCRIPTIONS = {
    OBJECT: "the raw object that the row came in; of a table built from tables, its day",
    VERSION: "the version of that object; of a table built from tables, the snapshot that it was built from",
    RUN: "the run of the job that published the row",
}
BOOKKEEPING_COLUMNS = tuple(DESCRIPTIONS)
SNAPSHOT_PROPERTY = "spark.sql.iceberg.snapshot-property"
NO_SUMMARY: Mapping[str, str] = MappingProxyType({})
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

    def create_if_missing(self, columns: Iterable[str], partition_by: Iterable[str] = ()) -> None:
        """Make the table where there is none, from column definitions and partition transforms in Spark SQL."""
        partitions = ", ".join(partition_by)
        properties = ", ".join(f"'{key}'='{value}'" for key, value in PROPERTIES.items())
        self.spark.sql(
            f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(columns)}) USING iceberg "
            + (f"PARTITIONED BY ({partitions}) " if partitions else "")
            + f"LOCATION '{self.location}' TBLPROPERTIES ({properties})"
        )

    def evolve_to_contract(self, contract: Contract) -> None:
        """Make the published table what the output contract declares.

        Raises:
            MigrationNeeded: it differs by more than added columns, wider types and other texts.
        """
        bookkeeping = [TableColumn(name, "string", description) for name, description in DESCRIPTIONS.items()]
        self.ensure_schema([*contract.columns, *bookkeeping], contract.partition_by)

    def ensure_schema(self, columns: Iterable[ColumnSpec | TableColumn], partition_by: Iterable[str] = ()) -> None:
        """Make the table where there is none, else what it lacks; where it lacks nothing, no commit and no Spark job.

        `partition_by` is as a contract writes it. An Iceberg schema belongs to the table, not to a branch: readers of
        `main` see an added column at once, null until rows with it are published.

        Raises:
            MigrationNeeded: it differs by more than added columns, wider types and other texts; nothing was changed.
        """
        declared = TableSchema.from_declared(columns, partition_by)
        self.create_if_missing(map(column_definition, declared.columns), [part.sql for part in declared.parts])
        actual = self.read_schema()
        if refused := migration_refusals(self.name, declared, actual):
            raise MigrationNeeded(
                f"{self.name} is not as declared, by more than new columns and wider types; nothing was changed or staged. "
                "Choose for each, run what it takes in Spark SQL, then start the run again:\n"
                + "\n".join(map(str, refused))
            )
        for statement in evolution_statements(self.name, declared, actual):
            self.spark.sql(statement)
        if actual.owner != declared.owner:  # Spark makes whoever runs it the owner, and lets no statement name another
            load_iceberg_table(self.spark, self.name).updateProperties().set("owner", declared.owner).commit()

    def move_location(self, former: str) -> None:
        """Let new files lie at the table's location, where it lies at `former`; those that are there stay."""
        iceberg = load_iceberg_table(self.spark, self.name)
        if iceberg.location() == former != self.location:
            iceberg.updateLocation().setLocation(self.location).commit()

    @property
    def exists(self) -> bool:
        """Whether the catalog has it."""
        return self.spark.catalog.tableExists(self.name)

    def count_rows_of(self, keys: Iterable[str]) -> int:
        """Return how many published rows came from objects; files without these are left out by their statistics."""
        return self.spark.table(self.name).where(F.col(OBJECT).isin(*keys)).count()

    def read_schema(self) -> TableSchema:
        """Return what the table is, from its metadata."""
        fields = self.spark.table(self.name).schema.fields
        iceberg = load_iceberg_table(self.spark, self.name)
        column_name = iceberg.schema().findColumnName
        parts = [
            PartitionField(str(field.transform()), column_name(field.sourceId())) for field in iceberg.spec().fields()
        ]
        sources = [column_name(field.sourceId()) for spec in iceberg.specs().values() for field in spec.fields()]
        return TableSchema(
            columns=tuple(
                TableColumn(field.name, field.dataType.simpleString(), field.metadata.get("comment", ""))
                for field in fields
            ),
            # Format 1 keeps a field that the table is no longer partitioned by, as `void`.
            parts=tuple(part for part in parts if part.transform != "void"),
            required=frozenset(field.name for field in fields if not field.nullable),
            sources=frozenset(filter(None, sources)),
            branches=iceberg.properties().get("write.wap.enabled") == "true",
            owner=iceberg.properties().get("owner") or "",
        )

    def stage_rows(self, rows: DataFrame, branch: str, run_id: str, summary: Mapping[str, str]) -> None:
        """Append rows to a branch; `summary` goes into the snapshot's."""
        self._create_branch(branch)
        with self._writing_to_branch(branch):
            writer = rows.withColumn(RUN, F.lit(run_id)).writeTo(self.name)
            for key, value in summary.items():
                writer = writer.option(f"snapshot-property.{key}", value)
            writer.append()

    def replace_rows(self, rows: DataFrame, branch: str, summary: Mapping[str, str]) -> None:
        """Write rows to a branch in the place of all that it has; `summary` goes into the snapshot's."""
        with self._writing_to_branch(branch):
            writer = rows.writeTo(self.name)
            for key, value in summary.items():
                writer = writer.option(f"snapshot-property.{key}", value)
            writer.overwrite(F.lit(True))

    def delete_objects(self, branch: str, objects: Iterable[str]) -> None:
        """Delete, on a branch, the rows that came from these objects; where there are none it is made all the same."""
        self._create_branch(branch)
        with self._writing_to_branch(branch):
            self.spark.sql(f"DELETE FROM {self.name} WHERE {OBJECT} IN ({', '.join(map(quote_literal, objects))})")  # noqa: S608

    def delete_every_row(self, branch: str) -> None:
        """Delete, on a branch, all rows."""
        self._create_branch(branch)
        with self._writing_to_branch(branch):
            self.spark.sql(f"DELETE FROM {self.name}")  # noqa: S608  our own name

    def delete_rows(
        self,
        branch: str,
        rows: DataFrame,
        columns: Iterable[str],
        summary: Mapping[str, str] = NO_SUMMARY,
        *,
        null_safe: bool = False,
    ) -> None:
        """Delete, on a branch, the rows that `rows` names by `columns`; `summary` goes into the snapshot's.

        `null_safe` has a null equal a null.
        """
        self._create_branch(branch)
        view, equals = f"removed_{branch}", "<=>" if null_safe else "="
        rows.createOrReplaceTempView(view)
        same = " AND ".join(f"removed.`{name}` {equals} kept.`{name}`" for name in columns)
        with self._writing_to_branch(branch, summary):
            self.spark.sql(
                f"DELETE FROM {self.name} AS kept WHERE EXISTS (SELECT 1 FROM {view} AS removed WHERE {same})"  # noqa: S608
            )
        self.spark.catalog.dropTempView(view)

    def delete_where(self, branch: str, condition: str, summary: Mapping[str, str]) -> None:
        """Delete, on a branch that is there, the rows that a condition takes, in Spark SQL; `summary` goes with it."""
        # A condition that Iceberg can decide by statistics alone is committed without the session's summary.
        undecidable = f"coalesce(length({RUN}), 0) >= 0"
        with self._writing_to_branch(branch, summary):
            self.spark.sql(f"DELETE FROM {self.name} WHERE ({condition}) AND {undecidable}")  # noqa: S608

    def drop_files_before(self, branch: str, column: str, day: date, summary: Mapping[str, str]) -> bool:
        """Drop, on a branch, the files whose rows are all before a day by a column of dates, unread; return whether it could.

        It can where no file has rows of both sides, and there is one to drop.
        """
        iceberg, jvm = load_iceberg_table(self.spark, self.name), cast(Any, self.spark)._jvm
        is_before = jvm.org.apache.iceberg.expressions.Expressions.lessThan(column, day.isoformat())
        if self.read_branch(branch).where(f"{quote_identifier(column)} < DATE'{day}'").isEmpty():
            return False
        change = iceberg.newDelete().deleteFromRowFilter(is_before).toBranch(branch)
        for key, value in summary.items():
            change = change.set(key, value)
        try:
            change.commit()
        except Py4JJavaError as error:
            if "ValidationException" not in str(error):
                raise
            return False
        return True

    def _create_branch(self, branch: str) -> None:
        """Make the branch on what `main` shows, where there is none yet.

        Made by its first write, its totals would begin at 0 (Iceberg, SnapshotProducer.summary). On an empty table that is
        right, and a branch made beforehand would be a snapshot without rows.
        """
        iceberg = load_iceberg_table(self.spark, self.name)
        main = iceberg.currentSnapshot()
        if main is not None and not iceberg.refs().containsKey(branch):
            iceberg.manageSnapshots().createBranch(branch, main.snapshotId()).commit()

    @contextmanager
    def _writing_to_branch(self, branch: str, summary: Mapping[str, str] = NO_SUMMARY) -> Iterator[None]:
        """Let statements write to a branch, made by the first on an empty table; SQL takes the summary from the session."""
        settings = {
            "spark.wap.branch": branch,
            **{f"{SNAPSHOT_PROPERTY}.{key}": value for key, value in summary.items()},
        }
        for key, value in settings.items():
            self.spark.conf.set(key, value)
        try:
            yield
        finally:
            for key in settings:
                self.spark.conf.unset(key)

    def staged_rows(self, branch: str, run_id: str) -> DataFrame:
        """Return the rows that this run wrote, read back from the branch."""
        return self.read_branch(branch).where(F.col(RUN) == run_id)

    def rows_as_of(self, snapshot: str, run_id: str) -> DataFrame:
        """Return the rows that this run wrote, as a snapshot has them."""
        return self.spark.read.option("versionAsOf", snapshot).table(self.name).where(F.col(RUN) == run_id)

    def read_branch(self, branch: str) -> DataFrame:
        """Return the table as the branch has it: what is published and what is staged."""
        return self.spark.read.option("branch", branch).table(self.name)

    def publish(self, branch: str, expected_snapshot: str | None = None, dropped: Sequence[str] = ()) -> None:
        """Move main from the snapshot `expected_snapshot`, None where it shows nothing yet, to the branch and
        drop it, and those in `dropped`, in one commit.

        Raises:
            Superseded: main shows another snapshot by now.
        """
        fast_forward(self.spark, self.name, branch, expected_snapshot, dropped)

    def drop_branch(self, branch: str) -> None:
        """Drop a branch; readers never saw what only it holds."""
        self.spark.sql(f"ALTER TABLE {self.name} DROP BRANCH IF EXISTS `{branch}`")
