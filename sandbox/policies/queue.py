"""Policies on the queue of what arrived, where a stack has one."""

from collections.abc import Iterator
from typing import Any

from sandbox.graph import Graph, Node
from sandbox.policies.policy import inside, policy, statements
from sandbox.starts import RULE, TARGET

QUEUE, QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"


def all_of(graph: Graph, kind: str) -> list[Node]:
    """All of one type; none is no fault here."""
    return [node for node in graph.nodes.values() if node.type == kind]


@policy("queue.encrypted", "a queue is encrypted at rest", "AWS Security Hub, SQS.1")
def encrypted(graph: Graph) -> Iterator[str]:
    for queue in all_of(graph, QUEUE):
        if queue.inputs.get("sqsManagedSseEnabled") is not True:
            yield f"{queue.name} is not encrypted"


@policy(
    "queue.senders",
    "only this stack's rules that send to a queue may, and nobody without TLS",
    "AWS Security Hub, SQS.3; Amazon EventBridge, Resource-based policies: Amazon SQS",
)
def senders(graph: Graph) -> Iterator[str]:
    sending = {node.inputs["rule"] for node in graph.of(TARGET) if "input" in node.inputs}
    rules = {node.inputs["name"] for node in graph.of(RULE)} & sending
    documents = [statements(node.inputs["policy"]) for node in all_of(graph, QUEUE_POLICY)]
    if len(documents) != len(all_of(graph, QUEUE)):
        yield f"{len(all_of(graph, QUEUE))} queues have {len(documents)} policies"
    for document in documents:
        admitted = [one for one in document if one["Effect"] == "Allow"]
        refused = [one for one in document if one["Effect"] == "Deny"]
        if [sources(one) for one in admitted] != [rules]:
            yield f"the queue admits {[sources(one) for one in admitted]}, and {sorted(rules)} send to it"
        if [inside(one, "Condition", "Bool", "aws:SecureTransport") for one in refused] != ["false"]:
            yield "the queue answers without TLS"


def sources(statement: dict[str, Any]) -> set[str]:
    """The names of the rules that a statement lets send; empty where it lets others, or to do more."""
    if statement["Principal"] != {"Service": "events.amazonaws.com"} or statement["Action"] != ["sqs:SendMessage"]:
        return set()
    return {arn.rpartition("/")[2] for arn in inside(statement, "Condition", "ArnEquals", "aws:SourceArn") or []}


@policy(
    "queue.told",
    "where a queue waits for files, raw tells EventBridge of them, in the one notification that a bucket has",
    "Amazon S3, Enabling Amazon EventBridge",
)
def notified(graph: Graph) -> Iterator[str]:
    raw = graph.outputs["raw"]
    found = [node.inputs.get("eventbridge") for node in all_of(graph, NOTIFICATION) if node.inputs["bucket"] == raw]
    wanted = [True] if all_of(graph, QUEUE) else []
    if found != wanted:
        yield f"raw has the notifications {found}"
