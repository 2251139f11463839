"""Rules on what is within columns: told as the library tells it of the exploded frame, in both ways of judging."""

import json
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.loading import contract_of
from etl.contract.model import Contract, Rule
from etl.contract.stage import Stage
from etl.contract.validation.suite import faults_of
from etl.gate import checks
from etl.gate.onepass.observations import FrameObserver
from etl.gate.onepass.row_conditions import violation_columns
from etl.results.rule_state import OBSERVED, Evaluation
from sluice.contracts.backtest.row_outcomes import ContractRules
from sluice.contracts.backtest.rows import broken_array, rule_marks
from sluice.contracts.diff.diff import changes_of
from sluice.contracts.lint.lint import check_contract
from sluice.contracts.prove.proof import prove_rules
from tests.spark.lake import TODAY, Lake
from tests.spark.test_nested import as_file, declare, row
from tests.spark.test_quarantine import set_aside

COLUMNS = {
    "id": "int",
    "customer": "struct<id:int,name:string,at:struct<day:date>>",
    "lines": "array<struct<sku:string,quantity:int,price:decimal(5,2),x:double>>",
    "tags": "array<string>",
    "deep": "array<array<int>>",
    "days": "array<date>",
    "seen": "array<timestamp>",
}
LINE = {"sku": "a1", "quantity": 2, "price": "1.50", "x": 0.5}
ROWS: list[dict[str, Any]] = [
    {"customer": {"id": 1, "name": "ab", "at": {"day": "2025-01-31"}}, "lines": [LINE], "tags": ["ab"]},
    {"customer": None, "lines": None, "tags": None, "deep": None, "days": None, "seen": None},
    {"customer": {}, "lines": [], "tags": [], "deep": [], "days": [], "seen": []},
    {"customer": {"id": 3, "name": "x"}, "lines": [LINE, {**LINE, "quantity": 9}], "tags": ["abc", "ab", ""]},
    {"lines": [{**LINE, "quantity": None}, None], "tags": [None], "deep": [None, [1, 99], []], "days": [None]},
    {"lines": [{**LINE, "sku": "?", "price": "9.99"}, {**LINE, "x": "NaN"}], "deep": [[5], [None]]},
    {"customer": {"id": 6, "at": {}}, "days": ["2025-01-31", "2026-03-01"], "seen": ["2025-01-31 10:00:00"]},
    {"customer": {"id": 7, "at": {"day": "2027-01-01"}}, "lines": [{**LINE, "quantity": 0}, {**LINE, "quantity": 5}]},
]
BETWEEN, NOT_NULL = "expect_column_values_to_be_between", "expect_column_values_to_not_be_null"
ELEMENTS: list[tuple[str, str, dict[str, Any]]] = [
    (NOT_NULL, "lines[].quantity", {}),
    (NOT_NULL, "lines[]", {}),
    (NOT_NULL, "deep[][]", {}),
    (BETWEEN, "lines[].quantity", {"min_value": 1, "max_value": 5}),
    (BETWEEN, "lines[].quantity", {"min_value": 0, "strict_min": True, "max_value": 9, "strict_max": True}),
    (BETWEEN, "lines[].price", {"max_value": 9.98}),
    (BETWEEN, "lines[].x", {"min_value": 0}),
    (BETWEEN, "deep[][]", {"max_value": 50}),
    (BETWEEN, "days[]", {"min_value": "2025-01-01", "max_value": {"$PARAMETER": "run_date"}}),
    (BETWEEN, "seen[]", {"min_value": "2025-01-31T12:00:00+01:00"}),
    ("expect_column_values_to_be_in_set", "lines[].sku", {"value_set": ["a1", "b"]}),
    ("expect_column_values_to_match_regex", "tags[]", {"regex": "^a"}),
    ("expect_column_value_lengths_to_be_between", "tags[]", {"min_value": 1, "max_value": 2}),
    ("expect_column_value_lengths_to_equal", "tags[]", {"value": 2}),
]
FIELDS: list[tuple[str, str, dict[str, Any]]] = [
    (NOT_NULL, "customer.id", {"mostly": 0.9}),
    ("expect_column_values_to_be_null", "customer.name", {}),
    (BETWEEN, "customer.id", {"min_value": 2}),
    (BETWEEN, "customer.at.day", {"max_value": {"$PARAMETER": "run_date"}}),
    ("expect_column_values_to_be_in_set", "customer.id", {"value_set": [1, 3]}),
    ("expect_column_values_to_not_be_in_set", "customer.name", {"value_set": ["x"]}),
    ("expect_column_values_to_match_regex", "customer.name", {"regex": "^a"}),
    ("expect_column_values_to_not_match_regex", "customer.name", {"regex": "^a"}),
    ("expect_column_values_to_match_regex_list", "customer.name", {"regex_list": ["^a", "^b"]}),
    ("expect_column_value_lengths_to_be_between", "customer.name", {"max_value": 1}),
    ("expect_column_value_lengths_to_equal", "customer.name", {"value": 2}),
    ("expect_column_values_to_match_strftime_format", "customer.name", {"strftime_format": "%Y"}),
    ("expect_column_values_to_be_json_parseable", "customer.name", {}),
]
SEVERAL: list[tuple[str, dict[str, Any]]] = [
    ("expect_column_pair_values_to_be_equal", {"column_A": "customer.id", "column_B": "id"}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "customer.id", "column_B": "id"}),
    ("expect_select_column_values_to_be_unique_within_record", {"column_list": ["customer.id", "id"]}),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["customer.id", "id"], "sum_total": 6}),
]
WHOLE = [
    {
        "type": "expect_table_row_count_to_be_between",
        "kwargs": {"min_value": 1},
        "meta": {"rule": "trips.rows", "why": "An example."},
    },
    {
        "type": "expect_column_values_to_be_unique",
        "kwargs": {"column": "id"},
        "meta": {"rule": "trips.key", "why": "An example."},
    },
]
PARAMETERS = {"run_date": "2026-01-31"}


