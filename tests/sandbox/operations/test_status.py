"""How things stand, looked up in the emulator."""

import json
import resource
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.ledger import ledger
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import RunState, Verdict
from etl.runtime.arguments import RunKind
from sluice.cli.app import main
from sluice.operations import account, job_runs, row_counts, status
from sluice.operations.account import Account
from sluice.sandbox.emulator.keys import AccessKeys
from sluice.sandbox.jobs.environment import clean_environment
from sluice.sandbox.jobs.spark import REGION
from tests.run_lines import days_of_rows, put_lines
from tests.sandbox.operations.lake import ENDS_AT_ONCE, ROOT, SLEEPS, Lake

FAILS = "raise SystemExit('SalesBroken: ' + 'x' * 1000)"
COMMANDED = """
import sys
from sluice.cli.app import main
code = main(["status", "--stack", sys.argv[1], "--json"])
heavy = {"pyspark", "great_expectations", "pulumi"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else code)
"""
MOST_REQUESTS = 30  # for a dataset; they run beside each other
MOST_CPU_SECONDS = 4  # of this machine's, which others share: what stays below 5 s on a quiet one


def dataset_status(lake: Lake) -> dict[str, Any]:
    outcome = lake.run_command("status", "--json")
    assert outcome.code == 0, outcome.err
    [report] = outcome.json
    return report


def test_a_dataset_that_nothing_arrived_for_is_shown_as_such(lake: Lake) -> None:
    report = dataset_status(lake)
    assert report["readers"]["snapshot"] is None
    assert report["objects"] == {
        "unread": [],
        "waiting": [],
        "superseded": [],
        "broken_manifests": [],
        "skipped": [],
        "deleted": [],
        "passed_over": [],
        "objects_passed_over": 0,
    }
    assert (report["runs"], report["verdict"], report["branches"], report["aside"]) == ([], None, [], 0)


def test_it_tells_what_readers_see_what_is_unread_and_what_is_aside(lake: Lake) -> None:
    day, deleted_object = lake.put_object("day.csv"), lake.put_object("gone.csv")
    snapshot = lake.publish_objects(day, deleted_object, bad=["r1", "r2"])
    again, new = lake.put_object("day.csv", b"mended\n"), lake.put_object("new.csv", b"1234")
    lake.s3.delete_object(Bucket=lake.bucket, Key=deleted_object.key)
    report = dataset_status(lake)
    readers = report["readers"]
    assert (readers["snapshot"], readers["rows"], readers["run"]) == (snapshot, 2, "jr_1")
    assert (readers["hours"], readers["freshness_hours"]) == (0.0, 26)
    assert [
        (raw_object["key"], raw_object["version"], raw_object["bytes"], raw_object["instead_of"])
        for raw_object in report["objects"]["unread"]
    ] == [
        (day.key, again.version, 7, day.version),
        (new.key, new.version, 4, None),
    ]
    assert report["objects"]["deleted"] == [deleted_object.key]
    assert report["aside"] == 2


def test_rows_aside_of_an_object_that_was_read_again_count_no_longer(lake: Lake) -> None:
    lake.publish_objects(lake.put_object("day.csv"), bad=["r1"])
    lake.publish_objects(lake.put_object("day.csv", b"mended\n"))
    assert dataset_status(lake)["aside"] == 0


def test_the_last_verdict_tells_its_counts_and_violated_rules_without_values(lake: Lake) -> None:
    origin = Origin("trades/a b.csv", "v1", 3)
    rules = [
        RuleResult("trades.id", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 2, ("secret",), places=(origin,)),
        RuleResult("trades.day", Stage.INPUT, Severity.INFO, RuleState.ERROR, samples=("secret",)),
        RuleResult("trades.kept", Stage.INPUT, Severity.INFO, RuleState.HELD),
        RuleResult("trades.kept_before_states", Stage.INPUT, Severity.INFO, RuleState.HELD),
        RuleResult("trades.waits_before_states", Stage.INPUT, Severity.INFO, RuleState.NOT_EVALUATED),
    ]
    counts: dict[str, Any] = {"rows_read": 3, "rows_published": 0, "rows_quarantined": 1}
    body = Verdict("trades", "jr_9", "job", "now", message="m", rules=rules, **counts).as_json()
    for later_field in ("version", "kind"):
        del body[later_field]
    for rule in body["rules"][-2:]:
        del rule["state"]
    lake.s3.put_object(Bucket=lake.bucket, Key="verdicts/trades/latest.json", Body=json.dumps(body).encode())
    last_verdict = dataset_status(lake)["verdict"]
    violated = [{"rule": "trades.id", "severity": "critical", "unexpected": 2, "places": [asdict(origin)]}]
    assert last_verdict == {
        "run_id": "jr_9",
        "state": "FAILED",
        "message": "m",
        **counts,
        "kind": "run",  # of before there were kinds
        "rules_held": 2,
        "rules_not_evaluated": 1,
        "rules_in_error": 1,
        "in_error": [{"rule": "trades.day", "severity": "info"}],
        "violated": violated,
        "skip": ["sluice skip trades 'trades/a b.csv' --version v1 --why TEXT"],
    }


