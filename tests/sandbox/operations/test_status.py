"""How things stand, looked up in the emulator."""

import json
import resource
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from etl.ledger import ledger
from sluice.operations import account, job_runs, row_counts, status
from sluice.operations.__main__ import main
from sluice.operations.account import Account
from sluice.sandbox.emulator.keys import Keys
from sluice.sandbox.jobs.environment import surroundings
from sluice.sandbox.jobs.spark import REGION
from tests.sandbox.operations.lake import ENDS_AT_ONCE, ROOT, SLEEPS, Lake

FAILS = "raise SystemExit('SalesBroken: ' + 'x' * 1000)"
COMMANDED = """
import sys
from sluice.operations.__main__ import main
code = main(["status", "--stack", sys.argv[1], "--json"])
heavy = {"pyspark", "great_expectations", "pulumi"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else code)
"""
MOST_REQUESTS = 30  # for a dataset; they run beside each other
MOST_CPU_SECONDS = 4  # of this machine's, which others share: what stays below 5 s on a quiet one


def state(lake: Lake) -> dict[str, Any]:
    told = lake.operate("status", "--json")
    assert told.code == 0, told.err
    [found] = told.json
    return found


def test_a_dataset_that_nothing_arrived_for_is_shown_as_such(lake: Lake) -> None:
    found = state(lake)
    assert found["readers"]["snapshot"] is None
    assert found["objects"] == {
        "unread": [],
        "skipped": [],
        "deleted": [],
        "passed_over": [],
        "objects_passed_over": 0,
    }
    assert (found["runs"], found["verdict"], found["branches"], found["aside"]) == ([], None, [], 0)


def test_it_tells_what_readers_see_what_is_unread_and_what_is_aside(lake: Lake) -> None:
    day, gone = lake.put("day.csv"), lake.put("gone.csv")
    snapshot = lake.publish(day, gone, bad=["r1", "r2"])
    again, new = lake.put("day.csv", b"mended\n"), lake.put("new.csv", b"1234")
    lake.s3.delete_object(Bucket=lake.bucket, Key=gone.key)
    found = state(lake)
    readers = found["readers"]
    assert (readers["snapshot"], readers["rows"], readers["run"]) == (snapshot, 2, "jr_1")
    assert (readers["hours"], readers["freshness_hours"]) == (0.0, 26)
    assert [(one["key"], one["version"], one["bytes"], one["instead_of"]) for one in found["objects"]["unread"]] == [
        (day.key, again.version, 7, day.version),
        (new.key, new.version, 4, None),
    ]
    assert found["objects"]["deleted"] == [gone.key]
    assert found["aside"] == 2


def test_rows_aside_of_an_object_that_was_read_again_count_no_longer(lake: Lake) -> None:
    lake.publish(lake.put("day.csv"), bad=["r1"])
    lake.publish(lake.put("day.csv", b"mended\n"))
    assert state(lake)["aside"] == 0


def test_the_last_verdict_tells_its_counts_and_violated_rules_without_values(lake: Lake) -> None:
    place = {"object": "sales/a b.csv", "version": "v1", "row": 3}
    broken = {"rule": "sales.id", "severity": "critical", "unexpected": 2, "samples": ["secret"], "held": False}
    broken |= {"places": [place]}
    verdict = {"run_id": "jr_9", "state": "FAILED", "message": "m", "rows_read": 3, "rows_published": 0}
    error = {"rule": "sales.day", "severity": "info", "state": "error", "held": False, "samples": ["secret"]}
    # one of before states beside those of today
    rules = [broken, error, {"held": True, "evaluated": False}, {"held": True}, {"state": "held", "held": True}]
    body = {**verdict, "rows_quarantined": 1, "violations": [broken], "rules": rules}
    lake.s3.put_object(Bucket=lake.bucket, Key="verdicts/sales/latest.json", Body=json.dumps(body).encode())
    found = state(lake)["verdict"]
    violated = [{"rule": "sales.id", "severity": "critical", "unexpected": 2, "places": [place]}]
    assert found == {
        **verdict,
        "rows_quarantined": 1,
        "kind": "run",  # of before there were kinds
        "rules_held": 2,
        "rules_not_evaluated": 1,
        "rules_in_error": 1,
        "in_error": [{"rule": "sales.day", "severity": "info"}],
        "violated": violated,
        "skip": ["python -m operate skip sales 'sales/a b.csv' --version v1 --why TEXT"],
    }


def test_a_replay_and_a_rerun_are_said_to_be_such(lake: Lake) -> None:
    lake.define(ENDS_AT_ONCE)
    for given in ({}, {"--rerun": '["sales/a.csv"]'}, {"--replay": "jr_0"}):
        job_runs.run(lake.deployed, given)
    body = dict.fromkeys(("rows_read", "rows_published", "rows_quarantined"), 0) | {
        "run_id": "jr_9",
        "state": "SUCCEEDED",
    }
    body |= {"kind": "replay", "message": "m", "violations": []}
    lake.s3.put_object(Bucket=lake.bucket, Key="verdicts/sales/latest.json", Body=json.dumps(body).encode())
    found = state(lake)
    assert [one["kind"] for one in found["runs"]] == ["replay", "rerun", "run"]
    assert found["verdict"]["kind"] == "replay"


