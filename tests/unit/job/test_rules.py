"""A rule that cannot be meant is refused with its id and its remedy, whatever the library would make of it."""

import pytest

from etl.contract.model import contract_of
from etl.contract.validation.suite import faults_of
from etl.contract.vocabulary import VOCABULARY
from tests.lake.examples import COLUMNS, EXAMPLES, suite_of
from tests.lake.mutations import (
    QUANTITY,
    REGION,
    ROWS,
    Change,
    Suite,
    column,
    field,
    kwargs,
    meta_of,
    other,
    refusal,
    without,
)

PAIR = "expect_column_pair_values_a_to_be_greater_than_b"


FAULTS: dict[str, tuple[Change, str, str]] = {
    "a rule that is none": (lambda s: s["expectations"].append(7), "expectations holds 7", "write an object"),
    "an unknown key of a rule": (field(QUANTITY, notes="x"), f"rule {QUANTITY}: 'notes' is unknown", "has kwargs"),
    "no meta of a rule": (
        without("expectations", 9, "meta"),
        "expect_column_values_to_be_between: meta is missing",
        "why",
    ),
    "an unknown type": (field(QUANTITY, type="expect_joy"), f"rule {QUANTITY}: type 'expect_joy' is unknown", "knows"),
    "a type that Spark cannot judge": (
        other(REGION, "expect_column_values_to_match_like_pattern", column="region", like_pattern="%"),
        "cannot judge it on Spark",
        "write expect_column_values_to_match_regex",
    ),
    "an id of another dataset": (meta_of(QUANTITY, rule="quantity"), "meta.rule is 'quantity'", "sales.<column>"),
    "the gate's own id": (meta_of(QUANTITY, rule="sales.structure.row"), "are the gate's own", "choose another"),
    "no why": (meta_of(QUANTITY, why=""), f"rule {QUANTITY}: meta.why is missing", "one sentence"),
    "an unknown meta of a rule": (meta_of(QUANTITY, since=1), f"rule {QUANTITY}: meta.since is unknown", "has counter"),
    "an unknown severity": (field(QUANTITY, severity="fatal"), f"rule {QUANTITY}: severity is 'fatal'", "it may be"),
    "a warning that judges no row": (field(ROWS, severity="warning"), f"rule {ROWS}: severity is warning", "or info"),
    "no arguments": (field(QUANTITY, kwargs=[]), f"rule {QUANTITY}: kwargs is missing", "as an object"),
    "an argument that does not exist": (kwargs(QUANTITY, min=1), "argument 'min' does not exist", "it takes column"),
    "an argument that is missing": (
        without("expectations", 13, "kwargs", "value_set"),
        "'value_set' is missing",
        "add",
    ),
    "a column that is not declared": (
        kwargs(QUANTITY, column="qty"),
        "column 'qty' is not declared",
        "has transaction",
    ),
    "a column that is no name": (kwargs(QUANTITY, column={}), "column {} is not declared", "meta.columns has"),
    "text between numbers": (kwargs(QUANTITY, column="region"), "'region' is string, which it cannot", "in the output"),
    "a boolean between numbers": (column(3, type="boolean"), "'quantity' is boolean, which it cannot", "drop the rule"),
    "a pair of one": (other(QUANTITY, PAIR, column_A="quantity", column_B="quantity"), "'quantity' twice", "different"),
    "a pair unlike": (other(QUANTITY, PAIR, column_A="quantity", column_B="region"), "of types int, string", "alike"),
    "a list of one": (
        other(REGION, "expect_compound_columns_to_be_unique", column_list=["region"]),
        "column_list is ['region']",
        "at least two",
    ),
    "a list as text": (
        other(REGION, "expect_compound_columns_to_be_unique", column_list="region"),
        "column_list is 'region'",
        "at least two",
    ),
    "a counterexample that is no row": (meta_of(QUANTITY, counterexample=1), "meta.counterexample is 1", "an object"),
    "a counterexample of no column": (
        meta_of(QUANTITY, counterexample={"qty": 1}),
        "meta.counterexample names 'qty'",
        "meta.columns has",
    ),
    "a counterexample of another type": (
        meta_of(QUANTITY, counterexample={"quantity": "many"}),
        "meta.counterexample has quantity 'many'",
        "type int",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_named_with_its_rule_and_its_remedy(what: str) -> None:
    change, found, remedy = FAULTS[what]
    lines = refusal(change)
    assert [line for line in lines if found in line and remedy in line.partition("; ")[2]], "\n".join(lines)


@pytest.mark.parametrize("kind", VOCABULARY)
def test_an_example_of_each_expectation_is_taken(kind: str) -> None:
    rule = {"type": kind, "kwargs": EXAMPLES[kind], "meta": {"rule": "trips.example", "why": "An example."}}
    assert faults_of(suite_of(rule)) == []
    assert all(name in COLUMNS for name in contract_of(suite_of(rule)).rules[-1].columns)


@pytest.mark.parametrize(
    "bounds", [{"min_value": 1}, {"min_value": "2025-01-31"}, {"max_value": {"$PARAMETER": "run_date"}}]
)
def test_a_column_that_is_not_declared_is_the_only_fault_of_its_bounds(bounds: Suite) -> None:
    (line,) = refusal(field(QUANTITY, kwargs={"column": "qty", **bounds}))
    assert "column 'qty' is not declared" in line
