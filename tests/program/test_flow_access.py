"""What flow and watch may do and what starts and fills them: no more and no less than their states ask for."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from components.access import flow_policies, message_policies, policy_documents
from components.access.message_policies import SEVERITIES, messages_topic
from components.names import Names
from sluice.program.flow_structure import task_states
from sluice.program.graph import ACCOUNT, Graph
from sluice.program.iam import PermissionRequest, allowing_sids, unused_grants
from sluice.program.starts import flow_stages, machine_definitions
from tests.program.deployed import ROLE_POLICY, deployed_datasets

HERE = Names("sluice", "dev", "eu-west-1", ACCOUNT)
ACTIONS = {
    "glue:startJobRun.sync": "glue:StartJobRun",
    "sns:publish": "sns:Publish",
    "aws-sdk:s3:getObject": "s3:GetObject",
    "aws-sdk:s3:putObject": "s3:PutObject",
    "aws-sdk:s3:listObjectsV2": "s3:ListBucket",
    "aws-sdk:sfn:listExecutions": "states:ListExecutions",
    "aws-sdk:sfn:describeExecution": "states:DescribeExecution",
    "aws-sdk:cloudwatch:putMetricData": "cloudwatch:PutMetricData",
    "aws-sdk:sqs:receiveMessage": "sqs:ReceiveMessage",
    "aws-sdk:sqs:deleteMessageBatch": "sqs:DeleteMessage",
}
"""What a state's call is checked as (Service Authorization Reference of each service)."""
BUCKET = "the bucket itself"
FOLDER = re.compile(r"'(\w+)/'")


def objects_of(key: str) -> str:
    """Return what an expression names: objects of a folder, whatever message is kept, a run's results, or the bucket."""
    if key in (BUCKET, "{% $states.input %}"):
        return HERE.bucket_arn(
            "assets", "" if key == BUCKET else "/results/runs/dataset=trades/day=2026-11-29/jr_1.jsonl"
        )
    folder = FOLDER.search(key)
    return HERE.bucket_arn("assets", f"/{folder[1] if folder else 'messages'}/x.json")


def state_asks(machine: dict[str, Any]) -> Iterator[PermissionRequest]:
    """What the states of a machine ask for, by the names that the resources have."""
    jobs = [item["job"] for items in flow_stages(machine).values() for item in items if "job" in item]
    for state in task_states(machine).values():
        action = ACTIONS[state["Resource"].removeprefix("arn:aws:states:::")]
        kind, arguments = action.partition(":")[0], state["Arguments"]
        topics = [message_policies.topic_arn(HERE, messages_topic(severity)) for severity in SEVERITIES]
        resources = {
            "glue": lambda: [HERE.arn("glue", f"job/{job}") for job in jobs],
            "sns": lambda: topics,  # noqa: B023
            "s3": lambda: [objects_of(arguments.get("Key", BUCKET))],  # noqa: B023
            "sqs": lambda: [flow_policies.queue_arn(HERE)],
            "states": lambda: [
                flow_policies.machine_arn(HERE)
                if action == "states:ListExecutions"  # noqa: B023
                else HERE.arn("states", "execution:sluice-dev-flow:x")
            ],
            "cloudwatch": lambda: ["*"],
        }[kind]()
        context = {"cloudwatch:namespace": arguments["Namespace"]} if kind == "cloudwatch" else {}
        if action == "s3:ListBucket":
            context = {"s3:prefix": "results/runs/dataset=trades/day=2026-11-29/"}
        yield from (PermissionRequest(action, resource, context) for resource in resources)


def role_policy(graph: Graph, machine: str = "flow") -> policy_documents.Document:
    return json.loads(graph.node_named(ROLE_POLICY, f"{machine}-role-policy").inputs["policy"])


MACHINES = pytest.mark.parametrize("machine", ["flow", "watch", "digest"])


@MACHINES
def test_a_machine_may_do_what_its_states_ask_for(resting: Graph, machine: str) -> None:
    needed = list(state_asks(machine_definitions(resting)[machine]))
    assert len({ask.action for ask in needed}) > 3
    assert [ask for ask in needed if not allowing_sids(role_policy(resting, machine), ask)] == []


