"""Published rows and snapshots, read without a JVM: what a reader of the lake sees."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.emulator import KEYS
from sandbox.lake import Dataset
from sandbox.spark import REGION


def published(dataset: Dataset, most: int) -> list[dict[str, Any]]:
    """Return the first `most` published rows by key: the contract's columns, numbers and dates as strings."""
    table = _table(dataset)
    if table is None:
        return []
    meta = dataset.contract()["meta"]
    columns = [column["name"] for column in meta["columns"]]
    rows = table.scan(selected_fields=tuple(columns)).to_arrow()
    first = rows.sort_by([(name, "ascending") for name in meta["key"]]).slice(0, most).select(columns)
    return [{name: _plain(value) for name, value in row.items()} for row in first.to_pylist()]


def snapshot(dataset: Dataset) -> str | None:
    """Return the id of the snapshot that readers see, None before the first."""
    table = _table(dataset)
    current = table.current_snapshot() if table else None
    return str(current.snapshot_id) if current else None


def _table(dataset: Dataset) -> Any:
    # Half a second to import, and only those who look at rows pay it.
    from pyiceberg.catalog import load_catalog  # noqa: PLC0415
    from pyiceberg.exceptions import NoSuchTableError  # noqa: PLC0415

    endpoint = dataset.emulator.endpoint
    access, secret = KEYS["aws_access_key_id"], KEYS["aws_secret_access_key"]
    catalog = load_catalog(
        "lake",
        **{
            "type": "glue",
            "glue.endpoint": endpoint,
            "s3.endpoint": endpoint,
            "client.region": REGION,
            "client.access-key-id": access,
            "client.secret-access-key": secret,
        },
    )
    try:
        return catalog.load_table(tuple(dataset.arguments["--table"].split(".")[1:]))
    except NoSuchTableError:
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
