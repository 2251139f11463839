"""The flow really executed: the emulator's Step Functions over jobs of a few lines."""

import inspect
import json
from collections.abc import Iterator

import pytest
from ministack.core.responses import error_response_json, json_response
from ministack.services import glue, scheduler, stepfunctions, tagging

from components.access.message_policies import SEVERITIES
from components.names import Names
from components.orchestration.message_states import FLOW, Teller
from components.orchestration.state_machine import FlowStep, machine_definition, run_state
from sluice.sandbox.deploy import DeployFailed, deploy_program
from sluice.sandbox.emulator import flow_adapter
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.spark import REGION
from tests.sandbox.flowing import MOST_SECONDS_AROUND_THE_JOBS, FlowHarness
from tests.sandbox.waiting import wait_until

DIMENSIONS = ["buyers", "goods"]
HERE = Names("sluice", "local", REGION, ACCOUNT)


@pytest.fixture(autouse=True)
def _as_before(flow: FlowHarness) -> Iterator[None]:
    flow.forget_incidents()
    yield
    for dataset in ("buyers", "goods", "trades", "trades_daily"):
        flow.tell_job(dataset)
    flow.new_runs()


def test_the_places_that_the_adapter_takes_are_still_there() -> None:
    assert isinstance(stepfunctions._SERVICE_DISPATCH, dict)
    assert flow_adapter.START_JOB_RUN_RESOURCE not in stepfunctions._SERVICE_DISPATCH
    assert stepfunctions._AWS_SDK_SERVICE_MAP["sqs"] == {"protocol": "query"}
    assert stepfunctions._SERVICE_DISPATCH["arn:aws:states:::sns:publish"] is stepfunctions._invoke_sns_publish
    assert list(inspect.signature(stepfunctions._invoke_sns_publish).parameters) == ["resource", "input_data"]
    assert list(inspect.signature(stepfunctions._ExecutionError).parameters) == ["error", "cause"]
    assert isinstance(scheduler._SCHEDULE_TICK_INTERVAL, int)
    assert callable(tagging._COLLECTORS["glue"])
    assert hasattr(stepfunctions, "_tags")
    assert hasattr(glue, "_job_runs")


def test_dimensions_side_by_side_then_trades_then_gold_with_at_most_five_seconds_around(flow: FlowHarness) -> None:
    for dataset in DIMENSIONS:
        flow.tell_job(dataset, hold=True)
    execution = flow.start_flow()
    wait_until(lambda: flow.are_holding(*DIMENSIONS))
    for dataset in DIMENSIONS:
        flow.tell_job(dataset)
    ran = flow.wait_for_end(execution)
    runs = {run["dataset"]: run for run in flow.new_runs()}
    assert ran.status == "SUCCEEDED"
    assert list(runs)[2:] == ["trades", "trades_daily"]
    assert max(runs[dimension]["ended"] for dimension in DIMENSIONS) < runs["trades"]["began"]
    assert runs["trades"]["ended"] < runs["trades_daily"]["began"]
    around = flow.seconds_around_jobs(ran, runs, DIMENSIONS, ["trades"], ["trades_daily"])
    assert 0 < around <= MOST_SECONDS_AROUND_THE_JOBS


def test_a_failed_dimension_is_told_of_and_stops_nobody_and_the_flow_fails_in_the_end(flow: FlowHarness) -> None:
    flow.tell_job("buyers", fail='a "quoted" fault')
    before = run_ids(flow, "buyers")
    ran = flow.run_flow()
    assert [run["dataset"] for run in flow.new_runs()] == ["goods", "trades", "trades_daily"]
    assert (ran.status, ran.error) == ("FAILED", "DatasetsFailed")
    assert ran.cause == "failed, or held back by what it needs: buyers"
    texts = [message.text for message in flow.inbox.receive_messages(2) if "the run ended FAILED" in message.subject]
    [run] = [run_id for run_id in run_ids(flow, "buyers") if run_id not in before]
    (text,) = texts
    lines = text.splitlines()
    assert lines[0].startswith("sluice-local: buyers is bad on ")
    assert lines[2] == 'ValueError: a "quoted" fault'
    assert f"Verdict, where the run came to write it: s3://{flow.outputs['assets']}/verdicts/buyers/{run}.json" in lines
    assert "Runbook: docs/runbook.md#failed" in lines
    kept = flow.emulator.client("s3").get_object(Bucket=flow.outputs["assets"], Key=f"messages/buyers/{run}.json")
    assert json.loads(kept["Body"].read())["told_by"] == "flow"


