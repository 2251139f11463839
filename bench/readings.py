"""A day of meter readings, the same each time: twelve columns whose texts have quotes, delimiters and accents.

`make bench-formats` measures it as each kind of file (`bench/reading_files.py`) under the contracts of
`bench/contracts/readings`. Neither was made with the engine in mind.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute  # makes its functions as it is imported

COLUMNS = {
    "reading_id": pa.string(),
    "meter": pa.string(),
    "site": pa.string(),
    "read_at": pa.timestamp("us", "UTC"),
    "day": pa.date32(),
    "register": pa.int32(),
    "kwh": pa.decimal128(12, 3),
    "peak_kw": pa.float64(),
    "tariff": pa.string(),
    "is_estimated": pa.bool_(),
    "technician": pa.string(),
    "remark": pa.string(),
}
"""The columns, with the types that Parquet has of them."""
QUOTED = ("site", "remark")
"""The columns whose texts may hold what a CSV has to quote."""
SITES = [
    "Hauptstraße #",
    "Rue de l'Église #",
    "Calle Mayor #, 2º",
    'Hof "Zur Mühle" #',
    "Ångströmsvägen #",
    "Mill Lane #",
]
REMARKS = [
    *[""] * 10,
    "Zähler im Keller",
    "key at the neighbour's; ring twice",
    'said "come back", then left',
    "gate code 4711, dog",
    "façade côté jardin",
]
LONG_REMARK = "nobody there\ncalled, no answer\ncard left"
TARIFFS = ["HT", "HT", "NT", "Solar", "Wärme"]
TECHNICIANS = ["AB", "CK", "DM", "JZ", "MR", "TS"]
FIRST_SECOND, FIRST_DAY = np.datetime64("2026-01-30T00:00:00"), np.datetime64("2026-01-29")
A_DAY = 86_400  # seconds


def reading_texts(
    random: np.random.Generator, first: int, count: int, line_breaks: bool = False
) -> dict[str, pa.Array]:
    """Return the texts of each column, from a row on; with `line_breaks` one remark of twenty is of three lines."""
    number = np.arange(first, first + count)
    watts, peak = random.integers(0, 4_000_000, count), random.integers(0, 4000, count)
    remark = picked(random, REMARKS, count)
    if line_breaks:
        remark = pc.if_else(pa.array(number % 20 == 0), LONG_REMARK, remark)
    columns = [
        joined("R-", padded(number, 9)),
        joined("M-", padded(random.integers(0, 1_000_000, count), 6)),
        _numbered(picked(random, SITES, count), padded(random.integers(1, 300, count))),
        joined(pa.array(np.datetime_as_string(FIRST_SECOND + random.integers(0, A_DAY, count))), "Z"),
        pa.array(FIRST_DAY + random.integers(0, 2, count)).cast("string"),
        padded(random.integers(1, 4, count)),
        joined(padded(watts // 1000), ".", padded(watts % 1000, 3)),
        joined(padded(peak // 100), ".", padded(peak % 100, 2)),
        picked(random, TARIFFS, count),
        picked(random, ["false", "false", "true"], count),
        picked(random, TECHNICIANS, count),
        remark,
    ]
    return dict(zip(COLUMNS, columns, strict=True))


def picked(random: np.random.Generator, texts: Sequence[str], count: int) -> pa.Array:
    """Return so many of the texts."""
    return pa.array(texts).take(pa.array(random.integers(0, len(texts), count)))


def padded(numbers: np.ndarray, width: int = 0) -> pa.Array:
    """Return whole numbers as texts with zeros before."""
    return pc.utf8_lpad(pa.array(numbers).cast("string"), width, "0")


def joined(*parts: Any) -> pa.Array:
    """Return texts, one after the other."""
    return pc.binary_join_element_wise(*parts, "")


def _numbered(texts: pa.Array, numbers: pa.Array) -> pa.Array:
    """Return texts with a number in place of each `#`."""
    parts = pc.split_pattern(texts, "#", max_splits=1)
    return joined(pc.list_element(parts, 0), numbers, pc.list_element(parts, 1))
