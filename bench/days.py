"""Days of orders as CSV, of any size, the same each time: seeds are fixed."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

AT_ONCE = 1_000_000  # rows in memory
PER_FILE = 5_000_000
REGIONS = ["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH"]
COLUMNS = ["transaction_id", "customer_id", "product_id", "quantity", "unit_price", "transaction_date", "region"]
PLAIN = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
FIRST_DAY = np.datetime64("2025-01-01")
DAYS = 90
STRANGE = "C-"  # what a bad row's customer_id starts with, which the contract's pattern refuses


def write_orders(rows: int, folder: Path, bad: float = 0) -> list[Path]:
    """Write `rows` orders into files of at most PER_FILE rows, a share `bad` of them with a strange shopper.

    Returns the files. 5 million rows are 300 MB and take about 10 seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    files = []
    for start in range(0, rows, PER_FILE):
        files.append(folder / f"part-{start // PER_FILE:04d}.csv")
        with files[-1].open("wb") as out:
            out.write(f"{','.join(COLUMNS)}\n".encode())
            for first in range(start, min(start + PER_FILE, rows), AT_ONCE):
                count = min(AT_ONCE, start + PER_FILE - first, rows - first)
                pyarrow.csv.write_csv(pa.table(_order_columns(random, first, count, bad), COLUMNS), out, PLAIN)
    return files


def _order_columns(random: np.random.Generator, first: int, count: int, bad: float) -> list[pa.Array]:
    cents = pa.array(random.integers(100, 50_000, count))
    whole = pc.divide(cents, 100)  # pyright: ignore[reportAttributeAccessIssue]
    day = FIRST_DAY + random.integers(0, DAYS, count)
    # Spread by hand and not by chance: so each file has its share.
    strange = np.arange(first, first + count) % 1000 < bad * 1000
    customer_ids = _join_texts(np.where(strange, STRANGE, "CUST"), _pad_numbers(random.integers(100, 100_000, count)))
    return [
        _join_texts("TXN", _pad_numbers(np.arange(first, first + count), 10)),
        customer_ids,
        _join_texts("PROD", _pad_numbers(random.integers(1, 1000, count), 3)),
        pa.array(random.integers(1, 10, count)),
        _join_texts(whole.cast("string"), ".", _pad_numbers(np.asarray(cents) % 100, 2)),
        pa.array(day).cast("string"),
        pa.array(REGIONS).take(pa.array(random.integers(0, len(REGIONS), count))),
    ]


def _pad_numbers(numbers: np.ndarray, width: int = 0) -> pa.Array:
    return pc.utf8_lpad(pa.array(numbers).cast("string"), width, "0")  # pyright: ignore[reportAttributeAccessIssue]


def _join_texts(*parts: object) -> pa.Array:
    texts = [pa.array(part) if isinstance(part, np.ndarray) else part for part in parts]
    return pc.binary_join_element_wise(*texts, "")  # pyright: ignore[reportAttributeAccessIssue]
