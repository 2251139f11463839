"""Policies on the stack's key and topic: whoever has to publish can, and nobody else."""

from collections.abc import Iterator
from typing import Any

from sandbox.graph import Graph
from sandbox.policies.policy import flag, listed, policy, statements, under_this_account

KEY, TOPIC, TOPIC_POLICY = "aws:kms/key:Key", "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"
PUBLISHERS = {"cloudwatch.amazonaws.com", "events.amazonaws.com"}
LONGEST_WINDOW = 30
USE = {"kms:Decrypt", "kms:GenerateDataKey*"}


def admitted(document: list[dict[str, Any]], wanted: set[str], graph: Graph) -> set[str]:
    """The services of a document that may do all of `wanted` for this account."""
    return {
        one["Principal"]["Service"]
        for one in document
        if "Service" in one["Principal"] and wanted <= set(listed(one["Action"])) and under_this_account(one, graph)
    }


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
    "alarms and rules of this account may use the topic's key",
    "Amazon SNS, Key management: AWS services as event sources; AWS re:Post on CloudWatch alarms and encrypted topics",
)
def publishers_use_key(graph: Graph) -> Iterator[str]:
    for key in graph.of(KEY):
        yield from (
            f"{key.name} keeps {who} out" for who in PUBLISHERS - admitted(statements(key.inputs["policy"]), USE, graph)
        )


@policy(
    "key.closed",
    "nobody but this account and services acting for it may use the key",
    "AWS Security Hub, KMS.5; AWS KMS, Default key policy",
)
def key_closed(graph: Graph) -> Iterator[str]:
    for key in graph.of(KEY):
        for one in statements(key.inputs["policy"]):
            service = one["Principal"] != "*" and "Service" in one["Principal"]
            if one["Principal"] == "*" or (service and not one.get("Condition")):
                yield f"{key.name} lets {one['Principal']} in without a condition"


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
    "alarms and rules of this account publish to the topic, and nobody else",
    "Amazon SNS, Access control: aws:SourceAccount; Security Hub, SNS.4",
)
def topic_publishers(graph: Graph) -> Iterator[str]:
    for node in graph.of(TOPIC_POLICY):
        document = statements(node.inputs["policy"])
        found = admitted(document, {"sns:Publish"}, graph)
        if found != PUBLISHERS or len(document) != len(PUBLISHERS):
            yield f"{node.name} admits {sorted(found)} for this account, and {len(document)} in all"


@policy(
    "topic.heard", "a protected stack's alarms reach an e-mail address", "Sluice: an alarm that nobody hears is none"
)
def heard(graph: Graph) -> Iterator[str]:
    email = [node for node in graph.nodes.values() if node.inputs.get("protocol") == "email"]
    if graph.config["sluice:protect"] == "true" and not email:
        yield "nobody is subscribed"