@MACHINES
def test_a_machine_may_do_nothing_else_without_a_reason(resting: Graph, machine: str) -> None:
    asks = state_asks(machine_definitions(resting)[machine])
    unused_actions = {f"{sid} {action}" for sid, action in unused_grants(role_policy(resting, machine), asks)}
    of_flow = flow_policies.IMPLICIT_GRANTS if machine == "flow" else {}
    assert unused_actions == {*of_flow, *message_policies.IMPLICIT_TELLING}


@MACHINES
def test_a_machine_publishes_to_topics_of_messages_and_to_no_other(resting: Graph, machine: str) -> None:
    document = role_policy(resting, machine)
    for topic in ("sluice-dev-alarms", "sluice-dev-alarms-warning", "sluice-prod-messages-critical"):
        assert not allowing_sids(document, PermissionRequest("sns:Publish", HERE.arn("sns", topic)))
    for key in ("verdicts/trades/x.json", "code/x.zip", "outbox/trades/x.json", "contracts/trades/x.json"):
        assert not allowing_sids(document, PermissionRequest("s3:PutObject", HERE.bucket_arn("assets", f"/{key}")))


def test_a_flow_that_does_not_look_reaches_no_queue(graph: Graph) -> None:
    assert [statement["Sid"] for statement in role_policy(graph)["Statement"]] == [
        "RunJobs",
        "ReadMessages",
        "KeepMessages",
        "PublishMessages",
        "UseKeyOfTopics",
    ]


def test_a_rule_may_start_the_watch_and_nothing_else(graph: Graph) -> None:
    document = json.loads(graph.node_named(ROLE_POLICY, "watch-starter-policy").inputs["policy"])
    names = Names("sluice", graph.stack, "eu-west-1", ACCOUNT)
    starts = {
        machine: PermissionRequest("states:StartExecution", flow_policies.machine_arn(names, machine))
        for machine in ("watch", "flow")
    }
    assert allowing_sids(document, starts["watch"])
    assert not allowing_sids(document, starts["flow"])
    assert unused_grants(document, [starts["watch"]]) == set()


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("glue:StartJobRun", "job/sluice-dev-trades-maintain"),
        ("glue:StartJobRun", "job/sluice-prod-trades"),
        ("glue:BatchStopJobRun", "job/sluice-dev-trades-maintain"),
        ("glue:UpdateJob", "job/sluice-dev-trades"),
    ],
)
def test_the_flow_runs_its_own_jobs_and_no_other(action: str, resource: str) -> None:
    document = flow_policies.flow_policy(HERE, ["trades"], [], has_queue=True)
    assert allowing_sids(document, PermissionRequest("glue:StartJobRun", HERE.arn("glue", "job/sluice-dev-trades")))
    assert not allowing_sids(document, PermissionRequest(action, HERE.arn("glue", resource)))


def test_the_jobs_of_the_flow_are_those_that_publish(graph: Graph) -> None:
    (jobs,) = [statement["Resource"] for statement in role_policy(graph)["Statement"] if statement["Sid"] == "RunJobs"]
    assert jobs == [
        f"arn:aws:glue:eu-west-1:{ACCOUNT}:job/sluice-{graph.stack}-{name}" for name in deployed_datasets(graph.stack)
    ]


def test_a_schedule_may_start_this_flow_or_keep_a_start_that_failed_and_do_nothing_else() -> None:
    document = flow_policies.starter_policy(HERE)
    start = PermissionRequest("states:StartExecution", HERE.arn("states", "stateMachine:sluice-dev-flow"))
    keep = PermissionRequest("sqs:SendMessage", HERE.arn("sqs", "sluice-dev-undelivered"))
    assert allowing_sids(document, start)
    assert allowing_sids(document, keep)
    assert unused_grants(document, [start, keep]) == set()
    assert not allowing_sids(
        document, PermissionRequest("states:StartExecution", HERE.arn("states", "stateMachine:sluice-prod-flow"))
    )
    assert not allowing_sids(document, PermissionRequest("sqs:SendMessage", HERE.arn("sqs", "sluice-dev-arrivals")))


@pytest.mark.parametrize("service", ["states", "scheduler", "events"])
def test_a_role_of_the_flow_is_taken_by_its_service_in_this_account(service: str) -> None:
    (statement,) = flow_policies.trust_policy(HERE, service)["Statement"]
    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert "Resource" not in statement
