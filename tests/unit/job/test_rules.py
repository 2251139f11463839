"""A rule that cannot be meant is refused with its id and its remedy, whatever the library would make of it."""

import pytest

from etl.contract.loading import contract_of
from etl.contract.validation.suite import faults_of
from etl.contract.vocabulary import VOCABULARY
from tests.lake.examples import COLUMNS, EXAMPLES, suite_of
from tests.lake.mutations import (
    QUANTITY,
    REGION,
    ROWS,
    Change,
    Suite,
    change_column,
    change_field,
    change_kwargs,
    change_rule_meta,
    refusal_lines,
    remove_path,
    replace_rule,
)

PAIR = "expect_column_pair_values_a_to_be_greater_than_b"


FAULTS: dict[str, tuple[Change, str, str]] = {
    "a rule that is none": (lambda s: s["expectations"].append(7), "expectations holds 7", "write an object"),
    "an unknown key of a rule": (
        change_field(QUANTITY, notes="x"),
        f"rule {QUANTITY}: 'notes' is unknown",
        "has kwargs",
    ),
    "no meta of a rule": (
        remove_path("expectations", 9, "meta"),
        "expect_column_values_to_be_between: meta is missing",
        "why",
    ),
    "an unknown type": (
        change_field(QUANTITY, type="expect_joy"),
        f"rule {QUANTITY}: type 'expect_joy' is unknown",
        "knows",
    ),
    "a type that Spark cannot judge": (
        replace_rule(REGION, "expect_column_values_to_match_like_pattern", column="region", like_pattern="%"),
        "cannot judge it on Spark",
        "write expect_column_values_to_match_regex",
    ),
    "an id of another dataset": (
        change_rule_meta(QUANTITY, rule="quantity"),
        "meta.rule is 'quantity'",
        "trades.<column>",
    ),
    "the gate's own id": (
        change_rule_meta(QUANTITY, rule="trades.structure.row"),
        "are the gate's own",
        "choose another",
    ),
    "no why": (change_rule_meta(QUANTITY, why=""), f"rule {QUANTITY}: meta.why is missing", "one sentence"),
    "an unknown meta of a rule": (
        change_rule_meta(QUANTITY, since=1),
        f"rule {QUANTITY}: meta.since is unknown",
        "has counter",
    ),
    "an unknown severity": (
        change_field(QUANTITY, severity="fatal"),
        f"rule {QUANTITY}: severity is 'fatal'",
        "it may be",
    ),
    "a warning that judges no row": (
        change_field(ROWS, severity="warning"),
        f"rule {ROWS}: severity is warning",
        "or info",
    ),
    "no arguments": (change_field(QUANTITY, kwargs=[]), f"rule {QUANTITY}: kwargs is missing", "as an object"),
    "an argument that does not exist": (
        change_kwargs(QUANTITY, min=1),
        "argument 'min' does not exist",
        "it takes column",
    ),
    "an argument that is missing": (
        remove_path("expectations", 13, "kwargs", "value_set"),
        "'value_set' is missing",
        "add",
    ),
    "a column that is not declared": (
        change_kwargs(QUANTITY, column="qty"),
        "column 'qty' is not declared",
        "has transaction",
    ),
    "a column that is no name": (change_kwargs(QUANTITY, column={}), "column {} is not declared", "meta.columns has"),
    "text between numbers": (
        change_kwargs(QUANTITY, column="region"),
        "'region' is string, which it cannot",
        "in the output",
    ),
    "a boolean between numbers": (
        change_column(3, type="boolean"),
        "'quantity' is boolean, which it cannot",
        "drop the rule",
    ),
    "a pair of one": (
        replace_rule(QUANTITY, PAIR, column_A="quantity", column_B="quantity"),
        "'quantity' twice",
        "different",
    ),
    "a pair unlike": (
        replace_rule(QUANTITY, PAIR, column_A="quantity", column_B="region"),
        "of types int, string",
        "alike",
    ),
    "a list of one": (
        replace_rule(REGION, "expect_compound_columns_to_be_unique", column_list=["region"]),
        "column_list is ['region']",
        "at least two",
    ),
    "a list as text": (
        replace_rule(REGION, "expect_compound_columns_to_be_unique", column_list="region"),
        "column_list is 'region'",
        "at least two",
    ),
    "a counterexample that is no row": (
        change_rule_meta(QUANTITY, counterexample=1),
        "meta.counterexample is 1",
        "an object",
    ),
    "a counterexample of no column": (
        change_rule_meta(QUANTITY, counterexample={"qty": 1}),
        "meta.counterexample names 'qty'",
        "meta.columns has",
    ),
    "a counterexample of another type": (
        change_rule_meta(QUANTITY, counterexample={"quantity": "many"}),
        "meta.counterexample has quantity 'many'",
        "type int",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_its_rule_and_its_remedy(case: str) -> None:
    change, expected, remedy = FAULTS[case]
    lines = refusal_lines(change)
    assert [line for line in lines if expected in line and remedy in line.partition("; ")[2]], "\n".join(lines)


@pytest.mark.parametrize("kind", VOCABULARY)
def test_an_example_of_each_expectation_is_taken(kind: str) -> None:
    rule = {"type": kind, "kwargs": EXAMPLES[kind], "meta": {"rule": "trips.example", "why": "An example."}}
    assert faults_of(suite_of(rule)) == []
    assert all(name in COLUMNS for name in contract_of(suite_of(rule)).rules[-1].columns)


@pytest.mark.parametrize(
    "bounds", [{"min_value": 1}, {"min_value": "2025-01-31"}, {"max_value": {"$PARAMETER": "run_date"}}]
)
def test_a_column_that_is_not_declared_is_the_only_fault_of_its_bounds(bounds: Suite) -> None:
    (line,) = refusal_lines(change_field(QUANTITY, kwargs={"column": "qty", **bounds}))
    assert "column 'qty' is not declared" in line
