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
from components.orchestration.arrival_states import look
from components.orchestration.dataset_order import stages
from components.orchestration.state_machine import LONGEST_PAUSE, Step, definition
from components.settings.contracts import ROOT, terms
from etl.contract.model import load
from sluice.program.flow_structure import faults, scopes, tasks
from sluice.program.graph import ACCOUNT, Graph, run
from sluice.program.starts import SCHEDULE, given, machine
from tests.program.deployed import Deployed, datasets

State = dict[str, Any]
TRIGGER, JOB = "aws:glue/trigger:Trigger", "aws:glue/job:Job"
HERE = Names("sluice", "dev", "eu-west-1", ACCOUNT)
STEPS = [
    Step("sales", "job-sales", 60, "s3://v/sales/", ("customers",), stops=True),
    Step("customers", "job-customers", 60, "s3://v/customers/"),
]


@pytest.fixture
def flow() -> State:
    return definition(HERE, STEPS, "topic", "queue", ["customers", "sales"])


def in_stages(flow: State) -> list[list[str]]:
    """The datasets of each parallel state, in the order that the machine goes through them."""
    found, states = [], flow["States"]
    at = next(name for name in states if states[name]["Type"] == "Parallel")
    while at:
        state = states[at]
        if state["Type"] == "Parallel":
            found.append([branch["StartAt"].removeprefix("Run ").removesuffix("?") for branch in state["Branches"]])
        at = state.get("Next")
    return found


def test_customers_and_products_run_side_by_side_then_sales_then_gold(graph: Graph) -> None:
    order = in_stages(machine(graph))
    stage = {name: number for number, names in enumerate(order) for name in names}
    assert stage["customers"] == stage["products"] < stage["sales"] < stage["sales_daily"]
    assert sorted(name for one in order for name in one) == sorted(datasets(graph.stack))


@pytest.mark.parametrize(
    ("needs", "order"),
    [
        ({"a": (), "b": ()}, [("a", "b")]),
        ({"a": ("b",), "b": ("c",), "c": ()}, [("c",), ("b",), ("a",)]),
        ({"a": ("b", "c"), "b": (), "c": ("b",), "d": ("b",)}, [("b",), ("c", "d"), ("a",)]),
    ],
)
def test_what_is_needed_runs_in_an_earlier_stage(needs: dict[str, tuple[str, ...]], order: list) -> None:
    assert stages(needs) == order


def test_the_machine_of_a_stack_can_be_walked(graphs: dict[str, Graph], arriving: Graph) -> None:
    assert [faults(machine(one)) for one in (*graphs.values(), arriving)] == [[]] * (len(graphs) + 1)


def first(flow: State, kind: str) -> State:
    """The first state of a type, at any depth."""
    return next(s for scope in scopes(flow) for s in scope["States"].values() if s["Type"] == kind)


def branch(flow: State) -> State:
    return first(flow, "Parallel")["Branches"][0]["States"]


BROKEN: list[tuple[str, Callable[[State], object]]] = [
    ("is none of its states", lambda flow: first(flow, "Task").update(Next="nowhere")),
    ("is none of its states", lambda flow: first(flow, "Choice").update(Default="nowhere")),
    ("is none of its states", lambda flow: first(flow, "Choice")["Choices"][0].update(Next="nowhere")),
    ("is none of its states", lambda flow: first(flow, "Task")["Catch"][0].update(Next="nowhere")),
    ("is none of its states", lambda flow: flow.update(StartAt="nowhere")),
    ("is none of its states", lambda flow: branch(flow)["Run customers?"].update(Default="Stage 1")),
    ("is never reached", lambda flow: flow["States"].update(alone={"Type": "Succeed"})),
    ("is never reached", lambda flow: branch(flow)["customers"].pop("Catch")),
    ("does not catch every error", lambda flow: branch(flow)["customers"].pop("Catch")),
    ("does not catch every error", lambda flow: first(flow, "Task")["Catch"][0].update(ErrorEquals=["States.Timeout"])),
    ("comes to no end", lambda flow: flow["States"]["Stage 1 ended"].update(Next="Stage 1")),
    ("goes on and ends, or neither", lambda flow: flow["States"]["Stage 1 ended"].pop("Next")),
    ("goes on and ends, or neither", lambda flow: flow["States"]["Stage 1 ended"].update(End=True)),
    ("may have no choice", lambda flow: first(flow, "Choice").pop("Default")),
    ("has no branches", lambda flow: first(flow, "Parallel").update(Branches=[])),
    ("which nobody here has judged", lambda flow: flow["States"]["Stage 1 ended"].update(Type="Wait")),
    ("two states are called customers", lambda flow: flow["States"].update(customers={"Type": "Succeed"})),
    ("is too long a name", lambda flow: flow["States"].update({"x" * 81: {"Type": "Succeed"}})),
]


