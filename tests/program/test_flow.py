"""The flow's machine as plain data: who runs when, what is caught and told, and that it can be walked."""

import copy
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonata
import pytest

from components.names import Names
from components.orchestration.arrival_states import queue_states
from components.orchestration.dataset_order import execution_stages
from components.orchestration.state_machine import LONGEST_PAUSE, FlowStep, machine_definition
from components.settings.contracts import load_contract
from etl.contract.loading import parse_contract
from sluice.program.flow_structure import machine_faults, machine_scopes, task_states
from sluice.program.graph import ACCOUNT, Graph, run_program
from sluice.program.starts import flow_definition, flow_schedules, flow_stages, schedule_input
from tests.lake import LAKE
from tests.program.deployed import Deployed, deployed_datasets
from tests.program.machine_runs import make_teller

State = dict[str, Any]
TRIGGER, JOB = "aws:glue/trigger:Trigger", "aws:glue/job:Job"
HERE = Names("sluice", "dev", "eu-west-1", ACCOUNT)
STEPS = [
    FlowStep("trades", "job-trades", 60, "s3://v/trades/", ("buyers",), stops_on_failed_need=True),
    FlowStep("buyers", "job-buyers", 60, "s3://v/buyers/"),
]


@pytest.fixture
def flow() -> State:
    return machine_definition(make_teller(HERE), STEPS, "queue", ["buyers", "trades"])


def in_stages(flow: State) -> list[list[str]]:
    """The datasets of each stage, in the order that the machine goes through them."""
    stages, states = [], flow["States"]
    state_name = next(name for name in states if states[name]["Type"] == "Map")
    while state_name:
        state = states[state_name]
        if state["Type"] == "Map":
            stages.append([item["dataset"] for item in state["Items"]])
        state_name = state.get("Next")
    return stages


def test_buyers_and_goods_run_side_by_side_then_trades_then_gold(graph: Graph) -> None:
    order = in_stages(flow_definition(graph))
    stage = {name: number for number, names in enumerate(order) for name in names}
    assert stage["buyers"] == stage["goods"] < stage["trades"] < stage["trades_daily"]
    assert sorted(name for stage_names in order for name in stage_names) == sorted(deployed_datasets(graph.stack))


@pytest.mark.parametrize(
    ("needs", "order"),
    [
        ({"a": (), "b": ()}, [("a", "b")]),
        ({"a": ("b",), "b": ("c",), "c": ()}, [("c",), ("b",), ("a",)]),
        ({"a": ("b", "c"), "b": (), "c": ("b",), "d": ("b",)}, [("b",), ("c", "d"), ("a",)]),
    ],
)
def test_what_is_needed_runs_in_an_earlier_stage(needs: dict[str, tuple[str, ...]], order: list) -> None:
    assert execution_stages(needs) == order


def test_the_machine_of_a_stack_can_be_walked(graphs: dict[str, Graph], arriving: Graph) -> None:
    assert [machine_faults(flow_definition(graph)) for graph in (*graphs.values(), arriving)] == [[]] * (
        len(graphs) + 1
    )


def first_state(flow: State, kind: str) -> State:
    """The first state of a type, at any depth."""
    return next(s for scope in machine_scopes(flow) for s in scope["States"].values() if s["Type"] == kind)


def first_stage(flow: State) -> State:
    return first_state(flow, "Map")["ItemProcessor"]["States"]


BROKEN: list[tuple[str, Callable[[State], object]]] = [
    ("is none of its states", lambda flow: first_state(flow, "Task").update(Next="nowhere")),
    ("is none of its states", lambda flow: first_state(flow, "Choice").update(Default="nowhere")),
    ("is none of its states", lambda flow: first_state(flow, "Choice")["Choices"][0].update(Next="nowhere")),
    ("is none of its states", lambda flow: first_state(flow, "Task")["Catch"][0].update(Next="nowhere")),
    ("is none of its states", lambda flow: flow.update(StartAt="nowhere")),
    ("is none of its states", lambda flow: first_stage(flow)["Run it in stage 1?"].update(Default="Stage 1")),
    ("is never reached", lambda flow: flow["States"].update(alone={"Type": "Succeed"})),
    ("is never reached", lambda flow: first_stage(flow)["Run in stage 1"].pop("Catch")),
    ("does not catch every error", lambda flow: first_stage(flow)["Run in stage 1"].pop("Catch")),
    (
        "does not catch every error",
        lambda flow: first_state(flow, "Task")["Catch"][0].update(ErrorEquals=["States.Timeout"]),
    ),
    ("comes to no end", lambda flow: flow["States"]["Stage 1 ended"].update(Next="Stage 1")),
    ("goes on and ends, or neither", lambda flow: flow["States"]["Stage 1 ended"].pop("Next")),
    ("goes on and ends, or neither", lambda flow: flow["States"]["Stage 1 ended"].update(End=True)),
    ("may have no choice", lambda flow: first_state(flow, "Choice").pop("Default")),
    ("has no branches", lambda flow: flow["States"]["Stage 1 ended"].update(Type="Parallel", Branches=[])),
    ("which nobody here has judged", lambda flow: flow["States"]["Stage 1 ended"].update(Type="Sleep")),
    ("does not say how long it waits", lambda flow: flow["States"]["Stage 1 ended"].update(Type="Wait")),
    ("does not catch every error", lambda flow: first_stage(flow)["Tell in stage 1"].pop("Catch")),
    ("has nothing to run", lambda flow: first_stage(flow)["Tell in stage 1"].pop("ItemProcessor")),
    ("two states are called Stage 1", lambda flow: first_stage(flow).update({"Stage 1": {"Type": "Succeed"}})),
    ("is too long a name", lambda flow: flow["States"].update({"x" * 81: {"Type": "Succeed"}})),
]


