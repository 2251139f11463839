"""The demo's end: sales by day, built from the tables that were published before, and what a reader asks of it."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from sluice.sandbox.demo import saved_queries
from sluice.sandbox.demo.killed_run import SALES_FILE, SALES_KEY
from sluice.sandbox.demo.quarantine_day import DAYS_FOLDER, run_and_report
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import SandboxConsole
from sluice.sandbox.try_day import RunFailed

CATALOGUE = {"PROD001": "tea", "PROD002": "pots", "PROD003": "cups", "PROD004": "pots"}
LAST_DAY = date(2025, 1, 21)


def run_gold_day(console: SandboxConsole, sales: Dataset, products: Dataset, daily_sales: Dataset) -> None:
    """Tell of a dataset that is built from tables: all days at first, then the one that changed."""
    console.print_heading("8. Gold: sales by region, day and category, built from what is published")
    products.upload_object(catalogue_parquet(), "2025-01-21.parquet")
    console.print_paragraph("The catalogue arrives, which says what category a product is of:")
    run_and_report(console, products, "SUCCEEDED")
    build_daily_sales(console, daily_sales)
    _query_revenue(console, daily_sales)
    console.print_paragraph("One sale of the last day is corrected: three pots instead of two.")
    body = (DAYS_FOLDER / SALES_FILE).read_bytes()
    sales.upload_object(body.replace(b"PROD002,2,", b"PROD002,3,"), SALES_KEY)
    run_and_report(console, sales, "SUCCEEDED")
    days = build_daily_sales(console, daily_sales)
    if days != [LAST_DAY.isoformat()]:
        raise RunFailed(f"only {LAST_DAY} should have been built again, and {days} were")
    _query_revenue(console, daily_sales)


def build_daily_sales(console: SandboxConsole, daily_sales: Dataset) -> list[str]:
    """Run the job of sales by day, tell which days it built and that they add up; return these days."""
    verdict = run_and_report(console, daily_sales, "SUCCEEDED").verdict
    console.print_paragraph(f"Built: {'; '.join(verdict['rebuilt'])}. Held against the published sales, to the cent:")
    reconciliations = [result for result in verdict["rules"] if ".reconciles." in result["rule"]]
    console.print_facts({result["rule"]: "held" if result["held"] else "broken" for result in reconciliations})
    return [built_object["key"] for built_object in verdict["objects"]]


def _query_revenue(console: SandboxConsole, daily_sales: Dataset) -> None:
    console.print_paragraph(
        f"The saved question `revenue` (expectations/sales_daily/queries/revenue.sql), asked on {LAST_DAY}:"
    )
    console.print_rows(saved_queries.run_saved_query("revenue", daily_sales, LAST_DAY))


def catalogue_parquet() -> bytes:
    """Return the catalogue of the demo's products as a Parquet file."""
    sink = pa.BufferOutputStream()
    prices = pa.array([Decimal("29.99")] * len(CATALOGUE), pa.decimal128(10, 2))
    ids = list(CATALOGUE)
    columns = {"product_id": ids, "name": ids, "category": list(CATALOGUE.values()), "list_price": prices}
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()
