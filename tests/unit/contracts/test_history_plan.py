"""The history that a proof makes for a bound: a day keeps it with one, breaks it with the other, and has too few in a third."""

import copy
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.stage import Stage
from etl.contract.vocabulary import ROW_COUNT_TYPES
from etl.history.resolution import bounds_of
from etl.results.results_reader import RunResultsRead
from etl.results.rule_state import RuleState
from etl.results.run_line import RunLine
from sluice.contracts.history.bound_uses import bound_uses, without_history_rules
from sluice.contracts.prove.history_plan import HistoryPlan, StagedUse
from sluice.contracts.prove.history_proofs import DayRows, HistoryProver
from sluice.contracts.prove.report import Proof
from tests.lake.histories import HIGH, LOW, usual_rule, with_history
from tests.lake.mutations import TRADES, Change

TODAY = date(2026, 1, 31)
ROWS: list[dict[str, Any]] = [
    {"quantity": quantity, "unit_price": quantity and Decimal(quantity), "region": region}
    for quantity, region in ((2, "EU"), (4, "EU"), (9, "US"), (None, None))
]
BETWEEN, SUM = "expect_column_values_to_be_between", "expect_column_sum_to_be_between"
SHARE = "expect_column_proportion_of_non_null_values_to_be_between"
DISTINCT = "expect_column_unique_value_count_to_be_between"


def prove(change: Change, rows: list[dict[str, Any]] = ROWS, state: RuleState | None = None) -> list[Proof]:
    """Prove a suite's rules with a gate of our own, which compares limits with figures; it says `state` of all, if given."""
    suite = copy.deepcopy(TRADES["output"])
    change(suite)
    contract = contract_of(suite)

    def judge(lines: Sequence[RunLine], day: DayRows) -> dict[str, RuleState]:
        limits = bounds_of((contract,), RunResultsRead([*lines], []), TODAY)
        states: dict[str, RuleState] = {}
        for use in bound_uses(contract):
            judged = state or state_of(use, limits[use.name].value, day[Stage.OUTPUT])
            states[use.rule.rule] = max(states.get(use.rule.rule, judged), judged, key=lambda side: side.rank)
        return states

    uses = [StagedUse(Stage.OUTPUT, use) for use in bound_uses(contract)]
    prover = HistoryProver(HistoryPlan("trades", TODAY, uses), {Stage.INPUT: rows, Stage.OUTPUT: rows}, judge)
    return [*prover.prove_rules()]


def state_of(use: Any, limit: float | None, rows: Any) -> RuleState:
    if limit is None:
        return RuleState.NOT_EVALUATED
    values = [row[use.bound.column] for row in rows] if use.bound.column else []
    present = [value for value in values if value is not None]
    measures = {
        ROW_COUNT_TYPES[0]: [len(rows)],
        SUM: [sum(present) if use.rule.type == SUM else 0],
        SHARE: [len(present) / len(rows)],
        DISTINCT: [len(set(present))],
        BETWEEN: present,
    }[use.rule.type]
    held = all(value >= limit if use.argument == "min_value" else value <= limit for value in measures)
    return RuleState.from_outcome(held)


RULES: dict[str, Change] = {
    "rows": with_history(
        usual_rule("rows", min_value="rows_low", max_value="rows_high"), rows_low=LOW, rows_high={**HIGH, "at_least": 3}
    ),
    "a sum": with_history(
        usual_rule("sum", SUM, column="quantity", max_value="high"),
        high={"metric": "sum", "column": "quantity", "of": "mean", "deviations": 3},
    ),
    "each value": with_history(
        usual_rule("each", BETWEEN, column="quantity", min_value="low"),
        low={"metric": "minimum", "column": "quantity", "times": 0.2},
    ),
    "each price, by days": with_history(
        usual_rule("each", BETWEEN, column="unit_price", max_value="high"),
        high={"metric": "maximum", "column": "unit_price", "times": 3, "per": "day"},
    ),
    "different values": with_history(
        usual_rule("kinds", DISTINCT, column="region", max_value="high"),
        high={"metric": "distinct_count", "column": "region", "times": 1.5, "at_least": 1},
    ),
    "nulls": with_history(
        usual_rule("nulls", SHARE, column="region", min_value="high"),
        high={"metric": "null_share", "column": "region", "times": 3},
    ),
}


@pytest.mark.parametrize("change", RULES.values(), ids=RULES)
def test_each_kind_of_bound_gets_a_history_that_is_kept_and_one_that_is_broken(change: Change) -> None:
    (proof,) = prove(change)
    assert proof.why == ""
    assert "after" in proof.fault


def test_the_fault_says_what_the_day_had_and_what_the_runs_before_it() -> None:
    (proof,) = prove(RULES["rows"])
    assert proof.fault == "row_count 4 after 5 earlier runs of 10; row_count 4 after 3 earlier runs of 1"


def test_a_share_of_nulls_on_a_day_without_any_is_broken_by_a_day_of_them() -> None:
    (proof,) = prove(RULES["nulls"], ROWS[:3])
    assert proof.why == ""
    assert proof.fault.startswith("all rows with region null, region.null_share 1 after 5 earlier runs of ")


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (RuleState.HELD, "with 4 earlier runs it is held, and it needs 5"),
        (RuleState.BROKEN, "with 4 earlier runs it is broken, and it needs 5"),
        (RuleState.NOT_EVALUATED, "with a history that the valid day keeps it is not evaluated"),
    ],
)
def test_a_gate_that_says_the_same_of_every_history_is_caught(state: RuleState, why: str) -> None:
    (proof,) = prove(RULES["each value"], state=state)
    assert proof.why == why


def test_bounds_that_no_history_could_keep_together_are_told() -> None:
    crossed = with_history(
        usual_rule("low", min_value="low"),
        usual_rule("high", max_value="high"),
        low={"metric": "row_count", "times": 3},
        high={"metric": "row_count", "times": 0.1},
    )
    assert {proof.why.partition(" it;")[0] for proof in prove(crossed)} == {
        "no history that could be makes a valid day keep"
    }


def test_the_other_proofs_are_of_the_contract_without_these_rules() -> None:
    suite = copy.deepcopy(TRADES["output"])
    RULES["rows"](suite)
    contract = contract_of(suite)
    assert [rule.rule for rule in contract.rules if rule not in without_history_rules(contract).rules] == [
        "trades.rows"
    ]
