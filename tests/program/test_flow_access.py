"""What the flow may do and what starts and fills it: no more and no less than its states ask for."""

import json
from collections.abc import Iterator

import pytest

from components.access import flow_policies, policy_documents
from components.names import Names
from sluice.program.flow_structure import task_states
from sluice.program.graph import ACCOUNT, Graph
from sluice.program.iam import PermissionRequest, allowing_sids, unused_grants
from sluice.program.starts import flow_definition
from tests.program.deployed import ROLE_POLICY, deployed_datasets

HERE = Names("sluice", "dev", "eu-west-1", ACCOUNT)
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"
ACTIONS = {
    "glue:startJobRun.sync": "glue:StartJobRun",
    "sns:publish": "sns:Publish",
    "aws-sdk:sfn:listExecutions": "states:ListExecutions",
    "aws-sdk:sqs:receiveMessage": "sqs:ReceiveMessage",
    "aws-sdk:sqs:deleteMessageBatch": "sqs:DeleteMessage",
}
"""What a state's call is checked as (Service Authorization Reference of each service)."""


def state_asks(graph: Graph) -> Iterator[PermissionRequest]:
    """What the states of the flow ask for, by the names that the resources have."""
    for state in task_states(flow_definition(graph)).values():
        action = ACTIONS[state["Resource"].removeprefix("arn:aws:states:::")]
        kind = action.partition(":")[0]
        job = HERE.arn("glue", f"job/{state['Arguments'].get('JobName')}")
        topic, queue = HERE.arn("sns", HERE.resource_name("alarms")), flow_policies.queue_arn(HERE)
        yield PermissionRequest(
            action, {"glue": job, "sns": topic, "sqs": queue, "states": flow_policies.machine_arn(HERE)}[kind]
        )


def role_policy(graph: Graph) -> policy_documents.Document:
    return json.loads(graph.node_named(ROLE_POLICY, "flow-role-policy").inputs["policy"])


def test_the_flow_may_do_what_its_states_ask_for(resting: Graph) -> None:
    needed = list(state_asks(resting))
    assert {ask.action for ask in needed} == set(ACTIONS.values())
    assert [ask for ask in needed if not allowing_sids(role_policy(resting), ask)] == []


def test_the_flow_may_do_nothing_else_without_a_reason(resting: Graph) -> None:
    unused_actions = {f"{sid} {action}" for sid, action in unused_grants(role_policy(resting), state_asks(resting))}
    assert unused_actions == set(flow_policies.IMPLICIT_GRANTS)


def test_a_flow_that_does_not_look_reaches_no_queue(graph: Graph) -> None:
    assert [statement["Sid"] for statement in role_policy(graph)["Statement"]] == [
        "RunJobs",
        "TellTopic",
        "UseKeyOfTopic",
    ]


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
    document = flow_policies.flow_policy(HERE, ["trades"], KEY, has_queue=True)
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


@pytest.mark.parametrize("service", ["states", "scheduler"])
def test_a_role_of_the_flow_is_taken_by_its_service_in_this_account(service: str) -> None:
    (statement,) = flow_policies.trust_policy(HERE, service)["Statement"]
    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert "Resource" not in statement
