"""Lines of results as tests need them: days of a dataset with what each had."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from etl.contract.results_layout import RUNS, run_key
from etl.results.result_lines import render_lines
from etl.results.run_line import RunLine, run_line_adapter
from sluice.contracts.history.stand_in_lines import stand_in_line

DATASET = "trades"


def run_line_of(day: date, metrics: Mapping[str, Mapping[str, Any]], number: int = 1, **changed: Any) -> RunLine:
    """Return the line of an ordinary run of a day; `number` tells runs of one day apart."""
    line = stand_in_line(DATASET, day, number, metrics)
    return replace(
        line, **{"run_id": f"jr_{day:%m%d}_{number}", "started": f"{day}T{5 + number:02}:00:00+00:00", **changed}
    )


def days_of_rows(last: date, *rows: int) -> list[RunLine]:
    """Return a line for each number of rows, a day each, the last one's given."""
    first = last - timedelta(days=len(rows) - 1)
    return [
        run_line_of(first + timedelta(days=index), {"input": {"row_count": count}, "output": {"row_count": count}})
        for index, count in enumerate(rows)
    ]


def put_lines(s3: Any, bucket: str, lines: Iterable[RunLine]) -> None:
    """Put lines where runs put theirs."""
    for line in lines:
        key = run_key(RUNS, line.dataset, line.started[:10], line.run_id)
        s3.put_object(Bucket=bucket, Key=key, Body=render_lines(run_line_adapter(), [line]))
