"""Suites as published and changed, data that both judge, and what a report says of it."""

import json
from pathlib import Path
from typing import Any

from sluice.contracts.backtest.backtest import BacktestInput, run_backtest
from sluice.contracts.backtest.contract_pair import ContractPair, load_changed
from sluice.contracts.backtest.data import Table
from sluice.contracts.backtest.outcome import FILE
from sluice.contracts.backtest.report import BacktestReport
from tests.lake import LAKE
from tests.lake.mutations import QUANTITY, REGION, Change
from tests.spark.lake import HEADER

DAYS = "transaction_date"
TODAY = "2026-01-31"
KEPT_RULES = {
    *("trades.output.rows", "trades.transaction_id.unique", QUANTITY, REGION, "trades.unit_price.kept"),
    *("trades.customer_id.known", "trades.product_id.known"),
    *("trades.input.rows", "trades.quantity.present", "trades.region.present"),
    *("buyers.input.rows", "buyers.email.format", "buyers.output.rows", "buyers.customer_id.unique"),
    *("goods.input.rows", "goods.product_id.format", "goods.output.rows", "goods.product_id.unique"),
}


def sale_row(
    number: int, quantity: object = 1, day: str = "2025-01-15", region: str = "US-EAST", price: str = "1.00"
) -> str:
    return f"TXN{number},CUST1,PROD1,{quantity},{price},{day},{region}"


def csv_text(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows, ""))


class Bench:
    """Suites of a dataset, as published and changed, and data that both judge."""

    def __init__(self, spark: Any, folder: Path, dataset: str = "trades") -> None:
        self.spark, self.folder, self.dataset = spark, folder, dataset

    def write_pair(self, stage: str, output: Change = dict, input_change: Change = dict) -> ContractPair:
        for name, change in (("output", output), ("input", input_change)):
            suite = json.loads((LAKE / f"expectations/{self.dataset}/{name}.json").read_text())
            # The others take seconds to prepare, and hold.
            suite["expectations"] = [
                expectation for expectation in suite["expectations"] if expectation["meta"]["rule"] in KEPT_RULES
            ]
            change(suite)
            (self.folder / f"{name}.json").write_text(json.dumps(suite))
        return load_changed(self.folder / f"{stage}.json")

    def write_files(self, **texts: str | bytes) -> list[Path]:
        """Write files by name; two underscores stand for a dot."""
        contents = {self.folder / name.replace("__", "."): text for name, text in texts.items()}
        for path, text in contents.items():
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(contents)

    def backtest_report(
        self, before: ContractPair | None, after: ContractPair, data: list[Path] | Table, day: str | None = None
    ) -> BacktestReport:
        return run_backtest(BacktestInput(self.spark, data, day, TODAY), before, after)


def rule_counts(report: BacktestReport) -> dict[str, tuple[int | None, int | None]]:
    return {
        rule_count.rule.partition(".")[2]: (rule_count.published, rule_count.changed) for rule_count in report.counts
    }


def refused_units(report: BacktestReport, kind: str = FILE) -> tuple[list[str | None], list[str | None]]:
    assert report.published
    return list(report.published.refused_units(kind)), list(report.changed.refused_units(kind))
