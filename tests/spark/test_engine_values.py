"""What values a column has is read from what was written, and comes to what the library would have computed."""

import copy
import json
from collections import Counter
from collections.abc import Callable, Hashable
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import functions as F

from etl import datasets
from etl.gate.onepass import float_order, hash_shares, value_counts
from etl.gate.onepass.data_files import Files
from etl.gate.onepass.float_order import FloatOrder
from etl.gate.onepass.hash_shares import Shares
from etl.gate.onepass.metric_queries import Distinct, FilesInconclusive, Median, Quantiles, Question, Unique
from etl.gate.onepass.staged_metrics import StagedMetrics
from etl.gate.onepass.value_counts import ColumnCounts
from tests.lake.mutations import TRADES, find_rule
from tests.spark.lake import GOOD, Lake, csv_bytes

VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): st.text(max_size=3),
    pa.int64(): st.integers(-2, 2) | st.integers(-(2**63), 2**63 - 1),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(),
    pa.decimal128(20, 2): st.integers(-500, 500).map(lambda cents: Decimal(cents).scaleb(-2)),
}
SECOND = GOOD.replace("TXN001", "TXN002")


def count_values(type_: pa.DataType, *batches: list[Any]) -> ColumnCounts:
    value_counts = ColumnCounts()
    for batch in batches:
        value_counts.add_rows(pa.array(batch, type_))
    return value_counts


@given(st.data(), st.sampled_from(list(VALUES)))
def test_values_are_counted_as_they_are(data: st.DataObject, type_: pa.DataType) -> None:
    batches = data.draw(st.lists(st.lists(st.none() | VALUES[type_], max_size=8), max_size=4))
    rows = sorted(value for batch in batches for value in batch if value is not None)
    numbers = Counter(rows)
    value_counts = count_values(type_, *batches)
    assert (value_counts.values, value_counts.rows) == (len(numbers), len(rows))
    assert value_counts.most_common() == sorted(
        value for value, number in numbers.items() if number == max(numbers.values())
    )
    assert [value_counts.value_at(place + 1) for place in range(len(rows))] == rows


def test_numbers_are_added_up_while_rows_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_counts, "MAX_UNMERGED", 3)
    counts = count_values(pa.int32(), *([number % 4, 7, None] for number in range(40)))
    assert len(counts._tables) < 5
    assert (counts.values, counts.rows, counts.most_common()) == (5, 80, [7])


def test_more_values_than_are_held_in_memory_are_left_to_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_counts, "MAX_UNMERGED", 3)
    monkeypatch.setattr(value_counts, "MAX_BYTES", 99)
    counts = ColumnCounts()
    for number in range(3):
        counts.add_rows(pa.array([number]))
    for _ in range(2):  # another thread's, later, too
        with pytest.raises(FilesInconclusive, match="values of a column take more than"):
            counts.add_rows(pa.array(range(9)))
    with pytest.raises(FilesInconclusive):
        counts.rows  # noqa: B018


@pytest.mark.parametrize("values", [[], [None], [5], [1, 2], [3, 1, 2, None], [1, 1, 1, 9], list(range(100))])
def test_quantiles_are_those_of_spark(spark: Any, values: list[int | None]) -> None:
    quantiles = (0.0, 0.01, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.999, 1.0)
    frame = spark.range(1).select(F.explode(F.from_json(F.lit(json.dumps(values)), "array<int>")).alias("n"))
    counts = count_values(pa.int32(), values)
    spark_s = frame.approxQuantile("n", list(quantiles), 0)
    assert Quantiles("n", quantiles).answer_from(counts, len(values)) == (spark_s or [None] * len(quantiles))
    in_the_middle = sorted(value for value in values if value is not None)
    assert np.array_equal(Median("n").answer_from(counts, len(values)), _median_or_nan(in_the_middle), equal_nan=True)


FLOATS: list[list[float | None]] = [
    [],
    [None, float("nan")],
    [0.0, -0.0, 1.5],
    [float("inf"), 2.0, float("-inf"), None],
    [3.25, float("nan"), 1e300, -1e-300, 7.0],
    [number / 7 for number in range(100)],
]


@pytest.mark.parametrize("values", FLOATS, ids=range(len(FLOATS)))
@pytest.mark.parametrize("kind", ["double", "float"])
def test_quantiles_of_floating_point_numbers_are_those_of_spark(
    spark: Any, tmp_path: Path, values: list[float | None], kind: str
) -> None:
    quantiles = (0.0, 0.01, 0.25, 1 / 3, 0.5, 0.75, 1.0)
    folder = tmp_path / "n"
    numbers = F.array(*(F.lit(value).cast(kind) for value in values)).cast(f"array<{kind}>")
    frame = spark.range(1).select(F.explode(numbers).alias("n"))
    frame.coalesce(1).write.parquet(str(folder))
    path = next(folder.glob("*.parquet"))
    file = Mock(path=path.as_uri(), size=path.stat().st_size, rows=len(values))
    order = Files([file], None, len(values)).count_values("n")
    spark_s = frame.approxQuantile("n", list(quantiles), 0)
    assert Quantiles("n", quantiles).answer_from(order, len(values)) == (spark_s or [None] * len(quantiles))
    library = frame.where("not isnan(n)").approxQuantile("n", [0.5, 0.5 + 1 / (2 + 2 * len(values))], 0)
    expected = sum(library) / 2 if library else float("nan")
    assert np.array_equal(Median("n").answer_from(order, len(values)), expected, equal_nan=True)


