"""What earlier runs came to, read back: months as they were joined, else days; what cannot be read is named and passed over."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from botocore.exceptions import ClientError

from etl.contract.results_layout import RUNS, month_key, run_key
from etl.results.result_lines import render_lines
from etl.results.results_reader import RunResultsRead, months_between, read_runs
from etl.results.run_line import RunFigures, RunLine, is_ordinary, run_line, run_line_adapter
from etl.results.verdict import RunState, Verdict
from etl.runtime.arguments import RunKind
from tests.unit.job.run_reports import Bucket

NEW_FIELDS = ("metrics", "corrected", "isolated", "is_ordinary")


def ended(run_id: str, day: str, **fields: Any) -> Verdict:
    return Verdict("trips", run_id, "job", f"{day}T06:00:00+00:00", RunState.SUCCEEDED, rows_published=9, **fields)


def line_of(run_id: str, day: str, **fields: Any) -> RunLine:
    return run_line(ended(run_id, day, **fields), RunFigures(day, 900, 41.5, f"{day}T06:01:00+00:00", 26))


def stored(*lines: RunLine) -> dict[str, bytes]:
    """Return the files of runs, by key."""
    return {
        run_key(RUNS, "trips", line.started[:10], line.run_id): render_lines(run_line_adapter(), [line])
        for line in lines
    }


def read(objects: dict[str, bytes], since: str = "2026-01-01", until: str = "2026-12-31") -> RunResultsRead:
    bucket = Bucket()
    bucket.objects = objects
    return read_runs(bucket, "assets", "trips", date.fromisoformat(since), date.fromisoformat(until))


def run_ids(result: RunResultsRead) -> list[str]:
    return [line.run_id for line in result.lines]


def test_a_line_is_read_back_as_it_was_written() -> None:
    metrics = {"input": {"row_count": 9, "fare.sum": 1.5, "fare.mean": None}, "output": {"fare.minimum": float("nan")}}
    line = line_of("jr_1", "2026-01-31", metrics=metrics)
    assert read(stored(line)) == RunResultsRead([line], [])
    assert line.metrics == {**metrics, "output": {"fare.minimum": None}}
    assert line.is_ordinary


def test_two_runs_of_a_day_are_two_lines_and_only_days_between_the_dates_count() -> None:
    lines = [line_of(f"jr_{number}", day) for number, day in enumerate(("2026-01-30", "2026-01-31", "2026-01-31"))]
    later = replace(line_of("jr_0", "2026-02-01"), started="2026-02-01T00:00:00+00:00", run_id="jr_9")
    result = read(stored(*lines, later), "2026-01-31", "2026-01-31")
    assert (run_ids(result), result.unreadable) == (["jr_1", "jr_2"], [])


def test_before_the_first_run_there_are_no_results() -> None:
    assert read({}) == RunResultsRead([], [])
    assert read(stored(line_of("jr_1", "2025-12-31"))) == RunResultsRead([], [])


def test_a_line_from_before_metrics_is_read_and_is_no_history() -> None:
    line = line_of("jr_1", "2026-01-31", metrics={"output": {"row_count": 9}})
    [(key, body)] = stored(line).items()
    older = {name: value for name, value in json.loads(body).items() if name not in NEW_FIELDS}
    result = read({key: json.dumps(older | {"a later field": [1]}).encode()})
    assert result == RunResultsRead([replace(line, metrics={}, is_ordinary=False)], [])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b'{"version": 1, "dataset"', "it is not JSON"),
        (b"\xff\x00", "it is not JSON"),
        (b"[" * 99_999, "it is not JSON"),
        (b"7", "no lines of version 1"),
        (b'{"version": 2}', "no lines of version 1: version: Input should be 1"),
        (b'{"version": 1, "dataset": "Lovelace"}', "no lines of version 1: run_id: Field required"),
    ],
)
def test_a_file_that_is_corrupt_or_newer_is_named_and_passed_over(body: bytes, why: str) -> None:
    key = run_key(RUNS, "trips", "2026-01-30", "jr_0")
    result = read({key: body, **stored(line_of("jr_1", "2026-01-31"))})
    assert run_ids(result) == ["jr_1"]
    [fault] = result.unreadable
    assert fault.startswith(f"s3://assets/{key}: {why}")
    assert "Lovelace" not in fault


def test_a_month_is_read_in_place_of_its_days_and_no_run_counts_twice() -> None:
    january = [line_of("jr_1", "2026-01-05"), line_of("jr_2", "2026-01-20")]
    february = line_of("jr_3", "2026-02-02")
    month = {month_key(RUNS, "trips", "2026-01"): render_lines(run_line_adapter(), january)}
    objects = stored(*january, february) | month
    bucket = Bucket()
    bucket.objects = objects
    result = read_runs(bucket, "assets", "trips", date(2026, 1, 10), date(2026, 2, 28))
    assert result == RunResultsRead([january[1], february], [])
    assert bucket.calls == [
        "list results/months/runs/dataset=trips/",
        "get results/months/runs/dataset=trips/2026-01.jsonl",
        "list results/runs/dataset=trips/day=2026-02",
        "get results/runs/dataset=trips/day=2026-02-02/jr_3.jsonl",
    ]
    assert run_ids(read(month)) == ["jr_1", "jr_2"]  # the days have expired


def test_a_month_that_cannot_be_read_is_named_and_its_days_are_read() -> None:
    key = month_key(RUNS, "trips", "2026-01")
    result = read(stored(line_of("jr_1", "2026-01-05")) | {key: b'{"version": 2}\n'})
    assert run_ids(result) == ["jr_1"]
    assert [fault.partition(": ")[0] for fault in result.unreadable] == [f"s3://assets/{key}"]


def test_many_files_are_read_in_threads_and_stay_in_order() -> None:
    lines = [line_of(f"jr_{number:03}", f"2026-01-{number % 31 + 1:02}") for number in range(100)]
    result = read(stored(*lines))
    assert result.lines == sorted(lines, key=lambda line: (line.started, line.run_id))


def test_a_file_that_expires_meanwhile_is_no_fault_and_a_denied_one_is_raised() -> None:
    bucket = Bucket()
    bucket.objects = stored(line_of("jr_1", "2026-01-31"))
    bucket.refused = {"get": "results/runs/"}
    with pytest.raises(ClientError, match="AccessDenied"):
        read_runs(bucket, "assets", "trips", date(2026, 1, 31), date(2026, 1, 31))
    bucket.refused, contents = {}, bucket.list_objects_v2
    bucket.list_objects_v2 = lambda **request: (
        contents(**request)
        | (
            {"Contents": [{"Key": run_key(RUNS, "trips", "2026-01-31", "gone")}]}
            if request["Prefix"].startswith("results/runs")
            else {}
        )
    )
    assert read_runs(bucket, "assets", "trips", date(2026, 1, 31), date(2026, 1, 31)) == RunResultsRead([], [])


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": RunKind.REPLAY},
        {"kind": RunKind.RERUN},
        {"rows_published": 0},
        {"nothing_unread": True, "rows_published": 0},
        {"corrected": ["trips/a.csv"]},
        {"isolated": True},
        {"state": RunState.FAILED},
    ],
)
def test_a_run_that_repairs_corrects_isolates_or_publishes_nothing_is_no_history(fields: dict[str, Any]) -> None:
    verdict = ended("jr_1", "2026-01-31")
    assert is_ordinary(verdict)
    assert not is_ordinary(replace(verdict, **fields))


def test_months_are_counted_over_years() -> None:
    assert months_between(date(2025, 11, 30), date(2026, 2, 1)) == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert months_between(date(2026, 1, 1), date(2026, 1, 31)) == ["2026-01"]
