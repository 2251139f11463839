"""Which rows break a rule, as the library's own columns say it."""

from typing import Any

import pytest

from etl.contract.model import Rule
from etl.contract.severity import Severity
from etl.gate.onepass.row_conditions import violation_columns

ROWS = [("a", "x", 1), ("a", None, 5), (None, "y", 9), (None, None, 2)]
ONLY_A = {"type": "comparison", "column": {"name": "one"}, "operator": "==", "parameter": "a"}
CASES = {
    "null": ("expect_column_values_to_not_be_null", {"column": "two"}, [1, 3]),
    "bounds": ("expect_column_values_to_be_between", {"column": "n", "min_value": 2, "max_value": 5}, [0, 2]),
    "a parameter": ("expect_column_values_to_be_between", {"column": "n", "max_value": {"$PARAMETER": "most"}}, [2]),
    "a set, nulls apart": ("expect_column_values_to_be_in_set", {"column": "two", "value_set": ["x"]}, [2]),
    "twice, nulls apart": ("expect_column_values_to_be_unique", {"column": "one"}, [0, 1]),
    "twice together": ("expect_compound_columns_to_be_unique", {"column_list": ["one", "two"]}, []),
    "only some rows": (
        "expect_column_values_to_be_between",
        {"column": "n", "max_value": 1, "row_condition": ONLY_A},
        [1],
    ),
    "a pair, both null apart": (
        "expect_column_pair_values_to_be_equal",
        {"column_A": "one", "column_B": "two"},
        [0, 1, 2],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rules_column_marks_the_rows_that_break_it(spark: Any, name: str) -> None:
    kind, kwargs, broken = CASES[name]
    frame = spark.createDataFrame(ROWS, "one string, two string, n int")
    rule = Rule("some.rule", kind, kwargs, Severity.WARNING, "why")
    [column] = violation_columns(frame, [rule], {"most": 5}).values()
    breaking_rows = {row.n for row in frame.select("n", column.alias("breaks")).collect() if row.breaks}
    assert breaking_rows == {ROWS[index][2] for index in broken}
    assert not frame.storageLevel.useMemory  # the library would have Spark keep all rows for it
