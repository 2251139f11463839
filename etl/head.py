"""What readers see, without Spark: the published snapshot, from the Glue catalog and the table's metadata file."""

import json
from dataclasses import dataclass, field
from typing import Any

from etl.raw import Place

PUBLISHED = "sluice.published"  # in a summary: a head that compaction made is younger than its rows


@dataclass(frozen=True)
class Head:
    """The snapshot that `main` shows; `published` in epoch milliseconds, `summary` as the run wrote it, what it came after."""

    snapshot: str | None = None
    published: int | None = None
    summary: dict[str, str] = field(default_factory=dict)
    parent: str | None = None


def head(glue: Any, s3: Any, name: str, branch: str = "main") -> Head:
    """Return the head of a branch of the table `catalog.database.table`; an empty Head where there is none yet."""
    metadata = _metadata(glue, s3, name)
    at = metadata.get("refs", {}).get(branch, {}).get("snapshot-id")
    for snapshot in metadata.get("snapshots", ()):
        if snapshot["snapshot-id"] == at:
            summary = snapshot["summary"]
            parent = snapshot.get("parent-snapshot-id")
            published = int(summary.get(PUBLISHED, snapshot["timestamp-ms"]))
            return Head(str(at), published, summary, None if parent is None else str(parent))
    return Head()


@dataclass(frozen=True)
class Line:
    """The snapshots that readers of a table see and saw, newest first: each with its parent and what made it."""

    snapshots: tuple[tuple[str, str, str], ...] = ()

    @property
    def head(self) -> str | None:
        """What readers see; None before the first publish."""
        return self.snapshots[0][0] if self.snapshots else None

    def changes_since(self, snapshot: str) -> list[str] | None:
        """Return those after `snapshot` that changed rows; None where it is none of the line, or that is not kept."""
        changed: list[str] = []
        if snapshot == self.head:
            return changed
        for one, parent, operation in self.snapshots:
            # A compaction replaces files and changes no row (Iceberg spec, snapshot operations).
            changed += [one] if operation != "replace" else []
            if parent == snapshot:
                return changed
        return None


def line(glue: Any, s3: Any, name: str) -> Line:
    """Return the line of `main` of the table `catalog.database.table`, as far as it is kept."""
    metadata = _metadata(glue, s3, name)
    every = {str(one["snapshot-id"]): one for one in metadata.get("snapshots", ())}
    at = str(metadata.get("refs", {}).get("main", {}).get("snapshot-id"))
    found: list[tuple[str, str, str]] = []
    while at in every:
        parent = str(every[at].get("parent-snapshot-id"))
        found.append((at, parent, every[at]["summary"]["operation"]))
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
    place = Place.of(found["Parameters"]["metadata_location"])
    return json.loads(s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read())