def run_ids(flow: FlowHarness, dataset: str) -> list[str]:
    """The ids of a job's runs so far, however they ended."""
    runs = flow.emulator.client("glue").get_job_runs(JobName=f"sluice-local-{dataset}")["JobRuns"]
    return [job_run["Id"] for job_run in runs]


def test_a_last_job_that_fails_undoes_none_before_it_and_what_was_not_asked_for_is_left_alone(
    flow: FlowHarness,
) -> None:
    flow.tell_job("trades_daily", fail="revenue differs")
    ran = flow.run_flow(datasets=["trades", "trades_daily"])
    assert (ran.status, ran.cause) == ("FAILED", "failed, or held back by what it needs: trades_daily")
    assert [run["dataset"] for run in flow.new_runs()] == ["trades"]


def test_a_flow_started_twice_runs_each_job_one_after_the_other(flow: FlowHarness) -> None:
    twice = [flow.start_flow(datasets=["trades"]) for _ in range(2)]
    assert [flow.wait_for_end(execution).status for execution in twice] == ["SUCCEEDED"] * 2
    first, second = flow.new_runs()
    assert (first["dataset"], second["dataset"]) == ("trades", "trades")
    assert first["ended"] < second["began"]


def test_a_name_that_no_dataset_has_ends_the_flow_before_anything_runs_and_its_bad_end_is_told(
    flow: FlowHarness,
) -> None:
    execution = flow.start_flow(datasets=["trades", "byers"])
    ran = flow.wait_for_end(execution)
    assert (ran.status, ran.error) == ("FAILED", "NoSuchDataset")
    assert ran.cause.startswith("byers: the flow has buyers, goods, trades")
    assert flow.new_runs() == []
    wait_until(
        lambda: any(
            execution in message.text
            for message in flow.inbox.receive_messages(1)
            if "NoSuchDataset" in message.subject
        )
    )


def test_a_start_without_an_input_runs_every_dataset(flow: FlowHarness) -> None:
    assert flow.wait_for_end(flow.start_with()).status == "SUCCEEDED"
    assert {run["dataset"] for run in flow.new_runs()} == {*DIMENSIONS, "trades", "trades_daily"}


def test_a_dataset_that_is_named_twice_runs_once(flow: FlowHarness) -> None:
    assert flow.run_flow(datasets=["trades", "trades"]).status == "SUCCEEDED"
    assert [run["dataset"] for run in flow.new_runs()] == ["trades"]


def test_what_the_flow_does_not_take_ends_it_before_anything_runs_and_its_bad_end_is_told(flow: FlowHarness) -> None:
    texts = ['"trades"', "null", '{"datasets": "trades"}', '{"datasets": [null]}', '{"dataset": ["trades"]}']
    executions = [flow.start_with(input=text) for text in texts]
    for execution in executions:
        ran = flow.wait_for_end(execution)
        assert (ran.status, ran.error) == ("FAILED", "WrongInput")
        assert '{"datasets": ["buyers"]} for those that it names' in ran.cause
    assert flow.new_runs() == []
    texts = list[str]()
    wait_until(
        lambda: (
            texts.extend(message.text for message in flow.inbox.receive_messages(1))
            or all(map("\n".join(texts).count, executions))
        )
    )


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"trades": {"needs": ["byers"]}, "buyers": {}}, "which lacks byers; it has buyers, trades"),
        ({"trades": {"needs": ["buyers"]}, "buyers": {"needs": ["trades"]}}, "takes needs that end somewhere"),
    ],
)
def test_a_flow_that_could_not_run_is_not_deployed(flow: FlowHarness, entries: dict, expected: str) -> None:
    before = flow.emulator.client("stepfunctions").list_state_machines()["stateMachines"]
    with pytest.raises(DeployFailed, match=expected):
        deploy_program(flow.emulator, changed={"sluice:datasets": json.dumps(entries)})
    assert flow.emulator.client("stepfunctions").list_state_machines()["stateMachines"] == before


