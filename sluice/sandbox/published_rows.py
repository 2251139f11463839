"""Published rows and snapshots, read without a JVM: what a reader of the lake sees."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from etl.contract.sample_values import MASK
from sluice.sandbox.lake import Dataset


def published(dataset: Dataset, most: int) -> list[dict[str, Any]]:
    """Return the first `most` published rows by key: the contract's columns, numbers and dates as strings.

    Values of the columns that either contract marks as about a person are masked.
    """
    table = _table(dataset)
    if table is None:
        return []
    meta = dataset.contract()["meta"]
    columns = [column["name"] for column in meta["columns"]]
    rows = table.scan(selected_fields=tuple(columns)).to_arrow()
    first = rows.sort_by([(name, "ascending") for name in meta["key"]]).slice(0, most).select(columns)
    pii = dataset.deployed.masking.columns
    return [{name: _shown(value, name in pii) for name, value in row.items()} for row in first.to_pylist()]


def snapshot(dataset: Dataset) -> str | None:
    """Return the id of the snapshot that readers see, None before the first."""
    table = _table(dataset)
    current = table.current_snapshot() if table else None
    return str(current.snapshot_id) if current else None


def branches(dataset: Dataset) -> set[str]:
    """Return the names of the table's branches: `main`, and one for each run that staged and has not published."""
    table = _table(dataset)
    return set(table.metadata.refs) if table else set()


def _table(dataset: Dataset) -> Any:
    return dataset.emulator.account.table(dataset.arguments["--table"])


def _shown(value: Any, masked: bool) -> Any:
    return MASK if masked and value is not None else plain(value)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: numbers and dates as text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
