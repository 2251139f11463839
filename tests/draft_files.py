"""Files as exporters write them, each with the rows that it means: what a draft has to read without an edit."""

import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]
ROWS = 60
FIRST_DAY = date(2025, 1, 2)
CITIES = ("Oslo", "Lund", "Malmö", "Turku", "Århus", "Bergen")


@dataclass(frozen=True)
class DraftFile:
    """A file, and what it means.

    Attributes:
        name: of the file.
        content: its bytes.
        rows: the rows that are published, by plain names.
        head, tail: bytes around the lines of records, so that halves of the file can be made; None where records are no lines.
        records: the lines of the records.
    """

    name: str
    content: bytes
    rows: list[Row]
    head: bytes | None = None
    tail: bytes = b""
    records: list[bytes] = field(default_factory=list)


def text_file(
    name: str, lines: Iterable[str], rows: list[Row], head: str = "", tail: str = "", encoding: str = "utf-8"
) -> DraftFile:
    """Return a file of records that are a line each."""
    records = [f"{line}\n".encode(encoding) for line in lines]
    first, last = (text.encode(encoding) if text else b"" for text in (head, tail))
    return DraftFile(name, first + b"".join(records) + last, rows, first, last, records)


def day(number: int) -> date:
    """Return the day of a row."""
    return FIRST_DAY + timedelta(days=number % 90)


def flags() -> DraftFile:
    pairs = {
        "yn": "NY",
        "tf": "ft",
        "pybool": ("False", "True"),
        "rbool": ("FALSE", "TRUE"),
        "lower": ("false", "true"),
    }
    pairs |= {"ja": ("Nein", "Ja"), "yesno": ("no", "yes")}
    numbers = range(1, ROWS)
    lines = [",".join([str(n), str(n % 2), *(pair[(n + 1) % 2] for pair in pairs.values())]) for n in numbers]
    rows = [{"id": n, "zo": n % 2, **dict.fromkeys(pairs, n % 2 == 0)} for n in numbers]
    return text_file("flags.csv", lines, rows, f"id,zo,{','.join(pairs)}\n")


def named_columns() -> DraftFile:
    rows = [{"id": n, "price_eur": n / 8, "tax_pct": 2, "ship_to": "a", "items": n % 5} for n in range(1, ROWS)]
    lines = [f"{n},{n / 8},2,a,{n % 5}" for n in range(1, ROWS)]
    return text_file("names.csv", lines, rows, "id,price (EUR),tax%,ship/to,#items\n")


def commented() -> DraftFile:
    lines = [f"{n},{n}.5" for n in range(1, ROWS)]
    rows = [{"id": n, "amount": n + 0.5} for n in range(1, ROWS)]
    return text_file("comments.csv", lines, rows, "# exported 2025-01-01 by ERP\n# rows: 59\nid,amount\n")


def day_first() -> DraftFile:
    lines = [f"{n},{day(n):%d/%m/%Y},{'NY'[n % 2]}" for n in range(1, ROWS)]
    rows = [{"id": n, "sold_on": day(n), "paid": n % 2 == 1} for n in range(1, ROWS)]
    return text_file("day_first.csv", lines, rows, "id,sold_on,paid\n")


def month_first() -> DraftFile:
    lines = [f"{n},{day(n).month}/{day(n).day}/{day(n).year},${n * 1000:,}.50" for n in range(1, ROWS)]
    rows = [{"order_id": n, "shipped": day(n), "total": Decimal(f"{n * 1000}.50")} for n in range(1, ROWS)]
    quoted = [f'{line.partition("$")[0]}"${line.partition("$")[2]}"' for line in lines]
    return text_file("month_first.csv", quoted, rows, "Order ID,Shipped,Total\n")


def change_log() -> DraftFile:
    """What AWS DMS writes: no header, an operation first, times with microseconds."""
    lines = [f"I,{100 + n},CUST{n},{day(n)} 03:04:05.000000,{n}.50" for n in range(1, ROWS)]
    rows = [
        {
            "column_1": "I",
            "column_2": 100 + n,
            "column_3": f"CUST{n}",
            "column_4": datetime(day(n).year, day(n).month, day(n).day, 3, 4, 5),
            "column_5": Decimal(f"{n}.50"),
        }
        for n in range(1, ROWS)
    ]
    return text_file("dms.csv", lines, rows)


def events() -> DraftFile:
    rows = [{"event": ("click", "view")[n % 2], "who": f"u{n % 5}"} for n in range(ROWS)]
    return text_file("events.csv", [f"{row['event']},{row['who']}" for row in rows], rows, "event,who\n")


