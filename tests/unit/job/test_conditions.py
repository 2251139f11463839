"""A condition that cannot be meant is refused: which rows a rule judges is part of what it says."""

import copy
from functools import reduce
from typing import Any

import pytest

from etl.contract.validation.suite import faults_of
from tests.lake.mutations import QUANTITY, TRADES, Change, Suite, change_kwargs, refusal_lines


def change_condition(**parts: Any) -> Change:
    return change_kwargs(QUANTITY, row_condition=parts)


NULL: Suite = {"type": "nullity", "column": {"name": "region"}, "is_null": True}
FAULTS: dict[str, tuple[Change, str, str]] = {
    "a condition as text": (
        change_kwargs(QUANTITY, row_condition="quantity > 1"),
        "row_condition is 'quantity",
        "an object",
    ),
    "a condition on no column": (
        change_condition(type="nullity", column={"name": "zone"}, is_null=True),
        "row_condition is about {'name': 'zone'}",
        "one of transaction_id",
    ),
    "a condition's unknown key": (
        change_condition(type="nullity", column={"name": "region"}),
        "row_condition is",
        "is_null",
    ),
    "a condition neither true nor false": (
        change_condition(type="nullity", column={"name": "region"}, is_null="no"),
        "has is_null 'no'",
        "write true or false",
    ),
    "a condition's unknown operator": (
        change_condition(type="comparison", column={"name": "region"}, operator="~", parameter="E"),
        "has operator '~'",
        "it may be ==",
    ),
    "a condition on another type": (
        change_condition(type="comparison", column={"name": "quantity"}, operator=">", parameter="many"),
        "compares with 'many'",
        "a value of the column's type int",
    ),
    "a condition in nothing": (
        change_condition(type="comparison", column={"name": "region"}, operator="IN", parameter=[]),
        "compares with []",
        "a list of values",
    ),
    "a list to equal": (
        change_condition(type="comparison", column={"name": "region"}, operator="==", parameter=["EU-WEST"]),
        "compares with ['EU-WEST']",
        "a value of the column's type string",
    ),
    "a condition in a word": (
        change_condition(type="comparison", column={"name": "region"}, operator="IN", parameter="EU-WEST"),
        "compares with 'EU-WEST'",
        "a list of values",
    ),
    "an or inside": (
        change_condition(type="and", conditions=[{"type": "or", "conditions": []}]),
        "an or inside another condition",
        "outermost",
    ),
    "an and of what is none": (
        change_condition(type="and", conditions=[7]),
        "row_condition is 7",
        "an object with type",
    ),
    "a column as text": (
        change_condition(type="nullity", column="region", is_null=True),
        "is about 'region'",
        "one of",
    ),
    "a column with more": (
        change_condition(type="nullity", column={"name": "region", "of": 1}, is_null=True),
        "row_condition is about {",
        "one of",
    ),
    "conditions too deep": (
        change_kwargs(
            QUANTITY, row_condition=reduce(lambda inner, _: {"type": "and", "conditions": [inner]}, range(6), NULL)
        ),
        "row_condition is {'conditions'",
        "an object with type",
    ),
    "an and of nothing": (change_condition(type="and", conditions=[]), "row_condition is", "at least one"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_what_was_found(case: str) -> None:
    change, expected, remedy = FAULTS[case]
    lines = refusal_lines(change)
    assert [line for line in lines if expected in line and remedy in line.partition("; ")[2]], "\n".join(lines)


def test_conditions_of_all_kinds_are_taken() -> None:
    suite = copy.deepcopy(TRADES["output"])
    change = change_kwargs(
        QUANTITY,
        row_condition={
            "type": "or",
            "conditions": [
                {"type": "and", "conditions": [NULL, {**NULL, "is_null": False}]},
                {"type": "comparison", "column": {"name": "quantity"}, "operator": "IN", "parameter": [1, 2]},
            ],
        },
    )
    change(suite)
    assert faults_of(suite) == []
