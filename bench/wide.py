"""A day of order lines as CSV, the same each time: 16 columns whose texts have quotes, commas and accents.

`make bench-wide` measures it under the 43 rules of `bench/contracts/wide`. Neither was made with the engine in mind: it is
what the gate costs somebody else's contract.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute  # makes its functions as it is imported

ROWS, FILES = 2_000_000, 4
CONTRACTS = Path(__file__).parent / "contracts" / "wide"
COLUMNS = [
    "order_id",
    "line_number",
    "placed_at",
    "ship_date",
    "customer",
    "email",
    "street",
    "city",
    "postcode",
    "country",
    "sku",
    "quantity",
    "unit_price",
    "weight_grams",
    "is_gift",
    "note",
]
COUNTRIES = ["AT", "BE", "CH", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "PL", "SE"]
GIVEN = ["José", "Zoë", "Anne-Marie", "Jürgen", "Łukasz", "Søren", "Chloé", "Nils", "Beatriz", "Tom", "Ingrid", "Noël"]
FAMILY = ["Núñez", "d'Aubigné", "Müller", "Øster", "Ångström", "Smith", "Żak", "Rossi", "van den Berg", "García López"]
# With the quotes that CSV puts around them; `#` stands for a number.
STREETS = [
    "Hauptstraße #",
    "Calle Mayor #",
    '"#, rue de l\'Église"',
    '"Flat #, ""The Mill"", Bath Road"',
    "Nørregade #",
    '"Via Roma #, scala B"',
    "ul. Długa #",
    "High Street #",
]
CITIES = ["Köln", "Málaga", "Łódź", "København", "Zürich", "London", "Orléans", '"Bergen op Zoom, NB"', "Malmö", "Roma"]
NOTES = [
    *[""] * 12,
    "Bitte klingeln",
    '"Leave it at the door, please"',
    '"She said ""ring twice"", then wait"',
    "Étage 3 – à droite",
    '"Für Oma, mit ""Schleife"""',
    "Gracias",
]
FIRST_SECOND, FIRST_DAY = np.datetime64("2026-01-30T00:00:00"), np.datetime64("2026-01-30")
A_DAY = 86_400  # seconds


def order_lines(rows: int, folder: Path) -> list[Path]:
    """Write `rows` order lines into four files of a folder; return these. 2 million rows are 320 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    random, files = np.random.default_rng(0), [folder / f"part-{number}.csv" for number in range(FILES)]
    for number, file in enumerate(files):
        first, end = rows * number // FILES, rows * (number + 1) // FILES
        header = f"{','.join(COLUMNS)}\n"
        file.write_bytes(header.encode() + _lines(_columns(random, first, end - first)))
    return files


def _columns(random: np.random.Generator, first: int, count: int) -> list[pa.Array]:
    """Return the text of each column as CSV has it."""
    rows = np.arange(first, first + count)
    first_names, family = (_picked(random, names, count) for names in (GIVEN, FAMILY))
    country = _picked(random, COUNTRIES, count)
    sku = _joined("SKU-", _number(random.integers(0, 10_000, count), 4), _picked(random, ["", "", "-XL", "-S"], count))
    cents = random.integers(99, 50_000, count)
    addresses = _joined("customer", _number(random.integers(0, 900_000, count)), "@example.org")
    street = _replaced(_picked(random, STREETS, count), _number(random.integers(1, 250, count)))
    british = pc.equal(country, "GB")
    return [
        _joined("ORD-", _number(rows // 4, 8)),
        _number(rows % 4 + 1),
        pa.array(np.datetime_as_string(FIRST_SECOND + random.integers(0, A_DAY, count))),
        pa.array(FIRST_DAY + random.integers(0, 2, count)).cast("string"),
        pc.if_else(
            random.random(count) < 0.1, _joined('"', family, ", ", first_names, '"'), _joined(first_names, " ", family)
        ),
        pc.if_else(random.random(count) < 0.03, "", addresses),
        street,
        _picked(random, CITIES, count),
        pc.if_else(british, "SW1A 1AA", _number(random.integers(1000, 99_999, count), 5)),
        country,
        sku,
        _number(random.integers(1, 30, count)),
        _joined(_number(cents // 100), ".", _number(cents % 100, 2)),
        _number(random.integers(10, 30_000, count)),
        _picked(random, ["false", "false", "false", "true"], count),
        _picked(random, NOTES, count),
    ]


def _lines(columns: list[pa.Array]) -> bytes:
    lines = pc.binary_join_element_wise(*columns[:-1], _joined(columns[-1], "\n"), ",")
    return "".join(lines.to_pylist()).encode()


def _picked(random: np.random.Generator, texts: list[str], count: int) -> pa.Array:
    return pa.array(texts).take(pa.array(random.integers(0, len(texts), count)))


def _replaced(texts: pa.Array, numbers: pa.Array) -> pa.Array:
    """Return texts with a number in place of each `#`."""
    parts = pc.split_pattern(texts, "#", max_splits=1)
    return _joined(pc.list_element(parts, 0), numbers, pc.list_element(parts, 1))


def _number(numbers: np.ndarray, width: int = 0) -> pa.Array:
    return pc.utf8_lpad(pa.array(numbers).cast("string"), width, "0")


def _joined(*parts: Any) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


if __name__ == "__main__":
    print(f"{len(order_lines(ROWS, Path(sys.argv[1])))} files")
