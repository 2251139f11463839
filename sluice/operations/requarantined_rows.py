"""Rows that are aside again once another snapshot is shown: what a later run replayed or read again, and a sweep removed.

The snapshot's ledger says that they count. Those that were removed are appended from the quarantine's own earlier
snapshots; until `main` is set nobody counts them, so this comes first.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from etl.contract.table_names import RUN
from etl.ledger.ledger import Ledger
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.row_counts import count_snapshot_rows


def runs_again(before: Ledger, after: Ledger) -> list[str]:
    """Return the runs of which rows may count by the ledger `after` that do not by `before`."""
    return [run for run in after.quarantined if run not in before.quarantined or _read_again(run, before, after)]


def _read_again(run: str, before: Ledger, after: Ledger) -> bool:
    return any(run in runs and run not in after.corrected.get(key, ()) for key, runs in before.corrected.items())


def bring_back(dataset: DeployedDataset, runs: Sequence[str], after: Ledger) -> list[str]:
    """Append the rows of these runs that count by `after` and were removed; return the runs of which no row is kept."""
    table = dataset.account.load_table(dataset.quarantine) if runs else None
    if table is None:
        return list(runs)
    import pyarrow as pa  # noqa: PLC0415  as pyiceberg: only for those who look at rows

    current_rows = {row["row"]: row for row in _read_rows(table, runs)}
    earlier = {
        row["row"]: row for snapshot_id in _before_removals(table) for row in _read_rows(table, runs, snapshot_id)
    }
    missing = [
        row
        for row_id, row in earlier.items()
        if row_id not in current_rows and after.counts_as_quarantined(row["object"], row[RUN])
    ]
    if missing:
        table.append(pa.Table.from_pylist(missing, schema=table.schema().as_arrow()))
    runs_with_rows = {row[RUN] for row in (current_rows | earlier).values()}
    return [run for run in runs if run not in runs_with_rows]


def _read_rows(table: Any, runs: Sequence[str], snapshot: int | None = None) -> list[dict[str, Any]]:
    from pyiceberg.expressions import In  # noqa: PLC0415

    return table.scan(row_filter=In(RUN, runs), snapshot_id=snapshot).to_arrow().to_pylist()  # pyright: ignore[reportCallIssue]


def _before_removals(table: Any) -> list[int]:
    """Return the snapshots that the quarantine showed before it had fewer rows, as far as they are kept."""
    shown_ids = [
        entry.snapshot_id for entry in table.metadata.snapshot_log if table.metadata.snapshot_by_id(entry.snapshot_id)
    ]
    counts = {snapshot_id: count_snapshot_rows(table, snapshot_id) for snapshot_id in shown_ids}
    return [earlier for earlier, later in pairwise(shown_ids) if _has_fewer_rows(counts[later], counts[earlier])]


def _has_fewer_rows(later: int | None, earlier: int | None) -> bool:
    return later is None or earlier is None or later < earlier
