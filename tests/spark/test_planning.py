"""Planning grows with the rules and not with their power: a contract's columns each have a critical pattern and a warning."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from etl.contract.model import Contract, contract_of
from etl.gate.gated_plan import Crossing
from etl.gate.references import Known
from etl.sources import csv_reader
from etl.sources.preflight import Look
from etl.storage.raw_objects import Place, RawObject

ROWS = 1000


def contract(stage: str, columns: int) -> Contract:
    """Return a contract of text columns; the input's have a pattern that takes any character, and a warning each."""
    names = [f"c{at}" for at in range(columns)]
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
                    "meta": {"rule": f"wide.{stage}.r{at}", "why": "why"},
                }
                for at, (kind, kwargs, severity) in enumerate(rules)
            ],
        }
    )


def crossed(spark: SparkSession, folder: Path, columns: int, value: str) -> tuple[Any, Callable[[], Any]]:
    """Return the rows that a run of `columns` columns stages, and what makes those that it sets aside."""
    input_contract, output_contract = contract("input", columns), contract("output", columns)
    header = ",".join(input_contract.names)
    path = folder / f"{columns}.csv"
    path.write_text("\n".join([header, *(",".join([value] * columns) for _ in range(ROWS)), ""]))
    looks = [Look(RawObject(str(path), "v", path.stat().st_size, "2026"), header)]
    place = cast(Place, SimpleNamespace(uri=lambda key: f"file://{key}"))
    crossing = Crossing(
        {}, lambda frame: frame, input_contract, input_contract, output_contract, Known(cast(Any, None), {})
    )
    lines = csv_reader.read(spark, place, looks, input_contract, crossing.beside.plain)
    kept = crossing.observed(lines, looks).marked.kept.select(*output_contract.names)
    return kept, lambda: crossing.crossed(lines).aside


def seconds(work: Callable[[], Any]) -> float:
    """Return how long something takes, on the clock."""
    since = time.monotonic()
    work()
    return time.monotonic() - since


def test_twice_the_rules_are_not_planned_for_minutes(spark: Any, tmp_path: Path) -> None:
    """Spark infers 2^26 constraints of these rows where it may: 45 seconds, and twice that for each column more."""

    def plan(columns: int) -> None:
        kept, _ = crossed(spark, tmp_path, columns, "v")
        kept._jdf.queryExecution().optimizedPlan()

    plan(4)  # the first plan of a session compiles the planner
    few, many = seconds(lambda: plan(12)), seconds(lambda: plan(26))
    assert many < 10 * max(few, 0.5)


@pytest.mark.long
@pytest.mark.parametrize("value", ["v", "V"], ids=["none aside", "all aside"])
def test_four_times_the_columns_take_at_most_five_times_as_long(spark: Any, tmp_path: Path, value: str) -> None:
    """A run's two passes over 1,000 rows, planned and taken."""

    def run(columns: int) -> None:
        kept, aside = crossed(spark, tmp_path, columns, value)
        kept.write.format("noop").mode("overwrite").save()
        if value == "V":
            aside().write.format("noop").mode("overwrite").save()

    run(30)  # compiles Spark's planner and the library's conditions
    few, many = (min(seconds(lambda n=columns: run(n)) for _ in range(2)) for columns in (30, 120))
    assert many <= 5 * few, (few, many)
