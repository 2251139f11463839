"""How one table is stored, and Iceberg's own actions on it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from etl.commit import loaded
from etl.table import Table

FOLDERS = ("data", "metadata")  # below a table's location; a ledger and a quarantine lie beside them


@dataclass(frozen=True)
class Figures:
    """What a reader of the table has to open: live data files, the manifests that list them; and the snapshots kept."""

    files: int
    manifests: int
    snapshots: int


@dataclass(frozen=True)
class Storage:
    """The files of a table. Its actions are Java's (Iceberg, `SparkActions`): the SQL procedure loses a head's summary."""

    table: Table

    def figures(self) -> Figures:
        """Return what there is now, from the head's list of manifests."""
        iceberg = self._loaded()
        manifests = iceberg.currentSnapshot().allManifests(iceberg.io())
        # One that lists only what was deleted is not opened, and gone with the next commit.
        live = [count for one in manifests if (count := one.addedFilesCount() + one.existingFilesCount())]
        return Figures(sum(live), len(live), len(list(iceberg.snapshots())))

    def metadata(self) -> dict[str, Any]:
        """Return the table's metadata as Iceberg writes it."""
        parser = self._jvm.org.apache.iceberg.TableMetadataParser
        return json.loads(parser.toJson(self._loaded().operations().current()))

    def worth_compacting(self) -> bool:
        """Say whether a partition has enough small files, by the library's own thresholds."""
        planner = self._jvm.org.apache.iceberg.actions.BinPackRewriteFilePlanner(self._loaded())
        planner.init({})
        return planner.plan().totalGroupCount() > 0

    def fork(self, branch: str, snapshot: str) -> None:
        """Make a branch at a snapshot."""
        self._loaded().manageSnapshots().createBranch(branch, int(snapshot)).commit()

    def compact(self, branch: str, summary: Mapping[str, str]) -> int:
        """Rewrite small files on a branch into few; return how many were. `summary` goes into the snapshot's."""
        action = self._actions.rewriteDataFiles(self._loaded()).toBranch(branch)
        for key, value in summary.items():
            action = action.snapshotProperty(key, value)
        return action.execute().rewrittenDataFilesCount()

    def expire(self, snapshots: Iterable[int]) -> None:
        """Forget these snapshots, and delete the files that only they had."""
        action = self._actions.expireSnapshots(self._loaded()).expireOlderThan(0)  # by name only, none by its age
        for snapshot in snapshots:
            action = action.expireSnapshotId(snapshot)
        action.execute()

    def remove_orphans(self, before: datetime) -> int:
        """Delete files older than a time that no snapshot has; return how many.

        Only in the table's own folders: the ledger and the quarantine below its location are no orphans.
        """
        removed = 0
        for folder in FOLDERS:
            action = self._actions.deleteOrphanFiles(self._loaded()).location(f"{self.table.location}/{folder}/")
            # Listed as the table itself reads, and not through Hadoop's file system.
            found = action.usePrefixListing(True).olderThan(int(before.timestamp() * 1000)).execute()
            removed += found.orphanFilesCount()
        return removed

    def _loaded(self) -> Any:
        return loaded(self.table.spark, self.table.name)

    @property
    def _jvm(self) -> Any:
        return cast(Any, self.table.spark)._jvm

    @property
    def _actions(self) -> Any:
        spark = cast(Any, self.table.spark)
        return self._jvm.org.apache.iceberg.spark.actions.SparkActions.get(spark._jsparkSession)
