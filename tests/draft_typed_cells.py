"""CSV files whose cells are written in several ways: blanks around, groups of thousands here and there, blanks between."""

from datetime import datetime

from tests.draft_file import ROWS, DraftFile, Row, day, text_file


def padded_times() -> DraftFile:
    """A blank after each comma, before days, times and flags too; a field of nothing but that blank has no value."""
    rows: list[Row] = [
        {
            "id": n,
            "day": None if n % 9 == 0 else day(n),
            "ok": n % 2 == 1,
            "seen": datetime(day(n).year, day(n).month, day(n).day, n % 24, 30),
            "n": None if n % 7 == 0 else n,
        }
        for n in range(1, ROWS)
    ]
    lines = [
        f"{n}, {row['day'] or ''}, {'NY'[n % 2]}, {row['seen']:%Y-%m-%d %H:%M:%S}, {row['n'] or ''}"
        for n, row in enumerate(rows, 1)
    ]
    return text_file("padded_times.csv", lines, rows, "id, day, ok, seen, n\n")


def grouped_here_and_there() -> DraftFile:
    """Groups of thousands in cells that were typed, and none in cells that a formula filled; midnights without their time."""
    amounts = [n * 98_765 for n in range(1, ROWS)]
    moments = [datetime(day(n).year, day(n).month, day(n).day, 12 * (n % 2)) for n in range(1, ROWS)]
    rows = [
        {"id": n, "deaths": amount, "at": at} for n, (amount, at) in enumerate(zip(amounts, moments, strict=True), 1)
    ]
    lines = [
        f'{n},"{amount:,}",{at:%d.%m.%Y %H:%M}' if n % 2 else f"{n},{amount},{at:%d.%m.%Y}"
        for n, (amount, at) in enumerate(zip(amounts, moments, strict=True), 1)
    ]
    return text_file("grouped.csv", lines, rows, "id,deaths,at\n")


def blanks_between() -> DraftFile:
    rows = [{"weight": n + 100, "waist": n / 4} for n in range(1, ROWS)]
    return text_file("blanks.csv", [f"{n + 100} {n / 4}" for n in range(1, ROWS)], rows, "weight waist\n")
