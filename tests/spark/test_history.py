"""What a run counts for its history, and what its history does to it: metrics, bounds, and a day that is accepted."""

import json
from datetime import timedelta
from typing import Any

import pytest

from etl.contract.history import HistoryBound, HistoryMetric
from etl.contract.results_layout import RUNS, run_key
from etl.gate.history_metrics import HistoryMetrics
from etl.gate.onepass.observations import FrameObserver
from etl.results.result_lines import render_lines
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.run_line import RunFigures, run_line, run_line_adapter
from etl.results.verdict import RunState, Verdict
from tests.lake import LAKE
from tests.spark.lake import GOOD, TODAY, Lake, csv_bytes

VALUES = (
    "values (1, 12345678901234567.89, 1.5D, 9223372036854775807, 'a'), (null, 0.11, double('NaN'), 9223372036854775807, 'a'), "
    "(null, null, null, null, null), (3, 0.00, -0.0D, 1, 'b') as v(n, money, real, big, city)"
)
TYPES = {"n": "int", "money": "decimal(20,2)", "real": "double", "big": "bigint", "city": "string"}
OF_VALUES: dict[str, Any] = {
    "row_count": 4,
    **{"n.sum": 4, "n.mean": 2.0, "n.minimum": 1, "n.maximum": 3, "n.null_share": 0.5, "n.distinct_count": 2},
    **{"money.sum": 12345678901234568, "money.minimum": 0, "money.maximum": 12345678901234567.89},
    **{"money.mean": 4115226300411522.6666666, "money.null_share": 0.25, "money.distinct_count": 3},
    **{"real.sum": None, "real.mean": None, "real.minimum": -0.0, "real.maximum": None},
    **{"real.null_share": 0.25, "real.distinct_count": 3},
    **{"big.sum": None, "big.minimum": 1, "big.maximum": 2**63 - 1, "big.null_share": 0.25, "big.distinct_count": 2},
    **{"big.mean": pytest.approx((2**64 - 1) / 3), "city.null_share": 0.25, "city.distinct_count": 2},
}


def every_metric() -> HistoryMetrics:
    bounds = [
        HistoryBound(metric=metric, column=column)
        for column in TYPES
        for metric in HistoryMetric
        if metric.takes_column and (column != "city" or not metric.takes_numbers)
    ]
    return HistoryMetrics("output", {bound.metric_name: bound for bound in bounds}, TYPES)


@pytest.mark.parametrize("where", ["true", "false"])
def test_the_pass_that_writes_counts_what_a_pass_of_its_own_counts(spark: Any, where: str) -> None:
    columns = ", ".join(f"cast({name} as {declared}) {name}" for name, declared in TYPES.items())
    frame = spark.sql(f"select {columns}, {where} as kept from {VALUES}")
    kept = frame.where("kept")
    rows = 4 if where == "true" else 0
    history, observer = every_metric(), FrameObserver()
    history.add_to(observer, frame["kept"])
    observer.attach_to(frame).write.format("noop").mode("overwrite").save()
    observed = history.observed_metrics(observer.read_values(), rows)
    computed = history.computed_metrics(kept, None, {})
    left = {name for name in history.bounds if name.endswith("distinct_count")}
    assert observed == {name: value for name, value in computed.items() if name not in left}
    expected = OF_VALUES if rows else {name: 0 if name in left else None for name in history.bounds} | {"row_count": 0}
    assert computed == expected
    assert {question.column for question in history.questions.values()} == {*TYPES} - {"real"}
    assert all(value is None or type(value) in (int, float) for value in computed.values())


RULES: dict[str, tuple[str, dict[str, Any]]] = {
    "rows_low": ("expect_table_row_count_to_be_between", {"min_value": {"$PARAMETER": "rows_low"}}),
    "amount_high": (
        "expect_column_sum_to_be_between",
        {"column": "total_amount", "max_value": {"$PARAMETER": "amount_high"}},
    ),
    "regions_low": (
        "expect_column_unique_value_count_to_be_between",
        {"column": "region", "min_value": {"$PARAMETER": "regions_low"}},
    ),
}
HISTORY: dict[str, Any] = {
    "rows_low": {"metric": "row_count", "times": 0.5},
    "amount_high": {"metric": "sum", "column": "total_amount", "times": 3},
    "regions_low": {"metric": "distinct_count", "column": "region", "times": 0.5},
}
PRICE_LOW = {"metric": "minimum", "column": "unit_price", "times": 0.5}


