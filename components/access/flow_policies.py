"""Who may do what in the flow: its machine, what starts it, and what fills the stack's queues."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.access.policy_documents import Document, Statement, allow, deny, policy_document
from components.names import Names

MACHINE, QUEUE, UNDELIVERED = "flow", "arrivals", "undelivered"


def machine_arn(names: Names, machine: str = MACHINE) -> str:
    """Return the ARN of a state machine of the stack, by default of the flow."""
    return names.arn("states", f"stateMachine:{names.resource_name(machine)}")


def queue_arn(names: Names, queue_name: str = QUEUE) -> str:
    """Return the ARN of a queue of the stack, by default of that for what arrived."""
    return names.arn("sqs", names.resource_name(queue_name))


def trust_policy(names: Names, service: str) -> Document:
    """Only this service in this account takes the role; only AWS can show that its condition passes."""
    trusted = allow("ServiceOfThisAccount", "sts:AssumeRole", "*", StringEquals={"aws:SourceAccount": names.account})
    del trusted["Resource"]  # a trust policy has none
    return policy_document(trusted | {"Principal": {"Service": f"{service}.amazonaws.com"}})


def flow_policy(names: Names, datasets: Sequence[str], telling: Sequence[Statement], has_queue: bool) -> Document:
    """What the flow may do: run the jobs of these datasets, tell what they say, and, where it `has_queue`, empty its queue.

    `telling` are the statements that let it tell.
    """
    jobs = [names.arn("glue", f"job/{names.resource_name(dataset)}") for dataset in datasets]
    queue_statements = (
        allow("SeeOwnRuns", "states:ListExecutions", machine_arn(names)),
        # a batch of deletes is checked as one delete (Amazon SQS, API permissions)
        allow("EmptyQueue", "sqs:ReceiveMessage sqs:DeleteMessage", queue_arn(names)),
    )
    return policy_document(
        allow("RunJobs", "glue:StartJobRun glue:GetJobRun glue:GetJobRuns glue:BatchStopJobRun", jobs),
        *telling,
        *(queue_statements if has_queue else ()),
    )


def starter_policy(names: Names) -> Document:
    """What a schedule may do: start the flow, and keep a start that failed.

    The scheduler sends to its dead-letter queue by its role (EventBridge Scheduler, Configuring a dead-letter queue).
    """
    return policy_document(
        allow("StartFlow", "states:StartExecution", machine_arn(names)),
        allow("KeepUndelivered", "sqs:SendMessage", queue_arn(names, UNDELIVERED)),
    )


def arrival_queue_policy(names: Names, datasets: Sequence[str]) -> Document:
    """Only the rules on these datasets' files fill the queue of what arrived."""
    rules = [names.arn("events", f"rule/{names.resource_name(dataset, 'arrived')}") for dataset in datasets]
    return queue_policy(names, QUEUE, ArnEquals={"aws:SourceArn": rules})


def dead_letter_policy(names: Names) -> Document:
    """Only this stack's rules leave here what they could not deliver.

    A pattern, since the names of many rules are longer than a queue's policy may be; no other stack's name fits it.
    """
    rules = [names.arn("events", f"rule/{names.resource_name('*')}")]
    return queue_policy(names, UNDELIVERED, ArnLike={"aws:SourceArn": rules})


def queue_policy(names: Names, queue_name: str, **conditions: Mapping[str, Any]) -> Document:
    """Only rules under this condition fill a queue, and nothing without TLS."""
    sent = allow("RulesSend", "sqs:SendMessage", queue_arn(names, queue_name), **conditions)
    return policy_document(
        sent | {"Principal": {"Service": "events.amazonaws.com"}},
        deny(
            "RefuseWithoutTls",
            "sqs:*",
            queue_arn(names, queue_name),
            principal="*",
            Bool={"aws:SecureTransport": "false"},
        ),
    )


IMPLICIT_GRANTS = {
    "RunJobs glue:GetJobRun": "startJobRun.sync asks how the run stands",
    "RunJobs glue:GetJobRuns": "startJobRun.sync asks how the run stands",
    "RunJobs glue:BatchStopJobRun": "startJobRun.sync stops the run where the flow is stopped",
}
"""What the flow's document grants though no state names it, and why (AWS Step Functions, IAM policies for AWS Glue)."""
