"""`sluice forget`, with a stand-in for the job: what the job is told, what a person is told, and what is left behind."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from etl.contract.layout import FORGET_KEYS
from etl.forget.report import BucketVersions, ForgetReport, ForgetState, ObjectForgotten, PlaceLeft, TableForgotten
from sluice.operations import forgetting
from sluice.operations.forget_keys import ForgetKeys
from tests.sandbox.operations.lake import SLEEPS, Lake

KEY = "t-12"
REPORT = ForgetReport("trades", "jr_1", "job", "then", ForgetState.SUCCEEDED, "forgotten", 2, 1)
REPORTS = """
import dataclasses, json, sys, boto3, os
order = dict(zip(sys.argv[1::2], sys.argv[2::2]))
s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
bucket, _, key = order["--keys"].removeprefix("s3://").partition("/")
body = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
report = json.loads({report!r}) | {{"message": json.dumps(sorted(order))}}
s3.delete_object(Bucket=bucket, Key=key)
place = "forget/" + key.rpartition("/")[2].removesuffix(".jsonl") + ".report.json"
s3.put_object(Bucket=bucket, Key=place, Body=json.dumps(report))
s3.put_object(Bucket=bucket, Key="order.json", Body=json.dumps({{"arguments": order, "keys": body}}))
{ending}
"""


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "keys.csv"
    file.write_text(f"transaction_id\n{KEY}\nt-13\n")
    return file


def reporting(report: ForgetReport, ending: str = "") -> str:
    return REPORTS.format(report=json.dumps(asdict(report)), ending=ending)


def keys_left(lake: Lake) -> list[str]:
    listed = lake.s3.list_objects_v2(Bucket=lake.bucket, Prefix=FORGET_KEYS).get("Contents", ())
    return [entry["Key"] for entry in listed]


def read_order(lake: Lake) -> dict:
    return json.loads(lake.s3.get_object(Bucket=lake.bucket, Key="order.json")["Body"].read())


def test_keys_reach_the_job_by_a_private_object_and_what_went_is_told(lake: Lake, keys: Path) -> None:
    report = replace(REPORT)
    report.tables = [TableForgotten("trades", 1, 3)]
    report.objects, report.objects_searched = [ObjectForgotten("trades/1.csv", 1)], 4
    report.records_rewritten, report.answers_deleted = {"verdicts": 2}, 5
    report.versions = [BucketVersions("raw", 0, 1, "2026-12-30"), BucketVersions("assets", 2)]
    lake.define_forget(reporting(report))
    lake.s3.put_object(Bucket=lake.bucket, Key=f"{FORGET_KEYS}trades-dead.jsonl", Body=b"of a command that died")
    outcome = lake.run_command("forget", "--rows", str(keys), "--now", "--yes")
    assert outcome.code == 0, outcome.err
    order = read_order(lake)
    assert order["keys"] == f'{{"transaction_id": "{KEY}"}}\n{{"transaction_id": "t-13"}}\n'
    arguments = order["arguments"]
    assert KEY not in json.dumps(arguments) + outcome.out + outcome.err
    expected = {"--forget": "trades", "--publisher": lake.job, "--now": "true", "--table": lake.deployed.table}
    assert {name: arguments[name] for name in expected} == expected
    assert arguments["--keys"].startswith(f"s3://{lake.bucket}/{FORGET_KEYS}trades-")
    assert keys_left(lake) == []
    text = " ".join(outcome.out.split())
    for words in (
        f"sluice-{lake.stack}-forget forgets 2 keys of lake.",
        "this cannot be undone: older snapshots expire, so no rollback reaches before it",
        "older versions of objects are removed at once",
        "2 keys asked for, 1 in the published table",
        "trades: 1 row deleted, 3 older snapshots expired",
        "raw: 4 objects read, 1 written anew",
        "trades/1.csv: 1 row",
        "raw: 0 older versions removed, 1 left, the last is gone on 2026-12-30",
        "assets: 2 older versions removed, none is left",
        "the logs of runs, which are kept for 30 days",
    ):
        assert words in text, words
    shown = lake.run_command("forget", "--json").json
    assert (shown["state"], shown["report"]["keys_matched"]) == ("SUCCEEDED", 1)


def test_what_is_left_is_told_and_is_no_success(lake: Lake, keys: Path) -> None:
    report = replace(REPORT, state=ForgetState.INCOMPLETE)
    report.left = [PlaceLeft("s3://raw/trades/1.xlsx", "it has a password")]
    lake.define_forget(reporting(report, "raise type('ForgetIncomplete', (Exception,), {})('left: 1.xlsx')"))
    outcome = lake.run_command("forget", "--rows", str(keys), "--yes")
    assert outcome.code == 1
    assert "may still have such rows: s3://raw/trades/1.xlsx: it has a password" in " ".join(outcome.out.split())


def test_nobody_who_did_not_agree_forgets_and_no_key_is_left(lake: Lake, keys: Path) -> None:
    job = lake.define_forget("raise MemoryError")
    for options, words in (
        (["--rows", str(keys)], "nothing was done: add --yes"),
        (["--rows", str(keys.with_name("none.csv")), "--yes"], "No such file or directory; nothing was done"),
        ([], "no run has forgotten rows of trades yet: --rows FILE has the keys"),
    ):
        outcome = lake.run_command("forget", *options)
        assert (outcome.code, words in " ".join(outcome.err.split())) == (2, True), outcome.err
    assert lake.glue.get_job_runs(JobName=job)["JobRuns"] == []
    assert keys_left(lake) == []


def test_it_is_refused_beside_a_run_and_a_run_beside_it(lake: Lake, keys: Path) -> None:
    job = lake.define_forget(SLEEPS)
    lake.define_job(SLEEPS)
    with lake.started_job() as start:
        run = start()
        outcome = lake.run_command("forget", "--rows", str(keys), "--yes")
        assert (outcome.code, f"{run} of trades is under way" in " ".join(outcome.err.split())) == (2, True)
    run = lake.glue.start_job_run(JobName=job, Arguments={"--forget": "trades"})["JobRunId"]
    try:
        assert lake.run_command("rollback", "1").code == 2
        outcome = lake.run_command("forget", "--rows", str(keys), "--yes")
        assert (outcome.code, f"{run} of trades is under way" in " ".join(outcome.err.split())) == (2, True)
    finally:
        lake.glue.batch_stop_job_run(JobName=job, JobRunIds=[run])


def test_a_job_that_is_busy_for_another_dataset_leaves_no_keys(lake: Lake, keys: Path) -> None:
    job = lake.define_forget(SLEEPS)
    run = lake.glue.start_job_run(JobName=job, Arguments={"--forget": "buyers"})["JobRunId"]
    try:
        outcome = lake.run_command("forget", "--rows", str(keys), "--yes")
        assert (outcome.code, "which forgets rows of buyers" in " ".join(outcome.err.split())) == (2, True)
        uri = forgetting.upload_keys(lake.deployed, ForgetKeys(()))
        with pytest.raises(ValueError, match="runs already, for another dataset"):
            forgetting.start_run(lake.deployed, {"--keys": uri})
    finally:
        lake.glue.batch_stop_job_run(JobName=job, JobRunIds=[run])
    assert keys_left(lake) == []


def test_a_stack_of_an_earlier_version_says_what_to_do(lake: Lake, keys: Path) -> None:
    outcome = lake.run_command("forget", "--rows", str(keys), "--yes")
    assert outcome.code == 2
    assert "has no job that forgets rows; nothing was done. Deploy it with this version" in " ".join(
        outcome.err.split()
    )