def put_contract(lake: Lake, **meta: Any) -> None:
    """Have the output know its history, and set prices aside that are far below it; `meta` is the input's."""
    suite = json.loads((LAKE / "expectations/trades/output.json").read_text())
    suite["meta"]["history"] = {**HISTORY, "price_low": PRICE_LOW}
    for name, (kind, kwargs) in RULES.items():
        rule = {"rule": f"trades.history.{name}", "why": "As it usually is."}
        suite["expectations"].append({"type": kind, "kwargs": kwargs, "severity": "critical", "meta": rule})
    price = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "unit_price"}, "severity": "warning"}
    price["kwargs"] |= {"min_value": {"$PARAMETER": "price_low"}}  # pyright: ignore[reportOperatorIssue]
    suite["expectations"].append({**price, "meta": {"rule": "trades.history.price_low", "why": "As it usually is."}})
    lake.put_key("contracts/output.json", json.dumps(suite).encode())
    read = json.loads((LAKE / "expectations/trades/input.json").read_text())
    read["meta"] |= meta
    lake.put_key("contracts/input.json", json.dumps(read).encode())


def put_history(lake: Lake, rows: int) -> None:
    """Put results of five ordinary days before today, each of so many rows."""
    metrics = {
        "row_count": rows,
        "total_amount.sum": rows * 30.0,
        "region.distinct_count": 1,
        "unit_price.minimum": 10.0,
    }
    for number in range(1, 6):
        day = (TODAY - timedelta(days=number)).isoformat()
        verdict = Verdict(
            "trades", f"jr_h{number}", "job", f"{day}T06:00:00+00:00", RunState.SUCCEEDED, rows_published=9
        )
        verdict.metrics = {"output": {**metrics}}
        body = render_lines(run_line_adapter(), [run_line(verdict, RunFigures(day))])
        lake.put_key(run_key(RUNS, "trades", day, verdict.run_id), body)


def history_results(verdict: Verdict) -> dict[str, RuleResult]:
    results = {result.rule: result for result in verdict.rules if ".history." in result.rule}
    return {rule.rpartition(".")[2]: result for rule, result in results.items()}


def states(verdict: Verdict) -> dict[str, RuleState]:
    return {name: result.state for name, result in history_results(verdict).items()}


def rows_of(number: int, first: int, price: str = "29.99") -> list[str]:
    _, *fields = GOOD.split(",")
    row = ",".join(["TXN{0:03}", *fields]).replace("29.99", price)
    return [row.format(first + index) for index in range(number)]


def test_the_first_run_has_no_history_and_counts_for_that_of_others(lake: Lake) -> None:
    put_contract(lake)
    lake.put_files(a__csv=csv_bytes(*rows_of(3, 1)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == (RunState.SUCCEEDED, 3), verdict.message
    names = ("rows_low", "amount_high", "regions_low", "price_low")
    assert {name: history_results(verdict)[name].samples for name in names} == dict.fromkeys(names, ("0 of 5 runs",))
    assert verdict.metrics == {
        "input": {"row_count": 3},
        "output": {
            **{"row_count": 3, "total_amount.sum": 179.94, "region.distinct_count": 1, "unit_price.minimum": 29.99},
        },
    }
    assert "trades.history.rows_low (0 of 5 runs)" in verdict.message


def test_a_day_that_breaks_its_history_is_not_published_until_an_operator_accepts_it(lake: Lake) -> None:
    put_contract(lake, on_poison="isolate")
    put_history(lake, rows=10)
    lake.put_files(a__csv=csv_bytes(*rows_of(2, 1)), b__csv=csv_bytes(*rows_of(1, 3, "1.00")))
    refused = lake.run()
    held, broken, aside = RuleState.HELD, RuleState.BROKEN, RuleState.BROKEN
    assert states(refused) == {"rows_low": broken, "amount_high": held, "regions_low": held, "price_low": aside}
    assert (refused.rows_published, refused.snapshot_after) == (0, None)  # nor were its objects, which are whole alone
    assert history_results(refused)["rows_low"].samples == ("2",)
    assert history_results(refused)["rows_low"].why == (
        "As it usually is. The last 5 runs, 2026-01-26 to 2026-01-30, had a median of 10 rows; at least half of it is "
        "expected: 5."
    )
    assert {bound.name: bound.value for bound in refused.bounds} == {
        **{"rows_low": 5, "amount_high": 900.0, "regions_low": 1, "price_low": 5.0}
    }
    assert refused.metrics["output"]["row_count"] == 2
    accepted = lake.run(accept_history="Half the shops are closed", accepted_by="mia")
    assert (accepted.state, accepted.rows_published) == (RunState.SUCCEEDED, 3), accepted.message
    assert history_results(accepted)["rows_low"].samples == ("accepted by mia: Half the shops are closed",)
    assert accepted.accepted_history is not None
    assert accepted.accepted_history.who == "mia"
