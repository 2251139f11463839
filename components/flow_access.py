"""Who may do what in the flow: its machine, what starts it, and what fills its queue."""

from collections.abc import Sequence

from components.access import Document, allow, deny, document
from components.names import Names

MACHINE, QUEUE = "flow", "arrivals"


def machine_arn(names: Names) -> str:
    return names.arn("states", f"stateMachine:{names.of(MACHINE)}")


def queue_arn(names: Names) -> str:
    return names.arn("sqs", names.of(QUEUE))


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
    """What a schedule may do."""
    return document(allow("StartFlow", "states:StartExecution", machine_arn(names)))


def queue(names: Names, datasets: Sequence[str]) -> Document:
    """Only the rules of these datasets fill the queue, and nothing without TLS."""
    rules = [names.arn("events", f"rule/{names.of(dataset, 'arrived')}") for dataset in datasets]
    sent = allow("RulesSend", "sqs:SendMessage", queue_arn(names), ArnEquals={"aws:SourceArn": rules})
    return document(
        sent | {"Principal": {"Service": "events.amazonaws.com"}},
        deny("RefuseWithoutTls", "sqs:*", queue_arn(names), principal="*", Bool={"aws:SecureTransport": "false"}),
    )


BEHIND = {
    "RunJobs glue:GetJobRun": "startJobRun.sync asks how the run stands",
    "RunJobs glue:GetJobRuns": "startJobRun.sync asks how the run stands",
    "RunJobs glue:BatchStopJobRun": "startJobRun.sync stops the run where the flow is stopped",
    "UseKeyOfTopic kms:Decrypt": "the topic is under the stack's key",
    "UseKeyOfTopic kms:GenerateDataKey": "the topic is under the stack's key",
}
"""What the flow's document grants though no state names it, and why (AWS Step Functions, IAM policies for AWS Glue)."""
