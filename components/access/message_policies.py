"""Who may do what where messages are told: the flow, the watch and what starts it."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.access.flow_policies import MACHINE, UNDELIVERED, machine_arn, queue_arn
from components.access.policy_documents import Document, Statement, allow, policy_document, put_metrics
from components.names import Names
from etl.contract.severity import Severity

WATCH, DIGEST, DUE = "watch", "digest", "due"
SEVERITIES = tuple(Severity)
"""The severities of a message, which a topic of each kind is for."""
ALARMS, MESSAGES = "alarms", "messages"
DETAIL_TYPE = "Sluice Message"
"""What a message is called on the event bus."""


@dataclass(frozen=True)
class MessagePaths:
    """Ways of a message beside the topics of each severity: `channel_topics` are the channels with a topic of their own."""

    channel_topics: tuple[str, ...] = ()
    has_endpoints: bool = False


def alarms_topic(severity: str) -> str:
    """Return how the topic of CloudWatch's own alarms of a severity ends; of the critical ones it is the first there was."""
    return ALARMS if severity == Severity.CRITICAL else f"{ALARMS}-{severity}"


def messages_topic(label: str) -> str:
    """Return how the topic for messages of a severity, or for those of one channel, ends."""
    return f"{MESSAGES}-{label}"


def topic_arn(names: Names, ending: str) -> str:
    """Return the ARN of a topic of the stack by how its name ends."""
    return names.arn("sns", names.resource_name(ending))


def event_source(names: Names) -> str:
    """Return what the stack's messages are put on the event bus as."""
    return f"sluice.{names.resource_name()}"


def tell_statements(names: Names, key_arn: str, paths: "MessagePaths | None" = None) -> list[Statement]:
    """Read what runs left, publish it, and keep what was told, by the ways that `paths` adds.

    The topics are under the stack's key, and so are the buckets where a stack has a customer key.
    """
    paths = paths or MessagePaths()
    topics = [messages_topic(label) for label in (*SEVERITIES, *paths.channel_topics)]
    read, kept = ("outbox", "incidents", "messages"), ("incidents", "messages")
    return [
        allow("ReadMessages", "s3:GetObject", [names.bucket_arn("assets", f"/{top}/*") for top in read]),
        allow("KeepMessages", "s3:PutObject", [names.bucket_arn("assets", f"/{top}/*") for top in kept]),
        allow("PublishMessages", "sns:Publish", [topic_arn(names, topic) for topic in topics]),
        allow("UseKeyOfTopics", "kms:Decrypt kms:GenerateDataKey", key_arn),
        *([put_events(names)] if paths.has_endpoints else []),
    ]


def put_events(names: Names) -> Statement:
    """Put the stack's own events on the account's bus, and nobody else's."""
    source_condition = {"events:source": event_source(names)}
    return allow(
        "PutMessages", "events:PutEvents", names.arn("events", "event-bus/default"), StringEquals=source_condition
    )


def watch_policy(names: Names, key_arn: str, paths: "MessagePaths | None" = None) -> Document:
    """What the watch may do: tell what others did not, ask why the flow ended, and count a killed run as bad."""
    executions = [names.arn("states", f"execution:{names.resource_name(machine)}:*") for machine in (MACHINE, DUE)]
    return policy_document(
        *tell_statements(names, key_arn, paths),
        allow("AskWhyFlowEnded", "states:DescribeExecution", executions),
        put_metrics(),
    )


def digest_policy(names: Names, key_arn: str, paths: "MessagePaths | None" = None) -> Document:
    """What the digest may do: find and read the runs' results, tell one message, and keep it."""
    results_prefix = {"s3:prefix": ["results/runs/*"]}
    telling = tell_statements(names, key_arn, paths)
    return policy_document(
        allow("FindResults", "s3:ListBucket", names.bucket_arn("assets"), StringLike=results_prefix),
        allow("ReadResults", "s3:GetObject", names.bucket_arn("assets", "/results/runs/*")),
        allow("KeepDigest", "s3:PutObject", names.bucket_arn("assets", "/messages/*")),
        *(statement for statement in telling if statement["Sid"] not in ("ReadMessages", "KeepMessages")),
    )


def due_policy(names: Names, key_arn: str, datasets: Sequence[str], paths: "MessagePaths | None" = None) -> Document:
    """What the look for what is due may do: list raw below these datasets' prefixes, tell what is missing, and keep it."""
    prefixes = {"s3:prefix": [f"{dataset}/*" for dataset in datasets]}
    telling = tell_statements(names, key_arn, paths)
    return policy_document(
        allow("ListRaw", "s3:ListBucket", names.bucket_arn("raw"), StringLike=prefixes),
        allow("ReadTold", "s3:GetObject", names.bucket_arn("assets", "/messages/*")),
        allow("KeepTold", "s3:PutObject", names.bucket_arn("assets", "/messages/*")),
        *(statement for statement in telling if statement["Sid"] not in ("ReadMessages", "KeepMessages")),
    )


def schedule_policy(names: Names, machine: str) -> Document:
    """What a schedule may do: start one machine of the stack, and keep a start that failed."""
    return policy_document(
        *start_policy(names, machine)["Statement"],
        allow("KeepUndelivered", "sqs:SendMessage", queue_arn(names, UNDELIVERED)),
    )


def start_policy(names: Names, machine: str) -> Document:
    """What a rule's role may do: start one machine of the stack."""
    return policy_document(allow("StartMachine", "states:StartExecution", machine_arn(names, machine)))


IMPLICIT_TELLING = {
    "UseKeyOfTopics kms:Decrypt": "the topics are under the stack's key",
    "UseKeyOfTopics kms:GenerateDataKey": "the topics are under the stack's key",
}
"""What the documents grant though no state names it, and why."""
