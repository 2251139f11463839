"""Which snapshots nobody needs any more, from a table's metadata as Iceberg writes it (Iceberg table spec, Table metadata)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from etl.errors import ForeignSnapshot
from etl.iceberg.current_snapshot import origin_of, snapshot_lineage
from etl.ledger.ledger import POINTER

Metadata = Mapping[str, Any]


def expirable_snapshots(metadata: Metadata, left_before: datetime, kept: Collection[int] = ()) -> list[int]:
    """Return the ids of snapshots that `main` left before a time, or that were made before it where main never showed them.

    By when main left them, not by when they were made: a query that began on yesterday's head still finds its files,
    however old that head was when compaction took its place. What a branch or a tag points to stays, and what is `kept`.
    """
    left_at = {
        earlier["snapshot-id"]: later["timestamp-ms"] for earlier, later in pairwise(metadata.get("snapshot-log", ()))
    }
    pointed_to = {*kept, *(ref["snapshot-id"] for ref in metadata["refs"].values())}
    limit = left_before.timestamp() * 1000
    return [
        snapshot["snapshot-id"]
        for snapshot in metadata["snapshots"]
        if snapshot["snapshot-id"] not in pointed_to
        and left_at.get(snapshot["snapshot-id"], snapshot["timestamp-ms"]) < limit
    ]


def assert_own_head(metadata: Metadata, table: str) -> None:
    """Refuse to expire anything below a head that says nothing of its ledger.

    Raises:
        ForeignSnapshot: nothing was expired: the snapshots below are what a rollback needs.
    """
    head_id = metadata["refs"]["main"]["snapshot-id"]
    parents, summaries = snapshot_lineage(metadata)
    if POINTER not in summaries[origin_of(head_id, parents, summaries)]:
        raise ForeignSnapshot(
            f"{table}: snapshot {head_id} carries no {POINTER}: somebody else wrote to the table; no snapshot was expired, so "
            "that it can be rolled back to the last of ours (sluice rollback)"
        )