def wei() -> DraftFile:
    amounts = [f"{n}.{123456789012345678 + 7 * n}" for n in range(1, ROWS)]
    lines = [f'{{"tx":"t{n}","amount":{amount}}}' for n, amount in enumerate(amounts, 1)]
    rows = [{"tx": f"t{n}", "amount": Decimal(amount)} for n, amount in enumerate(amounts, 1)]
    return text_file("wei.jsonl", lines, rows)


def totalled() -> DraftFile:
    lines = [f"{n},{n}.5" for n in range(1, ROWS)]
    rows = [{"id": n, "amount": n + 0.5} for n in range(1, ROWS)]
    return text_file("footer.csv", lines, rows, "id,amount\n", f"TOTAL,{sum(range(1, ROWS)) + (ROWS - 1) / 2}\n")


def latin() -> DraftFile:
    rows = [{"order_id": n, "city": CITIES[n % 6], "amount": Decimal("12.50")} for n in range(1, ROWS)]
    lines = [f"{row['order_id']},{row['city']},12.50" for row in rows]
    return text_file("latin.csv", lines, rows, "order_id,city,amount\n", encoding="latin-1")


def line_breaks() -> DraftFile:
    notes = {17: "line one\nline two", 40: 'a "quoted" word'}
    rows = [{"id": n, "comment": notes.get(n, "fine"), "amount": n} for n in range(1, ROWS)]
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerows([["id", "comment", "amount"], *(row.values() for row in rows)])
    return DraftFile("line_breaks.csv", written.getvalue().encode(), rows)


def missing() -> DraftFile:
    rows: list[Row] = [
        {
            "id": n,
            "amount": None if n % 10 == 0 else Decimal(f"{n}.50"),
            "day": None if n % 15 == 0 else day(n),
            "tailnum": None if n % 7 == 0 else f"N{n}",
        }
        for n in range(1, ROWS)
    ]
    lines = [",".join("NA" if value is None else str(value) for value in row.values()) for row in rows]
    return text_file("missing.csv", lines, rows, "id,amount,day,tailnum\n")


def headless() -> DraftFile:
    rows = [
        {"column_1": 1000 + n, "column_2": CITIES[n % 6], "column_3": day(n), "column_4": 3 + n % 9}
        for n in range(1, ROWS)
    ]
    return text_file("headless.csv", [",".join(map(str, row.values())) for row in rows], rows)


def unloaded() -> DraftFile:
    """What Redshift's UNLOAD writes: no header, pipes, no ending."""
    rows = [{"column_1": n, "column_2": f"store {n}", "column_3": day(n)} for n in range(1, ROWS)]
    return text_file("0000_part_00", ["|".join(map(str, row.values())) for row in rows], rows)


def indexed() -> DraftFile:
    rows = [{"index": n, "a": n, "b": "x"} for n in range(ROWS)]
    return text_file("index.csv", [f"{n},{n},x" for n in range(ROWS)], rows, ",a,b\n")


def padded() -> DraftFile:
    """Blanks after each comma and before shorter numbers, and a plus before changes."""
    rows = [{"id": n, "amount": n + 0.25, "change": n - 30.5, "city": f"c{n}"} for n in range(1, ROWS)]
    lines = [f"{n:3}, {n + 0.25:8.2f}, {n - 30.5:+.1f},c{n}" for n in range(1, ROWS)]
    return text_file("padded.csv", lines, rows, "id, amount, change,city\n")


def european() -> DraftFile:
    chance = random.Random(7)
    rows = [
        {"nr": n, "stadt": CITIES[n % 6], "umsatz": Decimal(chance.randrange(10**7)) / 100, "anteil_pct": n / 4}
        for n in range(1, ROWS)
    ]
    lines = [
        f"{row['nr']};{row['stadt']};{_european(row['umsatz'])} €;{str(row['anteil_pct']).replace('.', ',')}%"
        for row in rows
    ]
    return text_file("european.csv", lines, rows, "Nr;Stadt;Umsatz;Anteil %\n", encoding="cp1252")


