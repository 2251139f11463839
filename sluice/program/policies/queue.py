"""Policies on the queues: of what arrived, where a stack has one, and of what could not be delivered."""

import json
from collections.abc import Iterator
from typing import Any

from components.access.flow_policies import QUEUE as ARRIVALS
from components.access.flow_policies import UNDELIVERED
from sluice.program.graph import Graph, Node
from sluice.program.iam import matches
from sluice.program.policies.policy import inside, listed, policy, statements
from sluice.program.starts import SCHEDULE, TARGET

QUEUE, QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
LONGEST = 8192
"""Bytes of a queue's policy (Amazon SQS, Policy quotas)."""
LONGEST_KEPT = 14 * 86400


def queue(graph: Graph, called: str) -> Node | None:
    """The queue of that name in this stack."""
    of = f"{graph.config['sluice:prefix']}-{graph.stack}-{called}"
    return next((node for node in all_of(graph, QUEUE) if node.inputs["name"] == of), None)


def all_of(graph: Graph, kind: str) -> list[Node]:
    """All of one type; none is no fault here."""
    return [node for node in graph.nodes.values() if node.type == kind]


@policy("queue.encrypted", "a queue is encrypted at rest, by SQS's own key", "AWS Security Hub, SQS.1")
def encrypted(graph: Graph) -> Iterator[str]:
    for node in all_of(graph, QUEUE):
        if node.inputs.get("sqsManagedSseEnabled") is not True:
            yield f"{node.name} is not encrypted"


@policy("queue.kept", "what waits in a queue waits as long as SQS keeps it", "Amazon SQS, SetQueueAttributes")
def kept(graph: Graph) -> Iterator[str]:
    for node in all_of(graph, QUEUE):
        if node.inputs.get("messageRetentionSeconds") != LONGEST_KEPT:
            yield f"{node.name} keeps messages for {node.inputs.get('messageRetentionSeconds')} s"


@policy(
    "queue.no-source",
    "no other queue may leave its dead letters in one of ours, which SQS lets every queue of the account do",
    "Amazon SQS, Dead-letter queues: Redrive allow policy",
)
def no_source(graph: Graph) -> Iterator[str]:
    for node in all_of(graph, QUEUE):
        if json.loads(node.inputs.get("redriveAllowPolicy") or "{}") != {"redrivePermission": "denyAll"}:
            yield f"{node.name} takes the dead letters of other queues"


@policy(
    "queue.senders",
    "only this stack's rules that send to a queue may, all of these, and nobody without TLS",
    "AWS Security Hub, SQS.3; Amazon EventBridge, Resource-based policies: Amazon SQS; Using dead-letter queues",
)
def senders(graph: Graph) -> Iterator[str]:
    targets = [node.inputs for node in graph.of(TARGET)]
    sending = {
        ARRIVALS: {target["rule"] for target in targets if "input" in target},
        UNDELIVERED: {target["rule"] for target in targets if "deadLetterConfig" in target},
    }
    for node in all_of(graph, QUEUE):
        rules = sending.get(node.inputs["name"].rpartition("-")[2], set())
        documents = [held.inputs["policy"] for held in all_of(graph, QUEUE_POLICY) if of_queue(held, node)]
        if len(documents) != 1:
            yield f"{node.name} has {len(documents)} policies of its own"
        for document in documents:
            yield from (f"{node.name} {fault}" for fault in admitting(document, rules, graph))


def of_queue(queue_policy: Node, node: Node) -> bool:
    """Whether a policy's statements are about a queue, and about nothing else."""
    named = [arn for statement in statements(queue_policy.inputs["policy"]) for arn in listed(statement["Resource"])]
    return {arn.rpartition(":")[2] for arn in named} == {node.inputs["name"]}


def admitting(document: str, rules: set[str], graph: Graph) -> Iterator[str]:
    """What is wrong with the policy of a queue that these rules send to."""
    allowed = [statement for statement in statements(document) if statement["Effect"] == "Allow"]
    refused = [statement for statement in statements(document) if statement["Effect"] == "Deny"]
    admitted = sources(allowed[0]) if len(allowed) == 1 else []
    if lacking := sorted(rule for rule in rules if not any(matches(pattern, rule) for pattern in admitted)):
        yield f"keeps {', '.join(lacking)} out"
    others = [rule.replace(f"-{graph.stack}-", f"-{graph.stack}2-") for rule in rules]
    if not admitted or any(matches(pattern, other) for pattern in admitted for other in others):
        yield f"admits {admitted or [statement['Principal'] for statement in allowed]}"
    if [inside(statement, "Condition", "Bool", "aws:SecureTransport") for statement in refused] != ["false"]:
        yield "answers without TLS"
    if len(document.encode()) > LONGEST:
        yield f"has a policy of more than {LONGEST} bytes: fewer datasets in this stack"


def sources(statement: dict[str, Any]) -> list[str]:
    """The names of the rules that a statement lets send, or patterns of these; empty where it lets others, or to do more."""
    if statement["Principal"] != {"Service": "events.amazonaws.com"} or statement["Action"] != ["sqs:SendMessage"]:
        return []
    operators = ("ArnEquals", "ArnLike")
    by_operator = [inside(statement, "Condition", operator, "aws:SourceArn") or [] for operator in operators]
    return [arn.rpartition("/")[2] for arns in by_operator for arn in listed(arns)]


@policy(
    "queue.told",
    "where a queue waits for files, raw tells EventBridge of them, in the one notification that a bucket has",
    "Amazon S3, Enabling Amazon EventBridge",
)
def notified(graph: Graph) -> Iterator[str]:
    raw = graph.outputs["raw"]
    found = [node.inputs.get("eventbridge") for node in all_of(graph, NOTIFICATION) if node.inputs["bucket"] == raw]
    wanted = [True] if queue(graph, ARRIVALS) else []
    if found != wanted:
        yield f"raw has the notifications {found}"


@policy(
    "target.dead-letter",
    "what a rule or a schedule cannot deliver goes to the stack's one queue of what was not delivered",
    "Amazon EventBridge, Using dead-letter queues; EventBridge Scheduler, Configuring a dead-letter queue",
)
def dead_letter(graph: Graph) -> Iterator[str]:
    node = queue(graph, UNDELIVERED)
    if node is None:
        yield f"the stack has no queue {UNDELIVERED}"
        return
    queues = {target.name: inside(target.inputs, "deadLetterConfig", "arn") for target in graph.of(TARGET)}
    queues |= {start.name: inside(start.inputs, "target", "deadLetterConfig", "arn") for start in graph.of(SCHEDULE)}
    for name, arn in queues.items():
        if str(arn).rpartition(":")[2] != node.name:  # a graph's ARNs end in the name of the resource
            yield f"{name} loses what it cannot deliver: its dead-letter queue is {arn}"
