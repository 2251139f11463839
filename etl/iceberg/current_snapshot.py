"""What readers see, without Spark: the published snapshot, from the Glue catalog and the table's metadata file.

Other engines compact tables too (Trino's and Athena's OPTIMIZE, Glue's compaction). Their snapshots have our rows and none of
our properties, so a head that only compacted is followed to the ancestor whose rows it has.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.errors import MetadataGone
from etl.iceberg.kept_rows import EXPIRED_ROWS, KeptRows
from etl.storage.optional_objects import read_object
from etl.storage.raw_objects import S3Prefix

PUBLISHED = "sluice.published"  # in a summary: a head that compaction made is younger than its rows
PROPERTY_PREFIX = (
    "sluice."  # what the properties begin with that a run, a replay or a maintenance of ours leaves in a summary
)
REWRITE_COUNTERS = (
    ("added-records", "deleted-records"),
    ("added-position-deletes", "removed-position-deletes"),
    ("added-equality-deletes", "removed-equality-deletes"),
)


@dataclass(frozen=True)
class Head:
    """The snapshot that `main` shows.

    Attributes:
        snapshot: its id, None where nothing is published.
        published: when its rows were published, in epoch milliseconds.
        summary: its summary; where another engine compacted the table, with the `sluice.*` of the snapshot that it compacted.
            What the snapshot itself removed (`EXPIRED_ROWS`) is left out: heads after it carry the rest on.
        parent: the id of the snapshot that it came after.
    """

    snapshot: str | None = None
    published: int | None = None
    summary: dict[str, str] = field(default_factory=dict)
    parent: str | None = None


def read_head(glue: Any, s3: Any, name: str, branch: str = "main") -> Head:
    """Return the head of a branch of the table `catalog.database.table`; an empty Head where there is none yet."""
    metadata = _read_metadata(glue, s3, name)
    snapshots = {snapshot["snapshot-id"]: snapshot for snapshot in metadata.get("snapshots", ())}
    head_id = metadata.get("refs", {}).get(branch, {}).get("snapshot-id")
    if head_id not in snapshots:
        return Head()
    origin = snapshots[origin_of(head_id, *snapshot_lineage(metadata))]
    ours: dict[str, str] = own_properties(origin["summary"])
    parent = snapshots[head_id].get("parent-snapshot-id")
    published = int(ours.get(PUBLISHED) or origin["timestamp-ms"])
    summary = {key: value for key, value in snapshots[head_id]["summary"].items() if key != EXPIRED_ROWS}
    return Head(str(head_id), published, summary | ours, None if parent is None else str(parent))


def own_properties(summary: Mapping[str, str]) -> dict[str, str]:
    """Return what a summary has of ours and a head after it may carry on."""
    return {key: value for key, value in summary.items() if key.startswith(PROPERTY_PREFIX) and key != EXPIRED_ROWS}


def snapshot_lineage(metadata: Mapping[str, Any]) -> tuple[dict[int, int | None], dict[int, dict[str, str]]]:
    """Return the parent and the summary of each snapshot that is kept, by its id, from metadata as Iceberg writes it."""
    snapshots = {snapshot["snapshot-id"]: snapshot for snapshot in metadata.get("snapshots", ())}
    parents = {key: snapshot.get("parent-snapshot-id") for key, snapshot in snapshots.items()}
    return parents, {key: snapshot["summary"] for key, snapshot in snapshots.items()}


def origin_of(snapshot: int, parents: Mapping[int, int | None], summaries: Mapping[int, Mapping[str, str]]) -> int:
    """Return the snapshot of ours whose rows a snapshot has: itself, or the one that other engines compacted.

    Where something else lies between, or that one is not kept any more, it is the snapshot itself.
    """
    snapshot_id: int | None = snapshot
    while snapshot_id is not None and snapshot_id in summaries:
        if any(key.startswith(PROPERTY_PREFIX) for key in summaries[snapshot_id]):
            return snapshot_id
        if not only_rewrites(summaries[snapshot_id]):
            break
        snapshot_id = parents[snapshot_id]
    return snapshot


def only_rewrites(summary: Mapping[str, str]) -> bool:
    """Say whether a snapshot has the very rows of the one that it came from: it replaced files and as many rows as it added.

    The operation alone does not tell (Iceberg spec, snapshot operations and optional summary fields): somebody's `replace` may
    add rows, and a delete file beside a rewritten data file takes rows away.
    """
    return summary.get("operation") == "replace" and all(
        int(summary.get(added, 0)) == int(summary.get(removed, 0)) for added, removed in REWRITE_COUNTERS
    )


@dataclass(frozen=True)
class SnapshotLine:
    """The snapshots that readers of a table see and saw, newest first: each with its parent and whether it has its rows.

    One that lost only rows that were too old counts as having them: what was built of these stays. `kept` are the rows that
    the head keeps, None where all.
    """

    snapshots: tuple[tuple[str, str, bool], ...] = ()
    kept: KeptRows | None = None

    @property
    def head(self) -> str | None:
        """What readers see; None before the first publish."""
        return self.snapshots[0][0] if self.snapshots else None

    def changes_since(self, snapshot: str) -> list[str] | None:
        """Return those after `snapshot` that changed rows; None where it is none of the line, or that is not kept."""
        changed: list[str] = []
        if snapshot == self.head:
            return changed
        for snapshot_id, parent, rewrites in self.snapshots:
            changed += [] if rewrites else [snapshot_id]
            if parent == snapshot:
                return changed
        return None


def read_snapshot_line(glue: Any, s3: Any, name: str) -> SnapshotLine:
    """Return the line of `main` of the table `catalog.database.table`, as far as it is kept."""
    metadata = _read_metadata(glue, s3, name)
    snapshots_by_id = {str(snapshot["snapshot-id"]): snapshot for snapshot in metadata.get("snapshots", ())}
    head_id = metadata.get("refs", {}).get("main", {}).get("snapshot-id")
    snapshots: list[tuple[str, str, bool]] = []
    snapshot_id, (parents, summaries) = str(head_id), snapshot_lineage(metadata)
    while snapshot_id in snapshots_by_id:
        snapshot = snapshots_by_id[snapshot_id]
        parent, summary = str(snapshot.get("parent-snapshot-id")), snapshot["summary"]
        snapshots.append((snapshot_id, parent, only_rewrites(summary) or EXPIRED_ROWS in summary))
        snapshot_id = parent
    if not snapshots:
        return SnapshotLine()
    origin = origin_of(head_id, parents, summaries)
    return SnapshotLine(tuple(snapshots), KeptRows.from_summary(summaries[origin]))


def list_branches(glue: Any, s3: Any, name: str) -> list[str]:
    """Return the names of a table's branches beside `main`; none where there is no table."""
    refs = _read_metadata(glue, s3, name).get("refs", {})
    return sorted(ref for ref, reference in refs.items() if reference["type"] == "branch" and ref != "main")


def _read_metadata(glue: Any, s3: Any, name: str) -> dict[str, Any]:
    _, database, table = name.split(".")
    try:
        glue_table = glue.get_table(DatabaseName=database, Name=table)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return {}
    metadata_uri = glue_table["Parameters"]["metadata_location"]
    location = S3Prefix.from_uri(metadata_uri)
    body = read_object(s3, location.bucket, location.prefix)
    if body is None:
        raise MetadataGone(
            f"{metadata_uri} is gone, by which {name} is read; nothing was changed. Restore it from the "
            f"bucket's versions, or, of a "
            "quarantine, give its rows up: sluice repair"
        )
    return json.loads(body)