def _european(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def names_twice() -> DraftFile:
    rows = [{"id": n, "n": n % 7, "n_2": "x"} for n in range(1, ROWS)]
    return text_file("twice.csv", [f"{n},{n % 7},x" for n in range(1, ROWS)], rows, "# made by X\nid,n,n\n")


def clocks() -> DraftFile:
    """Times in several exporters' ways, one column each."""
    moments = [datetime(day(n).year, day(n).month, day(n).day, n % 24, n % 60) for n in range(1, ROWS)]
    rows = [
        {
            "id": n,
            "started": at,
            "ended_at": at.replace(tzinfo=UTC),
            "seen": at,
            "logged": at.replace(microsecond=123000),
            "moved": at.date(),
        }
        for n, at in enumerate(moments, 1)
    ]
    lines = [
        f"{n},{at:%d/%m/%Y %H:%M},{int(at.replace(tzinfo=UTC).timestamp())},{at:%m/%d/%Y %I:%M:%S %p},"
        f'"{at:%Y-%m-%d %H:%M:%S},123",{at:%b} {at.day} {at.year}'
        for n, at in enumerate(moments, 1)
    ]
    return text_file("clocks.csv", lines, rows, "id,started,ended_at,seen,logged,moved\n")


def airports() -> DraftFile:
    chance = random.Random(3)
    rows = [
        {
            "faa": f"{n:02}{'GAC'[n % 3]}",
            "name": f"{CITIES[n % 6]} Regional",
            "lat": round(chance.uniform(20, 60), chance.randrange(4, 14)),
            "lon": round(chance.uniform(-120, -60), chance.randrange(4, 14)),
            "alt": chance.randrange(0, 6000),
            "tzone": "America/New_York",
        }
        for n in range(1, ROWS)
    ]
    return text_file("airports.csv", [";".join(map(str, row.values())) for row in rows], rows, ";".join(rows[0]) + "\n")


def shop_orders() -> DraftFile:
    zone = timezone(timedelta(hours=1))
    rows: list[Row] = [
        {
            "name": f"#{1000 + n}",
            "email": f"p{n}@example.com",
            "paid_at": datetime(day(n).year, day(n).month, day(n).day, 10, tzinfo=zone).astimezone(UTC),
            "total": Decimal(f"{n}.00"),
            "accepts_marketing": n % 2 == 1,
            "notes": None if n % 7 else "a, b",
        }
        for n in range(1, ROWS)
    ]
    lines = [
        f"{row['name']},{row['email']},{day(n)} 10:00:00 +0100,{n}.00,{('no', 'yes')[n % 2]},"
        + ("" if n % 7 else '"a, b"')
        for n, row in enumerate(rows, 1)
    ]
    return text_file("orders.csv", lines, rows, "Name,Email,Paid at,Total,Accepts Marketing,Notes\n")


def analytics() -> DraftFile:
    """What GA4's explorations export: remarks, an empty line, days without separators."""
    rows = [{"date": day(n), "active_users": n * 3, "total_revenue": n / 4} for n in range(ROWS)]
    lines = [f"{day(n):%Y%m%d},{n * 3},{n / 4}" for n in range(ROWS)]
    head = "# ----------\n# Account: X\n# 20250102-20250302\n# ----------\n\nDate,Active users,Total revenue\n"
    return text_file("ga4.csv", lines, rows, head)


def cost_report() -> DraftFile:
    """What a cost and usage report is: gzip, names with slashes, hours in UTC."""
    rows = [
        {
            "identity_line_item_id": f"li{n:05}x",
            "line_item_usage_start_date": datetime(2025, 1, 1, n % 24, tzinfo=UTC),
            "line_item_unblended_cost": n / 1024,
            "line_item_usage_account_id": f"{n:012}",
        }
        for n in range(1, ROWS)
    ]
    lines = [f"li{n:05}x,2025-01-01T{n % 24:02}:00:00Z,{n / 1024},{n:012}" for n in range(1, ROWS)]
    head = "identity/LineItemId,lineItem/UsageStartDate,lineItem/UnblendedCost,lineItem/UsageAccountId\n"
    plain = text_file("cur.csv", lines, rows, head)
    return DraftFile("cur.csv.gz", gzip.compress(plain.content), rows)


def wide_text() -> DraftFile:
    rows = [{"id": n, "city": CITIES[n % 6], "amount": n + 0.25} for n in range(1, ROWS)]
    lines = [f"{n}\t{CITIES[n % 6]}\t{n + 0.25}" for n in range(1, ROWS)]
    return text_file("wide.csv", [], rows, "id\tcity\tamount\n" + "\n".join(lines) + "\n", encoding="utf-16")


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


FILES: dict[str, Callable[[], DraftFile]] = {
    make.__name__: make
    for make in (
        *(
            flags,
            named_columns,
            commented,
            day_first,
            month_first,
            change_log,
            events,
            wei,
            totalled,
            latin,
            line_breaks,
        ),
        *(
            missing,
            headless,
            unloaded,
            indexed,
            padded,
            european,
            names_twice,
            clocks,
            airports,
            shop_orders,
            analytics,
            cost_report,
            wide_text,
        ),
        *(json_lines, odd_keys, json_array, json_objects, json_list, json_nested, pandas_parquet, named_parquet),
    )
}
