"""How one table is stored, and Iceberg's own actions on it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pyspark.sql import functions as F

from etl.iceberg.commit import load_iceberg_table
from etl.iceberg.table import Table

FOLDERS = ("data", "metadata")  # below a table's location


@dataclass(frozen=True)
class StorageFigures:
    """What a reader of the table has to open: live data files, the manifests that list them; and the snapshots kept."""

    files: int
    manifests: int
    snapshots: int


@dataclass(frozen=True)
class Storage:
    """The files of a table; `former` is where it lay before, "" where it never moved.

    Its actions are Java's (Iceberg, `SparkActions`): the SQL procedure loses a head's summary.
    """

    table: Table
    former: str = ""

    def read_figures(self) -> StorageFigures:
        """Return what there is now, from the head's list of manifests."""
        iceberg = self._load_iceberg()
        manifests = iceberg.currentSnapshot().allManifests(iceberg.io())
        # One that lists only what was deleted is not opened, and gone with the next commit.
        live = [
            count for manifest in manifests if (count := manifest.addedFilesCount() + manifest.existingFilesCount())
        ]
        return StorageFigures(sum(live), len(live), len(list(iceberg.snapshots())))

    def read_metadata(self) -> dict[str, Any]:
        """Return the table's metadata as Iceberg writes it."""
        parser = self._jvm.org.apache.iceberg.TableMetadataParser
        return json.loads(parser.toJson(self._load_iceberg().operations().current()))

    def worth_compacting(self) -> bool:
        """Say whether a partition has enough small files, by the library's own thresholds."""
        planner = self._jvm.org.apache.iceberg.actions.BinPackRewriteFilePlanner(self._load_iceberg())
        planner.init({})
        return planner.plan().totalGroupCount() > 0

    def create_branch(self, branch: str, snapshot: str) -> None:
        """Make a branch at a snapshot."""
        self._load_iceberg().manageSnapshots().createBranch(branch, int(snapshot)).commit()

    def is_behind(self, branch: str = "main") -> bool:
        """Say whether what a branch shows needs a file that lies at the former location."""
        if not self.former:
            return False
        iceberg, former = self._load_iceberg(), f"{self.former}/"
        snapshot = iceberg.snapshot(branch)
        manifests = [manifest.path() for manifest in snapshot.allManifests(iceberg.io())]
        if any(path.startswith(former) for path in (snapshot.manifestListLocation(), *manifests)):
            return True
        files = self.table.spark.read.option("branch", branch).table(f"{self.table.name}.files")
        return bool(files.where(F.col("file_path").startswith(former)).limit(1).count())

    def renew_manifests(self, branch: str, summary: Mapping[str, str]) -> None:
        """Commit a snapshot of the same rows on a branch, without manifests that list only what was deleted."""
        change = self._load_iceberg().newAppend().toBranch(branch)
        for key, value in summary.items():
            change = change.set(key, value)
        change.commit()

    def compact_files(self, branch: str, summary: Mapping[str, str], rewrite_all: bool = False) -> int:
        """Rewrite small files on a branch into few, or `rewrite_all` file; return how many were.

        `summary` goes into the snapshot's.
        """
        action = self._actions.rewriteDataFiles(self._load_iceberg()).toBranch(branch)
        action = action.option("rewrite-all", "true") if rewrite_all else action
        for key, value in summary.items():
            action = action.snapshotProperty(key, value)
        return action.execute().rewrittenDataFilesCount()

    def expire_snapshots(self, snapshots: Iterable[int]) -> None:
        """Forget these snapshots, and delete the files that only they had."""
        action = self._actions.expireSnapshots(self._load_iceberg()).expireOlderThan(0)  # by name only, none by its age
        for snapshot in snapshots:
            action = action.expireSnapshotId(snapshot)
        action.execute()

    def remove_orphans(self, before: datetime) -> int:
        """Delete files older than a time that no snapshot has; return how many.

        Only in the table's own folders, also those at its former location: what lies beside them may be somebody's.
        """
        removed, homes = 0, filter(None, (self.table.location, self.former))
        for folder in (f"{home}/{folder}/" for home in homes for folder in FOLDERS):
            action = self._actions.deleteOrphanFiles(self._load_iceberg()).location(folder)
            # Listed as the table itself reads, and not through Hadoop's file system.
            result = action.usePrefixListing(True).olderThan(int(before.timestamp() * 1000)).execute()
            removed += result.orphanFilesCount()
        return removed

    def _load_iceberg(self) -> Any:
        return load_iceberg_table(self.table.spark, self.table.name)

    @property
    def _jvm(self) -> Any:
        return cast(Any, self.table.spark)._jvm

    @property
    def _actions(self) -> Any:
        spark = cast(Any, self.table.spark)
        return self._jvm.org.apache.iceberg.spark.actions.SparkActions.get(spark._jsparkSession)
