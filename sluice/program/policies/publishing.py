"""Policies on the stack's key and topics: whoever has to publish can, and nobody else."""

from collections.abc import Iterator
from typing import Any

from components.access import message_policies
from components.settings.project_name import option_key
from sluice.program.graph import Graph
from sluice.program.policies.policy import (
    as_list,
    config_flag,
    nested_value,
    policy_statements,
    register_policy,
    stack_account,
    stack_names,
    under_this_account,
)

KEY, TOPIC, TOPIC_POLICY = "aws:kms/key:Key", "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
ALARMS, RULES = "cloudwatch.amazonaws.com", "events.amazonaws.com"
LONGEST_WINDOW = 30
KEY_ACTIONS = {"kms:Decrypt", "kms:GenerateDataKey*"}


def statements_for(document: list[dict[str, Any]], service: str) -> list[dict[str, Any]]:
    """The statements that name a service, whatever they say of it."""
    return [
        statement
        for statement in document
        if statement["Principal"] != "*" and service in as_list(statement["Principal"].get("Service", []))
    ]


def allowed_actions(granting: list[dict[str, Any]]) -> set[str]:
    """The actions that these statements allow between them."""
    return {
        action for statement in granting if statement["Effect"] == "Allow" for action in as_list(statement["Action"])
    }


def publishing_faults(document: list[dict[str, Any]], required: set[str], graph: Graph) -> Iterator[str]:
    """What keeps alarms from publishing, or lets in alarms of any account, or rules, which start the watch instead."""
    alarms = statements_for(document, ALARMS)
    if missing := sorted(required - allowed_actions(alarms)):
        yield f"does not admit {ALARMS} to {', '.join(missing)}"
    if not all(under_this_account(statement, graph) for statement in alarms):
        yield f"admits {ALARMS} from any account"
    if statements_for(document, RULES):
        yield f"admits {RULES}, and no rule publishes"


@register_policy(
    "key.rotates", "the stack's key is rotated every year", "AWS Security Hub, KMS.4; CIS AWS Foundations 3.0, 3.6"
)
def check_rotation(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `key.rotates`."""
    yield from (
        f"{key.name} is never rotated"
        for key in graph.nodes_of_type(KEY)
        if key.inputs.get("enableKeyRotation") is not True
    )


@register_policy(
    "key.kept",
    "a protected stack's key stays as long as what it encrypted",
    "AWS Security Hub, KMS.3; AWS KMS, Deleting keys: what was encrypted under one is lost",
)
def check_key_kept(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `key.kept`."""
    should_protect = config_flag(graph, "protect")
    for key in graph.nodes_of_type(KEY):
        if (key.protect, key.retain) != (should_protect, should_protect) or key.inputs.get(
            "deletionWindowInDays"
        ) != LONGEST_WINDOW:
            yield f"{key.name} has protect {key.protect}, retain_on_delete {key.retain}"


@register_policy(
    "key.publishers",
    "alarms of this account may use the topics' key, and no rule, since an event as it comes goes to no topic",
    "Amazon SNS, Key management: aws:SourceAccount; Sluice: an event is told in words, by the watch",
)
def check_publishers_use_key(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `key.publishers`."""
    for key in graph.nodes_of_type(KEY):
        document = policy_statements(key.inputs["policy"])
        yield from (f"{key.name} {fault}" for fault in publishing_faults(document, KEY_ACTIONS, graph))


@register_policy(
    "key.closed",
    "nobody but this account and services acting for it may use the key",
    "AWS Security Hub, KMS.5; AWS KMS, Default key policy",
)
def check_key_closed(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `key.closed`."""
    for key in graph.nodes_of_type(KEY):
        for statement in policy_statements(key.inputs["policy"]):
            principal = statement["Principal"]
            service = principal != "*" and set(principal) == {"Service"} and bool(statement.get("Condition"))
            if not service and not is_account(principal, graph):
                yield f"{key.name} lets {principal} in without a condition"


def is_account(principal: Any, graph: Graph) -> bool:
    """Whether a principal is this account, and nobody beside it."""
    arn = str(principal.get("AWS")) if isinstance(principal, dict) and set(principal) == {"AWS"} else ""
    return arn.startswith("arn:") and arn.endswith(f":iam::{stack_account(graph)}:root")


@register_policy(
    "topic.encrypted",
    "a topic is encrypted with the stack's own key",
    "AWS Security Hub, SNS.1; Amazon CloudWatch, Troubleshooting: alarms cannot publish under alias/aws/sns",
)
def check_topic_encrypted(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `topic.encrypted`."""
    alias = {node.inputs["name"] for node in graph.nodes_of_type("aws:kms/alias:Alias")}
    for topic in graph.nodes_of_type(TOPIC):
        key = topic.inputs.get("kmsMasterKeyId") or ""
        if not key or key.endswith("alias/aws/sns") or ("alias/" in key and key not in alias):
            yield f"{topic.name} is encrypted with {key or 'nothing'}"


@register_policy(
    "topic.publishers",
    "alarms of this account publish to the topics of alarms and nobody else; to those of messages only roles, over TLS",
    "Amazon SNS, Access control: aws:SourceAccount; AWS Well-Architected, SEC09-BP02: encryption in transit",
)
def check_topic_publishers(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `topic.publishers`."""
    for node in graph.nodes_of_type(TOPIC_POLICY):
        document = policy_statements(node.inputs["policy"])
        if node.name.startswith(message_policies.MESSAGES):
            yield from (f"{node.name} {fault}" for fault in messages_topic_faults(document))
            continue
        yield from (f"{node.name} {fault}" for fault in publishing_faults(document, {"sns:Publish"}, graph))
        other_statements = [statement for statement in document if statement["Principal"] != {"Service": ALARMS}]
        if other_statements or len(document) != 1:
            yield f"{node.name} has {len(document)} statements, {len(other_statements)} of them for others"


def messages_topic_faults(document: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with the policy of a topic of messages: it refuses what comes without TLS, and admits nobody."""
    refused = [statement for statement in document if statement["Effect"] == "Deny" and statement["Principal"] == "*"]
    if [nested_value(statement, "Condition", "Bool", "aws:SecureTransport") for statement in refused] != ["false"]:
        yield "takes messages without TLS"
    if admitted := [statement["Principal"] for statement in document if statement["Effect"] == "Allow"]:
        yield f"admits {admitted}"


@register_policy(
    "topic.severities",
    "there is a topic of alarms and one of messages for each severity, and an alarm acts on one of its stack's",
    "Sluice: who is woken for what is chosen by severity",
)
def check_severities(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `topic.severities`."""
    names = stack_names(graph)
    topics = {topic.inputs["name"] for topic in graph.nodes_of_type(TOPIC)}
    for severity in message_policies.SEVERITIES:
        for ending in (message_policies.alarms_topic(severity), message_policies.messages_topic(severity)):
            if names.resource_name(ending) not in topics:
                yield f"there is no topic {names.resource_name(ending)}"


@register_policy(
    "topic.heard",
    "a protected stack's critical messages reach somebody",
    "Sluice: a message that nobody hears is none",
)
def check_subscription(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `topic.heard`."""
    if graph.config[option_key("protect")] == "true" and not critical_listeners(graph):
        yield "nobody hears critical messages"


def critical_listeners(graph: Graph) -> list[str]:
    """Return the names of the subscriptions to critical messages."""
    critical = message_policies.messages_topic("critical")
    topics = [f"arn:{stack_names(graph).partition}:fake:::{critical}-topic"]
    return [node.name for node in graph.nodes.values() if node.type == SUBSCRIPTION and node.inputs["topic"] in topics]