def test_more_numbers_than_are_held_in_memory_are_left_to_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(float_order, "MAX_BYTES", 16)
    order = FloatOrder()
    order.add_rows(pa.array([1.0, None, float("nan"), 2.0]))
    assert [order.value_at(place) for place in (1, 2)] == [1.0, 2.0]
    with pytest.raises(FilesInconclusive, match="numbers of a column take more than"):
        order.add_rows(pa.array([3.0]))


def _median_or_nan(values: list[int]) -> float:
    return float(np.median(values)) if values else float("nan")


def test_hashes_are_compared_share_by_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hash_shares, "HASHES_PER_SHARE", 8)
    hashes = np.random.default_rng(1).permutation(np.arange(100, dtype=np.uint64) * np.uint64(2**64 // 100))
    for batches in (np.split(hashes, 5), [*np.split(hashes, 5), hashes[:0]]):
        with Shares(100) as shares:
            for batch in batches:
                shares.add_hashes(batch.copy())
            sizes = [file.tell() // 8 for file in shares._files]
            assert shares.all_differ(map)
        assert (len(sizes), sum(sizes)) == (16, 100)
        assert max(sizes) < 10
    for double in hashes:
        with Shares(101) as shares:
            shares.add_hashes(hashes.copy())
            shares.add_hashes(np.array([double]))
            assert not shares.all_differ(map)


def test_how_many_values_a_key_has_is_how_many_rows_have_one() -> None:
    files = Mock()
    files.all_differ.return_value, files.count_nulls.return_value = True, 1
    rows = StagedMetrics(9, Mock(), lambda: files)
    assert rows.answer_questions({"unique": Unique(("n",)), "distinct": Distinct("n")}) == {"unique": 0, "distinct": 8}
    files.count_values.assert_not_called()


def test_what_cannot_be_read_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    files = Mock()
    files.count_values.side_effect = [FilesInconclusive("too many"), count_values(pa.int32(), [1, 2])]
    questions: dict[Hashable, Question] = {"one": Distinct("a"), "other": Distinct("b"), "middle": Median("b")}
    assert StagedMetrics(2, Mock(), lambda: files).answer_questions(questions) == {"other": 2, "middle": 1.5}
    assert "values are counted by Spark: too many" in caplog.text


COUNT, SET, MEDIAN = (
    "expect_column_unique_value_count_to_be_between",
    "expect_column_distinct_values_to_equal_set",
    "expect_column_median_to_be_between",
)
RulesByName = dict[str, tuple[str, dict[str, Any]]]


def add_rules(lake: Lake, stage: str, rules: RulesByName, warning: str = "") -> None:
    """Give a contract more rules; the input's rule `warning` sets rows aside."""
    suite = copy.deepcopy(TRADES[stage])
    if warning:
        suite["meta"]["max_quarantined"] = 0.5
        find_rule(suite, warning)["severity"] = "warning"
    for name, (kind, kwargs) in rules.items():
        meta = {"rule": f"trades.told.{name}", "why": "The day has the values of every day."}
        suite["expectations"].append({"type": kind, "kwargs": kwargs, "severity": "critical", "meta": meta})
    lake.aws.s3.put_object(Bucket=lake.bucket, Key=f"contracts/{stage}.json", Body=json.dumps(suite))


def outcomes_by_rule(verdict: Any) -> dict[str, tuple[str, bool]]:
    """Return which way each of these rules went, and whether it held."""
    prefix = "trades.told."
    results = [result for result in verdict.rules if result.rule.startswith(prefix) and result.evaluated]
    return {result.rule.removeprefix(prefix): (result.way, result.held) for result in results}


def test_values_are_told_by_the_pass_that_writes_and_what_it_wrote(lake: Lake) -> None:
    input_rules: RulesByName = {
        "values": (COUNT, {"column": "region", "min_value": 1, "max_value": 1}),
        "set": (SET, {"column": "region", "value_set": ["US-EAST"]}),
    }
    published: RulesByName = {
        "keys": (COUNT, {"column": "transaction_id", "min_value": 2, "max_value": 2}),
        "numbers": (SET, {"column": "quantity", "value_set": [2]}),
        "middle": (MEDIAN, {"column": "quantity", "min_value": 2, "max_value": 2}),
    }
    add_rules(lake, "input", input_rules)
    add_rules(lake, "output", published)
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND))
    verdict = lake.run()
    assert verdict.rows_published == 2, verdict.message
    expected = dict.fromkeys([*input_rules, *published], ("observed", True))
    assert outcomes_by_rule(verdict) == expected | {"values": ("computed", True)}


def of_some(column: str, number: int) -> dict[str, Any]:
    """Return arguments that want a number of a column, in the rows of one region alone."""
    east = {"type": "comparison", "column": {"name": "region"}, "operator": "==", "parameter": "US-EAST"}
    return {"column": column, "min_value": number, "max_value": number, "row_condition": east}


def test_numbers_of_some_rows_are_told_by_the_pass_that_writes(lake: Lake) -> None:
    input_rules: RulesByName = {
        "present": ("expect_column_proportion_of_non_null_values_to_be_between", of_some("customer_id", 1)),
        "short": ("unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch} where region = 'X'"}),
    }
    published: RulesByName = {
        "sum": ("expect_column_sum_to_be_between", of_some("quantity", 5)),
        "most": ("expect_column_max_to_be_between", {"column": "quantity", "min_value": 4, "max_value": 4}),
        "few": ("unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch} where quantity > 4"}),
    }
    add_rules(lake, "input", input_rules, "trades.customer_id.format")
    add_rules(lake, "output", published)
    other_row = SECOND.replace(",2,", ",4,").replace("US-EAST", "EU-WEST")
    quarantined_row = SECOND.replace("TXN002", "TXN003").replace(",2,", ",9,").replace("CUST", "C-")
    lake.put_files(
        a__csv=csv_bytes(GOOD, SECOND.replace("TXN002", "TXN004").replace(",2,", ",3,"), other_row, quarantined_row)
    )
    verdict = lake.run()
    assert (verdict.rows_published, verdict.rows_quarantined) == (3, 1), verdict.message
    assert outcomes_by_rule(verdict) == dict.fromkeys([*input_rules, *published], ("observed", True))


