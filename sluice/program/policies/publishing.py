"""Policies on the stack's key and topic: whoever has to publish can, and nobody else."""

from collections.abc import Iterator
from typing import Any

from components.access.resource_policies import TOPIC_CONTEXT
from sluice.program.graph import Graph
from sluice.program.policies.policy import account, flag, inside, listed, policy, statements, under_this_account

KEY, TOPIC, TOPIC_POLICY = "aws:kms/key:Key", "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"
ALARMS, RULES = "cloudwatch.amazonaws.com", "events.amazonaws.com"
SOURCE = "aws:source"
"""How the condition keys begin by which a calling service says for whom it calls: SourceAccount, SourceArn, SourceOrgID."""
LONGEST_WINDOW = 30
USE = {"kms:Decrypt", "kms:GenerateDataKey*"}


def of_service(document: list[dict[str, Any]], service: str) -> list[dict[str, Any]]:
    """The statements that name a service, whatever they say of it."""
    return [
        statement
        for statement in document
        if statement["Principal"] != "*" and service in listed(statement["Principal"].get("Service", []))
    ]


def allowed(rules: list[dict[str, Any]]) -> set[str]:
    """The actions that these statements allow between them."""
    return {action for statement in rules if statement["Effect"] == "Allow" for action in listed(statement["Action"])}


def keys(statement: dict[str, Any]) -> set[str]:
    """The condition keys that a statement asks for; AWS compares them without case."""
    return {key.lower() for values in statement.get("Condition", {}).values() for key in values}


def publishing(document: list[dict[str, Any]], wanted: set[str], graph: Graph) -> Iterator[str]:
    """What keeps alarms or rules from publishing, or lets in alarms of any account."""
    alarms, rules = (of_service(document, service) for service in (ALARMS, RULES))
    for service, granting in ((ALARMS, alarms), (RULES, rules)):
        if lacking := sorted(wanted - allowed(granting)):
            yield f"does not admit {service} to {', '.join(lacking)}"
    if not all(under_this_account(statement, graph) for statement in alarms):
        yield f"admits {ALARMS} from any account"
    for key in sorted({key for statement in rules for key in keys(statement) if key.startswith(SOURCE)}):
        yield f"asks {RULES} for {key}, which it does not send here"


@policy("key.rotates", "the stack's key is rotated every year", "AWS Security Hub, KMS.4; CIS AWS Foundations 3.0, 3.6")
def rotates(graph: Graph) -> Iterator[str]:
    yield from (
        f"{key.name} is never rotated" for key in graph.of(KEY) if key.inputs.get("enableKeyRotation") is not True
    )


@policy(
    "key.kept",
    "a protected stack's key stays as long as what it encrypted",
    "AWS Security Hub, KMS.3; AWS KMS, Deleting keys: what was encrypted under one is lost",
)
def kept(graph: Graph) -> Iterator[str]:
    wanted = flag(graph, "protect")
    for key in graph.of(KEY):
        if (key.protect, key.retain) != (wanted, wanted) or key.inputs.get("deletionWindowInDays") != LONGEST_WINDOW:
            yield f"{key.name} has protect {key.protect}, retain_on_delete {key.retain}"


@policy(
    "key.publishers",
    "alarms of this account may use the topic's key, and rules through this topic: of these no aws:Source key is asked",
    "Amazon SNS, Key management: aws:SourceAccount and aws:SourceArn are not supported for EventBridge to an encrypted topic;"
    " awslabs/landing-zone-accelerator-on-aws, issue 407",
)
def publishers_use_key(graph: Graph) -> Iterator[str]:
    for key in graph.of(KEY):
        document = statements(key.inputs["policy"])
        yield from (f"{key.name} {fault}" for fault in publishing(document, USE, graph))
        for statement in of_service(document, RULES):
            if not through_topic(statement, graph):
                yield f"{key.name} admits {RULES} under {statement.get('Condition')}, not through this stack's topic"


def through_topic(statement: dict[str, Any], graph: Graph) -> bool:
    """Whether a statement on the key asks for this stack's topic by its ARN, and for nothing else."""
    condition = statement.get("Condition", {})
    context = inside(condition, "StringEquals", TOPIC_CONTEXT)
    region, topics = graph.config["aws:region"], [topic.inputs["name"] for topic in graph.of(TOPIC)]
    alone = set(condition) == {"StringEquals"} and set(condition["StringEquals"]) == {TOPIC_CONTEXT}
    return alone and str(context).split(":")[2:] in [["sns", region, account(graph), name] for name in topics]


@policy(
    "key.closed",
    "nobody but this account and services acting for it may use the key",
    "AWS Security Hub, KMS.5; AWS KMS, Default key policy",
)
def key_closed(graph: Graph) -> Iterator[str]:
    for key in graph.of(KEY):
        for statement in statements(key.inputs["policy"]):
            principal = statement["Principal"]
            service = principal != "*" and set(principal) == {"Service"} and bool(statement.get("Condition"))
            if not service and not is_account(principal, graph):
                yield f"{key.name} lets {principal} in without a condition"


def is_account(principal: Any, graph: Graph) -> bool:
    """Whether a principal is this account, and nobody beside it."""
    arn = str(principal.get("AWS")) if isinstance(principal, dict) and set(principal) == {"AWS"} else ""
    return arn.startswith("arn:") and arn.endswith(f":iam::{account(graph)}:root")


@policy(
    "topic.encrypted",
    "the topic is encrypted with the stack's own key",
    "AWS Security Hub, SNS.1; Amazon CloudWatch, Troubleshooting: alarms cannot publish under alias/aws/sns",
)
def topic_encrypted(graph: Graph) -> Iterator[str]:
    alias = {node.inputs["name"] for node in graph.of("aws:kms/alias:Alias")}
    for topic in graph.of(TOPIC):
        key = topic.inputs.get("kmsMasterKeyId") or ""
        if not key or key.endswith("alias/aws/sns") or ("alias/" in key and key not in alias):
            yield f"{topic.name} is encrypted with {key or 'nothing'}"


@policy(
    "topic.publishers",
    "alarms of this account and rules publish to the topic, and nobody else; of rules no condition is asked",
    "Amazon SNS, Access control: aws:SourceAccount; Amazon EventBridge, Resource-based policies: no Condition for Amazon SNS",
)
def topic_publishers(graph: Graph) -> Iterator[str]:
    for node in graph.of(TOPIC_POLICY):
        document = statements(node.inputs["policy"])
        yield from (f"{node.name} {fault}" for fault in publishing(document, {"sns:Publish"}, graph))
        if any(statement.get("Condition") for statement in of_service(document, RULES)):
            yield f"{node.name} admits {RULES} under a condition"
        admitted = [{"Service": ALARMS}, {"Service": RULES}]
        others = [statement for statement in document if statement["Principal"] not in admitted]
        if others or len(document) != len({ALARMS, RULES}):
            yield f"{node.name} has {len(document)} statements, {len(others)} of them for others"


@policy(
    "topic.heard", "a protected stack's alarms reach an e-mail address", "Sluice: an alarm that nobody hears is none"
)
def heard(graph: Graph) -> Iterator[str]:
    email = [node for node in graph.nodes.values() if node.inputs.get("protocol") == "email"]
    if graph.config["sluice:protect"] == "true" and not email:
        yield "nobody is subscribed"