@pytest.mark.parametrize(("fault", "broken"), BROKEN)
def test_a_machine_that_cannot_be_walked_is_found(flow: State, fault: str, broken: Callable[[State], object]) -> None:
    assert machine_faults(flow) == []
    wrong = copy.deepcopy(flow)
    broken(wrong)
    assert any(fault in fault_text for fault_text in machine_faults(wrong)), machine_faults(wrong)


def expressions_in(value: Any) -> Iterator[str]:
    """The JSONata in a machine."""
    if isinstance(value, dict | list):
        for nested in value.values() if isinstance(value, dict) else value:
            yield from expressions_in(nested)
    elif isinstance(value, str) and "{%" in value:
        assert value.startswith("{% "), value
        assert value.endswith(" %}"), value
        yield value[2:-2]


def test_every_expression_can_be_read(flow: State) -> None:
    jsonata_expressions = list(expressions_in(flow))
    assert len(jsonata_expressions) > 15
    for expression in jsonata_expressions:
        jsonata.Jsonata.jsonata(expression)


def test_a_dataset_is_held_back_only_where_its_contract_says_so(flow: State) -> None:
    stage = flow["States"]["Stage 2"]
    assert "Held back in stage 2" in stage["ItemProcessor"]["States"]
    assert [item["stopping_needs"] for item in stage["Items"]] == [["buyers"]]
    assert "Held back in stage 1" not in first_stage(flow)
    runs_on = machine_definition(
        make_teller(HERE), [FlowStep("trades", "j", 60, "s3://v/", ("buyers",)), STEPS[1]], None, []
    )
    assert [item["stopping_needs"] for item in runs_on["States"]["Stage 2"]["Items"]] == [[]]


def test_what_a_contract_says_reaches_the_flow(mutant) -> None:
    says = ('meta.get("on_failed_need", FailedNeedPolicy.RUN)', '{"trades": "stop"}.get(dataset, "run")')
    state_machine = flow_definition(mutant(("components/settings/contracts.py", *says)))
    needs = {item["dataset"]: item["stopping_needs"] for items in flow_stages(state_machine).values() for item in items}
    assert needs == {"buyers": [], "goods": [], "trades": ["buyers", "goods"], "trades_daily": []}


def trades_saying(tmp_path: Path, **says: str) -> Path:
    """A folder with the trades' own suites, whose output says this too."""
    suites = tmp_path / "expectations" / "trades"
    shutil.copytree(LAKE / "expectations" / "trades", suites)
    output = json.loads((suites / "output.json").read_text())
    output["meta"] |= says
    (suites / "output.json").write_text(json.dumps(output))
    return tmp_path


@pytest.mark.parametrize(
    ("says", "read"), [({"on_failed_need": "stop"}, "stop"), ({"on_failed_need": "run"}, "run"), ({}, "run")]
)
def test_what_a_suite_says_of_a_failed_need_is_read_by_program_and_job(
    tmp_path: Path, says: dict[str, str], read: str
) -> None:
    deployed_contract = load_contract("trades", root=trades_saying(tmp_path, **says))
    assert (deployed_contract.on_failed_need, parse_contract(deployed_contract.output, "trades").on_failed_need) == (
        read,
        read,
    )


def test_a_suite_that_says_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"on_failed_need run or stop, and expectations/trades/output\.json has 'maybe'"
    ):
        load_contract("trades", root=trades_saying(tmp_path, on_failed_need="maybe"))


@pytest.mark.parametrize("timeout", [5, 60, 2880])
def test_a_start_is_tried_for_as_long_as_the_run_in_its_way_may_take(timeout: int) -> None:
    flow = machine_definition(make_teller(HERE), [FlowStep("trades", "j", timeout, "s3://v/")], None, [])
    room = task_states(flow)["Run in stage 1"]["Retry"][0]
    pauses = [min(room["IntervalSeconds"] * 2**attempt, LONGEST_PAUSE) for attempt in range(room["MaxAttempts"])]
    assert timeout * 60 <= sum(pauses) <= timeout * 60 + 5 * LONGEST_PAUSE
    assert task_states(flow)["Run in stage 1"]["TimeoutSeconds"] > timeout * 60