@pytest.mark.parametrize(("fault", "broken"), BROKEN)
def test_a_machine_that_cannot_be_walked_is_found(flow: State, fault: str, broken: Callable[[State], object]) -> None:
    assert faults(flow) == []
    wrong = copy.deepcopy(flow)
    broken(wrong)
    assert any(fault in one for one in faults(wrong)), faults(wrong)


def expressions(value: Any) -> Iterator[str]:
    """The JSONata in a machine."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from expressions(one)
    elif isinstance(value, str) and "{%" in value:
        assert value.startswith("{% "), value
        assert value.endswith(" %}"), value
        yield value[2:-2]


def test_every_expression_can_be_read(flow: State) -> None:
    found = list(expressions(flow))
    assert len(found) > 15
    for one in found:
        jsonata.Jsonata.jsonata(one)


def test_a_dataset_is_held_back_only_where_its_contract_says_so(flow: State) -> None:
    (sales,) = flow["States"]["Stage 2"]["Branches"]
    assert "sales held back" in sales["States"]
    assert "customers held back" not in branch(flow)
    runs_on = definition(HERE, [Step("sales", "j", 60, "s3://v/", ("customers",)), STEPS[1]], "topic", None, [])
    assert "sales held back" not in runs_on["States"]["Stage 2"]["Branches"][0]["States"]


def test_what_a_contract_says_reaches_the_flow(mutant) -> None:
    says = ('meta.get("on_failed_need", "run")', '{"sales": "stop"}.get(dataset, "run")')
    found = machine(mutant(("components/settings/contracts.py", *says)))
    assert "sales held back" in [name for scope in scopes(found) for name in scope["States"]]


def sales_saying(tmp_path: Path, **says: str) -> Path:
    """A folder with the sales' own suites, whose output says this too."""
    suites = tmp_path / "expectations" / "sales"
    shutil.copytree(ROOT / "expectations" / "sales", suites)
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
    found = terms("sales", root=sales_saying(tmp_path, **says))
    assert (found.on_failed_need, load(found.output, "sales").on_failed_need) == (read, read)


def test_a_suite_that_says_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"on_failed_need run or stop, and expectations/sales/output\.json has 'maybe'"
    ):
        terms("sales", root=sales_saying(tmp_path, on_failed_need="maybe"))


@pytest.mark.parametrize("timeout", [5, 60, 2880])
def test_a_start_is_tried_for_as_long_as_the_run_in_its_way_may_take(timeout: int) -> None:
    flow = definition(HERE, [Step("sales", "j", timeout, "s3://v/")], "topic", None, [])
    room = tasks(flow)["sales"]["Retry"][0]
    pauses = [min(room["IntervalSeconds"] * 2**at, LONGEST_PAUSE) for at in range(room["MaxAttempts"])]
    assert timeout * 60 <= sum(pauses) <= timeout * 60 + 5 * LONGEST_PAUSE
    assert tasks(flow)["sales"]["TimeoutSeconds"] > timeout * 60


