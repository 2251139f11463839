"""The flow started by hand."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sluice.operations.flows import Flow
from tests.sandbox.operations.lake import Lake
from tests.sandbox.operations.test_rerun import SCRIPT
from tests.sandbox.waiting import wait_until

BREAKS = "raise type('ContractBroken', (Exception,), {})('trades.quantity.range')"


@pytest.fixture
def flowing(lake: Lake) -> Lake:
    lake.define_flow()
    return lake


def test_a_start_says_first_what_it_runs_and_then_how_each_run_ended(flowing: Lake) -> None:
    outcome = flowing.run_command("start", "--yes")
    first, second, *_, last = outcome.out.splitlines()
    assert (outcome.code, first) == (0, f"sluice-{flowing.stack}-flow runs trades")
    assert second.startswith("started arn:aws:states:")
    assert last == f"sluice-{flowing.stack}-flow SUCCEEDED"
    [run] = flowing.glue.get_job_runs(JobName=flowing.job)["JobRuns"]
    assert f" {run['Id'][:11]} " in outcome.out


def test_nobody_who_did_not_agree_starts_it(flowing: Lake) -> None:
    outcome = flowing.run_command("start")
    assert outcome.code == 2
    assert "nothing was done: add --yes" in outcome.err
    assert flowing.glue.get_job_runs(JobName=flowing.job)["JobRuns"] == []


@pytest.mark.parametrize(("script", "code"), [(BREAKS, 1), ("raise MemoryError", 3)])
def test_a_run_that_failed_is_in_the_report_and_the_exit_code_says_whose_fault_it_is(
    flowing: Lake, script: str, code: int
) -> None:
    flowing.define_job(script)
    outcome = flowing.run_command("start", "--yes", "--json")
    report = json.loads(outcome.out)
    assert (outcome.code, report["state"]) == (code, "FAILED")
    assert report["cause"] == "failed, or held back by what it needs: trades"
    assert [(run["dataset"], run["state"]) for run in report["runs"]] == [("trades", "FAILED")]
    assert "runs trades" in outcome.err


def test_a_start_beside_another_says_so_first(flowing: Lake, tmp_path: Path) -> None:
    machine, release = flowing.define_flow(), tmp_path / "release"
    flowing.define_job(f"import pathlib, time\nwhile not pathlib.Path({str(release)!r}).exists(): time.sleep(0.05)")
    states = flowing.emulator.client("stepfunctions")
    other_execution = states.start_execution(stateMachineArn=machine, name="the-other")["executionArn"]

    def release_jobs() -> None:
        wait_until(lambda: len(states.list_executions(stateMachineArn=machine)["executions"]) == 2)
        release.touch()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(release_jobs)
        outcome = flowing.run_command("start", "--yes")
    assert "under way already, so that jobs of these may be waited for: the-other" in outcome.out
    assert outcome.code == 0
    assert states.describe_execution(executionArn=other_execution)["status"] == "SUCCEEDED"
    assert len(flowing.glue.get_job_runs(JobName=flowing.job)["JobRuns"]) == 2


def test_a_stack_without_a_flow_is_no_success(lake: Lake) -> None:
    outcome = lake.run_command("start", "--yes")
    assert outcome.code == 3
    assert f"no state machine with the tag stack: {lake.stack} runs {lake.job}" in outcome.err


def test_a_flow_is_the_one_that_runs_the_job_among_machines_of_one_tag_and_of_like_names(flowing: Lake) -> None:
    states = flowing.emulator.client("stepfunctions")
    others = {f"sluice-eu-{flowing.stack}-flow": flowing.stack, f"other-{flowing.stack}-flow": flowing.stack}
    text = json.dumps({"StartAt": "Ends", "States": {"Ends": {"Type": "Succeed"}}})
    for name, stack in others.items():
        tags = [{"key": "stack", "value": stack}]
        states.create_state_machine(name=name, definition=text, roleArn=flowing.role, tags=tags)
    flow = Flow.of_datasets([flowing.deployed])
    assert (flow.name, flow.jobs) == (f"sluice-{flowing.stack}-flow", {flowing.job})


def test_a_history_is_accepted_for_one_dataset_by_a_run_that_is_told_why_and_who_says_so(lake: Lake) -> None:
    lake.define_job(SCRIPT)
    why = "Christmas: half the shops are closed"
    outcome = lake.run_command("start", "--accept-history", why, "--who", "mia", "--yes", "--json")
    assert outcome.code == 0, outcome.err
    arguments = json.loads(outcome.json["message"])
    assert (arguments["--accept-history"], arguments["--accepted-by"]) == (why, "mia")
    assert "--enable-observability-metrics" not in arguments  # a run of what arrived, which rings where it fails
    assert f"{lake.job} runs by itself and is held to no bound from earlier runs: {why} (mia)" in outcome.err


@pytest.mark.parametrize(
    "words", [("--accept-history", " "), ("--who", "mia"), ("--accept-history", "Christmas")], ids=str
)
def test_a_history_is_not_accepted_without_a_reason_or_a_word(lake: Lake, words: tuple[str, ...]) -> None:
    outcome = lake.run_command("start", *words)
    assert (outcome.code, "nothing was done" in outcome.err) == (2, True)
    assert lake.glue.get_job_runs(JobName=lake.job)["JobRuns"] == []
