"""The snapshots that a table's readers saw, and which of them can be shown again.

A run makes several snapshots on its branch and readers see the last: only what `main` has stood at counts (Iceberg table
spec, `snapshot-log`), and of it only what carries a ledger.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from etl.iceberg.current_snapshot import PUBLISHED, SLUICE, Head, origin_of
from etl.ledger.ledger import POINTER
from etl.wording import counted
from sluice.operations import row_counts
from sluice.operations.errors import WrongUse

MOST = 5  # choices named in a refusal


@dataclass(frozen=True)
class History:
    """By snapshot what it came from, its summary and when its rows were published (epoch ms).

    A snapshot by which another engine compacted ours counts as ours, with our properties.

    `main` is what readers see, `seen` what they saw; `count` tells how many rows a snapshot has, None where nobody knows.
    """

    main: int
    parents: Mapping[int, int | None]
    summaries: Mapping[int, Mapping[str, str]]
    made: Mapping[int, int]
    seen: frozenset[int]
    count: Callable[[int], int | None]

    @classmethod
    def of(cls, table: Any) -> "History":
        """Read a table that pyiceberg loaded."""
        metadata = table.metadata
        every = {one.snapshot_id: one for one in metadata.snapshots}
        own = {at: _summary(one) for at, one in every.items()}
        parents = {at: one.parent_snapshot_id for at, one in every.items()}
        origins = {at: origin_of(at, parents, own) for at in every}
        summaries = {at: own[at] | _ours(own[origin]) for at, origin in origins.items()}
        shown = [one.snapshot_id for one in metadata.snapshot_log]
        return cls(
            metadata.refs["main"].snapshot_id,
            {at: _came_from(one, every, shown) for at, one in every.items()},
            summaries,
            {at: int(summaries[at].get(PUBLISHED, every[origin].timestamp_ms)) for at, origin in origins.items()},
            frozenset(shown),
            partial(row_counts.in_snapshot, table),
        )

    def line(self, snapshot: int) -> list[int]:
        """Return a snapshot and what it came from, newest first, as far as it is kept."""
        found = []
        at: int | None = snapshot
        while at is not None and at in self.parents:
            found.append(at)
            at = self.parents[at]
        return found

    def head(self, snapshot: int) -> Head:
        """Return a snapshot as the ledger is read from."""
        return Head(str(snapshot), self.made[snapshot], dict(self.summaries[snapshot]))

    def when(self, snapshot: int) -> str:
        """Return when its rows were published (UTC, ISO text)."""
        return datetime.fromtimestamp(self.made[snapshot] / 1000, UTC).isoformat(timespec="seconds")

    def told(self, snapshot: int) -> str:
        """Return a snapshot for a sentence: its id, age and rows."""
        count = self.count(snapshot)
        return f"{snapshot} of {self.when(snapshot)} ({'rows unknown' if count is None else counted(count, 'row')})"

    @property
    def ours(self) -> int | None:
        """The newest snapshot behind what readers see whose ledger is ours: `main`, if nobody else wrote."""
        return next((at for at in self.line(self.main) if POINTER in self.summaries[at]), None)

    @property
    def choices(self) -> list[int]:
        """What can be shown instead of `main`, newest first: what led to it, and what was published on it and undone."""
        behind = set(self.line(self.main))
        found = {at for at in self.seen & self.parents.keys() if POINTER in self.summaries[at] and at != self.main}
        return sorted(
            (at for at in found if at in behind or self.is_ahead(at)), key=self.made.__getitem__, reverse=True
        )

    def is_ahead(self, snapshot: int) -> bool:
        """Say whether a snapshot was made from what readers see now, so that showing it undoes a rollback."""
        return snapshot != self.main and self.main in self.line(snapshot)

    def chosen(self, text: str) -> int:
        """Return the snapshot that a text names.

        Raises:
            WrongUse: it can not be shown; the message says why, and what can.
        """
        found = int(text) if text.isdecimal() else -1
        if found not in self.choices:
            can = ", ".join(f"{at} of {self.when(at)}" for at in self.choices[:MOST]) or "none"
            raise WrongUse(f"{text}: {self._refusal(found)}; there is: {can}")
        return found

    def _refusal(self, snapshot: int) -> str:
        if snapshot == self.main:
            return "readers see this snapshot"
        if snapshot not in self.parents:
            return "the table has no such snapshot (any more)"
        if snapshot not in self.seen:
            return "no reader ever saw it: a step of a run, or one that was not published"
        if POINTER not in self.summaries[snapshot]:
            return "it carries no ledger, so somebody else wrote it"
        return "something else was published since, which showing it would lose: neither came from the other"


def _summary(snapshot: Any) -> dict[str, Any]:
    summary = snapshot.summary
    return {"operation": summary.operation.value, **summary.additional_properties} if summary else {}


def _ours(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in summary.items() if key.startswith(SLUICE)}


def _came_from(one: Any, kept: Collection[int], shown: Sequence[int]) -> int | None:
    """Return the snapshot that one was made from; where a run's steps expired between, what `main` showed before it."""
    if one.parent_snapshot_id in kept or one.snapshot_id not in shown:
        return one.parent_snapshot_id
    at = shown.index(one.snapshot_id)
    return shown[at - 1] if at else None