def test_the_flow_looks_before_it_drains_and_drains_before_it_runs(flow: State) -> None:
    states = flow["States"]
    assert flow["StartAt"] == "Begin"
    state_names = [
        "Is a run under way?",
        "Alone?",
        "Receive",
        "Empty?",
        "Did anything arrive?",
        "What arrived",
        "Stage 1",
    ]
    for state_name, next_name in itertools.pairwise(state_names):
        targets = [
            states[state_name].get("Next"),
            states[state_name].get("Default"),
            *(c["Next"] for c in states[state_name].get("Choices", [])),
        ]
        assert next_name in targets, state_name
    assert states["Delete"]["Next"] == "Receive"


def test_a_machine_without_a_queue_does_not_look(graph: Graph) -> None:
    assert flow_definition(graph)["StartAt"] == "What was asked for"
    assert not [name for name in queue_states(HERE, "q", ["trades"], "x") if name in flow_definition(graph)["States"]]


def test_datasets_of_the_same_time_start_together_where_the_stack_is_active(graph: Graph) -> None:
    (schedule,) = flow_schedules(graph)
    assert schedule.inputs["scheduleExpression"] == "cron(0 6 * * ? *)"
    assert schedule.inputs["scheduleExpressionTimezone"] == "UTC"
    assert schedule.inputs["state"] == ("ENABLED" if graph.stack in ("staging", "prod") else "DISABLED")
    assert schedule_input(schedule) == {"datasets": deployed_datasets(graph.stack)}


def test_datasets_of_other_times_have_a_schedule_of_their_own() -> None:
    entries = {"trades": {}, "buyers": {"schedule": "cron(0 4 * * ? *)", "active": True}, "goods": {}}
    graph = run_program("dev", changed={"sluice:datasets": json.dumps(entries)})
    schedules = {
        node.inputs["name"]: (schedule_input(node)["datasets"], node.inputs["state"]) for node in flow_schedules(graph)
    }
    assert schedules == {
        "sluice-dev-daily-0600": (["goods", "trades"], "DISABLED"),
        "sluice-dev-daily-0400": (["buyers"], "ENABLED"),
    }


def test_of_one_time_the_active_datasets_start_and_the_schedule_rests_where_none_is_active() -> None:
    at_six = {"schedule": "cron(00 6 ? * * *)", "active": True}
    entries = {"trades": {"active": True}, "buyers": {}, "goods": at_six}
    (schedule,) = flow_schedules(run_program("dev", changed={"sluice:datasets": json.dumps(entries)}))
    assert schedule_input(schedule)["datasets"] == ["goods", "trades"]
    assert schedule.inputs["state"] == "ENABLED"


@pytest.fixture(scope="module")
def full_graph() -> Graph:
    return run_program("dev", changed={"sluice:datasets": json.dumps({"buyers": {}, "goods": {}, "trades": {}})})


@pytest.mark.parametrize(
    "entries",
    [
        {"goods": {}, "trades": {}, "buyers": {}},  # another order
        {"trades": {}, "goods": {}},  # one is taken out
    ],
)
def test_neither_the_order_of_datasets_nor_one_that_goes_touches_what_is_another_s(
    full_graph: Graph, entries: dict[str, dict[str, str]]
) -> None:
    graph = run_program("dev", changed={"sluice:datasets": json.dumps(entries)})
    dropped = {"buyers"} - entries.keys()
    kept_urns = {urn for urn in full_graph.nodes if not dropped & set(urn.rpartition("::")[2].split("-"))}
    assert {urn.rpartition("::")[2] for urn in kept_urns - graph.nodes.keys()} <= {"readers-athena-lake-unknown-buyers"}
    assert graph.nodes.keys() <= full_graph.nodes.keys()


def test_a_schedule_takes_the_place_of_each_that_it_may_have_been(graph: Graph) -> None:
    (schedule,) = flow_schedules(graph)
    started = [name for name in deployed_datasets(graph.stack) if name != "trades_daily"]
    assert schedule.aliases == tuple(f"flow-schedule-{name}-schedule" for name in started)
    assert schedule.delete_before_replace


def test_a_job_that_publishes_is_started_by_no_trigger_beside_the_flow(graph: Graph) -> None:
    publishing = {Deployed(graph, dataset).name_prefix for dataset in deployed_datasets(graph.stack)}
    triggered = {action["jobName"] for node in graph.nodes_of_type(TRIGGER) for action in node.inputs["actions"]}
    assert triggered
    assert not triggered & publishing
