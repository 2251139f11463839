"""A backtest walks the days of given data: each is held to what the days before it had."""

import copy
from typing import Any

import pytest
from pyspark.sql import functions as F

from etl.contract.loading import contract_of
from etl.contract.validation.suite import faults_of
from sluice.contracts.backtest.history_days import days_of_data, walk_days
from sluice.contracts.backtest.outcome import DAY, FILE, Outcome
from sluice.contracts.backtest.row_outcomes import ContractRules
from sluice.contracts.backtest.rows import BROKE, SOUND, JudgedRows, broken_array
from sluice.contracts.backtest.rows import DAY as DAY_OF_ROW
from tests.lake.examples import suite_of
from tests.lake.histories import LOW, usual_rule

ROWS_LOW = {**LOW, "same_weekday": False, "at_least": 2}
FARES = {"metric": "maximum", "column": "fare", "times": 2, "at_least": 2}
DAYS = {"2025-01-07": [1, 2, 1, 1], "2025-01-08": [1, 1, 1, 1], "2025-01-09": [9]}
"""Fares by day: the last has too few, and one that is too high."""


def history_rules() -> ContractRules:
    each = usual_rule("fare", "expect_column_values_to_be_between", column="fare", max_value="fare_high")
    rules = [usual_rule("rows_low", min_value="rows_low"), each]
    for rule in rules:
        rule["meta"]["rule"] = rule["meta"]["rule"].replace("trades", "trips")
    suite = copy.deepcopy(suite_of(*rules))
    suite["meta"]["history"] = {"rows_low": ROWS_LOW, "fare_high": FARES}
    assert not faults_of(suite)
    return ContractRules(contract_of(suite))


def test_each_day_is_held_to_the_days_before_it(spark: Any) -> None:
    rules = history_rules()
    assert {rule.rule for rule in rules.history_rules} == {"trips.rows_low", "trips.fare"}
    assert not {"trips.rows_low", "trips.fare"} & {rule.rule for rule in rules.rules}
    assert rules.unevaluated == []
    fares = [(day, fare, "true") for day, day_fares in DAYS.items() for fare in day_fares]
    refused = [("2025-01-08", 1, "false")] * 9  # rows that structure refuses count for no day
    values = ", ".join(f"('{day}', {fare}BD, {sound})" for day, fare, sound in [*fares, *refused])
    rows = spark.sql(f"SELECT * FROM VALUES {values} AS days ({DAY_OF_ROW}, fare, {SOUND})")
    columns = {name: F.lit(None) for name in ("city", "stops", "seats", "day", "paid")}
    frame = rows.withColumns({**columns, BROKE: broken_array({})})
    outcome = Outcome(rules, "after", {}, 0, [], {FILE: {}, DAY: dict.fromkeys(DAYS, frozenset())})
    judged = JudgedRows(rules, frame, {}, 0)
    low, high = walk_days(judged, outcome, {}, lambda kind, name: F.col(DAY_OF_ROW) == name)
    assert (low.rule, low.runs, low.judged, low.rang) == ("trips.rows_low", 3, 1, ("2025-01-09",))
    assert (high.rule, high.judged, high.rang) == ("trips.fare", 1, ("2025-01-09",))


@pytest.mark.parametrize(
    ("names", "days"),
    [
        (["b/trades-20250107.csv", "a/trades-20250106.csv"], ["2025-01-06", "2025-01-07"]),
        (["raw/day=2025-01-06/part 12345678.csv"], ["2025-01-06"]),
        (["2025/01/06/b.csv", "2025/01/06/a.csv"], ["2025-01-06", "2025-01-06"]),
        (["trades.csv", "20251399.csv", "120250106.csv"], []),
    ],
)
def test_files_without_a_column_of_days_have_those_of_their_names(names: list[str], days: list[str]) -> None:
    outcome = Outcome(history_rules(), "after", {}, 0, [], {FILE: dict.fromkeys(names, frozenset())})
    kind, days_with_files = days_of_data(outcome)
    assert (kind, [day.run_date.isoformat() for day in days_with_files]) == (FILE, days)
