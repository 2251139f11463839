"""Policies on the queues: of what arrived, where a stack has one, and of what could not be delivered."""

import json
from collections.abc import Iterator
from typing import Any

from components.access.flow_policies import QUEUE as ARRIVALS
from components.access.flow_policies import UNDELIVERED
from components.settings.project_name import option_key
from sluice.program.graph import Graph, Node
from sluice.program.iam import matches_pattern
from sluice.program.policies.policy import as_list, nested_value, policy_statements, register_policy
from sluice.program.starts import SCHEDULE, TARGET

QUEUE, QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
MAX_POLICY_BYTES = 8192
"""Bytes of a queue's policy (Amazon SQS, Policy quotas)."""
MAX_RETENTION_SECONDS = 14 * 86400


def find_queue(graph: Graph, suffix: str) -> Node | None:
    """The queue of that name in this stack."""
    queue_name = f"{graph.config[option_key('prefix')]}-{graph.stack}-{suffix}"
    return next((node for node in nodes_of_type(graph, QUEUE) if node.inputs["name"] == queue_name), None)


def nodes_of_type(graph: Graph, kind: str) -> list[Node]:
    """All of one type; none is no fault here."""
    return [node for node in graph.nodes.values() if node.type == kind]


@register_policy("queue.encrypted", "a queue is encrypted at rest, by SQS's own key", "AWS Security Hub, SQS.1")
def check_encryption(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `queue.encrypted`."""
    for node in nodes_of_type(graph, QUEUE):
        if node.inputs.get("sqsManagedSseEnabled") is not True:
            yield f"{node.name} is not encrypted"


@register_policy("queue.kept", "what waits in a queue waits as long as SQS keeps it", "Amazon SQS, SetQueueAttributes")
def check_retention(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `queue.kept`."""
    for node in nodes_of_type(graph, QUEUE):
        if node.inputs.get("messageRetentionSeconds") != MAX_RETENTION_SECONDS:
            yield f"{node.name} keeps messages for {node.inputs.get('messageRetentionSeconds')} s"


@register_policy(
    "queue.no-source",
    "no other queue may leave its dead letters in one of ours, which SQS lets every queue of the account do",
    "Amazon SQS, Dead-letter queues: Redrive allow policy",
)
def check_no_source(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `queue.no-source`."""
    for node in nodes_of_type(graph, QUEUE):
        if json.loads(node.inputs.get("redriveAllowPolicy") or "{}") != {"redrivePermission": "denyAll"}:
            yield f"{node.name} takes the dead letters of other queues"


@register_policy(
    "queue.senders",
    "only this stack's rules that send to a queue may, all of these, and nobody without TLS",
    "AWS Security Hub, SQS.3; Amazon EventBridge, Resource-based policies: Amazon SQS; Using dead-letter queues",
)
def check_senders(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `queue.senders`."""
    targets = [node.inputs for node in graph.nodes_of_type(TARGET)]
    sending = {
        ARRIVALS: {target["rule"] for target in targets if "input" in target},
        UNDELIVERED: {target["rule"] for target in targets if "deadLetterConfig" in target},
    }
    for node in nodes_of_type(graph, QUEUE):
        rules = sending.get(node.inputs["name"].rpartition("-")[2], set())
        documents = [
            policy_node.inputs["policy"]
            for policy_node in nodes_of_type(graph, QUEUE_POLICY)
            if is_about_queue(policy_node, node)
        ]
        if len(documents) != 1:
            yield f"{node.name} has {len(documents)} policies of its own"
        for document in documents:
            yield from (f"{node.name} {fault}" for fault in queue_policy_faults(document, rules, graph))


def is_about_queue(queue_policy: Node, node: Node) -> bool:
    """Whether a policy's statements are about a queue, and about nothing else."""
    arns = [
        arn for statement in policy_statements(queue_policy.inputs["policy"]) for arn in as_list(statement["Resource"])
    ]
    return {arn.rpartition(":")[2] for arn in arns} == {node.inputs["name"]}


def queue_policy_faults(document: str, rules: set[str], graph: Graph) -> Iterator[str]:
    """What is wrong with the policy of a queue that these rules send to."""
    allowed = [statement for statement in policy_statements(document) if statement["Effect"] == "Allow"]
    denials = [statement for statement in policy_statements(document) if statement["Effect"] == "Deny"]
    admitted = admitted_rules(allowed[0]) if len(allowed) == 1 else []
    if missing := sorted(rule for rule in rules if not any(matches_pattern(pattern, rule) for pattern in admitted)):
        yield f"keeps {', '.join(missing)} out"
    other_rules = [rule.replace(f"-{graph.stack}-", f"-{graph.stack}2-") for rule in rules]
    if not admitted or any(matches_pattern(pattern, other_rule) for pattern in admitted for other_rule in other_rules):
        yield f"admits {admitted or [statement['Principal'] for statement in allowed]}"
    if [nested_value(statement, "Condition", "Bool", "aws:SecureTransport") for statement in denials] != ["false"]:
        yield "answers without TLS"
    if len(document.encode()) > MAX_POLICY_BYTES:
        yield f"has a policy of more than {MAX_POLICY_BYTES} bytes: fewer datasets in this stack"


def admitted_rules(statement: dict[str, Any]) -> list[str]:
    """The names of the rules that a statement lets send, or patterns of these; empty where it lets others, or to do more."""
    if statement["Principal"] != {"Service": "events.amazonaws.com"} or statement["Action"] != ["sqs:SendMessage"]:
        return []
    operators = ("ArnEquals", "ArnLike")
    by_operator = [nested_value(statement, "Condition", operator, "aws:SourceArn") or [] for operator in operators]
    return [arn.rpartition("/")[2] for arns in by_operator for arn in as_list(arns)]


@register_policy(
    "queue.told",
    "where a queue waits for files, raw tells EventBridge of them, in the one notification that a bucket has",
    "Amazon S3, Enabling Amazon EventBridge",
)
def check_notification(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `queue.told`."""
    raw = graph.outputs["raw"]
    actual = [
        node.inputs.get("eventbridge") for node in nodes_of_type(graph, NOTIFICATION) if node.inputs["bucket"] == raw
    ]
    expected = [True] if find_queue(graph, ARRIVALS) else []
    if actual != expected:
        yield f"raw has the notifications {actual}"


@register_policy(
    "target.dead-letter",
    "what a rule or a schedule cannot deliver goes to the stack's one queue of what was not delivered",
    "Amazon EventBridge, Using dead-letter queues; EventBridge Scheduler, Configuring a dead-letter queue",
)
def check_dead_letter(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `target.dead-letter`."""
    node = find_queue(graph, UNDELIVERED)
    if node is None:
        yield f"the stack has no queue {UNDELIVERED}"
        return
    queues = {
        target.name: nested_value(target.inputs, "deadLetterConfig", "arn") for target in graph.nodes_of_type(TARGET)
    }
    queues |= {
        start.name: nested_value(start.inputs, "target", "deadLetterConfig", "arn")
        for start in graph.nodes_of_type(SCHEDULE)
    }
    for name, arn in queues.items():
        if str(arn).rpartition(":")[2] != node.name:  # a graph's ARNs end in the name of the resource
            yield f"{name} loses what it cannot deliver: its dead-letter queue is {arn}"
