"""What the flow takes as input, row by row; anything else ends it before a job is started, and says what it takes."""

import json
from typing import Any

import pytest

from components.names import Names
from components.orchestration.arrival_states import LOOK
from components.orchestration.flow_input import ASKED, LONGEST_INPUT, WRONG
from components.orchestration.state_machine import Step, definition
from sluice.program.graph import ACCOUNT, Graph
from sluice.program.starts import SCHEDULE, given, machine
from tests.program.walk import walk

HERE = Names("sluice", "dev", "eu-west-1", ACCOUNT)
STEPS = [Step("sales", "job-sales", 60, "s3://v/sales/"), Step("customers", "job-customers", 60, "s3://v/customers/")]
QUEUE = definition(HERE, STEPS, "topic", "queue", ["sales"])
CLOCK = definition(HERE, STEPS, "topic", None, [])
MACHINES = pytest.mark.parametrize("flow", [QUEUE, CLOCK], ids=["queue", "clock"])
ACCEPTED: list[tuple[Any, tuple[str, ...]]] = [
    ({}, ("sales", "customers")),
    ({"datasets": ["sales"]}, ("sales",)),
    ({"datasets": ["customers", "sales"]}, ("customers", "sales")),
    ({"datasets": ["sales", "sales"]}, ("sales",)),
    ({"datasets": ["sales", "customers", "sales"]}, ("sales", "customers")),
]
REFUSED: list[Any] = [
    *("sales", "arrival", "", 5, 0, None, True, False),
    *([], ["sales"], [{}], [{"datasets": ["sales"]}]),
    *({"datasets": wrong} for wrong in ([], "sales", "", 3, True, None, {}, {"a": 1}, {"sales": "sales"})),
    *({"datasets": wrong} for wrong in (["sales", 3], [None], ["sales", None], [False], [{}], ["sales", ""], [""])),
    *({"datasets": wrong} for wrong in ([[]], [["sales"]], ["sales", ["customers"]], [[["sales"]]])),
    *({"dataset": ["sales"]}, {"Datasets": ["sales"]}, {"": 1}, {"Comment": "Insert your JSON here"}),
    *(
        {"datasets": ["sales"], "start": "arrival"},
        {"datasets": ["sales"], "Comment": "x"},
        {"start": "arrival", "x": 1},
    ),
    *({"start": wrong} for wrong in ("Arrival", "schedule", "", None, True, ["arrival"], {"start": "arrival"})),
]


@MACHINES
@pytest.mark.parametrize(("start", "datasets"), ACCEPTED, ids=json.dumps)
def test_these_inputs_run_these_datasets_each_once(flow: dict, start: Any, datasets: tuple[str, ...]) -> None:
    found = walk(flow, start)
    assert (found.error, found.way[-1]) == ("", "Stage 1")
    assert found.datasets == datasets


@MACHINES
@pytest.mark.parametrize("start", REFUSED, ids=json.dumps)
def test_any_other_input_is_refused_and_the_cause_lists_what_is_taken(flow: dict, start: Any) -> None:
    found = walk(flow, start)
    assert (found.error, found.way[-1]) == ("WrongInput", WRONG)
    for taken in ("no input or {}", '{"datasets": ["sales"]}', "at least one", '{"start": "arrival"}'):
        assert taken in found.cause
    echo = start if isinstance(start, str) else json.dumps(start, separators=(",", ":"))
    assert found.cause.startswith(f"given {echo}: the flow takes ")


def test_an_arrival_is_looked_for_where_there_is_a_queue_and_refused_where_there_is_none() -> None:
    assert walk(QUEUE, {"start": "arrival"}).way == ("Begin", LOOK)
    found = walk(CLOCK, {"start": "arrival"})
    assert (found.way, found.error) == ((ASKED, WRONG), "WrongInput")
    assert found.cause.endswith("files start, which this one has not")


@MACHINES
def test_a_long_input_is_shortened_in_the_cause(flow: dict) -> None:
    found = walk(flow, {"datasets": "x" * 200_000})
    assert found.error == "WrongInput"
    assert len(found.cause) < LONGEST_INPUT + 400
    assert "xxx ...: the flow takes" in found.cause


@MACHINES
@pytest.mark.parametrize("names", [["custmers"], ["sales", "custmers"], ["Sales"]], ids=json.dumps)
def test_a_name_that_no_dataset_has_is_named_beside_those_that_have_one(flow: dict, names: list[str]) -> None:
    found = walk(flow, {"datasets": names})
    assert found.error == "NoSuchDataset"
    assert found.cause == f"{names[-1]}: the flow has sales, customers"


def test_what_the_schedules_of_every_stack_send_is_taken(graphs: dict[str, Graph], arriving: Graph) -> None:
    for graph in (*graphs.values(), arriving):
        ends = {walk(machine(graph), given(schedule)).way[-1] for schedule in graph.of(SCHEDULE)}
        assert ends == ({LOOK} if graph is arriving else {"Stage 1"})
