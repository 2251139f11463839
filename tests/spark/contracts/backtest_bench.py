"""Suites as published and changed, data that both judge, and what a report says of it."""

import json
from pathlib import Path
from typing import Any

from sluice.contracts.backtest.backtest import Given, backtest
from sluice.contracts.backtest.contract_pair import Pair, changed
from sluice.contracts.backtest.data import Table
from sluice.contracts.backtest.outcome import FILE
from sluice.contracts.backtest.report import Report
from sluice.contracts.suite_files import ROOT
from tests.lake.mutations import QUANTITY, REGION, Change
from tests.spark.lake import HEADER

DAYS = "transaction_date"
TODAY = "2026-01-31"
KEPT = {
    *("sales.output.rows", "sales.transaction_id.unique", QUANTITY, REGION, "sales.unit_price.kept"),
    *("sales.customer_id.known", "sales.product_id.known"),
    *("sales.input.rows", "sales.quantity.present", "sales.region.present"),
    *("customers.input.rows", "customers.email.format", "customers.output.rows", "customers.customer_id.unique"),
    *("products.input.rows", "products.product_id.format", "products.output.rows", "products.product_id.unique"),
}


def sale(
    number: int, quantity: object = 1, day: str = "2025-01-15", region: str = "US-EAST", price: str = "1.00"
) -> str:
    return f"TXN{number},CUST1,PROD1,{quantity},{price},{day},{region}"


def csv(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows, ""))


class Bench:
    """Suites of a dataset, as published and changed, and data that both judge."""

    def __init__(self, spark: Any, folder: Path, dataset: str = "sales") -> None:
        self.spark, self.folder, self.dataset = spark, folder, dataset

    def pair(self, stage: str, output: Change = dict, given: Change = dict) -> Pair:
        for name, change in (("output", output), ("input", given)):
            suite = json.loads((ROOT / f"expectations/{self.dataset}/{name}.json").read_text())
            # The others take seconds to prepare, and hold.
            suite["expectations"] = [one for one in suite["expectations"] if one["meta"]["rule"] in KEPT]
            change(suite)
            (self.folder / f"{name}.json").write_text(json.dumps(suite))
        return changed(self.folder / f"{stage}.json")

    def files(self, **texts: str | bytes) -> list[Path]:
        """Write files by name; two underscores stand for a dot."""
        found = {self.folder / name.replace("__", "."): text for name, text in texts.items()}
        for path, text in found.items():
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(found)

    def report(self, before: Pair | None, after: Pair, data: list[Path] | Table, day: str | None = None) -> Report:
        return backtest(Given(self.spark, data, day, TODAY), before, after)


def counts(found: Report) -> dict[str, tuple[int | None, int | None]]:
    return {one.rule.partition(".")[2]: (one.published, one.changed) for one in found.counts}


def refused(found: Report, kind: str = FILE) -> tuple[list[str | None], list[str | None]]:
    assert found.published
    return list(found.published.refused(kind)), list(found.changed.refused(kind))