def test_a_replay_and_a_rerun_are_said_to_be_such(lake: Lake) -> None:
    lake.define_job(ENDS_AT_ONCE)
    for arguments in ({}, {"--rerun": '["trades/a.csv"]'}, {"--replay": "jr_0"}):
        job_runs.run_job(lake.deployed, arguments)
    body = Verdict("trades", "jr_9", "job", "now", RunState.SUCCEEDED, kind=RunKind.REPLAY).as_json()
    lake.s3.put_object(Bucket=lake.bucket, Key="verdicts/trades/latest.json", Body=json.dumps(body).encode())
    report = dataset_status(lake)
    assert [job_run["kind"] for job_run in report["runs"]] == ["replay", "rerun", "run"]
    assert report["verdict"]["kind"] == "replay"


def test_the_last_runs_are_told_newest_first_with_a_short_message(lake: Lake) -> None:
    lake.define_job(FAILS)
    started = [job_runs.run_job(lake.deployed).id for _ in range(2)]
    runs = dataset_status(lake)["runs"]
    assert [job_run["run"] for job_run in runs] == started[::-1]
    assert runs[0]["state"] == "FAILED"
    assert runs[0]["message"].startswith("SystemExit: SalesBroken: xx")
    assert len(runs[0]["message"]) == status.LONGEST_MESSAGE + 1


def test_a_branch_says_whether_its_run_lives(lake: Lake) -> None:
    lake.publish_objects(lake.put_object("day.csv"), bad=["r1"])
    lake.define_job(SLEEPS)
    keeping = lake.define_maintenance(SLEEPS)
    with lake.started_job() as start, lake.started_job(keeping) as keep:
        run, maintenance_run = start(), keep()
        alive = [f"run_{run}", f"run_{run}_2", f"maintain_{maintenance_run}"]
        dead = [f"run_{run}0", "run_jr_dead"]
        for branch in (*alive, *dead):
            lake.load_table().manage_snapshots().create_branch(int(lake.published_snapshot), branch).commit()
        quarantine = lake.load_table("trades_quarantine")
        quarantine.manage_snapshots().create_branch(quarantine.current_snapshot().snapshot_id, "run_jr_half").commit()
        dead.append("run_jr_half")
        report = dataset_status(lake)
    assert {branch_state["branch"]: branch_state["alive"] for branch_state in report["branches"]} == dict.fromkeys(
        alive, True
    ) | dict.fromkeys(dead, False)
    assert report["maintenance"]["run"] == maintenance_run
    assert report["maintenance"]["state"] in job_runs.UNFINISHED


def test_rows_are_counted_where_a_summary_of_a_new_branch_is_wrong(lake: Lake) -> None:
    lake.publish_objects(lake.put_object("1.csv"), lake.put_object("2.csv"))
    table = lake.load_table()
    table.current_snapshot().summary["total-records"] = "0"  # as Iceberg for Java writes it
    assert row_counts.count_snapshot_rows(table, int(lake.published_snapshot)) == 2


def test_what_somebody_else_wrote_hides_the_objects_and_says_so(lake: Lake) -> None:
    lake.publish_objects(lake.put_object("day.csv"))
    lake.load_table().append(lake.load_table().scan().to_arrow())
    report = dataset_status(lake)
    assert report["readers"]["rows"] == 2
    assert report["objects"] is None
    assert f"carries no {ledger.POINTER}" in report["unseen"]["objects"]


