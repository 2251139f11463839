"""Small files as their writers left them (`tests/cases/`), each with the rows that other readers than ours read."""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

FOLDER = Path(__file__).with_name("cases")
Row = dict[str, Any]
Parse = Callable[[str], Any]


def flag(yes: str) -> Parse:
    """Return what reads one text as true and any other as false."""
    return lambda text: text == yes


def time_of(form: str) -> Parse:
    """Return what reads a time; one with an offset as UTC."""

    def parse(text: str) -> datetime:
        moment = datetime.strptime(text, form)
        return moment.astimezone(UTC) if moment.tzinfo else moment

    return parse


def day_of(form: str) -> Parse:
    """Return what reads a day."""
    return lambda text: time_of(form)(text).date()


DAY = day_of("%Y-%m-%d")
OFFSET_TIME = time_of("%Y-%m-%d %H:%M:%S %z")


@dataclass(frozen=True)
class CsvCase:
    """A CSV, and how an independent reader reads it.

    Attributes:
        columns: what is published, in the file's order, with what its texts are.
        before, after: lines around the records, the header among them.
    """

    columns: dict[str, Parse]
    before: int = 1
    after: int = 0
    delimiter: str = ","
    encoding: str = "utf-8"
    nulls: Sequence[str] = field(default=("",))

    def rows(self, file: Path) -> list[Row]:
        """Return the rows of a file."""
        with file.open(encoding=self.encoding, newline="") as lines:
            records = list(csv.reader(lines, delimiter=self.delimiter))
        return [
            {
                name: None if text in self.nulls else parse(text)
                for (name, parse), text in zip(self.columns.items(), record, strict=True)
            }
            for record in records[self.before : len(records) - self.after]
        ]


def _events(record: Row) -> Row:
    return {**record, "ts": time_of("%Y-%m-%dT%H:%M:%S%z")(record["ts"])}


def array_rows(file: Path) -> list[Row]:
    """Return the rows of an array."""
    return [_events(record) for record in json.loads(file.read_text())]


def line_rows(file: Path) -> list[Row]:
    """Return the rows of JSON lines."""
    return [_events(json.loads(line)) for line in file.read_text().splitlines()]


def exact_rows(file: Path) -> list[Row]:
    """Return the rows of JSON lines with numbers of more digits than a double has."""
    return [json.loads(line, parse_float=Decimal) for line in file.read_text().splitlines()]


def parquet_rows(file: Path) -> list[Row]:
    """Return the rows of Parquet."""
    return pq.read_table(file).to_pylist()


FLAGS = {"yn": flag("Y"), "tf": flag("t"), "zo": int, "pybool": flag("True"), "rbool": flag("TRUE")}
ORDERS = {"name": str, "email": str, "financial_status": str, "paid_at": OFFSET_TIME, "total": Decimal}
PLACES = {"faa": str, "name": str, "lat": float, "lon": float, "alt": int, "tz": int, "dst": str, "tzone": str}
CHANGES = (str, int, str, time_of("%Y-%m-%d %H:%M:%S.%f"), Decimal)


def numbered(*parses: Parse) -> dict[str, Parse]:
    """Return columns without names."""
    return {f"column_{position}": parse for position, parse in enumerate(parses, 1)}


CASES: dict[str, Callable[[Path], list[Row]]] = {
    "array.json": array_rows,
    "bools.csv": CsvCase({"id": int, **FLAGS, "yesno": flag("yes"), "lower": flag("true")}).rows,
    "colnames_sym.csv": CsvCase({"id": int, "price_eur": float, "tax_pct": int, "ship_to": str, "items": int}).rows,
    "comments.csv": CsvCase({"id": int, "amount": float}, before=3).rows,
    "ddmmt.csv": CsvCase({"id": int, "sold_on": day_of("%d/%m/%Y"), "paid": flag("Y")}).rows,
    "dms_full_load.csv": CsvCase(numbered(*CHANGES), before=0).rows,
    "dup_rows.csv": CsvCase({"event": str, "who": str}).rows,
    "eth.jsonl": exact_rows,
    "footer.csv": CsvCase({"id": int, "amount": float}, after=1).rows,
    "latin1.csv": CsvCase({"order_id": int, "city": str, "amount": Decimal}, encoding="latin-1").rows,
    "linebreak_few.csv": CsvCase({"id": int, "comment": str, "amount": int}).rows,
    "nested.jsonl": line_rows,
    "nm_na.csv": CsvCase({"id": int, "amount": Decimal, "day": DAY}, nulls=("", "NA")).rows,
    "nohdr.csv": CsvCase(numbered(int, str, DAY, int), before=0).rows,
    "pandas_index.csv": CsvCase({"index": int, "a": int, "b": str}).rows,
    "pq_pandas_int_null.parquet": parquet_rows,
    "pq_pandas_ts.parquet": parquet_rows,
    "redshift_unload.csv": CsvCase(numbered(int, str, DAY, int), before=0).rows,
    "semi.csv": CsvCase(PLACES, delimiter=";").rows,
    "shopify_orders.csv": CsvCase({**ORDERS, "created_at": OFFSET_TIME, "lineitem_name": str, "notes": str}).rows,
}
"""By a file's name, what reads its rows."""


def case_rows(name: str) -> list[Row]:
    """Return the rows of a case."""
    return CASES[name](FOLDER / name)
