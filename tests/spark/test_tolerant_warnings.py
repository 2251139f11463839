"""Warnings with `mostly`: counted in the pass that writes, and rows are staged again only where one does not hold."""

import copy
import json
from typing import Any
from unittest.mock import Mock

import pytest

from etl.contract.model import Rule
from etl.contract.severity import Severity
from etl.gate import gated_plan
from etl.gate.observed_rows import ObservedRows
from etl.gate.onepass.observations import NotObserved
from etl.gate.staging import Staging
from etl.gate.tolerant_warnings import are_countable
from etl.results.verdict import Verdict
from tests.lake.mutations import TRADES
from tests.spark.lake import Lake, csv_bytes
from tests.spark.test_changes import change, delete, put_changes, put_suites
from tests.spark.test_quarantine import sale_line, set_aside
from tests.spark.test_typed_runs import rule

JSON, UNIQUE = "column_values_to_be_json_parseable", "column_values_to_be_unique"
IN_SET, LENGTHS = "column_values_to_be_in_set", "column_value_lengths_to_be_between"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Return a mock that notes each time rows are staged again, and each pass for tolerant warnings alone."""
    noted, stage, compute = Mock(), Staging.stage_unobserved, gated_plan.compute_broken

    def stage_noted(self: Staging, *lines: Any) -> None:
        noted.stage()
        stage(self, *lines)

    def compute_noted(frame: Any, contract: Any, parameters: Any) -> list[str]:
        noted.compute(str(contract.stage))
        return compute(frame, contract, parameters)

    monkeypatch.setattr(Staging, "stage_unobserved", stage_noted)
    monkeypatch.setattr(gated_plan, "compute_broken", compute_noted)
    return noted


def add_warnings(lake: Lake, stage: str, *expectations: dict[str, Any], alone: bool = False) -> None:
    """Give a suite more rules; `alone` they are the only ones on their columns."""
    suite = copy.deepcopy(TRADES[stage])
    suite["meta"]["max_quarantined"] = 1.0
    columns = {expectation["kwargs"]["column"] for expectation in expectations} if alone else set[str]()
    kept = [rule for rule in suite["expectations"] if rule["kwargs"].get("column") not in columns]
    suite["expectations"] = [*kept, *expectations]
    lake.put_key(f"contracts/{stage}.json", json.dumps(suite).encode())


def warning(name: str, column: str, expectation: str, **kwargs: Any) -> dict[str, Any]:
    made = rule(expectation, name, "warning", column=column, **kwargs)
    made["meta"]["rule"] = f"trades.{column}.{name}"
    return made


def usual(column: str, value: str, mostly: float) -> dict[str, Any]:
    return warning("usual", column, IN_SET, value_set=[value], mostly=mostly)


def aside_rules(rows: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(json.loads(row["source"])["transaction_id"], row["rules"]) for row in rows]


def numbers(verdict: Verdict) -> tuple[int, int]:
    assert verdict.state == "SUCCEEDED", verdict.message
    return verdict.rows_published, verdict.rows_quarantined


@pytest.mark.parametrize("stage", ["input", "output"])
def test_one_that_holds_is_counted_in_the_pass_that_writes(lake: Lake, passes: Mock, stage: str) -> None:
    add_warnings(lake, stage, usual("product_id", "PROD1", 0.5))
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2), sale_line(3, product="PROD2")))
    verdict = lake.run()
    assert numbers(verdict) == (3, 0)
    assert not passes.mock_calls
    [result] = [result for result in verdict.rules if result.rule.endswith("usual")]
    assert (result.held, result.way, result.unexpected) == (True, "observed", 0)


@pytest.mark.parametrize("stage", [pytest.param("input", marks=pytest.mark.long), "output"])
def test_one_that_fails_sets_every_row_aside_that_breaks_it(lake: Lake, passes: Mock, stage: str) -> None:
    add_warnings(lake, stage, usual("product_id", "PROD1", 0.7), usual("customer_id", "CUST1", 0.6))
    rows = [sale_line(1), sale_line(2, customer="CUST2"), sale_line(3, product="PROD2")]
    lake.put_files(a__csv=csv_bytes(*rows))
    verdict = lake.run()
    assert numbers(verdict) == (2, 1)
    assert aside_rules(set_aside(lake)) == [("TXN3", ["trades.product_id.usual"])]
    assert [row["transaction_id"] for row in lake.rows()] == ["TXN1", "TXN2"]
    assert [call[0] for call in passes.mock_calls] == ["stage"]


@pytest.mark.parametrize(
    ("mostly", "broken"), [pytest.param(0.6, ["few"], marks=pytest.mark.long), (0.7, ["few", "usual"])]
)
def test_of_the_output_it_is_judged_on_rows_too_that_another_warning_sets_aside(
    lake: Lake, mostly: float, broken: list[str]
) -> None:
    few = warning("few", "customer_id", IN_SET, value_set=["CUST2"])
    add_warnings(lake, "output", few, usual("product_id", "PROD1", mostly))
    rows = [sale_line(1, product="PROD2"), *(sale_line(number, customer="CUST2") for number in (2, 3))]
    lake.put_files(a__csv=csv_bytes(*rows))
    assert numbers(lake.run()) == (2, 1)
    [(number, rules)] = aside_rules(set_aside(lake))
    assert (number, [rule.rpartition(".")[2] for rule in rules]) == ("TXN1", broken)


@pytest.mark.long
def test_unique_values_take_a_pass_before_the_rows_are_written(lake: Lake, passes: Mock) -> None:
    add_warnings(lake, "input", warning("once", "customer_id", UNIQUE, mostly=0.5), usual("product_id", "PROD1", 0.9))
    lake.put_files(
        a__csv=csv_bytes(
            sale_line(1),
            sale_line(2),
            *(sale_line(number, customer=f"CUST{number}") for number in (3, 4)),
            sale_line(5, customer="CUST5", product="PROD2"),
        )
    )
    assert numbers(lake.run()) == (4, 1)
    assert aside_rules(set_aside(lake)) == [("TXN5", ["trades.product_id.usual"])]
    assert [str(call) for call in passes.mock_calls] == ["call.compute('input')", "call.compute('output')"]


@pytest.mark.parametrize(
    ("texts", "mostly", "aside"),
    [(("1", "2", "[3]"), 0.9, []), (("1", "NaN", "x"), 0.6, []), (("1", "NaN", "x"), 0.7, ["TXN3"])],
    ids=["proven", "not proven, holds", "not proven, fails"],
)
@pytest.mark.parametrize("stage", ["input", pytest.param("output", marks=pytest.mark.long)])
def test_what_python_judges_is_counted_of_values_that_no_pattern_proves(
    lake: Lake, passes: Mock, stage: str, texts: tuple[str, ...], mostly: float, aside: list[str]
) -> None:
    for each in ("input", "output"):
        tolerance = mostly if each == stage else 0.1
        add_warnings(lake, each, warning("json", "product_id", JSON, mostly=tolerance), alone=True)
    rows = [sale_line(number, product=product) for number, product in enumerate(texts, 1)]
    lake.put_files(a__csv=csv_bytes(*rows))
    assert numbers(lake.run()) == (3 - len(aside), len(aside))
    kept = [f"TXN{number}" for number in (1, 2, 3) if f"TXN{number}" not in aside]
    assert [row["transaction_id"] for row in lake.rows()] == kept
    assert [call[0] for call in passes.mock_calls] == ["stage"] * len(aside)


def test_where_nothing_is_observed_rows_are_staged_again(
    lake: Lake, passes: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ObservedRows, "read_observations", Mock(side_effect=NotObserved("no values came")))
    add_warnings(lake, "input", usual("product_id", "PROD1", 0.7))
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2), sale_line(3, product="PROD2")))
    assert numbers(lake.run()) == (2, 1)
    assert len(lake.rows()) == 2
    assert [call[0] for call in passes.mock_calls] == ["stage", "compute", "compute"]


@pytest.mark.parametrize(("mostly", "aside"), [pytest.param(0.6, 0, marks=pytest.mark.long), (0.7, 1)])
def test_deletes_are_not_counted(lake: Lake, passes: Mock, mostly: float, aside: int) -> None:
    put_suites(lake)
    key = "contracts/output.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    suite["meta"]["max_quarantined"] = 1.0
    suite["expectations"].append(
        warning("small", "quantity", "column_values_to_be_between", max_value=5, mostly=mostly)
    )
    lake.put_key(key, json.dumps(suite).encode())
    put_changes(lake, "a", *(change("I", number, number) for number in (1, 2)), change("I", 3, 3, 9), delete(4, 4))
    verdict = lake.run()
    assert numbers(verdict) == (3 - aside, aside)
    assert [call[0] for call in passes.mock_calls] == ["stage"] * aside


@pytest.mark.parametrize(("column", "counted"), [("customer", True), ("customer.id", False)])
def test_a_field_within_an_object_takes_the_pass_before_the_write(column: str, *, counted: bool) -> None:
    present = Rule("a.b.c", "expect_column_values_to_not_be_null", {"column": column}, Severity.WARNING, "Known.")
    assert are_countable([present]) == counted