def contract() -> Contract:
    single = [(kind, {"column": path, **more}) for kind, path, more in (*ELEMENTS, *FIELDS)]
    rules = [
        {"type": kind, "kwargs": kwargs, "meta": {"rule": f"trips.r{number}", "why": "An example."}}
        for number, (kind, kwargs) in enumerate([*single, *SEVERAL])
    ]
    columns = [{"name": name, "type": declared, "description": "d"} for name, declared in COLUMNS.items()]
    meta = {
        "version": "1.0.0",
        "owner": "o",
        "description": "d",
        "columns": columns,
        "key": ["id"],
        "freshness_hours": 26,
    }
    suite = {"name": "trips.output", "meta": meta, "expectations": [*rules, *WHOLE]}
    assert [str(fault) for fault in faults_of(suite)] == []
    declared = contract_of(suite)
    return replace(declared, rules=declared.rules[: len(rules)])


def frame_of(spark: Any) -> DataFrame:
    schema = ", ".join(f"{name}: {declared}" for name, declared in COLUMNS.items())
    text = json.dumps([{"id": number, **entry} for number, entry in enumerate(ROWS)])
    literal = F.from_json(F.lit(text), f"array<struct<{schema}>>", {"mode": "FAILFAST"})
    return spark.range(0, 1, 1, 1).select(F.inline(literal))


def exploded(frame: DataFrame, path: str) -> DataFrame:
    """Return a row for each value that a path leads to: `id`, `v`."""
    first, *steps = path.replace("[]", ".[]").split(".")
    values = frame.select("id", F.col(first).alias("v"))
    for step in steps:
        values = values.select("id", (F.explode("v") if step == "[]" else F.col("v")[step]).alias("v"))
    return values


def broken_rows(frame: DataFrame, rule: Rule) -> DataFrame:
    """Return the rows that break a rule, as the gate tells it: `id`, `rule`."""
    mark = violation_columns(frame, [rule], PARAMETERS)[rule.rule]
    return frame.where(mark).select("id", F.lit(rule.rule).alias("rule"))


def backtest_rows(frame: DataFrame, declared: Contract) -> DataFrame:
    """Return the rows that break rules, as backtest tells it."""
    terms = ContractRules(declared)
    broken = broken_array(rule_marks(frame, terms, PARAMETERS, F.lit(True)))
    return frame.select("id", F.explode(broken).alias("broken")).select("id", "broken.rule")


def ids_by_rule(frame: DataFrame) -> dict[str, set[int]]:
    ids: dict[str, set[int]] = {}
    for broken in frame.collect():
        ids.setdefault(broken["rule"], set()).add(broken["id"])
    return ids


