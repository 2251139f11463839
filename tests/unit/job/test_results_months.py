"""Months of results in one object: joined once, when nothing can come any more, and never of what cannot be read."""

import json
from datetime import date
from typing import Any

import pytest

from etl.contract.results_layout import KINDS, RULES, RUNS, ResultKind, days_folder, month_key, run_key
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.maintenance.results_months import JoinedMonths, is_over, join_months
from etl.results.result_lines import line_adapter, parse_lines
from etl.results.results_reader import read_runs
from etl.results.results_writer import write_results
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.run_line import RunFigures
from etl.results.verdict import RunState, Verdict
from etl.storage.clients import Clients
from tests.unit.job.run_reports import Bucket

HELD = RuleResult("trips.rows", Stage.INPUT, Severity.CRITICAL, RuleState.HELD, rows_judged=9, observed="9")
JANUARY = (date(2026, 1, 1), date(2026, 1, 31))


def bucket_of(*days: str) -> Bucket:
    """Return a bucket with the results of a run on each day."""
    bucket: Any = Bucket()
    for number, day in enumerate(days, 1):
        verdict = Verdict("trips", f"jr_{number}", "job", f"{day}T06:00:00+00:00", RunState.SUCCEEDED, rules=[HELD])
        assert write_results(Clients(bucket, bucket, bucket), "assets", verdict, RunFigures(day)) == ()
    bucket.calls.clear()
    return bucket


def join(bucket: Bucket, today: date = date(2026, 2, 8)) -> JoinedMonths:
    joined = JoinedMonths()
    join_months(bucket, "assets", "trips", today, joined)
    return joined


def lines_of(bucket: Bucket, kind: ResultKind, month: str) -> list[str]:
    """Return the ids of the runs that a month's copy has lines of."""
    return [line.run_id for line in parse_lines(line_adapter(kind), bucket.objects[month_key(kind, "trips", month)])]


def test_a_month_is_joined_when_it_has_been_over_for_seven_days() -> None:
    days = [(date(2026, 2, 7), False), (date(2026, 2, 8), True), (date(2027, 1, 1), True), (date(2026, 1, 31), False)]
    assert [is_over("2026-01", today) for today, _ in days] == [over for _, over in days]
    assert [is_over("2025-12", date(2026, 1, day)) for day in (7, 8)] == [False, True]
    assert not is_over("notes", date(2026, 1, 8))


def test_a_copy_has_each_line_of_its_month_as_it_stands_and_the_days_stay() -> None:
    bucket = bucket_of("2026-01-05", "2026-01-05", "2026-01-31", "2026-02-01")
    before = dict(bucket.objects)
    joined = join(bucket)
    assert joined == JoinedMonths([month_key(kind, "trips", "2026-01") for kind in KINDS])
    assert joined.in_words == "2 months of results joined"
    assert [lines_of(bucket, kind, "2026-01") for kind in KINDS] == [["jr_1", "jr_2", "jr_3"]] * 2
    assert {key: body for key, body in bucket.objects.items() if "/months/" not in key} == before
    runs = read_runs(bucket, "assets", "trips", *JANUARY)
    assert [line.run_id for line in runs.lines] == ["jr_1", "jr_2", "jr_3"]


def test_a_second_maintenance_joins_nothing_and_reads_no_line() -> None:
    bucket = bucket_of("2026-01-05")
    join(bucket)
    bucket.calls.clear()
    assert join(bucket) == JoinedMonths()
    assert {call.split()[0] for call in bucket.calls} == {"list"}
    assert JoinedMonths().in_words == ""


def test_a_maintenance_that_dies_before_a_copy_leaves_the_days_and_the_next_joins_them() -> None:
    bucket = bucket_of("2026-01-05", "2025-12-31")
    bucket.refused = {"put": month_key(RULES, "trips", "2026-01")}
    with pytest.raises(Exception, match="AccessDenied"):
        join(bucket)
    assert [line.run_id for line in read_runs(bucket, "assets", "trips", *JANUARY).lines] == ["jr_1"]
    bucket.refused = {}
    assert join(bucket).written == [month_key(RULES, "trips", "2026-01")]


@pytest.mark.parametrize("body", [b"", b'{"version": 1', b'{"version": 2}\n'])
def test_a_month_with_a_file_that_cannot_be_read_is_not_joined_and_its_days_are_read(body: bytes) -> None:
    bucket = bucket_of("2026-01-05")
    key = run_key(RUNS, "trips", "2026-01-06", "jr_0")
    bucket.objects[key] = body
    joined = join(bucket)
    assert joined.written == [month_key(RULES, "trips", "2026-01")]
    assert [fault.partition(": ")[0] for fault in joined.unreadable] == [f"s3://assets/{key}"]
    assert f"since these cannot be read: s3://assets/{key}: " in joined.in_words
    runs = read_runs(bucket, "assets", "trips", *JANUARY)
    assert ([line.run_id for line in runs.lines], len(runs.unreadable)) == (["jr_1"], 1)


def test_what_is_no_day_is_left_alone() -> None:
    bucket = bucket_of()
    bucket.objects = {f"{days_folder(RUNS, 'trips')}notes.txt": b"somebody's"}
    assert join(bucket) == JoinedMonths()


def test_a_line_without_an_end_is_joined_as_a_line() -> None:
    bucket = bucket_of("2026-01-05", "2026-01-06")
    for key, body in bucket.objects.items():
        bucket.objects[key] = body.removesuffix(b"\n")
    join(bucket)
    body = bucket.objects[month_key(RUNS, "trips", "2026-01")]
    assert [json.loads(line)["run_id"] for line in body.splitlines()] == ["jr_1", "jr_2"]
