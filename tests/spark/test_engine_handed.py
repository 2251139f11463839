"""What the output wants to match something was looked for in the line, where the transform hands the column on as it is."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import create_autospec

import pytest
from pyspark.sql import functions as F

from etl import datasets
from etl.gate.onepass.fallback_pass import FallbackPass
from etl.gate.onepass.metric_requests import MetricRequests
from etl.gate.onepass.unchanged_columns import passed_through_columns
from tests.lake.mutations import SALES
from tests.spark.lake import GOOD, Lake, csv_bytes

RULE = "sales.region.written"
MATCH = "expect_column_values_to_match_regex"
Transform = Callable[[Any], Any]


def require_match(lake: Lake, regex: str, column: str = "region") -> None:
    """Have the output want that a column matches."""
    suite = copy.deepcopy(SALES["output"])
    meta = {"rule": RULE, "why": "Reports group by it."}
    kwargs = {"column": column, "regex": regex}
    suite["expectations"].append({"type": MATCH, "kwargs": kwargs, "severity": "critical", "meta": meta})
    lake.aws.s3.put_object(Bucket=lake.bucket, Key="contracts/output.json", Body=json.dumps(suite))


def patch_transform(monkeypatch: pytest.MonkeyPatch, change: Transform) -> None:
    true: Transform = datasets.transform_of("sales")
    monkeypatch.setattr("etl.pipeline.transform_of", lambda _: lambda rows: change(true(rows)))


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[Any, Any]]:
    """The marks that plain lines are known not to have: the input's, and the output's."""
    added_marks, add = list[Mapping[Any, Any]](), MetricRequests.add_to

    def record_marks(self: MetricRequests, *args: Any) -> Mapping[Any, Any]:
        added_marks.append(add(self, *args))
        return added_marks[-1]

    monkeypatch.setattr(MetricRequests, "add_to", record_marks)
    return added_marks


def rule_outcomes(lake: Lake) -> list[tuple[str, bool, tuple[str | None, ...]]]:
    return [
        (result.way, result.held, result.samples)
        for result in lake.run().rules
        if result.rule == RULE and result.evaluated
    ]


def test_a_pattern_of_the_output_is_looked_for_in_the_line(lake: Lake, known: list[Mapping[Any, Any]]) -> None:
    require_match(lake, "^[A-Z]+-[A-Z]+$")
    lake.put_files(a__csv=csv_bytes(GOOD))
    assert rule_outcomes(lake) == [("observed", True, ())]
    names = [key[0] for stage, key in known[1] if stage == "output"]
    assert sorted(names) == [
        "column_values.match_regex.unexpected_count",
        *["column_values.nonnull.unexpected_count"] * 4,
    ]


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        ("^EU-[A-Z]+$", ("computed", False, ("US-EAST",))),
        pytest.param(".+", ("observed", True, ()), marks=pytest.mark.long),
    ],
)
def test_a_line_in_doubt_is_asked_what_the_output_wants(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, regex: str, expected: tuple[Any, ...]
) -> None:
    look = create_autospec(FallbackPass.run_pass, side_effect=FallbackPass.run_pass)
    monkeypatch.setattr(FallbackPass, "run_pass", look)
    require_match(lake, regex)
    lake.put_files(a__csv=csv_bytes(GOOD))
    assert rule_outcomes(lake) == [expected]
    assert look.called == (regex != ".+")


@pytest.mark.parametrize("lower", [pytest.param("always", marks=pytest.mark.long), "where there are rows"])
def test_a_column_that_the_transform_changes_is_judged_as_it_is_written(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, known: list[Mapping[Any, Any]], lower: str
) -> None:
    def lower_ids(rows: Any) -> Any:
        changes = lower == "always" or "_ordinal" in rows.columns
        return rows.withColumn("customer_id", F.lower("customer_id")) if changes else rows

    patch_transform(monkeypatch, lower_ids)
    require_match(lake, "^CUST[0-9]+$", "customer_id")
    lake.put_files(a__csv=csv_bytes(GOOD))
    assert rule_outcomes(lake) == [("computed", False, ("cust100",))]
    assert not [key for stage, key in known[1] if stage == "output" and "regex" in key[0]]


def test_a_transform_that_needs_more_than_the_columns_hands_nothing_on(spark: Any) -> None:
    types = {"a": "string", "b": "int"}
    assert passed_through_columns(lambda rows: rows.withColumn("b", F.col("b") + 1), types) == {"a"}
    assert passed_through_columns(lambda rows: rows.select("a", "other"), types) == frozenset()
