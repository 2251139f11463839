"""Published rows and snapshots, read without a JVM: what a reader of the lake sees."""

from typing import Any

from sluice.sandbox.lake import Dataset
from sluice.sandbox.published_values import to_sample_value


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
    by_key = rows.sort_by([(name, "ascending") for name in meta["key"]]) if meta["key"] else rows
    first_rows = by_key.slice(0, limit).select(columns)
    personal_columns = dataset.deployed.masking.columns
    return [
        {name: to_sample_value(value, masked=name in personal_columns) for name, value in row.items()}
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
