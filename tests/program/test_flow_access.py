"""What the flow may do and what starts and fills it: no more and no less than its states ask for."""

import json
from collections.abc import Iterator

import pytest

from components.access import flow_policies, policy_documents
from components.names import Names
from sluice.program.flow_structure import tasks
from sluice.program.graph import ACCOUNT, Graph
from sluice.program.iam import Ask, allowing, unused
from sluice.program.starts import machine
from tests.program.deployed import ROLE_POLICY, datasets

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


def asked(graph: Graph) -> Iterator[Ask]:
    """What the states of the flow ask for, by the names that the resources have."""
    for state in tasks(machine(graph)).values():
        action = ACTIONS[state["Resource"].removeprefix("arn:aws:states:::")]
        kind = action.partition(":")[0]
        job = HERE.arn("glue", f"job/{state['Arguments'].get('JobName')}")
        topic, queue = HERE.arn("sns", HERE.of("alarms")), flow_policies.queue_arn(HERE)
        yield Ask(action, {"glue": job, "sns": topic, "sqs": queue, "states": flow_policies.machine_arn(HERE)}[kind])


def may(graph: Graph) -> policy_documents.Document:
    return json.loads(graph.named(ROLE_POLICY, "flow-role-policy").inputs["policy"])


def test_the_flow_may_do_what_its_states_ask_for(resting: Graph) -> None:
    needed = list(asked(resting))
    assert {ask.action for ask in needed} == set(ACTIONS.values())
    assert [ask for ask in needed if not allowing(may(resting), ask)] == []


def test_the_flow_may_do_nothing_else_without_a_reason(resting: Graph) -> None:
    rest = {f"{sid} {action}" for sid, action in unused(may(resting), asked(resting))}
    assert rest == set(flow_policies.BEHIND)


def test_a_flow_that_does_not_look_reaches_no_queue(graph: Graph) -> None:
    assert [one["Sid"] for one in may(graph)["Statement"]] == ["RunJobs", "TellTopic", "UseKeyOfTopic"]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("glue:StartJobRun", "job/sluice-dev-sales-maintain"),
        ("glue:StartJobRun", "job/sluice-prod-sales"),
        ("glue:BatchStopJobRun", "job/sluice-dev-sales-maintain"),
        ("glue:UpdateJob", "job/sluice-dev-sales"),
    ],
)
def test_the_flow_runs_its_own_jobs_and_no_other(action: str, resource: str) -> None:
    document = flow_policies.flow(HERE, ["sales"], KEY, looks=True)
    assert allowing(document, Ask("glue:StartJobRun", HERE.arn("glue", "job/sluice-dev-sales")))
    assert not allowing(document, Ask(action, HERE.arn("glue", resource)))


def test_the_jobs_of_the_flow_are_those_that_publish(graph: Graph) -> None:
    (jobs,) = [one["Resource"] for one in may(graph)["Statement"] if one["Sid"] == "RunJobs"]
    assert jobs == [
        f"arn:aws:glue:eu-west-1:{ACCOUNT}:job/sluice-{graph.stack}-{name}" for name in datasets(graph.stack)
    ]


def test_a_schedule_may_start_this_flow_or_keep_a_start_that_failed_and_do_nothing_else() -> None:
    document = flow_policies.starter(HERE)
    start = Ask("states:StartExecution", HERE.arn("states", "stateMachine:sluice-dev-flow"))
    keep = Ask("sqs:SendMessage", HERE.arn("sqs", "sluice-dev-undelivered"))
    assert allowing(document, start)
    assert allowing(document, keep)
    assert unused(document, [start, keep]) == set()
    assert not allowing(document, Ask("states:StartExecution", HERE.arn("states", "stateMachine:sluice-prod-flow")))
    assert not allowing(document, Ask("sqs:SendMessage", HERE.arn("sqs", "sluice-dev-arrivals")))


@pytest.mark.parametrize("service", ["states", "scheduler"])
def test_a_role_of_the_flow_is_taken_by_its_service_in_this_account(service: str) -> None:
    (one,) = flow_policies.trust(HERE, service)["Statement"]
    assert one["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert one["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert "Resource" not in one
