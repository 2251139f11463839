"""What the output wants to match something is judged as it is written, whatever the transform made of it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from pyspark.sql import functions as F

from etl import datasets
from tests.lake.mutations import TRADES
from tests.spark.lake import GOOD, Lake, csv_bytes

RULE = "trades.region.written"
MATCH = "expect_column_values_to_match_regex"
Transform = Callable[[Any], Any]


def require_match(lake: Lake, regex: str, column: str = "region") -> None:
    """Have the output want that a column matches."""
    suite = copy.deepcopy(TRADES["output"])
    meta = {"rule": RULE, "why": "Reports group by it."}
    kwargs = {"column": column, "regex": regex}
    suite["expectations"].append({"type": MATCH, "kwargs": kwargs, "severity": "critical", "meta": meta})
    lake.aws.s3.put_object(Bucket=lake.bucket, Key="contracts/output.json", Body=json.dumps(suite))


def patch_transform(monkeypatch: pytest.MonkeyPatch, change: Transform) -> None:
    true: Transform = datasets.transform_of("trades")
    monkeypatch.setattr("etl.pipeline.transform_of", lambda _: lambda rows: change(true(rows)))


def rule_outcomes(lake: Lake) -> list[tuple[str, bool, tuple[str | None, ...]]]:
    return [
        (result.way, result.held, result.samples)
        for result in lake.run().rules
        if result.rule == RULE and result.evaluated
    ]


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        ("^EU-[A-Z]+$", ("computed", False, ("US-EAST",))),
        pytest.param("^[A-Z]+-[A-Z]+$", ("observed", True, ()), marks=pytest.mark.long),
    ],
)
def test_a_pattern_of_the_output_is_judged_by_what_is_written(
    lake: Lake, regex: str, expected: tuple[Any, ...]
) -> None:
    require_match(lake, regex)
    lake.put_files(a__csv=csv_bytes(GOOD))
    assert rule_outcomes(lake) == [expected]


@pytest.mark.long
@pytest.mark.parametrize("lower", [pytest.param("always", marks=pytest.mark.long), "where there are rows"])
def test_a_column_that_the_transform_changes_is_judged_as_it_is_written(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, lower: str
) -> None:
    def lower_ids(rows: Any) -> Any:
        changes = lower == "always" or "_ordinal" in rows.columns
        return rows.withColumn("customer_id", F.lower("customer_id")) if changes else rows

    patch_transform(monkeypatch, lower_ids)
    require_match(lake, "^CUST[0-9]+$", "customer_id")
    lake.put_files(a__csv=csv_bytes(GOOD))
    assert rule_outcomes(lake) == [("computed", False, ("cust100",))]
