"""An object is withdrawn: what the job is told, what is refused before it starts, and what runs after it."""

import json

import pytest

from etl.ledger import ledger
from etl.ledger.ledger import TableCopy
from etl.storage.raw_objects import RawObject
from sluice.operations import dependents
from tests.lake.loads import SNAPSHOT, trades_suites
from tests.sandbox.operations.lake import SLEEPS, Lake

# A job that says what it was told in its verdict.
SCRIPT = """
import json, sys
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
import boto3
bucket, _, prefix = arguments["--verdicts"].removeprefix("s3://").partition("/")
verdict = {"rows_published": 0, "message": arguments["--withdraw"]}
boto3.client("s3").put_object(Bucket=bucket, Key=f"{prefix}{arguments['--JOB_RUN_ID']}.json", Body=json.dumps(verdict))
"""


def record_replacement(lake: Lake, winner: str, loser: str) -> None:
    """Let the published ledger know that an object's rows replaced another's."""
    uri = lake.deployed.head.summary[ledger.POINTER]
    ledger.write_ledger(lake.s3, uri, lake.ledger.record_replacements({winner: [loser]}))


@pytest.fixture
def objects(lake: Lake) -> list[RawObject]:
    """Two objects that are published, of which the newer has a row aside."""
    older, newer = lake.put_object("1.csv"), lake.put_object("2.csv")
    lake.publish_objects(older)
    lake.publish_objects(newer, bad=["r1"])
    lake.define_job(SCRIPT)
    return [older, newer]


def test_the_job_is_told_which_version_leaves_and_why(lake: Lake, objects: list[RawObject]) -> None:
    record_replacement(lake, "trades/2.csv", "trades/1.csv")
    outcome = lake.run_command("withdraw", "2.csv", "--why", "of another shop", "--who", "ada", "--yes", "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.json["message"]) == {
        "key": "trades/2.csv",
        "version": objects[1].version,
        "why": "of another shop",
        "who": "ada",
        "without": [],
    }
    assert outcome.json["withdrawn"] | {"version": ""} == {
        **{"key": "trades/2.csv", "version": "", "rows": 1, "rows_aside": 1},
        **{"restored": ["trades/1.csv"], "without": []},
    }
    assert "1 row of it leave lake." in outcome.err
    assert "come back, read again and judged: 1 object: trades/1.csv" in outcome.err
    [run] = lake.glue.get_job_runs(JobName=lake.job)["JobRuns"]
    assert run["Arguments"]["--enable-observability-metrics"] == "false"
    [state] = lake.run_command("status", "--json").json
    assert state["runs"][0]["kind"] == "withdraw"


def test_what_cannot_come_back_is_named_and_stays_away_only_where_that_is_said(
    lake: Lake, objects: list[RawObject]
) -> None:
    record_replacement(lake, "trades/2.csv", "trades/1.csv")
    lake.s3.delete_object(Bucket=lake.bucket, Key="trades/1.csv")
    outcome = lake.run_command("withdraw", "2.csv", "--why", "x", "--yes")
    assert outcome.code == 2
    assert "trades/1.csv (is no longer in the raw bucket)" in outcome.err
    assert lake.glue.get_job_runs(JobName=lake.job)["JobRuns"] == []
    outcome = lake.run_command("withdraw", "2.csv", "--why", "x", "--without", "--yes", "--json")
    assert json.loads(outcome.json["message"])["without"] == ["trades/1.csv"]


def test_an_object_that_no_run_has_read_is_only_skipped(lake: Lake, objects: list[RawObject]) -> None:
    lake.put_object("3.csv")
    outcome = lake.run_command("withdraw", "3.csv", "--why", "half a day", "--yes", "--json")
    assert (outcome.code, outcome.json["skipped"][0]["why"]) == (0, "half a day")
    assert "no run has read it, so that no row leaves with trades/3.csv" in outcome.err
    assert (lake.glue.get_job_runs(JobName=lake.job)["JobRuns"], lake.unread_keys()) == ([], [])
    again = lake.run_command("withdraw", "3.csv", "--why", "once more", "--yes")
    assert (again.code, "withdrawn or skipped already" in again.err) == (2, True)
    assert lake.run_command("unskip", "3.csv", "--yes").code == 0
    assert lake.unread_keys() == ["trades/3.csv"]


