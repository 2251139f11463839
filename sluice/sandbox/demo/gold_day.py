"""The demo's end: sales by day, built from the tables that were published before, and what a reader asks of it."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from sluice.sandbox.demo import saved_queries
from sluice.sandbox.demo.killed_run import DAY, KEY
from sluice.sandbox.demo.quarantine_day import DAYS, ran
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import Telling
from sluice.sandbox.try_day import RunFailed

CATALOGUE = {"PROD001": "tea", "PROD002": "pots", "PROD003": "cups", "PROD004": "pots"}
LAST = date(2025, 1, 21)


def gold(tell: Telling, sales: Dataset, products: Dataset, daily: Dataset) -> None:
    """Tell of a dataset that is built from tables: all days at first, then the one that changed."""
    tell.heading("8. Gold: sales by region, day and category, built from what is published")
    products.upload(catalogue(), "2025-01-21.parquet")
    tell.say("The catalogue arrives, which says what category a product is of:")
    ran(tell, products, "SUCCEEDED")
    _build(tell, daily)
    _ask(tell, daily)
    tell.say("One sale of the last day is corrected: three pots instead of two.")
    body = (DAYS / DAY).read_bytes()
    sales.upload(body.replace(b"PROD002,2,", b"PROD002,3,"), KEY)
    ran(tell, sales, "SUCCEEDED")
    days = _build(tell, daily)
    if days != [LAST.isoformat()]:
        raise RunFailed(f"only {LAST} should have been built again, and {days} were")
    _ask(tell, daily)


def _build(tell: Telling, daily: Dataset) -> list[str]:
    """Run the job, tell which days it built and that they add up; return these days."""
    verdict = ran(tell, daily, "SUCCEEDED").verdict
    tell.say(f"Built: {'; '.join(verdict['rebuilt'])}. Held against the published sales, to the cent:")
    sums = [one for one in verdict["rules"] if ".reconciles." in one["rule"]]
    tell.facts({one["rule"]: "held" if one["held"] else "broken" for one in sums})
    return [one["key"] for one in verdict["objects"]]


def _ask(tell: Telling, daily: Dataset) -> None:
    tell.say(f"The saved question `revenue` (components/readers/sql/athena/revenue.sql), asked on {LAST}:")
    tell.rows(saved_queries.answer("revenue", daily, LAST))


def catalogue() -> bytes:
    """Return the catalogue of the demo's products as a Parquet file."""
    sink = pa.BufferOutputStream()
    prices = pa.array([Decimal("29.99")] * len(CATALOGUE), pa.decimal128(10, 2))
    ids = list(CATALOGUE)
    names = {"product_id": ids, "name": ids, "category": list(CATALOGUE.values()), "list_price": prices}
    pq.write_table(pa.table(names), sink)
    return sink.getvalue().to_pybytes()
