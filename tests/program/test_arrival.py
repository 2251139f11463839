"""What files that arrive set in motion, where a stack or a dataset says so; and nothing of it where none does."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.settings.config_reader import BadConfiguration
from components.settings.contracts import load_contract
from sluice.program import property_types as declared
from sluice.program.bill.bill import monthly_bill
from sluice.program.graph import Graph, Node, run_program
from sluice.program.policies import broken_policies
from sluice.program.policies.queue import NOTIFICATION, QUEUE, QUEUE_POLICY
from sluice.program.starts import (
    RULE,
    SCHEDULE,
    STATE_MACHINE,
    TARGET,
    arrival_datasets,
    flow_definition,
    flow_schedules,
    schedule_input,
    schedules_by_dataset,
)
from sluice.sandbox.recipes import RECIPES
from tests.program.deployed import deployed_datasets
from tests.program.test_settings import make_settings

FILES = sorted(name for name in deployed_datasets("prod") if not load_contract(name).sources)
MIXED = {"trades": {"start": "arrival", "needs": ["buyers"]}, "buyers": {}}


@pytest.fixture(scope="module")
def mixed() -> Graph:
    return run_program("prod", changed={"sluice:datasets": json.dumps(MIXED)})


def test_a_stack_that_files_start_is_declared_as_it_should_be(arriving: Graph) -> None:
    assert declared.graph_faults(arriving) == []
    assert broken_policies(arriving) == {}
    assert {node.type for node in arriving.nodes.values() if node.custom} - RECIPES.keys() == set()


def test_no_stack_that_the_clock_starts_has_a_queue_of_what_arrived(graph: Graph) -> None:
    kinds = {node.type for node in graph.nodes.values()}
    assert SCHEDULE in kinds
    assert NOTIFICATION not in kinds
    assert [node.inputs["name"] for node in graph.nodes_of_type(QUEUE)] == [f"sluice-{graph.stack}-undelivered"]


def test_the_two_queues_of_a_stack_are_encrypted_and_kept_for_two_weeks(arriving: Graph) -> None:
    queues = {node.inputs["name"]: node.inputs for node in arriving.nodes_of_type(QUEUE)}
    assert set(queues) == {"sluice-prod-arrivals", "sluice-prod-undelivered"}
    assert {queue["sqsManagedSseEnabled"] for queue in queues.values()} == {True}
    assert {queue["messageRetentionSeconds"] for queue in queues.values()} == {1209600}


def test_what_any_rule_or_schedule_cannot_deliver_goes_to_one_queue(arriving: Graph) -> None:
    """Those to the queue of what arrived too."""
    dead_letter_queues = {
        rule_target.name: rule_target.inputs["deadLetterConfig"]["arn"]
        for rule_target in arriving.nodes_of_type(TARGET)
    }
    dead_letter_queues |= {
        schedule.name: schedule.inputs["target"]["deadLetterConfig"]["arn"] for schedule in flow_schedules(arriving)
    }
    assert {
        "watch-runs-failed-target",
        "trades-watch-succeeded-target",
        "flow-failed-target",
        "flow-arrival-trades-target",
    } <= set(dead_letter_queues)
    assert "flow-schedule-arrivals-window" in dead_letter_queues
    assert set(dead_letter_queues.values()) == {"arn:aws:fake:::undelivered-queue"}


def test_the_queue_of_what_was_not_delivered_takes_from_the_stacks_own_rules(arriving: Graph) -> None:
    document = json.loads(arriving.node_named(QUEUE_POLICY, "undelivered-policy").inputs["policy"])
    sent, untold = document["Statement"]
    assert (sent["Principal"], sent["Action"]) == ({"Service": "events.amazonaws.com"}, ["sqs:SendMessage"])
    rules = f"arn:aws:events:{arriving.config['aws:region']}:123456789012:rule/sluice-prod-*"
    assert sent["Condition"] == {"ArnLike": {"aws:SourceArn": [rules]}}
    assert (untold["Effect"], untold["Principal"], untold["Condition"]) == (
        "Deny", "*", {"Bool": {"aws:SecureTransport": "false"}},
    )  # fmt: skip


def test_a_policy_longer_than_sqs_takes_is_told_before_it_is_deployed(arriving: Graph) -> None:
    (node,) = [policy for policy in arriving.nodes_of_type(QUEUE_POLICY) if policy.name == "undelivered-policy"]
    longer = replace(node, inputs=node.inputs | {"policy": node.inputs["policy"] + " " * 8192})
    graph = Graph(arriving.stack, arriving.config, arriving.nodes | {node.urn: longer}, arriving.outputs)
    assert "more than 8192 bytes" in broken_policies(graph)["queue.senders"][0]


def test_each_datasets_files_have_a_rule_that_names_what_they_start(arriving: Graph) -> None:
    queue = arriving.node_named(QUEUE, "flow-arrival-queue")
    rules = {node.inputs["name"]: node.inputs for node in arriving.nodes_of_type(RULE)}
    sent = {
        rule_target.inputs["rule"]: rule_target.inputs
        for rule_target in arriving.nodes_of_type(TARGET)
        if "input" in rule_target.inputs
    }
    assert set(sent) == {f"sluice-prod-{dataset}-arrived" for dataset in FILES}
    for dataset in FILES:
        rule, target = rules[f"sluice-prod-{dataset}-arrived"], sent[f"sluice-prod-{dataset}-arrived"]
        pattern = json.loads(rule["eventPattern"])
        assert pattern["detail"]["object"]["key"] == [{"prefix": f"{dataset}/"}]
        assert pattern["detail"]["bucket"]["name"] == [arriving.outputs["raw"]]
        assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
        assert json.loads(target["input"])["datasets"][0] == dataset
        assert (rule["state"], target["arn"]) == ("ENABLED", f"arn:aws:fake:::{queue.name}")


def test_what_is_built_from_tables_starts_with_these_and_has_no_files(arriving: Graph) -> None:
    built = set(deployed_datasets("prod")) - set(FILES)
    assert "trades_daily" in built
    sent = {
        rule_target.inputs["rule"]: rule_target.inputs["input"]
        for rule_target in arriving.nodes_of_type(TARGET)
        if "input" in rule_target.inputs
    }
    assert "trades_daily" in json.loads(sent["sluice-prod-trades-arrived"])["datasets"]
    assert arrival_datasets(arriving).count("trades_daily") == 1


def test_the_window_is_the_stacks(arriving: Graph, resting: Graph) -> None:
    def arrival_schedules(graph: Graph) -> list[str]:
        return [
            schedule.inputs["scheduleExpression"]
            for schedule in flow_schedules(graph)
            if schedule_input(schedule) == {"start": "arrival"}
        ]

    assert arrival_schedules(arriving) == ["rate(15 minutes)"]
    assert arrival_schedules(resting) == ["rate(1 minute)"]


def test_a_dataset_of_its_own_start_is_started_by_that_alone(mixed: Graph) -> None:
    assert arrival_datasets(mixed) == ["trades"]
    assert list(schedules_by_dataset(mixed)) == ["buyers"]
    assert broken_policies(mixed) == {}


def test_what_rests_is_started_by_nothing_and_its_rule_is_off(resting: Graph) -> None:
    assert arrival_datasets(resting) == []
    states = [node.inputs["state"] for node in resting.nodes_of_type(RULE) if node.inputs["name"].endswith("-arrived")]
    assert states == ["DISABLED"] * len(FILES)
    assert broken_policies(resting) == {}


@pytest.mark.parametrize(
    ("key", "value", "takes"), [("start", "daily", "schedule or arrival"), ("window", "0", "1 to 1440")]
)
def test_a_start_that_is_none_is_refused(key: str, value: str, takes: str) -> None:
    with pytest.raises(BadConfiguration, match=f'sluice:{key} is "{value}": takes .*{takes}'):
        make_settings(**{key: value})


def test_looking_every_quarter_of_an_hour_costs_what_was_worked_out() -> None:
    """At $0.025 a thousand steps: 2,880 looks of 7 a month are $0.50, 30 starts two or three, 900 batches of 3 seven."""
    four = json.dumps({"trades": {"needs": ["buyers", "goods"]}, "buyers": {}, "goods": {}, "trades_daily": {}})
    arriving = run_program("prod", changed={"sluice:start": "arrival", "sluice:datasets": four})
    (steps,) = [line for line in monthly_bill(arriving) if line.what == "flow: steps"]
    assert 0.57 < steps.usd < 0.62
    assert steps.counted.startswith("30 starts, 2880 looks")
    (arrivals,) = [line for line in monthly_bill(arriving) if line.what == "flow: arrivals"]
    assert arrivals.counted.startswith(f"{30 * 100 * 3} events")


def without_condition_key(document: str, sid: str, key: str) -> str:
    """A policy whose statement lacks something."""
    policy = json.loads(document)
    (statement,) = [candidate for candidate in policy["Statement"] if candidate["Sid"] == sid]
    del statement[key]
    return json.dumps(policy)


WRONG: list[tuple[str, str, dict[str, Callable[[Any], Any]]]] = [
    ("queue.encrypted", QUEUE, {"sqsManagedSseEnabled": lambda _: False}),
    ("queue.no-source", QUEUE, {"redriveAllowPolicy": lambda _: '{"redrivePermission": "allowAll"}'}),
    ("queue.no-source", QUEUE, {"redriveAllowPolicy": lambda _: None}),
    ("queue.senders", QUEUE_POLICY, {"policy": lambda text: without_condition_key(text, "RulesSend", "Condition")}),
    ("queue.senders", QUEUE_POLICY, {"policy": lambda text: text.replace("sqs:SendMessage", "sqs:ReceiveMessage")}),
    ("queue.senders", QUEUE_POLICY, {"policy": lambda text: text.replace("events.amazonaws.com", "s3.amazonaws.com")}),
    ("queue.senders", QUEUE_POLICY, {"policy": lambda text: text.replace("prod-trades-arrived", "dev-trades-arrived")}),
    (
        "queue.senders",
        QUEUE_POLICY,
        {"policy": lambda text: without_condition_key(text, "RefuseWithoutTls", "Condition")},
    ),
    ("target.dead-letter", TARGET, {"deadLetterConfig": lambda _: None}),
    ("queue.told", NOTIFICATION, {"eventbridge": lambda _: False}),
    ("flow.started", TARGET, {"input": lambda _: '{"datasets": []}'}),
    ("flow.started", SCHEDULE, {"target": lambda one: one | {"input": '{"datasets": ["trades"]}'}}),
    (
        "flow.structure",
        STATE_MACHINE,
        {"definition": lambda text: text.replace('"Next": "Receive"', '"Next": "Again"')},
    ),
]


@pytest.mark.parametrize(("rule", "kind", "changes"), WRONG)
def test_a_stack_that_breaks_a_policy_is_noticed(
    arriving: Graph, rule: str, kind: str, changes: dict[str, Callable[[Any], Any]]
) -> None:
    nodes = {urn: changed_node(node, changes) if node.type == kind else node for urn, node in arriving.nodes.items()}
    assert nodes != arriving.nodes
    assert rule in broken_policies(Graph(arriving.stack, arriving.config, nodes, arriving.outputs))


def changed_node(node: Node, changes: dict[str, Callable[[Any], Any]]) -> Node:
    wrong = {key: change(node.inputs[key]) for key, change in changes.items() if key in node.inputs}
    return replace(node, inputs=node.inputs | wrong)


def test_the_machine_knows_every_dataset_that_a_message_may_name(arriving: Graph) -> None:
    named = flow_definition(arriving)["States"]["Receive"]["Assign"]["arrived"]
    assert all(f'"{dataset}"' in named for dataset in arrival_datasets(arriving))