def test_what_is_denied_hides_nothing_else_and_ends_with_3(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny_request(*_: object) -> None:
        raise ClientError(
            {"Error": {"Code": "AccessDeniedException", "Message": "glue:GetJobRuns on it"}}, "GetJobRuns"
        )

    snapshot = lake.publish_objects(lake.put_object("day.csv"))
    monkeypatch.setattr(status.job_runs, "newest_runs", deny_request)
    outcome = lake.run_command("status", "--json")
    [report] = outcome.json
    assert outcome.code == 3
    assert (report["readers"]["snapshot"], report["runs"]) == (snapshot, None)
    assert "glue:GetJobRuns on it" in report["unseen"]["runs"]
    assert "not seen      runs: " in lake.run_command("status").out


def test_an_account_that_does_not_answer_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account, "CONFIG", Config(retries={"total_max_attempts": 1}))
    assert main(["status"], Account(AccessKeys.generate().session(), "http://127.0.0.1:9")) == 3
    assert "Could not connect" in capsys.readouterr().err


def test_of_all_datasets_only_those_of_the_stack_are_shown(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--stack", lake.stack, "--json"], lake.account) == 0
    assert [dataset_state["job"] for dataset_state in json.loads(capsys.readouterr().out)] == [lake.job]
    assert main(["status", "--stack", "nowhere"], lake.account) == 2
    assert "no dataset is deployed in stack nowhere; there are: " in capsys.readouterr().err


def test_it_sends_no_more_requests_as_days_go_by(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    operations: list[str] = []
    call: Any = BaseClient._make_api_call  # pyright: ignore[reportAttributeAccessIssue]

    def counted_request(client: Any, operation: str, params: dict[str, Any]) -> Any:
        operations.append(operation)
        return call(client, operation, params)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted_request)
    numbers: list[int] = []
    for day in range(4):
        lake.publish_objects(lake.put_object(f"{day}.csv"), bad=[f"r{day}"])
        operations.clear()
        dataset_status(lake)
        numbers.append(len(operations))
    assert numbers == [numbers[0]] * 4
    assert 10 < numbers[0] < MOST_REQUESTS


def test_of_a_jobs_runs_one_request_tells_the_newest() -> None:
    began = [datetime(2026, 1, day, tzinfo=UTC) for day in (2, 3, 1)]
    glue = mock.Mock(spec_set=["get_job_runs"])
    glue.get_job_runs.return_value = {
        "JobRuns": [{"StartedOn": start_time} for start_time in began],
        "NextToken": "older",
    }
    runs = job_runs.newest_runs(mock.Mock(glue=glue), "job")
    assert [job_run["StartedOn"].day for job_run in runs] == [3, 2, 1]
    glue.get_job_runs.assert_called_once_with(JobName="job", MaxResults=200)


def test_from_the_shell_it_takes_few_seconds_and_loads_neither_spark_nor_the_checks(lake: Lake) -> None:
    lake.publish_objects(lake.put_object("day.csv"), bad=["r1"])
    named = {"AWS_ENDPOINT_URL": lake.emulator.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        [sys.executable, "-c", COMMANDED, lake.stack],
        cwd=ROOT,
        env=clean_environment() | named | lake.emulator.keys.as_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)[0]["aside"] == 1
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < MOST_CPU_SECONDS


def test_the_last_days_are_a_calendar_by_the_results(lake: Lake) -> None:
    rows = (100, 50, 100)
    lines = days_of_rows(datetime.now(UTC).date(), *rows)
    put_lines(
        lake.s3, lake.bucket, [replace(line, rows_published=count) for line, count in zip(lines, rows, strict=True)]
    )
    lake.s3.put_object(
        Bucket=lake.bucket, Key=f"results/runs/dataset=trades/day={datetime.now(UTC).date()}/cut.jsonl", Body=b"{"
    )
    outcome = lake.run_command("status", "--days", "5")
    assert outcome.code == 0, outcome.err
    assert "trades  ··✓✓✓\nrows published\ntrades  ··█▅█  50 to 100, last 100\nrows set aside: none\n" in outcome.out
    assert "trades  passed over: s3://" in outcome.out
    [entry] = lake.run_command("status", "--days", "5", "--json").json
    assert [day["state"] for day in entry["days"]] == ["none", "none", "good", "good", "good"]
    assert entry["days"][3]["rows_published"] == 50


def test_a_run_with_rows_aside_is_named_by_the_beginning_of_its_id(lake: Lake) -> None:
    lake.publish_objects(lake.put_object("1.csv"), bad=["r1"])
    lake.publish_objects(lake.put_object("2.csv"), bad=["r2"])
    assert "r1" in lake.run_command("quarantine", "jr_1").out
    refused = lake.run_command("quarantine", "jr_")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("jr_ is the beginning of 2 runs, type more of it:\n  jr_1\n  jr_2\n")
    lake.publish_objects(replays="jr_2")
    assert "was replayed by jr_3" in lake.run_command("replay", "jr_2", "--yes").err
