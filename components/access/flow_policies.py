"""Who may do what in the flow: its machine, what starts it, and what fills the stack's queues."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.access.policy_documents import Document, allow, deny, document
from components.names import Names

MACHINE, QUEUE, UNDELIVERED = "flow", "arrivals", "undelivered"


def machine_arn(names: Names) -> str:
    return names.arn("states", f"stateMachine:{names.of(MACHINE)}")


def queue_arn(names: Names, called: str = QUEUE) -> str:
    return names.arn("sqs", names.of(called))


def trust(names: Names, service: str) -> Document:
    """Only this service in this account takes the role; only AWS can show that its condition passes."""
    trusted = allow("ServiceOfThisAccount", "sts:AssumeRole", "*", StringEquals={"aws:SourceAccount": names.account})
    del trusted["Resource"]  # a trust policy has none
    return document(trusted | {"Principal": {"Service": f"{service}.amazonaws.com"}})


def flow(names: Names, datasets: Sequence[str], key_arn: str, looks: bool) -> Document:
    """What the flow may do: run the jobs of these datasets, tell the topic, and, where it `looks`, empty its queue."""
    jobs = [names.arn("glue", f"job/{names.of(dataset)}") for dataset in datasets]
    looking = (
        allow("SeeOwnRuns", "states:ListExecutions", machine_arn(names)),
        # a batch of deletes is checked as one delete (Amazon SQS, API permissions)
        allow("EmptyQueue", "sqs:ReceiveMessage sqs:DeleteMessage", queue_arn(names)),
    )
    return document(
        allow("RunJobs", "glue:StartJobRun glue:GetJobRun glue:GetJobRuns glue:BatchStopJobRun", jobs),
        allow("TellTopic", "sns:Publish", names.arn("sns", names.of("alarms"))),
        allow("UseKeyOfTopic", "kms:Decrypt kms:GenerateDataKey", key_arn),
        *(looking if looks else ()),
    )


def starter(names: Names) -> Document:
    """What a schedule may do: start the flow, and keep a start that failed.

    The scheduler sends to its dead-letter queue by its role (EventBridge Scheduler, Configuring a dead-letter queue).
    """
    return document(
        allow("StartFlow", "states:StartExecution", machine_arn(names)),
        allow("KeepUndelivered", "sqs:SendMessage", queue_arn(names, UNDELIVERED)),
    )


def queue(names: Names, datasets: Sequence[str]) -> Document:
    """Only the rules on these datasets' files fill the queue of what arrived."""
    rules = [names.arn("events", f"rule/{names.of(dataset, 'arrived')}") for dataset in datasets]
    return filled(names, QUEUE, ArnEquals={"aws:SourceArn": rules})


def undelivered(names: Names) -> Document:
    """Only this stack's rules leave here what they could not deliver.

    A pattern, since the names of many rules are longer than a queue's policy may be; no other stack's name fits it.
    """
    rules = [names.arn("events", f"rule/{names.of('*')}")]
    return filled(names, UNDELIVERED, ArnLike={"aws:SourceArn": rules})


def filled(names: Names, called: str, **when: Mapping[str, Any]) -> Document:
    """Only rules under this condition fill a queue, and nothing without TLS."""
    sent = allow("RulesSend", "sqs:SendMessage", queue_arn(names, called), **when)
    return document(
        sent | {"Principal": {"Service": "events.amazonaws.com"}},
        deny(
            "RefuseWithoutTls", "sqs:*", queue_arn(names, called), principal="*", Bool={"aws:SecureTransport": "false"}
        ),
    )


BEHIND = {
    "RunJobs glue:GetJobRun": "startJobRun.sync asks how the run stands",
    "RunJobs glue:GetJobRuns": "startJobRun.sync asks how the run stands",
    "RunJobs glue:BatchStopJobRun": "startJobRun.sync stops the run where the flow is stopped",
    "UseKeyOfTopic kms:Decrypt": "the topic is under the stack's key",
    "UseKeyOfTopic kms:GenerateDataKey": "the topic is under the stack's key",
}
"""What the flow's document grants though no state names it, and why (AWS Step Functions, IAM policies for AWS Glue)."""
