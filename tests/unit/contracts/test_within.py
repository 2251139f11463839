"""What is within lists and objects, as the tools that need no Spark take it: counterexamples, differences, pages, uploads."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from etl.contract.loading import contract_of
from etl.contract.types import ColumnType
from etl.contract.validation.suite import faults_of
from etl.gate.rule_results import is_figure
from sluice.contracts.diff.pair_changes import unheld_rules
from sluice.contracts.prove.counterexamples import counterexample_values
from sluice.contracts.prove.row_faults import rule_candidates
from sluice.sandbox.lake import Dataset
from tests.csv_contracts import csv_suite
from tests.lake.examples import EXAMPLES, suite_of

TYPES = {"customer": "struct<id:int,at:struct<day:date,zip:string>>", "lines": "array<struct<sku:string,n:int>>"}
VALID: dict[str, Any] = {"id": 1, "customer": (7, (date(2025, 1, 31), "x")), "lines": (("a", 1), ("b", 2))}
NOTHING: dict[str, Any] = {"id": 1, "customer": None, "lines": ()}
VALUES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"customer.id": 0}, VALID, {"customer": (0, (date(2025, 1, 31), "x"))}),
    ({"customer.at.day": "1999-12-31"}, VALID, {"customer": (7, (date(1999, 12, 31), "x"))}),
    ({"customer.at.day": None, "customer.id": None}, VALID, {"customer": (None, (None, "x"))}),
    ({"customer.at.zip": "q"}, NOTHING, {"customer": (None, (None, "q"))}),
    ({"lines[].n": -1, "id": 5}, VALID, {"lines": (("a", -1),), "id": 5}),
    ({"lines[].n": -1}, NOTHING, {"lines": ((None, -1),)}),
    ({"lines": None}, VALID, {"lines": None}),
]


def within_suite(*rules: dict[str, Any]) -> dict[str, Any]:
    """Return a suite with an object and a list among its columns."""
    suite = suite_of(*rules)
    suite["meta"]["columns"] += [{"name": name, "type": text, "description": "d"} for name, text in TYPES.items()]
    return suite


def element_rule(**meta: Any) -> dict[str, Any]:
    kwargs = {"column": "lines[].n", "min_value": 0}
    return {
        "type": "expect_column_values_to_be_between",
        "kwargs": kwargs,
        "meta": {"rule": "trips.lines.n", "why": "An example.", **meta},
    }


@pytest.mark.parametrize(("named", "valid", "expected"), VALUES)
def test_a_counterexample_may_name_what_is_within(
    named: dict[str, Any], valid: dict[str, Any], expected: dict[str, Any]
) -> None:
    types = {"id": ColumnType("int")} | contract_of(within_suite(element_rule())).judged_types
    assert counterexample_values(named, valid, types) == expected


def test_a_row_of_a_counterexample_is_the_last_that_may_break_its_rule() -> None:
    contract = contract_of(within_suite(element_rule(counterexample={"lines[].n": -5})))
    [rule] = [rule for rule in contract.rules if rule.counterexample]
    last = rule_candidates(rule, VALID, {"lines": [()]}, contract)[-1]
    assert (last.row["lines"], last.is_counterexample) == ((("a", -5),), True)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"lines[].m": 1}, "meta.counterexample names 'lines[].m'; did you mean 'lines[].n'"),
        ({"lines[].n": "x"}, "write null or a value of type int"),
        ({"lines": [1]}, "name what is within by its path, such as customer.id or lines[].quantity, or write null"),
    ],
)
def test_a_counterexample_of_nothing_within_is_a_fault(named: dict[str, Any], expected: str) -> None:
    [fault] = faults_of(within_suite(element_rule(counterexample=named)))
    assert expected in str(fault)


def test_a_rule_that_an_input_has_lost_on_what_is_published_is_named() -> None:
    before, after = contract_of(within_suite(element_rule())), contract_of(within_suite())
    assert [*unheld_rules(before, after, after)] == ["trips.lines.n"]
    assert [*unheld_rules(before, after, before)] == []


def test_texts_whose_lengths_a_rule_bounds_are_no_figures() -> None:
    kind = "expect_column_value_lengths_to_be_between"
    meta = {"rule": "trips.x", "why": "An example."}
    contract = contract_of(suite_of({"type": kind, "kwargs": EXAMPLES[kind], "meta": meta}))
    assert [is_figure(rule, contract) for rule in contract.rules if rule.type == kind] == [False]
    counted = replace(
        contract.rules[0], type="expect_column_unique_value_count_to_be_between", kwargs={"column": "city"}
    )
    assert is_figure(counted, contract)


def test_a_file_that_is_tried_arrives_in_the_folders_that_columns_come_from(tmp_path: Path) -> None:
    suite = csv_suite(["id", {"name": "dt", "source": {"folder": "dt"}}])
    files = [tmp_path / folder / "x.csv" for folder in ("dt=1/a", "dt=1/b", "a/dt=2")]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_bytes(b"id\n1\n")
    emulator = mock.Mock()
    dataset = Dataset(emulator, "trips", "trips", {"--raw": "s3://raw/trips/", "--input-contract": "s3://c/input.json"})
    dataset.__dict__["deployed"] = mock.Mock(read_json=mock.Mock(return_value=suite))
    assert dataset.upload_day(files) == ["dt=1/x.csv", "2/dt=1/x.csv", "dt=2/x.csv"]
    puts = emulator.client.return_value.put_object.call_args_list
    assert [call.kwargs["Key"] for call in puts] == ["trips/dt=1/x.csv", "trips/2/dt=1/x.csv", "trips/dt=2/x.csv"]
