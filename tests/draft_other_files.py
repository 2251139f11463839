"""Files of JSON and of Parquet."""

import io
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from tests.draft_file import ROWS, DraftFile, Row, day, text_file


def wei() -> DraftFile:
    amounts = [f"{n}.{123456789012345678 + 7 * n}" for n in range(1, ROWS)]
    lines = [f'{{"tx":"t{n}","amount":{amount}}}' for n, amount in enumerate(amounts, 1)]
    rows = [{"tx": f"t{n}", "amount": Decimal(amount)} for n, amount in enumerate(amounts, 1)]
    return text_file("wei.jsonl", lines, rows)


def json_records(rows: Sequence[Row]) -> list[str]:
    return [json.dumps(row, default=str) for row in rows]


def _orders() -> list[Row]:
    return [
        {"id": n, "amount": n + 0.5, "ok": n % 2 == 1, "note": f"n{n}" if n % 5 else None, "day": day(n)}
        for n in range(1, ROWS)
    ]


def json_lines() -> DraftFile:
    return text_file("lines.jsonl", json_records(_orders()), _orders())


def odd_keys() -> DraftFile:
    """Keys as cloud providers and document stores have them."""
    names = {"id": "_id", "amount": "lineItem/Cost", "ok": "isOk", "note": "user.note", "day": 'the "day"'}
    records = [{names[name]: value for name, value in row.items()} for row in _orders()]
    rows = [
        {
            "id": row["id"],
            "line_item_cost": row["amount"],
            "is_ok": row["ok"],
            "user_note": row["note"],
            "the_day": row["day"],
        }
        for row in _orders()
    ]
    return text_file("odd.jsonl", json_records(records), rows)


def json_array() -> DraftFile:
    return DraftFile("array.json", f"[{', '.join(json_records(_orders()))}]".encode(), _orders())


def json_objects() -> DraftFile:
    text = "\n".join(json.dumps(row, default=str, indent=2) for row in _orders())
    return DraftFile("objects.json", text.encode(), _orders())


def json_list() -> DraftFile:
    text = f'{{"count": {ROWS - 1}, "data": {{"orders": [{", ".join(json_records(_orders()))}]}}}}'
    return DraftFile("list.json", text.encode(), _orders())


def json_nested() -> DraftFile:
    rows = [{**row, "customer": {"id": row["id"], "city": "x"}, "tags": ["a", "b"]} for row in _orders()]
    return text_file("nested.jsonl", json_records(rows), rows)


def _parquet(name: str, table: pa.Table, rows: list[Row]) -> DraftFile:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return DraftFile(name, sink.getvalue(), rows)


def points_and_lines() -> DraftFile:
    """A map whose coordinates are of several depths, which no type is for; what else it holds is read."""
    rows: list[Row] = [{"id": n, "geometry": {"type": ("Point", "LineString")[n % 2]}} for n in range(1, ROWS)]
    records = [
        {"id": n, "geometry": {**row["geometry"], "coordinates": [[n, n]] if n % 2 else [n, n]}, "properties": {}}
        for n, row in enumerate(rows, 1)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": records})
    return DraftFile("map.geojson", text.encode(), rows)


def pandas_parquet() -> DraftFile:
    """What pandas writes: times in nanoseconds, whole numbers with nulls as doubles, an index beside the columns."""
    numbers = range(ROWS)
    times = [datetime(2025, 1, 1) + timedelta(hours=n) for n in numbers]
    counts = [None if n % 7 == 0 else float(n) for n in numbers]
    table = pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "at": pa.array(times, pa.timestamp("ns")),
            "q": pa.array(counts, pa.float64()),
            "__index_level_0__": pa.array(numbers, pa.int64()),
        }
    )
    rows = [{"id": n, "at": times[n], "q": counts[n]} for n in numbers]
    return _parquet("pandas.parquet", table, rows)


def named_parquet() -> DraftFile:
    """Parquet with names of a cloud provider's bill."""
    rows = [{"line_item_cost": n + 0.5, "user_name": f"n{n}", "id": n} for n in range(ROWS)]
    table = pa.Table.from_pylist(rows).rename_columns(["lineItem/Cost", "user.name", "ID"])
    return _parquet("bill.parquet", table, rows)
