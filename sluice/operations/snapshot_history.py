"""The snapshots that a table's readers saw, and which of them can be shown again.

A run makes several snapshots on its branch and readers see the last: only what `main` has stood at counts (Iceberg table
spec, `snapshot-log`), and of it only what carries a ledger.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from etl.iceberg.current_snapshot import PROPERTY_PREFIX, PUBLISHED, Head, origin_of
from etl.ledger.ledger import POINTER
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.operations import row_counts
from sluice.operations.short_ids import resolve_id

MAX_NAMED_CHOICES = 5  # choices named in a refusal


@dataclass(frozen=True)
class History:
    """By snapshot what it came from, its summary and when its rows were published (epoch ms).

    A snapshot by which another engine compacted ours counts as ours, with our properties.

    `main` is what readers see, `shown_to_readers` what they saw; `count` tells how many rows a snapshot has, None
    where nobody knows.
    """

    main: int
    parents: Mapping[int, int | None]
    summaries: Mapping[int, Mapping[str, str]]
    published_ms: Mapping[int, int]
    shown_to_readers: frozenset[int]
    count: Callable[[int], int | None]

    @classmethod
    def from_table(cls, table: Any) -> "History":
        """Read a table that pyiceberg loaded."""
        metadata = table.metadata
        snapshots = {snapshot.snapshot_id: snapshot for snapshot in metadata.snapshots}
        own_summaries = {snapshot_id: _snapshot_summary(snapshot) for snapshot_id, snapshot in snapshots.items()}
        parents = {snapshot_id: snapshot.parent_snapshot_id for snapshot_id, snapshot in snapshots.items()}
        origins = {snapshot_id: origin_of(snapshot_id, parents, own_summaries) for snapshot_id in snapshots}
        summaries = {
            snapshot_id: own_summaries[snapshot_id] | _own_properties(own_summaries[origin])
            for snapshot_id, origin in origins.items()
        }
        shown_ids = [snapshot.snapshot_id for snapshot in metadata.snapshot_log]
        return cls(
            metadata.refs["main"].snapshot_id,
            {
                snapshot_id: _origin_snapshot(snapshot, snapshots, shown_ids)
                for snapshot_id, snapshot in snapshots.items()
            },
            summaries,
            {
                snapshot_id: int(summaries[snapshot_id].get(PUBLISHED, snapshots[origin].timestamp_ms))
                for snapshot_id, origin in origins.items()
            },
            frozenset(shown_ids),
            partial(row_counts.count_snapshot_rows, table),
        )

    def ancestry_of(self, snapshot: int) -> list[int]:
        """Return a snapshot and what it came from, newest first, as far as it is kept."""
        ancestors = []
        snapshot_id: int | None = snapshot
        while snapshot_id is not None and snapshot_id in self.parents:
            ancestors.append(snapshot_id)
            snapshot_id = self.parents[snapshot_id]
        return ancestors

    def head_at(self, snapshot: int) -> Head:
        """Return a snapshot as the ledger is read from."""
        return Head(str(snapshot), self.published_ms[snapshot], dict(self.summaries[snapshot]))

    def published_at(self, snapshot: int) -> str:
        """Return when its rows were published (UTC, ISO text)."""
        return datetime.fromtimestamp(self.published_ms[snapshot] / 1000, UTC).isoformat(timespec="seconds")

    def describe_snapshot(self, snapshot: int) -> str:
        """Return a snapshot for a sentence: its id, age and rows."""
        count = self.count(snapshot)
        return f"{snapshot} of {self.published_at(snapshot)} ({'rows unknown' if count is None else count_noun(count, 'row')})"

    @property
    def newest_own(self) -> int | None:
        """The newest snapshot behind what readers see whose ledger is ours: `main`, if nobody else wrote."""
        return next(
            (snapshot_id for snapshot_id in self.ancestry_of(self.main) if POINTER in self.summaries[snapshot_id]), None
        )

    @property
    def choices(self) -> list[int]:
        """What can be shown instead of `main`, newest first: what led to it, and what was published on it and undone."""
        ancestors = set(self.ancestry_of(self.main))
        candidates = {
            snapshot_id
            for snapshot_id in self.shown_to_readers & self.parents.keys()
            if POINTER in self.summaries[snapshot_id] and snapshot_id != self.main
        }
        return sorted(
            (snapshot_id for snapshot_id in candidates if snapshot_id in ancestors or self.is_ahead(snapshot_id)),
            key=self.published_ms.__getitem__,
            reverse=True,
        )

    def is_ahead(self, snapshot: int) -> bool:
        """Say whether a snapshot was made from what readers see now, so that showing it undoes a rollback."""
        return snapshot != self.main and self.main in self.ancestry_of(snapshot)

    def parse_choice(self, text: str) -> int:
        """Return the snapshot that a text names, whole or by its beginning.

        Raises:
            WrongUse: it can not be shown, or several begin so; the message says why, and what can.
        """
        resolved = resolve_id(text, {str(snapshot) for snapshot in self.parents}, "snapshot")
        snapshot = int(resolved) if resolved.isdecimal() else -1
        if snapshot not in self.choices:
            choices = (
                ", ".join(f"{choice} of {self.published_at(choice)}" for choice in self.choices[:MAX_NAMED_CHOICES])
                or "none"
            )
            raise WrongUse(f"{text}: {self._explain_refusal(snapshot)}; there is: {choices}")
        return snapshot

    def _explain_refusal(self, snapshot: int) -> str:
        if snapshot == self.main:
            return "readers see this snapshot"
        if snapshot not in self.parents:
            return "the table has no such snapshot (any more)"
        if snapshot not in self.shown_to_readers:
            return "no reader ever saw it: a step of a run, or one that was not published"
        if POINTER not in self.summaries[snapshot]:
            return "it carries no ledger, so somebody else wrote it"
        return "something else was published since, which showing it would lose: neither came from the other"


def _snapshot_summary(snapshot: Any) -> dict[str, Any]:
    summary = snapshot.summary
    return {"operation": summary.operation.value, **summary.additional_properties} if summary else {}


def _own_properties(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in summary.items() if key.startswith(PROPERTY_PREFIX)}


def _origin_snapshot(snapshot: Any, kept_ids: Collection[int], shown_ids: Sequence[int]) -> int | None:
    """Return the snapshot that one was made from; where a run's steps expired between, what `main` showed before it."""
    if snapshot.parent_snapshot_id in kept_ids or snapshot.snapshot_id not in shown_ids:
        return snapshot.parent_snapshot_id
    position = shown_ids.index(snapshot.snapshot_id)
    return shown_ids[position - 1] if position else None
