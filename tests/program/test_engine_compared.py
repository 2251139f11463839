"""The engine's state beside the plan: each kind of difference has a line, and nothing else has."""

import copy
from typing import Any

import pytest

from sluice.program.engine.compared import plan_differences
from sluice.program.engine.planned import planned_state
from sluice.program.engine.wire import SECRET, SIGNATURE
from sluice.program.graph import Graph

URN = "urn:pulumi:dev::sluice::{}::{}"
COMPONENT, QUEUE = URN.format("sluice:lake:Lake", "lake"), URN.format("sluice:lake:Lake$aws:sqs/queue:Queue", "queue")
OBJECT = URN.format("aws:s3/bucketObjectv2:BucketObjectv2", "object")
STACK = URN.format("pulumi:pulumi:Stack", "sluice-dev")
FORMER = URN.format("sluice:lake:Lake$aws:sqs/queue:Queue", "former")
COMMON = {"secrets": [], "protect": False, "retain": False, "ignored": [], "aliases": []}
PLAN: dict[str, Any] = {
    "resources": [
        COMMON | {"urn": COMPONENT, "parent": STACK, "custom": False, "inputs": {}},
        COMMON
        | {
            "urn": QUEUE,
            "parent": COMPONENT,
            "custom": True,
            "inputs": {"name": "queue", "tags": {"a": "b"}, "list": [{"c": 1}]},
            "protect": True,
            "aliases": [FORMER],
        },
        COMMON | {"urn": OBJECT, "parent": STACK, "custom": True, "inputs": {"source": {"path": "etl.zip"}}},
    ],
    "outputs": {"prefix": "sluice", "jobs": {"trades": "sluice-dev-trades"}},
}
STATE: list[dict[str, Any]] = [
    {"urn": STACK, "type": "pulumi:pulumi:Stack", "outputs": PLAN["outputs"]},
    {"urn": "urn:provider", "type": "pulumi:providers:aws", "custom": True},
    {"urn": COMPONENT, "type": "sluice:lake:Lake", "parent": STACK},
    {
        "urn": QUEUE,
        "type": "aws:sqs/queue:Queue",
        "parent": COMPONENT,
        "custom": True,
        "inputs": {"name": "queue", "tags": {"a": "b"}, "list": [{"c": 1}]},
        "protect": True,
        "aliases": [FORMER],
    },
    {
        "urn": OBJECT,
        "type": "aws:s3/bucketObjectv2:BucketObjectv2",
        "parent": STACK,
        "custom": True,
        "inputs": {"source": {SIGNATURE: "asset", "hash": "0a1b", "path": "etl.zip"}},
    },
]


def test_a_state_that_is_the_plan_has_no_difference() -> None:
    assert plan_differences(PLAN, STATE) == []


def altered_resources(urn: str, *path: str | int, to: Any) -> list[dict[str, Any]]:
    state = copy.deepcopy(STATE)
    inner: Any = next(resource for resource in state if resource["urn"] == urn)
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return state


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (STATE[:-1], f"the plan has {OBJECT}, which the engine did not make"),
        ([*STATE, STATE[3] | {"urn": FORMER}], f"the engine made {FORMER}, which the plan does not show"),
        (
            altered_resources(QUEUE, "inputs", "name", to="other"),
            "queue.name: 'queue' in the plan, 'other' in the state",
        ),
        (altered_resources(QUEUE, "inputs", "tags", "a", to="c"), "queue.tags.a: 'b' in the plan, 'c' in the state"),
        (altered_resources(QUEUE, "inputs", "list", 0, "c", to=2), "queue.list[0].c: 1 in the plan, 2 in the state"),
        (altered_resources(QUEUE, "inputs", "list", to=[]), "queue.list: [{'c': 1}] in the plan, [] in the state"),
        (altered_resources(QUEUE, "inputs", "tags", to={}), "queue.tags.a: only the plan has it"),
        (altered_resources(QUEUE, "inputs", "more", to=1), "queue.more: only the engine has it"),
        (altered_resources(QUEUE, "protect", to=False), "queue: protect is True in the plan, False in the state"),
        (altered_resources(QUEUE, "retainOnDelete", to=True), "queue: retain is False in the plan, True in the state"),
        (
            altered_resources(QUEUE, "parent", to=STACK),
            f"queue: parent is '{COMPONENT}' in the plan, '{STACK}' in the state",
        ),
        (altered_resources(QUEUE, "custom", to=False), "queue: custom is True in the plan, False in the state"),
        (altered_resources(QUEUE, "aliases", to=[OBJECT]), f"queue: took over {OBJECT}, no alias in the plan"),
        (
            altered_resources(QUEUE, "ignoreChanges", to=["name"]),
            "queue: ignored is [] in the plan, ['name'] in the state",
        ),
        (
            altered_resources(QUEUE, "inputs", "name", to={SIGNATURE: SECRET, "plaintext": '"queue"'}),
            "queue: secrets is [] in the plan, ['name'] in the state",
        ),
        (
            altered_resources(OBJECT, "inputs", "source", "path", to="b.zip"),
            "object.source.path: 'etl.zip' in the plan, 'b.zip'",
        ),
        (
            altered_resources(COMPONENT, "parent", to=QUEUE),
            f"lake: parent is '{STACK}' in the plan, '{QUEUE}' in the state",
        ),
        (altered_resources(STACK, "outputs", "jobs", to={}), "outputs.jobs.trades: only the plan has it"),
        (
            altered_resources(STACK, "outputs", "prefix", to="lake"),
            "outputs.prefix: 'sluice' in the plan, 'lake' in the state",
        ),
    ],
)
def test_a_difference_of_each_kind_has_one_line(state: list[dict[str, Any]], line: str) -> None:
    [difference] = plan_differences(PLAN, state)
    assert difference.startswith(line)


def test_the_plan_has_components_aliases_secrets_and_outputs_as_the_state_names_them(optional: Graph) -> None:
    plan = planned_state(optional)
    by_name = {resource["urn"].rpartition("::")[2]: resource for resource in plan["resources"]}
    assert by_name["readers-redshift-namespace"]["secrets"] == ["adminUsername"]
    assert by_name["code-wheels"]["ignored"] == ["source"]
    assert by_name["raw-bucket"]["parent"] == by_name["raw"]["urn"]
    assert not by_name["raw"]["custom"]
    assert plan["outputs"]["prefix"] == "sluice"


def test_an_alias_by_name_is_the_urn_of_that_name_at_the_same_place(graphs: dict[str, Graph]) -> None:
    [schedule] = [
        resource for resource in planned_state(graphs["dev"])["resources"] if resource["urn"].endswith("daily-0600")
    ]
    stack_urn = schedule["urn"].rpartition("::")[0]
    assert f"{stack_urn}::flow-schedule-trades-schedule" in schedule["aliases"]
