"""Objects go through the gate again: what the job is told, and how its end is reported."""

import json

import pytest

from tests.sandbox.operations.lake import SLEEPS, Lake

# A job that says what it was told in its verdict, and fails by a rule or a fault on two days.
SCRIPT = """
import json, sys
told = dict(zip(sys.argv[1::2], sys.argv[2::2]))
class ContractBroken(Exception): pass
if told.get("--run-date") == "2026-01-01":
    raise ContractBroken("trades broke its contract")
if told.get("--run-date") == "2026-01-02":
    raise MemoryError("no memory")
import boto3
bucket, _, prefix = told["--verdicts"].removeprefix("s3://").partition("/")
verdict = {"rows_read": 3, "rows_published": 2, "rows_quarantined": 1, "message": json.dumps(told)}
boto3.client("s3").put_object(Bucket=bucket, Key=f"{prefix}{told['--JOB_RUN_ID']}.json", Body=json.dumps(verdict))
"""


def test_the_job_is_told_the_keys_as_a_list_and_reports_its_rows(lake: Lake) -> None:
    lake.publish_objects(lake.put_object("1.csv"))
    lake.put_object('odd, "name".csv')
    lake.define_job(SCRIPT)
    outcome = lake.run_command("rerun", 'odd, "name".csv', "trades/1.csv", "--yes", "--json")
    assert outcome.code == 0, outcome.err
    arguments = json.loads(outcome.json["message"])
    assert json.loads(arguments["--rerun"]) == ["trades/1.csv", 'trades/odd, "name".csv']
    assert "--run-date" not in arguments
    assert (
        arguments["--enable-observability-metrics"] == "false"
    )  # so that Glue counts no error, which would ring the alarm
    assert (outcome.json["state"], outcome.json["rows_read"], outcome.json["rows_published"]) == ("SUCCEEDED", 3, 2)
    assert 'trades/1.csv (its rows are replaced), trades/odd, "name".csv (not published yet)' in outcome.err


@pytest.mark.parametrize(("day", "code"), [("2026-01-01", 1), ("2026-01-02", 3)])
def test_what_the_data_refuse_is_told_from_a_fault(lake: Lake, day: str, code: int) -> None:
    lake.put_object("1.csv")
    lake.define_job(SCRIPT)
    outcome = lake.run_command("rerun", "1.csv", "--run-date", day, "--yes")
    assert outcome.code == code
    assert "FAILED" in outcome.out


def test_a_skipped_object_is_said_to_be_one_and_nothing_starts_without_a_word(lake: Lake) -> None:
    lake.put_object("1.csv")
    assert lake.run_command("skip", "1.csv", "--why", "x", "--yes").code == 0
    outcome = lake.run_command("rerun", "1.csv")
    assert outcome.code == 2
    assert "trades/1.csv (not published yet, skipped)" in outcome.out
    assert lake.glue.get_job_runs(JobName=lake.job)["JobRuns"] == []


def test_an_unknown_object_is_refused_before_anything_starts(lake: Lake) -> None:
    outcome = lake.run_command("rerun", "nowhere.csv", "--yes")
    assert outcome.code == 2
    assert "there is no object 'nowhere.csv' under trades/" in outcome.err
    assert lake.glue.get_job_runs(JobName=lake.job)["JobRuns"] == []


def test_beside_a_run_it_is_refused(lake: Lake) -> None:
    lake.put_object("1.csv")
    lake.define_job(SLEEPS)
    with lake.started_job() as start:
        run = start()
        outcome = lake.run_command("rerun", "1.csv", "--yes")
    assert outcome.code == 2
    assert f"{run} of trades is under way" in outcome.err
