"""The flow's causes and what is known of a failed run: whatever AWS hands over, and however much of it."""

import json
from typing import Any

import pytest

from components.names import Names
from components.orchestration.arrival_states import queue_states
from components.orchestration.failure_messages import LONGEST_TEXT, ended_run
from components.orchestration.state_machine import FlowStep, ending_states, machine_definition
from sluice.program.graph import ACCOUNT
from tests.program.machine_runs import make_teller
from tests.program.test_names import PREFIX, STACK
from tests.program.walk import evaluate_field, walk_machine

CAUSE = 32_768
"""AWS's limit: characters of a cause."""
HERE = Names(PREFIX, STACK, "eu-west-1", ACCOUNT)
FAULT = 'ValueError: a "quoted" back\\slash,\n\ta line; é ☃ 😀, {"Id":"jr_another"} and \\u00e9'
RECORD = {
    "AllocatedCapacity": 2,
    "Arguments": {"--x": '{"Id":"jr_argument"}'},
    "ErrorMessage": FAULT,
    "Id": "jr_12ab",
    "JobRunState": "FAILED",
}
COMPACT = json.dumps(RECORD, separators=(",", ":"), ensure_ascii=False)
SPACED = json.dumps(RECORD)
WHOLE = pytest.mark.parametrize("record", [COMPACT, SPACED], ids=["compact", "spaced"])


def known_of_run(state_input: dict[str, Any]) -> list[str]:
    """The run, its state and its error as the flow knows them of trades."""
    item = {"dataset": "trades", "mute": {}}
    facts = evaluate_field(ended_run()["Output"], item | state_input)
    assert not {"Error", "Cause"} & facts.keys()
    assert facts["key"] == f"messages/trades/{facts['run']}.json"
    assert (facts["dataset"], facts["mute"]) == ("trades", {})
    return [facts["run"], facts["state"], facts["error"]]


def failed_run(cause: object) -> dict[str, Any]:
    return {"Error": "States.TaskFailed", "Cause": cause}


@WHOLE
def test_a_whole_record_tells_run_state_and_error(record: str) -> None:
    assert known_of_run(failed_run(record)) == [
        "jr_12ab",
        "FAILED",
        FAULT,
    ]


@WHOLE
def test_a_record_that_is_cut_off_anywhere_tells_what_is_left(record: str) -> None:
    for end in range(1, len(record), 3):
        run, state, error = known_of_run(failed_run(record[:end]))
        run_known = '"jr_12ab"' in record[:end]
        assert run == ("jr_12ab" if run_known else "start-the-execution"), end
        assert state in (("FAILED", "ended badly") if run_known else ("States.TaskFailed",)), end
        assert FAULT.startswith(error) or error == record[:end], end
        assert error.encode(), end  # half a character cannot be sent


def test_a_record_whose_id_comes_first_tells_the_run_although_its_error_is_cut_off() -> None:
    record = json.dumps({"Id": "jr_1", "JobRunState": "FAILED", "ErrorMessage": FAULT * 2000})[:CAUSE]
    run, state, error = known_of_run(failed_run(record))
    assert (run, state) == ("jr_1", "FAILED")
    assert error == (FAULT * 2000)[:LONGEST_TEXT] + " ..."


def test_a_record_without_an_error_is_shown_as_it_is() -> None:
    record = '{"Id":"jr_1","JobRunState":"STOPPED"}'
    assert known_of_run(failed_run(record)) == [
        "jr_1",
        "STOPPED",
        record,
    ]


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        ("Rate exceeded (Service: AWSGlue)", "Rate exceeded (Service: AWSGlue)"),
        ('no JSON: "Id":"jr_1"', 'no JSON: "Id":"jr_1"'),
        ("{no JSON,\n at all", "{no JSON,\n at all"),
        ("{", "{"),
        ('{"ErrorMessage":"a bare\nline, a wrong \\q', "a bare\nline, a wrong \\q"),
        ("", "no cause was given"),
        (None, "no cause was given"),
        (5, "no cause was given"),
        ("x" * CAUSE, "x" * LONGEST_TEXT + " ..."),
    ],
)
def test_a_cause_that_is_no_record_is_shown_as_it_is(cause: object, shown: str) -> None:
    assert known_of_run(failed_run(cause)) == [
        "start-the-execution",
        "States.TaskFailed",
        shown,
    ]


def test_an_error_without_a_cause_is_told() -> None:
    assert known_of_run({"Error": "States.Timeout"})[1:] == ["States.Timeout", "no cause was given"]


def test_the_causes_of_a_flow_with_many_long_names_are_within_the_limit() -> None:
    names = [f"{'d' * 59}_{number:03}" for number in range(100)]
    steps = [FlowStep(name, f"job-{name}", 60, "s3://v/") for name in names]
    machine = machine_definition(make_teller(HERE), steps, None, [])
    unknown = walk_machine(machine, {"datasets": [name.upper() for name in names]})
    wrong = walk_machine(machine, {"datasets": names[0]})
    assert (unknown.error, wrong.error) == ("NoSuchDataset", "WrongInput")
    causes = [
        unknown.cause,
        wrong.cause,
        evaluate_field(ending_states()["Some failed"]["Cause"], {}, failed=names),
        evaluate_field(
            queue_states(HERE, "q", names, "x")["The look failed"]["Cause"], {"Error": "E" * 256, "Cause": "c" * CAUSE}
        ),
        evaluate_field(queue_states(HERE, "q", names, "x")["The look failed"]["Cause"], {"Error": "States.Timeout"}),
    ]
    assert [len(cause) < CAUSE for cause in causes] == [True] * 5
    assert causes[-1] == "States.Timeout: "
    for cause, beginning in zip(causes, ("DDD", "given {", "failed, or held back", "EEE"), strict=False):
        assert cause.startswith(beginning)
