"""The catalogue of the tests' goods, as a Parquet file."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

CATEGORIES = {"PROD001": "tea", "PROD002": "pots", "PROD003": "cups", "PROD004": "pots"}
LAST_DAY = date(2025, 1, 21)


def catalogue_parquet() -> bytes:
    """Return a row per product: id, name, category, list price."""
    sink = pa.BufferOutputStream()
    ids, prices = list(CATEGORIES), pa.array([Decimal("29.99")] * len(CATEGORIES), pa.decimal128(10, 2))
    columns = {"product_id": ids, "name": ids, "category": list(CATEGORIES.values()), "list_price": prices}
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()
