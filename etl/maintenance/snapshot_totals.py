"""A head whose summary tells the truth: totals that were counted, and our own properties where another engine compacted.

A branch that its first write made began its totals at 0, so heads that were published before said how many rows their last
day had (Iceberg, SnapshotProducer.summary). Each commit adds to the totals of the last, so none mends them. This one does: a
snapshot of the operation `replace` with the very manifests of the head before it (docs/decisions/0019).
"""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from py4j.protocol import Py4JJavaError

from etl.errors import Superseded
from etl.iceberg.commit import load_iceberg_table
from etl.iceberg.current_snapshot import PROPERTY_PREFIX, Head
from etl.iceberg.table import Table
from etl.storage.raw_objects import S3Prefix

# What each total of a summary counts, and in which kind of file (Iceberg table spec, optional snapshot summary fields).
# Kinds: 0 data, 1 position deletes, 2 equality deletes, None for every kind.
TOTALS: Mapping[str, tuple[str, int | None]] = {
    "total-records": ("rows", 0),
    "total-data-files": ("files", 0),
    "total-files-size": ("bytes", None),
    "total-position-deletes": ("rows", 1),
    "total-equality-deletes": ("rows", 2),
}


@dataclass(frozen=True)
class Totals:
    """The summary of a table's head, and what its manifests say."""

    table: Table
    s3: Any

    def mend_summary(self, before: Head, summary: Mapping[str, str]) -> bool:
        """Give the table a head that says what was counted and `summary`; return whether it took one.

        Args:
            before: the head, whose manifests the new one has.
            summary: properties of the new head, such as the ledger's place.

        Raises:
            Superseded: main shows another snapshot by now; nothing was changed.
        """
        counted = self._count_totals(before)
        iceberg = load_iceberg_table(self.table.spark, self.table.name)
        base = iceberg.operations().current()
        head = base.currentSnapshot()
        if str(head.snapshotId()) != before.snapshot:
            raise Superseded(f"superseded: {self.table.name}: main shows {head.snapshotId()} and not {before.snapshot}")
        head_summary = dict(head.summary())
        ours = {name for name in before.summary if name.startswith(PROPERTY_PREFIX)}
        if ours <= head_summary.keys() and all(head_summary.get(name) == count for name, count in counted.items()):
            return False
        self._commit_head(iceberg.operations(), base, {**counted, **summary})
        return True

    def _count_totals(self, before: Head) -> dict[str, str]:
        """Return the totals of a snapshot, from Iceberg's own table of its files."""
        files = self.table.spark.read.option("versionAsOf", str(before.snapshot)).table(f"{self.table.name}.files")
        kinds = files.groupBy("content").agg({"*": "count", "record_count": "sum", "file_size_in_bytes": "sum"})
        counts = {
            row["content"]: {
                "rows": row["sum(record_count)"],
                "files": row["count(1)"],
                "bytes": row["sum(file_size_in_bytes)"],
            }
            for row in kinds.collect()
        }
        totals = {
            name: sum(count[measure] for content, count in counts.items() if kind in (None, content))
            for name, (measure, kind) in TOTALS.items()
        }
        deletes = sum(count["files"] for content, count in counts.items() if content)
        return {name: str(total) for name, total in (totals | {"total-delete-files": deletes}).items()}

    def _commit_head(self, operations: Any, base: Any, summary: Mapping[str, str]) -> None:
        """Move main to a snapshot with the head's manifests; refused where the table's metadata is not `base` any more."""
        head, number = base.currentSnapshot(), operations.newSnapshotId()
        snapshot = {
            "snapshot-id": number,
            "parent-snapshot-id": head.snapshotId(),
            "sequence-number": base.lastSequenceNumber() + 1,
            "timestamp-ms": max(int(time.time() * 1000), base.lastUpdatedMillis() + 1),
            "schema-id": head.schemaId(),
            "manifest-list": self._copy_manifest_list(head.manifestListLocation(), operations, number),
            "summary": {"operation": "replace", **summary},
        }
        iceberg = cast(Any, self.table.spark)._jvm.org.apache.iceberg
        parsed = iceberg.SnapshotParser.fromJson(json.dumps(snapshot))
        changed = iceberg.TableMetadata.buildFrom(base).setBranchSnapshot(parsed, "main").build()
        try:
            operations.commit(base, changed)
        except Py4JJavaError as error:
            if "CommitFailedException" not in str(error):
                raise
            raise Superseded(f"superseded: {self.table.name}: somebody else changed it meanwhile") from error

    def _copy_manifest_list(self, manifests: str, operations: Any, number: int) -> str:
        """Copy a list of manifests; return the copy's URI.

        Iceberg's core deletes the list of every snapshot that expires (ReachableFileCleanup), whoever else has it.
        """
        copy = operations.metadataFileLocation(f"snap-{number}-1-{uuid.uuid4()}.avro")
        source, target = S3Prefix.from_uri(manifests), S3Prefix.from_uri(copy)
        self.s3.copy_object(
            Bucket=target.bucket, Key=target.prefix, CopySource={"Bucket": source.bucket, "Key": source.prefix}
        )
        return copy
