"""What the flow takes as input, row by row; anything else ends it before a job is started, and says what it takes."""

import json
from typing import Any

import pytest

from components.names import Names
from components.orchestration.arrival_states import LOOK_STATE
from components.orchestration.flow_input import LONGEST_INPUT, REQUEST_STATE, WRONG_INPUT_STATE
from components.orchestration.state_machine import FlowStep, machine_definition
from sluice.program.graph import ACCOUNT, Graph
from sluice.program.starts import flow_definition, flow_schedules, schedule_input
from tests.program.machine_runs import make_teller
from tests.program.walk import walk_machine

HERE = Names("sluice", "dev", "eu-west-1", ACCOUNT)
STEPS = [
    FlowStep("trades", "job-trades", 60, "s3://v/trades/"),
    FlowStep("buyers", "job-buyers", 60, "s3://v/buyers/"),
]
QUEUE = machine_definition(make_teller(HERE), STEPS, "queue", ["trades"])
CLOCK = machine_definition(make_teller(HERE), STEPS, None, [])
MACHINES = pytest.mark.parametrize("flow", [QUEUE, CLOCK], ids=["queue", "clock"])
ACCEPTED: list[tuple[Any, tuple[str, ...]]] = [
    ({}, ("trades", "buyers")),
    ({"datasets": ["trades"]}, ("trades",)),
    ({"datasets": ["buyers", "trades"]}, ("buyers", "trades")),
    ({"datasets": ["trades", "trades"]}, ("trades",)),
    ({"datasets": ["trades", "buyers", "trades"]}, ("trades", "buyers")),
]
REFUSED: list[Any] = [
    *("trades", "arrival", "", 5, 0, None, True, False),
    *([], ["trades"], [{}], [{"datasets": ["trades"]}]),
    *({"datasets": wrong} for wrong in ([], "trades", "", 3, True, None, {}, {"a": 1}, {"trades": "trades"})),
    *({"datasets": wrong} for wrong in (["trades", 3], [None], ["trades", None], [False], [{}], ["trades", ""], [""])),
    *({"datasets": wrong} for wrong in ([[]], [["trades"]], ["trades", ["buyers"]], [[["trades"]]])),
    *({"dataset": ["trades"]}, {"Datasets": ["trades"]}, {"": 1}, {"Comment": "Insert your JSON here"}),
    *(
        {"datasets": ["trades"], "start": "arrival"},
        {"datasets": ["trades"], "Comment": "x"},
        {"start": "arrival", "x": 1},
    ),
    *({"start": wrong} for wrong in ("Arrival", "schedule", "", None, True, ["arrival"], {"start": "arrival"})),
]


@MACHINES
@pytest.mark.parametrize(("start", "datasets"), ACCEPTED, ids=json.dumps)
def test_these_inputs_run_these_datasets_each_once(flow: dict, start: Any, datasets: tuple[str, ...]) -> None:
    walked = walk_machine(flow, start)
    assert (walked.error, walked.states[-1]) == ("", "Stage 1")
    assert walked.datasets == datasets


@MACHINES
@pytest.mark.parametrize("start", REFUSED, ids=json.dumps)
def test_any_other_input_is_refused_and_the_cause_lists_what_is_taken(flow: dict, start: Any) -> None:
    walked = walk_machine(flow, start)
    assert (walked.error, walked.states[-1]) == ("WrongInput", WRONG_INPUT_STATE)
    for taken in ("no input or {}", '{"datasets": ["trades"]}', "at least one", '{"start": "arrival"}'):
        assert taken in walked.cause
    echo = start if isinstance(start, str) else json.dumps(start, separators=(",", ":"))
    assert walked.cause.startswith(f"given {echo}: the flow takes ")


def test_an_arrival_is_looked_for_where_there_is_a_queue_and_refused_where_there_is_none() -> None:
    assert walk_machine(QUEUE, {"start": "arrival"}).states == ("Begin", LOOK_STATE)
    walked = walk_machine(CLOCK, {"start": "arrival"})
    assert (walked.states, walked.error) == ((REQUEST_STATE, WRONG_INPUT_STATE), "WrongInput")
    assert walked.cause.endswith("files start, which this one has not")


@MACHINES
def test_a_long_input_is_shortened_in_the_cause(flow: dict) -> None:
    walked = walk_machine(flow, {"datasets": "x" * 200_000})
    assert walked.error == "WrongInput"
    assert len(walked.cause) < LONGEST_INPUT + 400
    assert "xxx ...: the flow takes" in walked.cause


@MACHINES
@pytest.mark.parametrize("names", [["byers"], ["trades", "byers"], ["Trades"]], ids=json.dumps)
def test_a_name_that_no_dataset_has_is_named_beside_those_that_have_one(flow: dict, names: list[str]) -> None:
    walked = walk_machine(flow, {"datasets": names})
    assert walked.error == "NoSuchDataset"
    assert walked.cause == f"{names[-1]}: the flow has trades, buyers"


def test_what_the_schedules_of_every_stack_send_is_taken(graphs: dict[str, Graph], arriving: Graph) -> None:
    for graph in (*graphs.values(), arriving):
        ends = {
            walk_machine(flow_definition(graph), schedule_input(schedule)).states[-1]
            for schedule in flow_schedules(graph)
        }
        assert ends == ({LOOK_STATE} if graph is arriving else {"Stage 1"})