def use_machine(flow: FlowHarness, name: str, *steps: FlowStep) -> None:
    """Let the flow be another one."""
    roles = flow.emulator.client("iam").list_roles()["Roles"]
    (role,) = [iam_role["Arn"] for iam_role in roles if iam_role["RoleName"] == "sluice-local-flow-states"]
    topics = {str(severity): flow.outputs["topic"].replace("alarms", f"messages-{severity}") for severity in SEVERITIES}
    teller = Teller(HERE, FLOW, flow.outputs["assets"], topics)
    text = json.dumps(machine_definition(teller, steps, None, []))
    created = flow.emulator.client("stepfunctions").create_state_machine(name=name, definition=text, roleArn=role)
    flow.machine = created["stateMachineArn"]


def make_step(dataset: str, job: str = "", **more: object) -> FlowStep:
    return FlowStep(dataset, job or f"sluice-local-{dataset}", 60, f"s3://verdicts/{dataset}/", **more)  # pyright: ignore


def test_a_failed_need_stops_whoever_says_so_and_whoever_needs_that(flow: FlowHarness, monkeypatch) -> None:
    monkeypatch.setattr(flow, "machine", flow.machine)
    trades = make_step("trades", needs=("buyers",), stops_on_failed_need=True)
    use_machine(
        flow,
        "stops",
        make_step("buyers"),
        trades,
        make_step("trades_daily", needs=("trades",), stops_on_failed_need=True),
        make_step("goods"),
    )
    flow.tell_job("buyers", fail="no")
    ran = flow.run_flow()
    assert ran.cause == "failed, or held back by what it needs: buyers, trades, trades_daily"
    assert [run["dataset"] for run in flow.new_runs()] == ["goods"]


def test_a_start_that_is_refused_is_told_with_the_latest_verdict(flow: FlowHarness, monkeypatch) -> None:
    monkeypatch.setattr(flow, "machine", flow.machine)
    use_machine(flow, "refused", make_step("orders", "nobodys-job"))
    assert flow.run_flow().status == "FAILED"
    (text,) = [message.text for message in flow.inbox.receive_messages(1) if "no run started" in message.subject]
    assert text.splitlines()[0].startswith("sluice-local: orders is bad on ")
    assert text.splitlines()[0].endswith(": no run started, Glue.EntityNotFoundException")
    assert "Latest verdict: s3://verdicts/orders/latest.json" in text


def test_a_start_that_is_throttled_is_tried_again_and_one_that_broke_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator's own retries, in this process: nothing throttles it."""
    throttled = error_response_json("AWSGlueException", "Rate exceeded", 400)
    answers = [throttled, throttled, json_response({"JobRunId": "jr_1"})]
    pauses: list[float] = []
    monkeypatch.setattr(glue, "_start_job_run", lambda _: answers.pop(0))
    monkeypatch.setattr(glue, "_job_runs", {"job": [{"Id": "jr_1", "JobRunState": "SUCCEEDED"}]})
    monkeypatch.setattr(stepfunctions, "_scaled_sleep", pauses.append)
    monkeypatch.setitem(
        stepfunctions._SERVICE_DISPATCH, flow_adapter.START_JOB_RUN_RESOURCE, flow_adapter.start_job_run
    )
    execution, context = {"events": []}, {"QueryLanguage": "JSONata", "variables": {}, "State": {}}
    task = run_state(HERE, 60, "Tell", "Read")
    assert (
        stepfunctions._execute_task(task, {"job": "job", "dataset": "trades"}, execution, context)[0]["state"]
        == "SUCCEEDED"
    )
    assert (pauses, answers) == ([2, 4], [])
    answers += [error_response_json("InvalidInputException", "no such argument", 400), throttled]
    assert stepfunctions._execute_task(task, {"job": "job", "dataset": "trades"}, execution, context)[1] == "Tell"
    assert (pauses, answers) == ([2, 4], [throttled])