SOME = (0, 3, 10, 11, 12, 13, len(ELEMENTS), len(ELEMENTS) + 2, len(ELEMENTS) + 6, len(ELEMENTS) + len(FIELDS))
"""The places of a rule on elements of each kind, and of some on fields."""


@pytest.mark.parametrize("places", [SOME, pytest.param(None, marks=pytest.mark.long)], ids=["some", "all"])
def test_a_row_breaks_a_rule_where_the_library_says_it_of_the_exploded_frame(
    spark: Any, places: tuple[int, ...] | None
) -> None:
    declared, frame = contract(), frame_of(spark)
    if places:
        declared = replace(declared, rules=tuple(declared.rules[place] for place in places))
    single = [rule for rule in declared.rules if len(rule.columns) == 1]
    judged = [replace(rule, kwargs={**rule.kwargs, "column": "v"}) for rule in single]
    values = [exploded(frame, rule.columns[0]) for rule in single]
    expected = ids_by_rule(reduce(DataFrame.union, map(broken_rows, values, judged)))
    broken = ids_by_rule(backtest_rows(frame, declared))
    assert {rule.rule: broken[rule.rule] for rule in single} == expected
    assert len(expected) == len(single)
    computed = checks.check_frame(frame, declared, list(declared.rules), PARAMETERS)
    assert [(result.in_error, result.unexpected) for result in computed] == [
        (False, len(broken[rule.rule])) for rule in declared.rules
    ]
    samples = {rule.columns[0]: result.samples for rule, result in zip(declared.rules, computed, strict=True)}
    assert samples["lines[].sku"] == ("?",)
    requests, tally = checks.request_metrics(frame, declared, list(declared.rules), PARAMETERS), FrameObserver()
    requests.add_to(tally, Stage.OUTPUT, None)
    tally.attach_to(frame).write.format("noop").mode("overwrite").save()
    observed = tally.read_values()
    values = requests.read_values(observed, Stage.OUTPUT, observed.rows).values
    judged = checks.judge_frame(frame, declared, list(declared.rules), PARAMETERS, values)
    assert [replace(result, way=Evaluation.COMPUTED) for result in judged] == [
        replace(result, way=Evaluation.COMPUTED) for result in computed
    ]
    good = frame.where("id = 1")
    tally = FrameObserver()
    requests.add_to(tally, Stage.OUTPUT, None)
    tally.attach_to(good).write.format("noop").mode("overwrite").save()
    observed = tally.read_values()
    values = requests.read_values(observed, Stage.OUTPUT, observed.rows).values
    rules = [rule for rule in declared.rules if rule.columns[0].startswith(("lines", "tags", "deep", "days", "seen"))]
    held = checks.judge_frame(good, declared, rules, PARAMETERS, values)
    assert {(result.held, result.way) for result in held} == {(True, OBSERVED)}


def test_a_warning_on_elements_sets_the_row_aside_and_shows_the_element_masked(lake: Lake) -> None:
    declare(lake, "jsonl")
    key = "contracts/input.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    rules = {
        "n": {"type": BETWEEN, "kwargs": {"column": "lines[].n", "min_value": 1}},
        "city": {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "customer.city", "value_set": ["x"]},
        },
    }
    suite["expectations"] += [
        {**rule, "severity": "warning", "meta": {"rule": f"trades.inside.{name}", "why": "An example."}}
        for name, rule in rules.items()
    ]
    for column in suite["meta"]["columns"]:
        column["pii"] = column["name"] == "customer"
    assert faults_of(suite) == []
    lake.put_key(key, json.dumps(suite).encode())
    good = row(1)
    bad_line = row(2, lines=[{"sku": "a", "n": 3, "tags": []}, {"sku": "b", "n": -7, "tags": []}])
    bad_city = row(3, customer={**good["customer"], "city": "Paris"})
    lake.put_key("trades/a.jsonl", as_file([good, bad_line, bad_city], "jsonl"))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_quarantined) == ("SUCCEEDED", 1, 2), verdict.message
    results = {rule.rule: rule for rule in verdict.rules}
    assert (results["trades.inside.n"].unexpected, results["trades.inside.n"].samples) == (1, ("-7",))
    assert results["trades.inside.city"].unexpected == 1
    assert "Paris" not in str(results["trades.inside.city"].samples)
    assert {tuple(aside["rules"]) for aside in set_aside(lake)} == {("trades.inside.n",), ("trades.inside.city",)}


FAULTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a field that is not there": (BETWEEN, {"column": "customer.idd", "min_value": 1}, "did you mean 'customer.id'"),
    "a field of an element": (NOT_NULL, {"column": "lines.sku"}, "column 'lines.sku' is not declared"),
    "a key": ("expect_column_values_to_be_unique", {"column": "customer.id"}, "only rules on one row reach inside"),
    "a sum": (
        "expect_column_sum_to_be_between",
        {"column": "lines[].quantity", "min_value": 1},
        "only rules on one row",
    ),
    "a kind": ("expect_column_values_to_be_null", {"column": "tags[]"}, "it is no rule on elements of a list"),
    "a share": (NOT_NULL, {"column": "tags[]", "mostly": 0.9}, "it judges 'tags[]' with mostly"),
    "a list itself": (BETWEEN, {"column": "tags", "min_value": 1}, "judge what is within by its path"),
    "a value of another type": (BETWEEN, {"column": "lines[].quantity", "min_value": "a"}, "min_value"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_path_that_cannot_be_judged_is_a_fault(name: str) -> None:
    kind, kwargs, expected = FAULTS[name]
    suite = contract().suite
    rule = {"type": kind, "kwargs": kwargs, "meta": {"rule": "trips.path", "why": "An example."}}
    faults = faults_of({**suite, "expectations": [rule, *WHOLE]})
    assert expected in "; ".join(map(str, faults))


@pytest.mark.long
def test_proofs_trip_rules_on_what_is_within(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice.contracts.prove.proof.transform_of", lambda dataset: lambda trips: trips)
    columns = [
        {"name": name, "type": declared, "description": "d"}
        for name, declared in (
            ("id", "bigint"),
            ("customer", "struct<id:int,name:string>"),
            ("lines", "array<struct<sku:string,quantity:int>>"),
        )
    ]
    inside = [
        (NOT_NULL, {"column": "customer.id"}),
        ("expect_column_values_to_match_regex", {"column": "customer.name", "regex": "^[a-z]+$"}),
        (BETWEEN, {"column": "lines[].quantity", "min_value": 1, "max_value": 9}),
        (NOT_NULL, {"column": "lines[].sku"}),
        ("expect_column_value_lengths_to_be_between", {"column": "lines[].sku", "max_value": 3}),
        ("expect_column_values_to_match_regex", {"column": "lines[].sku", "regex": "^(?!zqj)"}),
    ]
    rules = [
        {"type": kind, "kwargs": kwargs, "meta": {"rule": f"trips.inside.{number}", "why": "An example."}}
        for number, (kind, kwargs) in enumerate(inside)
    ]
    rules[-1]["meta"]["counterexample"] = {"lines[].sku": "zqj"}
    texts = {"version": "1.0.0", "owner": "o", "description": "d", "columns": columns}
    raw_rows = {**WHOLE[0], "meta": {"rule": "trips.input.rows", "why": "An example."}}
    suites = [
        {"name": "trips.input", "meta": {**texts, "format": "jsonl"}, "expectations": [raw_rows]},
        {
            "name": "trips.output",
            "meta": {**texts, "key": ["id"], "freshness_hours": 26},
            "expectations": [*rules, *WHOLE],
        },
    ]
    assert [str(fault) for suite in suites for fault in faults_of(suite)] == []
    input_contract, published = map(contract_of, suites)
    report = prove_rules(spark, input_contract, published, TODAY)
    assert (report.refused, report.unproven) == ("", [])


def test_lint_and_diff_know_what_is_within() -> None:
    declared = contract()
    rules = [
        *declared.rules,
        replace(declared.rules[3], rule="trips.wider", kwargs={"column": "lines[].quantity", "min_value": 0}),
    ]
    whole = replace(declared, rules=tuple(rules))
    findings = [str(finding) for finding in check_contract(whole)]
    assert not [finding for finding in findings if "'lines' is judged by no rule" in finding]
    wider = replace(declared.rules[3], kwargs={"column": "lines[].quantity", "min_value": 0, "max_value": 5})
    after = replace(declared, rules=(*declared.rules[:3], wider, *declared.rules[4:]))
    [change] = changes_of(declared, after)
    assert (change.subject, change.how) == ("trips.r3", "loosened")
