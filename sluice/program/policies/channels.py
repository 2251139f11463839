"""Policies on channels: nobody in a chat gets beyond reading, no secret is plain, what an endpoint refuses is kept."""

import json
from collections.abc import Iterator

from components.access import message_policies
from sluice.program.graph import Graph, Node
from sluice.program.policies.policy import nested_value, register_policy, stack_names

CHATS = tuple(
    f"aws:chatbot/{kind}ChannelConfiguration:{kind.title()}ChannelConfiguration" for kind in ("slack", "teams")
)
SUBSCRIPTION, TARGET = "aws:sns/topicSubscription:TopicSubscription", "aws:cloudwatch/eventTarget:EventTarget"
CONNECTION = "aws:cloudwatch/eventConnection:EventConnection"
DESTINATION = "aws:cloudwatch/eventApiDestination:EventApiDestination"
MUTE_RULE, ALARM = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule", "aws:cloudwatch/metricAlarm:MetricAlarm"
MOST_MUTED = 100


def nodes_of(graph: Graph, *kinds: str) -> list[Node]:
    """All of these types; none is no fault here."""
    return [node for node in graph.nodes.values() if node.type in kinds]


@register_policy(
    "chat.guardrail",
    "nobody in a chat gets beyond reading CloudWatch, and a chat hangs on topics of messages",
    "AWS Chatbot API reference: without guardrail policies it is AdministratorAccess",
)
def check_guardrail(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `chat.guardrail`."""
    guardrail = f"arn:{stack_names(graph).partition}:iam::aws:policy/CloudWatchReadOnlyAccess"
    for node in nodes_of(graph, *CHATS):
        if node.inputs.get("guardrailPolicyArns") != [guardrail]:
            yield f"{node.name} has the guardrails {node.inputs.get('guardrailPolicyArns')}"
        topics = node.inputs.get("snsTopicArns") or []
        if not topics or any(message_policies.MESSAGES not in topic for topic in topics):
            yield f"{node.name} hangs on {topics}"


@register_policy(
    "channel.secret",
    "the key and the URL of an endpoint, and a pager's URL, are secrets of the engine",
    "Pulumi, Secrets: what is marked is encrypted in the state and shown nowhere",
)
def check_secrets(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `channel.secret`."""
    secret_inputs = {CONNECTION: "authParameters", DESTINATION: "invocationEndpoint", SUBSCRIPTION: "endpoint"}
    for node in nodes_of(graph, *secret_inputs):
        if node.inputs.get("protocol", "https") == "https" and secret_inputs[node.type] not in node.secret:
            yield f"{node.name} has {secret_inputs[node.type]} as plain text"


@register_policy(
    "endpoint.tried",
    "a message for an endpoint is tried for an hour, by a role, and then waits undelivered",
    "Amazon EventBridge, API destinations; Using dead-letter queues",
)
def check_endpoints(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `endpoint.tried`."""
    destinations = {f"{node.name}" for node in nodes_of(graph, DESTINATION)}
    for node in nodes_of(graph, TARGET):
        if str(node.inputs["arn"]).rpartition(":")[2] in destinations:
            age = nested_value(node.inputs, "retryPolicy", "maximumEventAgeInSeconds")
            if age != 3600 or "roleArn" not in node.inputs or "inputTransformer" not in node.inputs:
                yield f"{node.name} is tried for {age} s, by {node.inputs.get('roleArn')}"
    for node in nodes_of(graph, DESTINATION):
        if not str(node.inputs["invocationEndpoint"]).startswith("https://"):
            yield f"{node.name} is no https"


@register_policy(
    "mute.ends",
    "what mutes alarms ends, and mutes all alarms of its dataset and none of another",
    "Amazon CloudWatch, Alarm mute rules: 100 alarms a rule",
)
def check_mutes(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `mute.ends`."""
    for node in nodes_of(graph, MUTE_RULE):
        dataset = node.name.removesuffix("-watch-mute")
        alarms = {
            alarm.inputs["name"] for alarm in nodes_of(graph, ALARM) if alarm.name.startswith(f"{dataset}-watch-")
        }
        muted = nested_value(node.inputs, "muteTargets", "alarmNames") or []
        if set(muted) != alarms or len(muted) > MOST_MUTED:
            yield f"{node.name} mutes {sorted(muted)}"
        if not node.inputs.get("expireDate"):
            yield f"{node.name} never ends"


@register_policy(
    "email.filter",
    "an e-mail address that hears not all hears the messages that are about no dataset all the same",
    "Amazon SNS, Subscription filter policies",
)
def check_filters(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `email.filter`."""
    for node in nodes_of(graph, SUBSCRIPTION):
        owners = json.loads(node.inputs.get("filterPolicy") or "{}").get("owner", ["stack"])
        if "stack" not in owners and not any(isinstance(owner, dict) for owner in owners):
            yield f"{node.name} hears only {owners}"