def test_the_flow_looks_before_it_drains_and_drains_before_it_runs(flow: State) -> None:
    states = flow["States"]
    assert flow["StartAt"] == "Begin"
    way = ["Is a run under way?", "Alone?", "Receive", "Empty?", "Did anything arrive?", "What arrived", "Stage 1"]
    for one, then in itertools.pairwise(way):
        targets = [
            states[one].get("Next"),
            states[one].get("Default"),
            *(c["Next"] for c in states[one].get("Choices", [])),
        ]
        assert then in targets, one
    assert states["Delete"]["Next"] == "Receive"


def test_a_machine_without_a_queue_does_not_look(graph: Graph) -> None:
    assert machine(graph)["StartAt"] == "What was asked for"
    assert not [name for name in look(HERE, "q", ["sales"], "x") if name in machine(graph)["States"]]


def test_datasets_of_the_same_time_start_together_where_the_stack_is_active(graph: Graph) -> None:
    (schedule,) = graph.of(SCHEDULE)
    assert schedule.inputs["scheduleExpression"] == "cron(0 6 * * ? *)"
    assert schedule.inputs["scheduleExpressionTimezone"] == "UTC"
    assert schedule.inputs["state"] == ("ENABLED" if graph.stack in ("staging", "prod") else "DISABLED")
    assert given(schedule) == {"datasets": datasets(graph.stack)}


def test_datasets_of_other_times_have_a_schedule_of_their_own() -> None:
    entries = {"sales": {}, "customers": {"schedule": "cron(0 4 * * ? *)", "active": True}, "products": {}}
    graph = run("dev", changed={"sluice:datasets": json.dumps(entries)})
    found = {node.inputs["name"]: (given(node)["datasets"], node.inputs["state"]) for node in graph.of(SCHEDULE)}
    assert found == {
        "sluice-dev-daily-0600": (["products", "sales"], "DISABLED"),
        "sluice-dev-daily-0400": (["customers"], "ENABLED"),
    }


def test_of_one_time_the_active_datasets_start_and_the_schedule_rests_where_none_is_active() -> None:
    at_six = {"schedule": "cron(00 6 ? * * *)", "active": True}
    entries = {"sales": {"active": True}, "customers": {}, "products": at_six}
    (schedule,) = run("dev", changed={"sluice:datasets": json.dumps(entries)}).of(SCHEDULE)
    assert given(schedule)["datasets"] == ["products", "sales"]
    assert schedule.inputs["state"] == "ENABLED"


@pytest.mark.parametrize(
    "entries",
    [
        {"products": {}, "sales": {}, "customers": {}},  # another order
        {"sales": {}, "products": {}},  # one is taken out
    ],
)
def test_neither_the_order_of_datasets_nor_one_that_goes_touches_what_is_another_s(
    entries: dict[str, dict[str, str]],
) -> None:
    whole = run("dev", changed={"sluice:datasets": json.dumps({"customers": {}, "products": {}, "sales": {}})})
    graph = run("dev", changed={"sluice:datasets": json.dumps(entries)})
    gone = {"customers"} - entries.keys()
    kept = {urn for urn in whole.nodes if not gone & set(urn.rpartition("::")[2].split("-"))}
    assert {urn.rpartition("::")[2] for urn in kept - graph.nodes.keys()} <= {"readers-athena-lake-unknown-customers"}
    assert graph.nodes.keys() <= whole.nodes.keys()


def test_a_schedule_takes_the_place_of_each_that_it_may_have_been(graph: Graph) -> None:
    (schedule,) = graph.of(SCHEDULE)
    started = [name for name in datasets(graph.stack) if name != "sales_daily"]
    assert schedule.aliases == tuple(f"flow-schedule-{name}-schedule" for name in started)
    assert schedule.delete_before_replace


def test_a_job_that_publishes_is_started_by_no_trigger_beside_the_flow(graph: Graph) -> None:
    publishing = {Deployed(graph, dataset).called for dataset in datasets(graph.stack)}
    triggered = {action["jobName"] for node in graph.of(TRIGGER) for action in node.inputs["actions"]}
    assert triggered
    assert not triggered & publishing
