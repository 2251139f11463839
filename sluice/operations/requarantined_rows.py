"""Rows that are aside again once another snapshot is shown: what a later run replayed or read again, and a sweep removed.

The snapshot's ledger says that they count. Those that were removed are appended from the quarantine's own earlier
snapshots; until `main` is set nobody counts them, so this comes first.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from etl.contract.table_names import RUN
from etl.ledger.ledger import Ledger
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.row_counts import in_snapshot


def runs_again(before: Ledger, after: Ledger) -> list[str]:
    """Return the runs of which rows may count by the ledger `after` that do not by `before`."""
    return [run for run in after.quarantined if run not in before.quarantined or _read_again(run, before, after)]


def _read_again(run: str, before: Ledger, after: Ledger) -> bool:
    return any(run in runs and run not in after.corrected.get(key, ()) for key, runs in before.corrected.items())


def bring_back(dataset: Deployed, runs: Sequence[str], after: Ledger) -> list[str]:
    """Append the rows of these runs that count by `after` and were removed; return the runs of which no row is kept."""
    table = dataset.account.table(dataset.quarantine) if runs else None
    if table is None:
        return list(runs)
    import pyarrow as pa  # noqa: PLC0415  as pyiceberg: only for those who look at rows

    there = {row["row"]: row for row in _rows(table, runs)}
    earlier = {row["row"]: row for at in _before_removals(table) for row in _rows(table, runs, at)}
    missing = [row for at, row in earlier.items() if at not in there and after.counts(row["object"], row[RUN])]
    if missing:
        table.append(pa.Table.from_pylist(missing, schema=table.schema().as_arrow()))
    kept = {row[RUN] for row in (there | earlier).values()}
    return [run for run in runs if run not in kept]


def _rows(table: Any, runs: Sequence[str], snapshot: int | None = None) -> list[dict[str, Any]]:
    from pyiceberg.expressions import In  # noqa: PLC0415

    return table.scan(row_filter=In(RUN, runs), snapshot_id=snapshot).to_arrow().to_pylist()  # pyright: ignore[reportCallIssue]


def _before_removals(table: Any) -> list[int]:
    """Return the snapshots that the quarantine showed before it had fewer rows, as far as they are kept."""
    shown = [one.snapshot_id for one in table.metadata.snapshot_log if table.metadata.snapshot_by_id(one.snapshot_id)]
    count = {at: in_snapshot(table, at) for at in shown}
    return [earlier for earlier, later in pairwise(shown) if _fewer(count[later], count[earlier])]


def _fewer(later: int | None, earlier: int | None) -> bool:
    return later is None or earlier is None or later < earlier
