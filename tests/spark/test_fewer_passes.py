"""After a rule broke the rows are read as seldom as may be: what is known is not counted again, nor a line proven again."""

import copy
import json
from typing import Any
from unittest.mock import Mock

import pytest
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from pyspark.sql import functions as F

from etl.contract.loading import parse_contract
from etl.gate import checks
from etl.gate.broken_rows import has_row_mark, row_mark
from etl.gate.source_lines import SourceLines
from etl.sources.line_regex import LineRegex
from etl.sources.new_objects import Arrival
from tests.lake.mutations import TRADES
from tests.spark.lake import GOOD, Lake, csv_bytes
from tests.spark.test_engine_values import RulesByName, add_rules

NUMBERS = (".unexpected_count", "table.row_count")
MANY = GOOD.replace(",2,", ",4,").replace("TXN001", "TXN002")


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The numbers of rows that the library's engine has Spark compute, by name."""
    names: list[str] = []
    resolve = SparkDFExecutionEngine.resolve_metrics

    def resolve_metrics(self: Any, metrics_to_resolve: Any, *others: Any) -> Any:
        metrics = list(metrics_to_resolve)
        if type(self).__name__ == "RecordingEngine":
            names.extend(metric.metric_name for metric in metrics if metric.metric_name.endswith(NUMBERS))
        return resolve(self, metrics, *others)

    monkeypatch.setattr(SparkDFExecutionEngine, "resolve_metrics", resolve_metrics)
    return names


@pytest.mark.parametrize("stage", ["input", "output"])
def test_the_rows_of_a_broken_day_are_not_counted_again(lake: Lake, computed: list[str], stage: str) -> None:
    lengths: RulesByName = {"id": ("expect_column_value_lengths_to_equal", {"column": "transaction_id", "value": 6})}
    add_rules(lake, stage, lengths)
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("TXN001", "TXN0002")))
    verdict = lake.run()
    assert {result.rule: (result.unexpected, result.rows_judged) for result in verdict.broken} == {
        "trades.told.id": (1, 2)
    }
    assert computed == ["column_values.value_length.equals.unexpected_count"]


def test_what_was_counted_for_a_judgement_is_not_counted_again_for_its_samples(spark: Any, computed: list[str]) -> None:
    suite = copy.deepcopy(TRADES["output"])
    suite["expectations"] = [
        expectation
        for expectation in suite["expectations"]
        if expectation["meta"]["rule"]
        in {"trades.output.rows", "trades.transaction_id.unique", "trades.quantity.range"}
    ]
    contract = parse_contract(json.dumps(suite), "output")
    rules = [rule for rule in contract.rules if rule.rule == "trades.quantity.range"]
    frame = spark.range(5).select(F.col("id").cast("int").alias("quantity"))
    [result] = checks.check_frame(frame, contract, rules, {})
    assert (result.held, result.unexpected, result.samples) == (False, 1, ("0",))
    assert computed.count("column_values.between.unexpected_count") == 1


def test_a_good_day_is_read_once(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Arrival, "reread_rows", Mock(side_effect=AssertionError("read once more")))
    add_rules(lake, "input", {}, "trades.customer_id.format")
    lake.put_files(a__csv=csv_bytes(GOOD))
    assert lake.run().rows_published == 1


def test_rows_that_are_set_aside_are_found_without_proving_each_line_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    reread, proofs = Arrival.reread_rows, list[LineRegex]()

    def reread_rows(self: Arrival, spark: Any, preflights: Any, plain: LineRegex) -> Any:
        proofs.append(plain)
        return reread(self, spark, preflights, plain)

    monkeypatch.setattr(Arrival, "reread_rows", reread_rows)
    add_rules(lake, "input", {}, "trades.customer_id.format")
    lake.put_files(a__csv=csv_bytes(GOOD, MANY.replace("CUST", "C-")))
    verdict = lake.run()
    assert (verdict.rows_published, verdict.rows_quarantined) == (1, 1), verdict.message
    assert proofs == [LineRegex()]


def test_lines_without_a_proof_are_read_as_they_were() -> None:
    reread = Mock()
    lines = Mock(columns=["_line"])
    assert SourceLines(lines, reread).unproven is lines
    reread.assert_not_called()


def test_a_row_is_found_by_its_mark_among_rows_of_its_key(spark: Any) -> None:
    contract = parse_contract(json.dumps(TRADES["output"]), "output")
    names = [column.name for column in contract.columns]
    types = {column.name: column.type for column in contract.columns}
    values = {name: F.lit(None).cast(types[name]) for name in names} | {"transaction_id": F.lit("TXN1")}
    values["quantity"] = F.col("id").cast("int")
    rows = spark.range(4).select(*(values[name].alias(name) for name in names)).withColumn("mark", row_mark(contract))
    marks = {row["quantity"]: row["mark"] for row in rows.collect()}
    assert len(set(marks.values())) == 4
    assert len({mark.partition(":")[0] for mark in marks.values()}) == 1
    chosen = rows.where(has_row_mark(contract, {marks[1], marks[3]})).select("quantity").collect()
    assert sorted(row["quantity"] for row in chosen) == [1, 3]
