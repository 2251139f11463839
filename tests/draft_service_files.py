"""CSV files as databases, shops and services export them."""

import gzip
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from tests.draft_file import ROWS, DraftFile, Row, day, text_file


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


def unloaded() -> DraftFile:
    """What Redshift's UNLOAD writes: no header, pipes, no ending."""
    rows = [{"column_1": n, "column_2": f"store {n}", "column_3": day(n)} for n in range(1, ROWS)]
    return text_file("0000_part_00", ["|".join(map(str, row.values())) for row in rows], rows)


def indexed() -> DraftFile:
    rows = [{"index": n, "a": n, "b": "x"} for n in range(ROWS)]
    return text_file("index.csv", [f"{n},{n},x" for n in range(ROWS)], rows, ",a,b\n")


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
