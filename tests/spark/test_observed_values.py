"""What a broken rule on an aggregate shows is the value that the column has, not a double near it."""

from types import SimpleNamespace
from typing import Any

from etl.contract.masking import Masking
from etl.contract.model import Contract, Rule
from etl.contract.severity import Severity
from etl.gate import checks

ROWS = "values ('a', 12345678901234567.89, 9007199254740993), ('a', 0.01, 9007199254740993), ('b', 0.05, 5), ('b', 0.05, 5)"
QUANTILES = {"quantiles": [0.25, 1.0], "value_ranges": [[1, 2], [1, 2]]}
ONLY_B = {"type": "comparison", "column": {"name": "t"}, "operator": "==", "parameter": "b"}
SHOWN: list[tuple[str, dict[str, Any], str]] = [
    ("max", {"column": "price", "max_value": 1}, "12345678901234567.89"),
    ("min", {"column": "price", "min_value": 1}, "0.01"),
    ("max", {"column": "price", "max_value": 0, "row_condition": ONLY_B}, "0.05"),
    ("sum", {"column": "price", "max_value": 1}, "12345678901234568.00"),
    ("mean", {"column": "price", "max_value": 1}, "3086419725308642.000000"),
    ("median", {"column": "price", "min_value": 1}, "0.05"),
    ("max", {"column": "n", "max_value": 1}, "9007199254740993"),
    ("sum", {"column": "n", "max_value": 1}, "18014398509481996"),
    ("mean", {"column": "n", "max_value": 1}, "4503599627370499.0000"),
]


def test_a_broken_aggregate_shows_the_exact_value(spark: Any) -> None:
    frame = spark.sql(
        f"select t, cast(price as decimal(20,2)) price, cast(n as bigint) n from {ROWS} as v(t, price, n)"
    )
    rules = [
        (Rule(f"r{number}", f"expect_column_{statistic}_to_be_between", kwargs, Severity.CRITICAL, ""), sample)
        for number, (statistic, kwargs, sample) in enumerate(SHOWN)
    ]
    quantile = Rule(
        "q",
        "expect_column_quantile_values_to_be_between",
        {"column": "n", "quantile_ranges": QUANTILES},
        Severity.CRITICAL,
        "",
    )
    every = [rule for rule, _ in rules] + [quantile]
    suite = [{"type": rule.type, "kwargs": rule.kwargs, "meta": {"rule": rule.rule}} for rule in every]
    contract: Contract = SimpleNamespace(  # pyright: ignore[reportAssignmentType]
        stage="output", pii=frozenset(), masking=Masking(), suite={"name": "exact", "expectations": suite}
    )
    samples = {result.rule: result.samples for result in checks.check_frame(frame, contract, every, {})}
    assert {rule.rule: samples[rule.rule] for rule, _ in rules} == {rule.rule: (sample,) for rule, sample in rules}
    assert "9007199254740993" in str(samples["q"])
