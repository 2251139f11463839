"""Policies on the stack's key and topic: whoever has to publish can, and nobody else."""

from collections.abc import Iterator
from typing import Any

from components.access.resource_policies import TOPIC_CONTEXT
from components.settings.project_name import option_key
from sluice.program.graph import Graph
from sluice.program.policies.policy import (
    as_list,
    config_flag,
    nested_value,
    policy_statements,
    register_policy,
    stack_account,
    under_this_account,
)

KEY, TOPIC, TOPIC_POLICY = "aws:kms/key:Key", "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"
ALARMS, RULES = "cloudwatch.amazonaws.com", "events.amazonaws.com"
SOURCE = "aws:source"
"""How the condition keys begin by which a calling service says for whom it calls: SourceAccount, SourceArn, SourceOrgID."""
LONGEST_WINDOW = 30
KEY_ACTIONS = {"kms:Decrypt", "kms:GenerateDataKey*"}


def statements_for(document: list[dict[str, Any]], service: str) -> list[dict[str, Any]]:
    """The statements that name a service, whatever they say of it."""
    return [
        statement
        for statement in document
        if statement["Principal"] != "*" and service in as_list(statement["Principal"].get("Service", []))
    ]


def allowed_actions(rules: list[dict[str, Any]]) -> set[str]:
    """The actions that these statements allow between them."""
    return {action for statement in rules if statement["Effect"] == "Allow" for action in as_list(statement["Action"])}


def condition_keys(statement: dict[str, Any]) -> set[str]:
    """The condition keys that a statement asks for; AWS compares them without case."""
    return {key.lower() for values in statement.get("Condition", {}).values() for key in values}


def publishing_faults(document: list[dict[str, Any]], required: set[str], graph: Graph) -> Iterator[str]:
    """What keeps alarms or rules from publishing, or lets in alarms of any account."""
    alarms, rules = (statements_for(document, service) for service in (ALARMS, RULES))
    for service, granting in ((ALARMS, alarms), (RULES, rules)):
        if missing := sorted(required - allowed_actions(granting)):
            yield f"does not admit {service} to {', '.join(missing)}"
    if not all(under_this_account(statement, graph) for statement in alarms):
        yield f"admits {ALARMS} from any account"
    for key in sorted({key for statement in rules for key in condition_keys(statement) if key.startswith(SOURCE)}):
        yield f"asks {RULES} for {key}, which it does not send here"


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
    "alarms of this account may use the topic's key, and rules through this topic: of these no aws:Source key is asked",
    "Amazon SNS, Key management: aws:SourceAccount and aws:SourceArn are not supported for EventBridge to an encrypted topic;"
    " awslabs/landing-zone-accelerator-on-aws, issue 407",
)
def check_publishers_use_key(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `key.publishers`."""
    for key in graph.nodes_of_type(KEY):
        document = policy_statements(key.inputs["policy"])
        yield from (f"{key.name} {fault}" for fault in publishing_faults(document, KEY_ACTIONS, graph))
        for statement in statements_for(document, RULES):
            if not is_through_topic(statement, graph):
                yield f"{key.name} admits {RULES} under {statement.get('Condition')}, not through this stack's topic"


def is_through_topic(statement: dict[str, Any], graph: Graph) -> bool:
    """Whether a statement on the key asks for this stack's topic by its ARN, and for nothing else."""
    condition = statement.get("Condition", {})
    context = nested_value(condition, "StringEquals", TOPIC_CONTEXT)
    region, topics = graph.config["aws:region"], [topic.inputs["name"] for topic in graph.nodes_of_type(TOPIC)]
    asks_only_topic = set(condition) == {"StringEquals"} and set(condition["StringEquals"]) == {TOPIC_CONTEXT}
    return asks_only_topic and str(context).split(":")[2:] in [
        ["sns", region, stack_account(graph), name] for name in topics
    ]


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
    "the topic is encrypted with the stack's own key",
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
    "alarms of this account and rules publish to the topic, and nobody else; of rules no condition is asked",
    "Amazon SNS, Access control: aws:SourceAccount; Amazon EventBridge, Resource-based policies: no Condition for Amazon SNS",
)
def check_topic_publishers(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `topic.publishers`."""
    for node in graph.nodes_of_type(TOPIC_POLICY):
        document = policy_statements(node.inputs["policy"])
        yield from (f"{node.name} {fault}" for fault in publishing_faults(document, {"sns:Publish"}, graph))
        if any(statement.get("Condition") for statement in statements_for(document, RULES)):
            yield f"{node.name} admits {RULES} under a condition"
        admitted = [{"Service": ALARMS}, {"Service": RULES}]
        other_statements = [statement for statement in document if statement["Principal"] not in admitted]
        if other_statements or len(document) != len({ALARMS, RULES}):
            yield f"{node.name} has {len(document)} statements, {len(other_statements)} of them for others"


@register_policy(
    "topic.heard", "a protected stack's alarms reach an e-mail address", "Sluice: an alarm that nobody hears is none"
)
def check_subscription(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `topic.heard`."""
    email = [node for node in graph.nodes.values() if node.inputs.get("protocol") == "email"]
    if graph.config[option_key("protect")] == "true" and not email:
        yield "nobody is subscribed"
