"""StartJobRun on the emulator runs the job, and GetJobRun tells the truth about it."""

import inspect
import json
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from ministack.core import iam_evaluator
from ministack.services import cloudwatch, cloudwatch_logs, eventbridge, glue, sts

from sluice.sandbox.emulator import glue_adapter
from sluice.sandbox.emulator.subscriber import Subscriber
from sluice.sandbox.jobs import runner
from tests.sandbox.stub import Workshop
from tests.sandbox.waiting import wait_until

SHOW_ARGUMENTS = "import json, sys; print(json.dumps(sys.argv[1:]))"


def test_the_adapters_were_written_for_the_installed_ministack() -> None:
    assert version("ministack") == glue_adapter.MINISTACK_VERSION


@pytest.mark.parametrize(
    ("place", "parameters"),
    [
        (glue._start_job_run, ["data"]),
        (glue._batch_stop_job_run, ["data"]),
        (glue._create_job, ["data"]),
        (glue._arn, ["resource_type", "name"]),
        (eventbridge._put_events, ["data", "allow_aws_source"]),
        (cloudwatch_logs._create_log_group, ["data"]),
        (cloudwatch_logs._create_log_stream, ["data"]),
        (cloudwatch_logs._put_log_events, ["data"]),
        (cloudwatch.record_metric, ["namespace", "metric_name", "value", "unit", "dimensions"]),
        (cloudwatch._evaluate_all_alarms, []),
        (cloudwatch._evaluate_alarm, ["alarm"]),
        (cloudwatch._record_history, ["alarm_name", "old_state", "new_state", "reason", "alarm_type", "reason_data"]),
        (cloudwatch._dispatch_alarm_actions, ["alarm", "old_state", "new_state", "reason"]),
        (cloudwatch._evaluate_parent_alarms, ["child", "seen"]),
        (cloudwatch._calc_stats, ["points"]),
        (cloudwatch._stat_value, ["stats", "stat_name", "points"]),
        (sts.register_session, ["access_key", "session"]),
        (iam_evaluator.find_iam_access_key_account, ["access_key_id"]),
    ],
)
def test_the_places_that_the_adapters_take_are_still_there(place: object, parameters: list[str]) -> None:
    assert callable(place)
    assert list(inspect.signature(place).parameters) == parameters


def test_a_script_that_returns_has_succeeded(workshop: Workshop) -> None:
    run = workshop.run_job(workshop.create_job("import time; time.sleep(1.2)"))
    assert run["JobRunState"] == "SUCCEEDED"
    assert "ErrorMessage" not in run
    assert 1 <= run["ExecutionTime"] < (run["CompletedOn"] - run["StartedOn"]).total_seconds() + 1
    assert run["Id"].startswith("jr_")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("raise ValueError('no such day')", "ValueError: no such day"),
        ("import sys; sys.exit(1)", "SystemExit: 1"),
        ("import sys; sys.exit('enough')", "SystemExit: enough"),
        ("import os; os._exit(7)", "Command failed with exit code 7"),
        ("this is no python", "SyntaxError: invalid syntax"),
    ],
)
def test_a_script_that_raises_has_failed_with_the_last_line_of_its_traceback(
    workshop: Workshop, script: str, message: str
) -> None:
    run = workshop.run_job(workshop.create_job(script))
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith(message)


def test_sys_exit_zero_is_success(workshop: Workshop) -> None:
    assert workshop.run_job(workshop.create_job("import sys; sys.exit(0)"))["JobRunState"] == "SUCCEEDED"


def test_a_job_whose_script_is_missing_fails_at_its_launch(workshop: Workshop) -> None:
    job = workshop.create_job("")
    workshop.emulator.client("s3").delete_object(Bucket="workshop", Key=f"code/{job}.py")
    run = workshop.run_job(job)
    assert run["JobRunState"] == "FAILED"
    assert "LAUNCH ERROR" in run["ErrorMessage"]
    assert "NoSuchKey" in run["ErrorMessage"]


def test_the_script_gets_the_defaults_under_the_runs_arguments_and_glues_own(workshop: Workshop) -> None:
    job = workshop.create_job(SHOW_ARGUMENTS, {"--dataset": "trades", "--run-date": "2025-01-01"})
    run = workshop.run_job(job, Arguments={"--run-date": "2025-02-02"})
    argv = json.loads(workshop.run_log(run))
    arguments = dict(zip(argv[::2], argv[1::2], strict=True))
    assert arguments.pop("--JOB_ID")
    assert arguments == {
        "--dataset": "trades",
        "--run-date": "2025-02-02",
        "--JOB_NAME": job,
        "--JOB_RUN_ID": run["Id"],
    }


def test_the_script_imports_the_packages_it_was_given_and_nothing_of_this_repository(workshop: Workshop) -> None:
    package = workshop.put_text("code/lent.py", "WORD = 'lent'")
    script = """
        import lent
        print(lent.WORD)
        for ours in ("sandbox", "components", "etl", "runner", "spark"):
            try:
                __import__(ours)
            except ModuleNotFoundError:
                continue
            print(ours, "is importable")
    """
    run = workshop.run_job(workshop.create_job(inspect.cleandoc(script), {"--extra-py-files": package}))
    assert workshop.run_log(run).split() == ["lent"]