def test_the_last_runs_are_told_newest_first_with_a_short_message(lake: Lake) -> None:
    lake.define(FAILS)
    started = [job_runs.run(lake.deployed).id for _ in range(2)]
    found = state(lake)["runs"]
    assert [one["run"] for one in found] == started[::-1]
    assert found[0]["state"] == "FAILED"
    assert found[0]["message"].startswith("SystemExit: SalesBroken: xx")
    assert len(found[0]["message"]) == status.LONGEST_MESSAGE + 1


def test_a_branch_says_whether_its_run_lives(lake: Lake) -> None:
    lake.publish(lake.put("day.csv"), bad=["r1"])
    lake.define(SLEEPS)
    keeping = lake.define_maintenance(SLEEPS)
    with lake.going() as start, lake.going(keeping) as keep:
        run, kept = start(), keep()
        alive = [f"run_{run}", f"run_{run}_2", f"maintain_{kept}"]
        dead = [f"run_{run}0", "run_jr_dead"]
        for branch in (*alive, *dead):
            lake.table().manage_snapshots().create_branch(int(lake.seen), branch).commit()
        quarantine = lake.table("sales_quarantine")
        quarantine.manage_snapshots().create_branch(quarantine.current_snapshot().snapshot_id, "run_jr_half").commit()
        dead.append("run_jr_half")
        found = state(lake)
    assert {one["branch"]: one["alive"] for one in found["branches"]} == dict.fromkeys(alive, True) | dict.fromkeys(
        dead, False
    )
    assert found["maintenance"]["run"] == kept
    assert found["maintenance"]["state"] in job_runs.UNFINISHED


def test_rows_are_counted_where_a_summary_of_a_new_branch_is_wrong(lake: Lake) -> None:
    lake.publish(lake.put("1.csv"), lake.put("2.csv"))
    table = lake.table()
    table.current_snapshot().summary["total-records"] = "0"  # as Iceberg for Java writes it
    assert row_counts.in_snapshot(table, int(lake.seen)) == 2


def test_what_somebody_else_wrote_hides_the_objects_and_says_so(lake: Lake) -> None:
    lake.publish(lake.put("day.csv"))
    lake.table().append(lake.table().scan().to_arrow())
    found = state(lake)
    assert found["readers"]["rows"] == 2
    assert found["objects"] is None
    assert f"carries no {ledger.POINTER}" in found["unseen"]["objects"]


def test_what_is_denied_hides_nothing_else_and_ends_with_3(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise ClientError(
            {"Error": {"Code": "AccessDeniedException", "Message": "glue:GetJobRuns on it"}}, "GetJobRuns"
        )

    snapshot = lake.publish(lake.put("day.csv"))
    monkeypatch.setattr(status.job_runs, "latest", denied)
    told = lake.operate("status", "--json")
    [found] = told.json
    assert told.code == 3
    assert (found["readers"]["snapshot"], found["runs"]) == (snapshot, None)
    assert "glue:GetJobRuns on it" in found["unseen"]["runs"]
    assert "not seen      runs: " in lake.operate("status").out


def test_an_account_that_does_not_answer_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account, "CONFIG", Config(retries={"total_max_attempts": 1}))
    assert main(["status"], Account(Keys.random().session(), "http://127.0.0.1:9")) == 3
    assert "Could not connect" in capsys.readouterr().err


def test_of_all_datasets_only_those_of_the_stack_are_shown(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--stack", lake.stack, "--json"], lake.account) == 0
    assert [one["job"] for one in json.loads(capsys.readouterr().out)] == [lake.job]
    assert main(["status", "--stack", "nowhere"], lake.account) == 2
    assert "no dataset is deployed in stack nowhere; there are: " in capsys.readouterr().err


def test_it_sends_no_more_requests_as_days_go_by(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    call: Any = BaseClient._make_api_call  # pyright: ignore[reportAttributeAccessIssue]

    def counted(client: Any, operation: str, params: dict[str, Any]) -> Any:
        asked.append(operation)
        return call(client, operation, params)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    numbers: list[int] = []
    for day in range(4):
        lake.publish(lake.put(f"{day}.csv"), bad=[f"r{day}"])
        asked.clear()
        state(lake)
        numbers.append(len(asked))
    assert numbers == [numbers[0]] * 4
    assert 10 < numbers[0] < MOST_REQUESTS


def test_of_a_jobs_runs_one_request_tells_the_newest() -> None:
    began = [datetime(2026, 1, day, tzinfo=UTC) for day in (2, 3, 1)]
    glue = mock.Mock(spec_set=["get_job_runs"])
    glue.get_job_runs.return_value = {"JobRuns": [{"StartedOn": one} for one in began], "NextToken": "older"}
    found = job_runs.latest(mock.Mock(glue=glue), "job")
    assert [one["StartedOn"].day for one in found] == [3, 2, 1]
    glue.get_job_runs.assert_called_once_with(JobName="job", MaxResults=200)


def test_from_the_shell_it_takes_few_seconds_and_loads_neither_spark_nor_the_checks(lake: Lake) -> None:
    lake.publish(lake.put("day.csv"), bad=["r1"])
    named = {"AWS_ENDPOINT_URL": lake.emulator.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        [sys.executable, "-c", COMMANDED, lake.stack],
        cwd=ROOT,
        env=surroundings() | named | lake.emulator.keys.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)[0]["aside"] == 1
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < MOST_CPU_SECONDS