def test_what_is_refused_starts_nothing(lake: Lake, objects: list[RawObject]) -> None:
    unknown = lake.run_command("withdraw", "11.csv", "--why", "x", "--yes")
    assert (unknown.code, "there is no object '11.csv' under trades/; there is trades/1.csv" in unknown.err) == (
        2,
        True,
    )
    lake.put_object("1.csv", b"2\n")
    newer = lake.run_command("withdraw", "1.csv", "--why", "x", "--yes")
    assert (newer.code, "that no run has read" in newer.err) == (2, True)
    assert lake.run_command("skip", "1.csv", "--why", "x", "--yes").code == 0
    report = lake.run_command("withdraw", "1.csv", "--why", "x", "--yes", "--json")
    assert json.loads(report.json["message"])["version"] == objects[0].version
    assert lake.run_command("withdraw", "1.csv", "--why", " ", "--yes").code == 2
    assert lake.run_command("withdraw", "1.csv", "--yes").code == 2


def test_an_object_that_raw_bucket_and_ledger_forgot_is_found_by_its_rows(lake: Lake, objects: list[RawObject]) -> None:
    lake.s3.delete_object(Bucket=lake.bucket, Key="trades/1.csv")
    uri = lake.deployed.head.summary[ledger.POINTER]
    ledger.write_ledger(lake.s3, uri, lake.ledger.with_objects([], expired=["trades/1.csv"]))
    outcome = lake.run_command("withdraw", "1.csv", "--why", "x", "--yes", "--json")
    assert json.loads(outcome.json["message"])["version"] == objects[0].version, outcome.err


def test_of_a_snapshot_the_copy_leaves_and_an_older_one_is_only_skipped(lake: Lake, objects: list[RawObject]) -> None:
    for stage, suite in trades_suites(SNAPSHOT).items():
        lake.s3.put_object(Bucket=lake.bucket, Key=f"contracts/{stage}.json", Body=json.dumps(suite).encode())
    uri, newer = lake.deployed.head.summary[ledger.POINTER], objects[1]
    copy = TableCopy(newer.modified, newer.key)
    ledger.write_ledger(lake.s3, uri, lake.ledger.with_copy(copy, "jr_2", has_quarantined=False))
    outcome = lake.run_command("withdraw", "2.csv", "--why", "x", "--yes", "--json")
    assert (outcome.code, outcome.json["withdrawn"]["restored"]) == (0, ["trades/1.csv"]), outcome.err
    older_only = lake.run_command("withdraw", "1.csv", "--why", "x", "--yes", "--json")
    assert (older_only.code, older_only.json["withdrawn"]) == (0, None), older_only.err
    assert "the table is of another copy, so that no row leaves with trades/1.csv" in older_only.err
    refused = lake.run_command("withdraw", "2.csv", "--why", "x", "--yes")
    assert (refused.code, "an earlier copy (none is there any more)" in refused.err) == (2, True)


def test_beside_a_run_it_is_refused(lake: Lake, objects: list[RawObject]) -> None:
    lake.define_job(SLEEPS)
    with lake.started_job() as start:
        run = start()
        outcome = lake.run_command("withdraw", "1.csv", "--why", "x", "--yes")
    assert (outcome.code, f"{run} of trades is under way" in outcome.err) == (2, True)


def test_what_is_built_from_a_dataset_is_found_through_others_and_in_its_stack_alone(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other:
        def __init__(self, name: str, stack: str, *sources: str) -> None:
            self.name, self.stack, self.sources, self.account = name, stack, sources, None

    trades = Other("trades", "dev")
    others = [
        trades,
        Other("weekly", "dev", "daily"),
        Other("daily", "dev", "trades"),
        Other("daily", "prod", "trades"),
    ]
    monkeypatch.setattr(dependents, "all_deployed", lambda _: others)
    assert [(other.name, other.stack) for other in dependents.find_dependents(trades)] == [  # pyright: ignore[reportArgumentType]
        *(("daily", "dev"), ("weekly", "dev"))
    ]