def test_the_run_acts_as_the_jobs_role(workshop: Workshop) -> None:
    run = workshop.run_job(workshop.create_job("import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"))
    assert workshop.run_log(run).strip() == "arn:aws:sts::000000000000:assumed-role/job/GlueJobRunnerSession"


def test_a_run_leaves_nothing_but_its_log_and_the_name_of_its_key(workshop: Workshop) -> None:
    run = workshop.run_job(workshop.create_job("open('left', 'w'); import tempfile; tempfile.mkstemp()"))
    folder = workshop.emulator.run_log(run["Id"]).parent
    assert {path.name for path in folder.iterdir()} == {"log.txt", "access-key"}


def test_a_second_run_at_the_same_time_is_refused(workshop: Workshop) -> None:
    job = workshop.create_job("import time; time.sleep(600)", ExecutionProperty={"MaxConcurrentRuns": 1})
    first = workshop.glue.start_job_run(JobName=job)["JobRunId"]
    with pytest.raises(workshop.glue.exceptions.ConcurrentRunsExceededException):
        workshop.glue.start_job_run(JobName=job)
    workshop.glue.batch_stop_job_run(JobName=job, JobRunIds=[first])
    workshop.wait_for_end(job, first)


def test_as_many_runs_as_the_job_allows_go_at_once(workshop: Workshop) -> None:
    job = workshop.create_job("import time; time.sleep(600)", ExecutionProperty={"MaxConcurrentRuns": 2})
    ids = [workshop.glue.start_job_run(JobName=job)["JobRunId"] for _ in range(2)]
    stopped = workshop.glue.batch_stop_job_run(JobName=job, JobRunIds=ids)
    assert [entry["JobRunId"] for entry in stopped["SuccessfulSubmissions"]] == ids
    assert [workshop.wait_for_end(job, run_id)["JobRunState"] for run_id in ids] == ["STOPPED", "STOPPED"]


def test_a_stopped_run_ends_its_process(workshop: Workshop, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    job = workshop.create_job(
        f"import time\nwhile True:\n    open({str(alive)!r}, 'a').write('.')\n    time.sleep(0.05)"
    )
    run_id = workshop.glue.start_job_run(JobName=job)["JobRunId"]
    wait_until(alive.exists)
    workshop.glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    assert workshop.wait_for_end(job, run_id)["JobRunState"] == "STOPPED"
    beat_before = alive.read_text()
    time.sleep(0.3)
    assert alive.read_text() == beat_before


def test_stopping_what_does_not_run_is_an_error_of_that_run(workshop: Workshop) -> None:
    job = workshop.create_job("")
    run = workshop.run_job(job)
    answer = workshop.glue.batch_stop_job_run(JobName=job, JobRunIds=[run["Id"]])
    assert answer["SuccessfulSubmissions"] == []
    assert [error["JobRunId"] for error in answer["Errors"]] == [run["Id"]]


def test_a_run_over_its_timeout_is_ended(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    assert runner.wait_for_outcome(process, tmp_path, seconds=0.2).state == "TIMEOUT"
    assert process.poll() is not None


def test_an_unknown_job_is_refused(workshop: Workshop) -> None:
    with pytest.raises(workshop.glue.exceptions.EntityNotFoundException):
        workshop.glue.start_job_run(JobName="nobody")


def test_a_failed_run_reaches_the_topic_by_the_event_rule(workshop: Workshop) -> None:
    job = workshop.create_job("raise ValueError('no such day')")
    topic = workshop.emulator.client("sns").create_topic(Name="runs")["TopicArn"]
    events = workshop.emulator.client("events")
    pattern = {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"], "detail": {"state": ["FAILED"]}}
    events.put_rule(Name="failed", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="failed", Targets=[{"Id": "topic", "Arn": topic}])
    inbox = Subscriber.subscribe(workshop.emulator, topic)
    run = workshop.run_job(job)
    detail = [json.loads(message.text)["detail"] for message in inbox.receive_messages(1)]
    assert detail == [
        {
            "jobName": job,
            "severity": "ERROR",
            "state": "FAILED",
            "jobRunId": run["Id"],
            "message": "ValueError: no such day",
        }
    ]


def test_a_failed_run_rings_the_alarm_on_glues_own_metric(workshop: Workshop) -> None:
    job = workshop.create_job("raise ValueError", {"--enable-observability-metrics": "true"})
    dimensions = {"JobName": job, "JobRunId": "ALL", "Type": "count", "ObservabilityGroup": "error"}
    cloudwatch_api = workshop.emulator.client("cloudwatch")
    cloudwatch_api.put_metric_alarm(
        AlarmName="failed",
        Namespace="Glue",
        MetricName="glue.error.ALL",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    workshop.run_job(job)
    wait_until(
        lambda: cloudwatch_api.describe_alarms(AlarmNames=["failed"])["MetricAlarms"][0]["StateValue"] == "ALARM"
    )
    [metric] = cloudwatch_api.list_metrics(Namespace="Glue")["Metrics"]
    assert {entry["Name"]: entry["Value"] for entry in metric["Dimensions"]} == dimensions


def test_settings_joined_as_glue_wants_them_are_told_apart() -> None:
    joined = "spark.sql.extensions=a.B,c.D --conf spark.x=s3://bucket/key=1  --conf spark.y=-Da=b -Dc=d"
    assert runner.parse_conf(joined) == {
        "spark.sql.extensions": "a.B,c.D",
        "spark.x": "s3://bucket/key=1",
        "spark.y": "-Da=b -Dc=d",
    }
