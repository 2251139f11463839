"""How many rows a snapshot has, from its manifest list: its summary does not know, since on a new branch totals begin at 0.

Source: Iceberg, SnapshotProducer.summary: previous totals are those of the branch that is written to, if there is one.
"""

from typing import Any


def count_snapshot_rows(table: Any, snapshot: int) -> int | None:
    """Return the rows of a snapshot of a pyiceberg table; None where somebody deleted rows without rewriting their file."""
    from pyiceberg.manifest import ManifestContent  # noqa: PLC0415  loaded with the table

    manifests = table.metadata.snapshot_by_id(snapshot).manifests(table.io)
    if any(manifest.content != ManifestContent.DATA for manifest in manifests):
        return None
    return sum((manifest.added_rows_count or 0) + (manifest.existing_rows_count or 0) for manifest in manifests)
