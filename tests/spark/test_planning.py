"""Planning grows with the rules and not with their power: a contract's columns each have a critical pattern and a warning."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.gate.gated_plan import GatedPlan
from etl.gate.observed_plan import ObservedPlan
from etl.gate.references import ResolvedReferences
from etl.sources import csv_reader
from etl.sources.preflight import FilePreflight
from etl.storage.raw_objects import RawObject, S3Prefix

ROWS = 1000


def wide_contract(stage: str, columns: int) -> Contract:
    """Return a contract of text columns; the input's have a pattern that takes any character, and a warning each."""
    names = [f"c{number}" for number in range(columns)]
    rules: list[tuple[str, dict[str, Any], str]] = [
        ("expect_table_row_count_to_be_between", {"min_value": 1}, "critical")
    ]
    for name in names if stage == "input" else ():
        for pattern, severity in (("^.{1,20}$", "critical"), ("^[a-z]", "warning")):
            rules.append(("expect_column_values_to_match_regex", {"column": name, "regex": pattern}, severity))
    return contract_of(
        {
            "name": f"wide.{stage}",
            "meta": {
                "version": "1.0.0",
                "owner": "me",
                "description": "made up",
                "columns": [{"name": name, "type": "string", "description": "made up"} for name in names],
                **({"format": "csv"} if stage == "input" else {"key": ["c0"], "freshness_hours": 26}),
            },
            "expectations": [
                {
                    "type": kind,
                    "kwargs": kwargs,
                    "severity": severity,
                    "meta": {"rule": f"wide.{stage}.r{number}", "why": "why"},
                }
                for number, (kind, kwargs, severity) in enumerate(rules)
            ],
        }
    )


def crossed_rows(spark: SparkSession, folder: Path, columns: int, value: str) -> tuple[Any, Callable[[], Any]]:
    """Return the rows that a run of `columns` columns stages, and what makes those that it sets aside."""
    input_contract, output_contract = wide_contract("input", columns), wide_contract("output", columns)
    header = ",".join(input_contract.names)
    path = folder / f"{columns}.csv"
    path.write_text("\n".join([header, *(",".join([value] * columns) for _ in range(ROWS)), ""]))
    looks = [
        FilePreflight(
            RawObject(str(path), "v", path.stat().st_size, "2026"), (header,), layout=tuple(input_contract.names)
        )
    ]
    place = cast(S3Prefix, SimpleNamespace(uri=lambda key: f"file://{key}"))
    crossing = GatedPlan(
        {},
        lambda frame: frame,
        input_contract,
        input_contract,
        output_contract,
        ResolvedReferences(cast(Any, None), {}),
    )
    lines = csv_reader.read_csv(spark, place, looks, input_contract, crossing.precompute.line_regex)
    kept_rows = ObservedPlan(crossing, lines, looks).observe().marked.kept_rows.select(*output_contract.names)
    return kept_rows, lambda: crossing.gated_rows(lines).quarantined_rows


def elapsed_seconds(work: Callable[[], Any]) -> float:
    """Return how long something takes, on the clock."""
    since = time.monotonic()
    work()
    return time.monotonic() - since


def test_twice_the_rules_are_not_planned_for_minutes(spark: Any, tmp_path: Path) -> None:
    """Spark infers 2^26 constraints of these rows where it may: 45 seconds, and twice that for each column more."""

    def optimize_plan(columns: int) -> None:
        kept_rows, _ = crossed_rows(spark, tmp_path, columns, "v")
        kept_rows._jdf.queryExecution().optimizedPlan()

    optimize_plan(4)  # the first plan of a session compiles the planner
    few, many = elapsed_seconds(lambda: optimize_plan(12)), elapsed_seconds(lambda: optimize_plan(26))
    assert many < 10 * max(few, 0.5)


@pytest.mark.long
@pytest.mark.parametrize("value", ["v", "V"], ids=["none aside", "all aside"])
def test_four_times_the_columns_take_at_most_five_times_as_long(spark: Any, tmp_path: Path, value: str) -> None:
    """A run's two passes over 1,000 rows, planned and taken."""

    def write_rows(columns: int) -> None:
        kept_rows, make_quarantined = crossed_rows(spark, tmp_path, columns, value)
        kept_rows.write.format("noop").mode("overwrite").save()
        if value == "V":
            make_quarantined().write.format("noop").mode("overwrite").save()

    write_rows(30)  # compiles Spark's planner and the library's conditions
    few, many = (min(elapsed_seconds(lambda n=columns: write_rows(n)) for _ in range(2)) for columns in (30, 120))
    assert many <= 5 * few, (few, many)
