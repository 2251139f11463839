"""Published rows and snapshots, read without a JVM: what a reader of the lake sees."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from etl.contract.sample_values import MASK
from sluice.sandbox.lake import Dataset


def published_rows(dataset: Dataset, limit: int) -> list[dict[str, Any]]:
    """Return the first `limit` published rows by key: the contract's columns, numbers and dates as strings.

    Values of the columns that either contract marks as about a person are masked.
    """
    table = _load_table(dataset)
    if table is None:
        return []
    meta = dataset.load_contract()["meta"]
    columns = [column["name"] for column in meta["columns"]]
    rows = table.scan(selected_fields=tuple(columns)).to_arrow()
    first_rows = rows.sort_by([(name, "ascending") for name in meta["key"]]).slice(0, limit).select(columns)
    personal_columns = dataset.deployed.masking.columns
    return [
        {name: _masked_value(value, name in personal_columns) for name, value in row.items()}
        for row in first_rows.to_pylist()
    ]


def current_snapshot_id(dataset: Dataset) -> str | None:
    """Return the id of the snapshot that readers see, None before the first."""
    table = _load_table(dataset)
    current_snapshot = table.current_snapshot() if table else None
    return str(current_snapshot.snapshot_id) if current_snapshot else None


def branch_names(dataset: Dataset) -> set[str]:
    """Return the names of the table's branches: `main`, and one for each run that staged and has not published."""
    table = _load_table(dataset)
    return set(table.metadata.refs) if table else set()


def _load_table(dataset: Dataset) -> Any:
    return dataset.emulator.account.load_table(dataset.arguments["--table"])


def _masked_value(value: Any, masked: bool) -> Any:
    return MASK if masked and value is not None else to_json_value(value)


def to_json_value(value: Any) -> Any:
    """Return a value as JSON has it: numbers and dates as text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
