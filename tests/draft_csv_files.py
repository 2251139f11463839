"""CSV files as people and spreadsheets write them."""

import csv
import io
import random
from datetime import UTC, datetime
from decimal import Decimal

from tests.draft_file import CITIES, ROWS, DraftFile, Row, day, text_file


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


def events() -> DraftFile:
    rows = [{"event": ("click", "view")[n % 2], "who": f"u{n % 5}"} for n in range(ROWS)]
    return text_file("events.csv", [f"{row['event']},{row['who']}" for row in rows], rows, "event,who\n")


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


def wide_text() -> DraftFile:
    rows = [{"id": n, "city": CITIES[n % 6], "amount": n + 0.25} for n in range(1, ROWS)]
    lines = [f"{n}\t{CITIES[n % 6]}\t{n + 0.25}" for n in range(1, ROWS)]
    return text_file("wide.csv", [], rows, "id\tcity\tamount\n" + "\n".join(lines) + "\n", encoding="utf-16")