BROKEN: dict[str, tuple[RulesByName, dict[str, tuple[str, ...]]]] = {
    "input": (
        {
            "many": (COUNT, {"column": "region", "max_value": 1}),
            "beyond": (SET, {"column": "region", "value_set": ["US-EAST"]}),
            "two": (COUNT, {"column": "region", "max_value": 2}),
        },
        {"many": ("2",), "beyond": ("EU-WEST",)},
    ),
    "output": (
        {
            "missing": (SET, {"column": "region", "value_set": ["US-EAST", "EU-WEST", "US-WEST"]}),
            "middle": (MEDIAN, {"column": "quantity", "max_value": 1.9}),
        },
        {"missing": ("missing: US-WEST",), "middle": ("2.0",)},
    ),
}


@pytest.mark.parametrize("stage", [pytest.param("input", marks=pytest.mark.long), "output"])
def test_values_that_break_a_rule_fail_the_run(lake: Lake, stage: str) -> None:
    rules, broken = BROKEN[stage]
    add_rules(lake, stage, rules)
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND.replace("US-EAST", "EU-WEST")))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("FAILED", 0)
    assert {result.rule.removeprefix("trades.told."): result.samples for result in verdict.broken} == broken
    assert {name: outcome for name, outcome in outcomes_by_rule(verdict).items() if name in broken} == dict.fromkeys(
        broken, ("computed", False)
    )


@pytest.mark.long
def test_a_row_that_is_set_aside_has_values_too(lake: Lake) -> None:
    add_rules(lake, "input", {"one": (COUNT, {"column": "region", "max_value": 1})}, "trades.customer_id.format")
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND.replace("CUST", "C-").replace("US-EAST", "EU-WEST")))
    assert outcomes_by_rule(lake.run()) == {"one": ("computed", False)}


@pytest.mark.long
def test_texts_that_are_typed_alike_are_other_values(lake: Lake) -> None:
    add_rules(lake, "input", {"one": (COUNT, {"column": "quantity", "max_value": 1})})
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND.replace(",2,", ",02,")))
    assert outcomes_by_rule(lake.run()) == {"one": ("computed", False)}


def test_values_that_the_transform_changes_are_counted_as_they_were_read(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    true: Callable[[Any], Any] = datasets.transform_of("trades")
    monkeypatch.setattr(
        "etl.pipeline.transform_of", lambda _: lambda rows: true(rows).withColumn("customer_id", F.lit("CUST1"))
    )
    add_rules(lake, "input", {"one": (COUNT, {"column": "customer_id", "max_value": 1})})
    lake.put_files(a__csv=csv_bytes(GOOD, SECOND.replace("CUST100", "CUST900")))
    assert outcomes_by_rule(lake.run()) == {"one": ("computed", False)}
