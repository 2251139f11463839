"""What a dataset leaves behind is found by its own names alone, archived whole, and removed for good."""

import io
import itertools
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from components.names import Names
from sluice.cli.app import main
from sluice.operations.retiring import removal
from sluice.operations.retiring.lake_places import LakePlaces
from sluice.sandbox.emulator.emulator import ACCOUNT, Emulator
from sluice.sandbox.jobs.spark import REGION
from tests.sandbox.operations.lake import CommandResult

_numbers = itertools.count(1)
OURS, OTHERS = "trades", "trades_daily"


class RetiredLake:
    """The buckets, tables and alarms of a stack that two datasets with names alike left something in."""

    def __init__(self, emulator: Emulator, role: str) -> None:
        self.emulator, self.role = emulator, role
        self.names = Names("sluice", f"gone{next(_numbers)}", REGION, ACCOUNT)
        self.s3, self.glue = emulator.client("s3"), emulator.client("glue")
        self.database = self.names.database
        for bucket in (*(self.names.bucket(zone) for zone in ("raw", "processed", "assets")), self.cold):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.glue.create_database(DatabaseInput={"Name": self.database})
        for dataset in (OURS, OTHERS):
            self.leave_behind(dataset)

    @property
    def cold(self) -> str:
        """A bucket outside of the lake."""
        return f"cold-{self.names.stack}"

    def leave_behind(self, dataset: str) -> None:
        places = LakePlaces(self.emulator.account, self.names, dataset)
        for place in places.places:
            self.s3.put_object(Bucket=place.bucket, Key=f"{place.prefix}a.json", Body=dataset.encode())
        self.s3.put_object(Bucket=self.names.bucket("raw"), Key=f"{dataset}/a.json", Body=b"again")
        self.s3.put_object(Bucket=self.names.bucket("raw"), Key=f"{dataset}/gone.csv", Body=b"gone")
        self.s3.delete_object(Bucket=self.names.bucket("raw"), Key=f"{dataset}/gone.csv")
        for table in (dataset, f"{dataset}_quarantine"):
            descriptor: Any = {"Location": f"s3://{self.names.bucket('processed')}/parquet/{dataset}"}
            self.glue.create_table(
                DatabaseName=self.database, TableInput={"Name": table, "StorageDescriptor": descriptor}
            )
        job = self.names.resource_name(dataset)
        self.emulator.client("cloudwatch").put_metric_alarm(
            AlarmName=f"{job}-broken",
            Namespace="Sluice",
            MetricName="Broken",
            Dimensions=[{"Name": "JobName", "Value": job}],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )

    def deploy(self, dataset: str, **metas: dict[str, Any]) -> str:
        """Let the stack have a dataset's job, with contracts of that meta; return the job's name."""
        assets, arguments = self.names.bucket("assets"), {"--dataset": dataset, "--stack": self.names.stack}
        for stage in ("input", "output"):
            key = f"contracts/{dataset}/{stage}-1.json"
            body = json.dumps({"meta": {"columns": [], **metas.get(stage, {})}}).encode()
            self.s3.put_object(Bucket=assets, Key=key, Body=body)
            arguments[f"--{stage}-contract"] = f"s3://{assets}/{key}"
        arguments |= {
            "--table": f"lake.{self.database}.{dataset}",
            "--raw": f"s3://{self.names.bucket('raw')}/{dataset}/",
        }
        job = self.names.resource_name(dataset)
        command: Any = {"Name": "glueetl", "ScriptLocation": f"s3://{assets}/none.py", "PythonVersion": "3"}
        self.glue.create_job(Name=job, Role=self.role, Command=command, DefaultArguments=arguments, GlueVersion="6.0")
        return job

    def keys(self, bucket: str) -> set[str]:
        """Return the keys of every version in a bucket, also of what was deleted."""
        answer: Any = self.s3.list_object_versions(Bucket=bucket)
        return {entry["Key"] for kind in ("Versions", "DeleteMarkers") for entry in answer.get(kind, ())}

    def all_keys(self) -> set[str]:
        """Return those of the lake's buckets."""
        return set().union(*(self.keys(self.names.bucket(zone)) for zone in ("raw", "processed", "assets")))

    def retire(self, *options: str) -> CommandResult:
        """Run the command, as from the command line."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["retire", OURS, *options, "--stack", self.names.stack], self.emulator.account)
        return CommandResult(code, out.getvalue(), err.getvalue())


@pytest.fixture
def retired(at: Emulator, role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RetiredLake]:
    monkeypatch.setenv("SLUICE_LAKE", str(tmp_path))
    lake = RetiredLake(at, role)
    yield lake
    for dataset in (OURS, OTHERS):
        lake.glue.delete_job(JobName=lake.names.resource_name(dataset))


def test_what_is_left_is_listed_with_old_versions_and_nothing_of_a_name_that_begins_alike(retired: RetiredLake) -> None:
    outcome = retired.retire("--json")
    assert outcome.code == 0, outcome.err
    left = outcome.json
    assert left["tables"] == [f"{retired.database}.trades", f"{retired.database}.trades_quarantine"]
    assert left["alarms"] == [f"{retired.names.resource_name('trades')}-broken"]
    assert (left["jobs"], left["refused"]) == ([], [])
    [raw] = [entry for entry in left["objects"] if entry["what"] == "raw objects"]
    assert raw["uri"] == f"s3://{retired.names.bucket('raw')}/trades/"
    assert (raw["objects"], raw["bytes"], raw["old_versions"], raw["old_bytes"]) == (1, 5, 3, 10)
    assert len(left["objects"]) == len(LakePlaces(retired.emulator.account, retired.names, OURS).places)
    assert "trades_daily" not in outcome.out
    shown = retired.retire()
    assert (shown.code, "3 old versions among that" in shown.out) == (0, True)


def test_a_removal_takes_every_version_of_the_dataset_and_nothing_of_another(retired: RetiredLake) -> None:
    others = {key for key in retired.all_keys() if OTHERS in key}
    refused = retired.retire("--remove")
    assert (refused.code, "add --yes" in refused.err) == (2, True)
    assert len(retired.all_keys()) > len(others)
    outcome = retired.retire("--remove", "--yes", "--json")
    assert (outcome.code, outcome.json["removed"]) == (0, True), outcome.err
    assert retired.all_keys() == others
    tables = [table["Name"] for table in retired.glue.get_tables(DatabaseName=retired.database)["TableList"]]
    assert sorted(tables) == ["trades_daily", "trades_daily_quarantine"]
    again = retired.retire("--remove", "--yes")
    assert (again.code, "nothing of 'trades' is left in any stack" in again.err) == (2, True)


def test_a_removal_that_was_interrupted_goes_on_where_it_is_run_again(
    retired: RetiredLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {key for key in retired.all_keys() if OTHERS in key}
    steps, delete = itertools.count(), removal._delete_versions

    def interrupted(s3: Any, place: Any) -> int:
        if next(steps) == 3:
            raise KeyboardInterrupt
        return delete(s3, place)

    monkeypatch.setattr(removal, "_delete_versions", interrupted)
    assert retired.retire("--remove", "--yes").code == 130
    assert retired.all_keys() > others
    monkeypatch.setattr(removal, "_delete_versions", delete)
    assert retired.retire("--remove", "--yes").code == 0
    assert retired.all_keys() == others


def test_an_archive_has_what_is_kept_and_is_held_against_it(retired: RetiredLake) -> None:
    uri = f"s3://{retired.cold}/lake"
    outcome = retired.retire("--archive", uri, "--yes", "--json")
    assert outcome.code == 0, outcome.err
    prefix = "lake/trades/"
    keys = retired.keys(retired.cold)
    kept = [place for place in LakePlaces(retired.emulator.account, retired.names, OURS).places if place.is_kept]
    assert keys == {f"{prefix}archive.json", *(f"{prefix}{place.zone}/{place.prefix}a.json" for place in kept)}
    raw = retired.s3.get_object(Bucket=retired.cold, Key=f"{prefix}raw/trades/a.json")["Body"].read()
    index = json.loads(retired.s3.get_object(Bucket=retired.cold, Key=f"{prefix}archive.json")["Body"].read())
    assert (raw, len(index["objects"]), [table["name"] for table in index["tables"]]) == (
        *(b"again", len(kept), ["trades", "trades_quarantine"]),
    )
    retired.s3.put_object(Bucket=retired.cold, Key=f"{prefix}raw/trades/a.json", Body=b"other")
    broken = retired.retire("--archive", uri, "--remove", "--yes")
    assert (broken.code, "raw/trades/a.json is not" in broken.err) == (3, True)
    assert retired.retire("--archive", f"s3://{retired.names.bucket('raw')}/x", "--yes").code == 2
    assert retired.retire("--archive", "cold", "--yes").code == 2
    assert retired.retire("--json").json["tables"]


def test_it_is_refused_while_the_stack_has_it_or_others_refer_to_it(retired: RetiredLake, tmp_path: Path) -> None:
    before = retired.all_keys()
    retired.deploy(OTHERS, input={"sources": [{"dataset": OURS}]}, output={"references": [{"dataset": OURS}]})
    (tmp_path / f"Pulumi.{retired.names.stack}.yaml").write_text(
        "config:\n  sluice:datasets:\n    trades: {}\n    trades_daily: {needs: [trades]}\n  sluice:key:\n    secure: v1\n"
    )
    refused = retired.retire("--remove", "--yes")
    assert refused.code == 2
    assert "trades_daily names it in the input contract that is deployed" in refused.err
    assert "trades_daily names it in the output contract that is deployed" in refused.err
    assert f"Pulumi.{retired.names.stack}.yaml names it among sluice:datasets" in refused.err
    assert "says that trades_daily needs it" in refused.err
    job = retired.deploy(OURS)
    listed = retired.retire("--json")
    assert (listed.code, listed.json["jobs"]) == (0, [job])
    assert any(f"still has its job {job}" in reason for reason in listed.json["refused"])
    assert before <= retired.all_keys()


def test_a_dataset_that_left_nothing_is_told_with_where_it_was_looked(retired: RetiredLake) -> None:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["retire", "nothing", "--stack", retired.names.stack], retired.emulator.account)
    assert (code, f"looked at: {retired.names.stack}" in err.getvalue()) == (2, True)
