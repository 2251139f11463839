"""What readers see, without Spark: the published snapshot, from the Glue catalog and the table's metadata file.

Other engines compact tables too (Trino's and Athena's OPTIMIZE, Glue's compaction). Their snapshots have our rows and none of
our properties, so a head that only compacted is followed to the ancestor whose rows it has.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.errors import MetadataGone
from etl.storage.optional_objects import content
from etl.storage.raw_objects import Place

PUBLISHED = "sluice.published"  # in a summary: a head that compaction made is younger than its rows
SLUICE = "sluice."  # what the properties begin with that a run, a replay or a maintenance of ours leaves in a summary
REWRITTEN = (
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
        parent: the id of the snapshot that it came after.
    """

    snapshot: str | None = None
    published: int | None = None
    summary: dict[str, str] = field(default_factory=dict)
    parent: str | None = None


def head(glue: Any, s3: Any, name: str, branch: str = "main") -> Head:
    """Return the head of a branch of the table `catalog.database.table`; an empty Head where there is none yet."""
    metadata = _metadata(glue, s3, name)
    snapshots = {snapshot["snapshot-id"]: snapshot for snapshot in metadata.get("snapshots", ())}
    at = metadata.get("refs", {}).get(branch, {}).get("snapshot-id")
    if at not in snapshots:
        return Head()
    origin = snapshots[origin_of(at, *lineage(metadata))]
    ours = {key: value for key, value in origin["summary"].items() if key.startswith(SLUICE)}
    parent = snapshots[at].get("parent-snapshot-id")
    published = int(ours.get(PUBLISHED, origin["timestamp-ms"]))
    return Head(str(at), published, snapshots[at]["summary"] | ours, None if parent is None else str(parent))


def lineage(metadata: Mapping[str, Any]) -> tuple[dict[int, int | None], dict[int, dict[str, str]]]:
    """Return the parent and the summary of each snapshot that is kept, by its id, from metadata as Iceberg writes it."""
    snapshots = {snapshot["snapshot-id"]: snapshot for snapshot in metadata.get("snapshots", ())}
    parents = {key: snapshot.get("parent-snapshot-id") for key, snapshot in snapshots.items()}
    return parents, {key: snapshot["summary"] for key, snapshot in snapshots.items()}


def origin_of(snapshot: int, parents: Mapping[int, int | None], summaries: Mapping[int, Mapping[str, str]]) -> int:
    """Return the snapshot of ours whose rows a snapshot has: itself, or the one that other engines compacted.

    Where something else lies between, or that one is not kept any more, it is the snapshot itself.
    """
    at: int | None = snapshot
    while at is not None and at in summaries:
        if any(key.startswith(SLUICE) for key in summaries[at]):
            return at
        if not only_rewrites(summaries[at]):
            break
        at = parents[at]
    return snapshot


def only_rewrites(summary: Mapping[str, str]) -> bool:
    """Say whether a snapshot has the very rows of the one that it came from: it replaced files and as many rows as it added.

    The operation alone does not tell (Iceberg spec, snapshot operations and optional summary fields): somebody's `replace` may
    add rows, and a delete file beside a rewritten data file takes rows away.
    """
    return summary.get("operation") == "replace" and all(
        int(summary.get(added, 0)) == int(summary.get(removed, 0)) for added, removed in REWRITTEN
    )


@dataclass(frozen=True)
class Line:
    """The snapshots that readers of a table see and saw, newest first: each with its parent and whether it has its rows."""

    snapshots: tuple[tuple[str, str, bool], ...] = ()

    @property
    def head(self) -> str | None:
        """What readers see; None before the first publish."""
        return self.snapshots[0][0] if self.snapshots else None

    def changes_since(self, snapshot: str) -> list[str] | None:
        """Return those after `snapshot` that changed rows; None where it is none of the line, or that is not kept."""
        changed: list[str] = []
        if snapshot == self.head:
            return changed
        for one, parent, rewrites in self.snapshots:
            changed += [] if rewrites else [one]
            if parent == snapshot:
                return changed
        return None


def line(glue: Any, s3: Any, name: str) -> Line:
    """Return the line of `main` of the table `catalog.database.table`, as far as it is kept."""
    metadata = _metadata(glue, s3, name)
    every = {str(one["snapshot-id"]): one for one in metadata.get("snapshots", ())}
    at = str(metadata.get("refs", {}).get("main", {}).get("snapshot-id"))
    found: list[tuple[str, str, bool]] = []
    while at in every:
        parent = str(every[at].get("parent-snapshot-id"))
        found.append((at, parent, only_rewrites(every[at]["summary"])))
        at = parent
    return Line(tuple(found))


def branches(glue: Any, s3: Any, name: str) -> list[str]:
    """Return the names of a table's branches beside `main`; none where there is no table."""
    refs = _metadata(glue, s3, name).get("refs", {})
    return sorted(ref for ref, said in refs.items() if said["type"] == "branch" and ref != "main")


def _metadata(glue: Any, s3: Any, name: str) -> dict[str, Any]:
    _, database, table = name.split(".")
    try:
        found = glue.get_table(DatabaseName=database, Name=table)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return {}
    at = found["Parameters"]["metadata_location"]
    place = Place.of(at)
    body = content(s3, place.bucket, place.prefix)
    if body is None:
        raise MetadataGone(
            f"{at} is gone, by which {name} is read; nothing was changed. Restore it from the bucket's versions, or, of a "
            "quarantine, give its rows up: python -m operate repair"
        )
    return json.loads(body)
