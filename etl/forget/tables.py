"""Rows that leave a table: deleted and published in one commit, then out of its manifests and older snapshots."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame

from etl.errors import Superseded
from etl.forget.report import PlaceLeft, TableForgotten
from etl.iceberg.commit import load_iceberg_table
from etl.iceberg.current_snapshot import PUBLISHED, Head, own_properties, read_head
from etl.iceberg.kept_rows import EXPIRED_ROWS
from etl.maintenance.table_storage import Storage
from etl.runtime.branch_names import FORGET_PREFIX, MAINTENANCE_PREFIX, RUN_PREFIX
from etl.storage.clients import Clients

OWN_BRANCHES = (RUN_PREFIX, MAINTENANCE_PREFIX, FORGET_PREFIX)


@dataclass(frozen=True)
class ForgettingTable:
    """A table that rows leave; `done` says what went of it."""

    aws: Clients
    storage: Storage
    branch: str
    done: TableForgotten

    @property
    def head(self) -> Head:
        """What readers see."""
        return read_head(self.aws.glue, self.aws.s3, self.storage.table.name)

    def own_branches(self) -> list[str]:
        """Return the branches that runs, maintenances and forgettings made."""
        refs = self.storage.read_metadata()["refs"]
        return [name for name, ref in refs.items() if ref["type"] == "branch" and name.startswith(OWN_BRANCHES)]

    def drop_branches(self, branches: Iterable[str]) -> None:
        """Drop branches of runs that ended."""
        for name in branches:
            self.storage.table.drop_branch(name)

    def matching_keys(self, keys: DataFrame, columns: Sequence[str]) -> int:
        """Return how many of the keys have a row that readers see."""
        if self.head.snapshot is None:
            return 0
        rows = self.storage.table.read_branch("main").select(*(f"`{name}`" for name in columns))
        return keys.join(rows, [*columns], "left_semi").count()

    def delete_rows(self, before: Head, rows: DataFrame, columns: Sequence[str], summary: Mapping[str, str]) -> int:
        """Delete the rows that `rows` names by `columns`, and publish that with `summary`; return how many they were.

        Where there are none the summary is published all the same.

        Raises:
            Superseded: main shows another snapshot than `before`; nothing was published.
        """
        table, branch = self.storage.table, self.branch
        table.drop_branch(branch)
        self.storage.create_branch(branch, str(before.snapshot))
        try:
            count = table.read_branch(branch).join(rows, [*columns], "left_semi").count()
            if count:
                table.delete_rows(branch, rows, columns, summary)
            self.storage.renew_manifests(branch, summary)
            table.publish(branch, before.snapshot)
        except BaseException:
            with suppress(Exception):  # what stays behind no reader sees, and the next one drops it
                table.drop_branch(branch)
            raise
        self.done.rows_deleted += count
        return count

    def renew_manifests(self, before: Head, summary: Mapping[str, str]) -> None:
        """Give the table a head with the same rows whose manifests say nothing of files that are gone.

        A manifest keeps the least and the greatest value of a file that was deleted, until it is written anew.

        Raises:
            Superseded: main shows another snapshot than `before`; nothing was changed.
        """
        table = self.storage.table
        jvm: Any = cast(Any, table.spark)._jvm
        iceberg = load_iceberg_table(table.spark, table.name)
        change = iceberg.rewriteManifests().clusterBy(_constant_function(jvm))
        for key, value in summary.items():
            change = change.set(key, value)
        snapshot = change.apply()
        operations = iceberg.operations()
        base = operations.current()
        if str(base.currentSnapshot().snapshotId()) != before.snapshot or str(snapshot.parentId()) != before.snapshot:
            raise Superseded(f"superseded: {table.name}: main is not {before.snapshot} any more")
        changed = jvm.org.apache.iceberg.TableMetadata.buildFrom(base).setBranchSnapshot(snapshot, "main").build()
        try:
            operations.commit(base, changed)
        except Py4JJavaError as error:
            if "CommitFailedException" not in str(error):
                raise
            raise Superseded(f"superseded: {table.name}: somebody else changed it meanwhile") from error

    def expire_history(self, quiet_since: datetime) -> list[PlaceLeft]:
        """Expire every snapshot but main's, and remove files that none has; return the branches and tags that stay.

        No job has been staging on the table since `quiet_since`: what is older and in no snapshot is nobody's.
        """
        metadata = self.storage.read_metadata()
        refs = metadata["refs"]
        pointed_to = {ref["snapshot-id"] for ref in refs.values()}
        old = [each["snapshot-id"] for each in metadata["snapshots"] if each["snapshot-id"] not in pointed_to]
        if old:
            self.storage.expire_snapshots(old)
        self.done.snapshots_expired += len(old)
        self.done.orphans_removed += self.storage.remove_orphans(quiet_since)
        name = self.storage.table.name
        main = refs["main"]["snapshot-id"]
        return [
            PlaceLeft(f"{name}, {ref['type']} {ref_name}", "it keeps an older snapshot; drop it and start again")
            for ref_name, ref in refs.items()
            if ref["snapshot-id"] != main and not ref_name.startswith(OWN_BRANCHES)
        ]


def _constant_function(jvm: Any) -> Any:
    """Return a Java function that says the same of everything, so that manifests are as few as they can be."""
    empty = getattr(getattr(jvm.scala.collection.immutable, "Map$"), "MODULE$").empty()
    return jvm.scala.jdk.javaapi.FunctionConverters.asJavaFunction(empty.withDefaultValue(""))


def carried_summary(before: Head, run_id: str) -> dict[str, str]:
    """Return what a head says of itself that the next one has to say too, and which run made that."""
    properties = {key: value for key, value in own_properties(before.summary).items() if key != EXPIRED_ROWS}
    return {PUBLISHED: str(before.published), **properties, "sluice.forgotten-by": run_id}
