"""Policies on what tells of a run: rules straight to the topic, and logs."""

import json
from collections.abc import Iterator
from typing import Any

from sluice.program.graph import Graph
from sluice.program.policies.policy import register_policy

JOB, RULE = "aws:glue/job:Job", "aws:cloudwatch/eventRule:EventRule"
TARGET, LOG_GROUP = "aws:cloudwatch/eventTarget:EventTarget", "aws:cloudwatch/logGroup:LogGroup"
CRAWLER = "aws:glue/crawler:Crawler"
SHARED_LOGS = ("/aws-glue/jobs", "/aws-glue/crawlers")


@register_policy(
    "rule.failures",
    "every job's FAILED, TIMEOUT and STOPPED, and its late runs, go from a rule straight to the topic, without a role",
    "Amazon EventBridge, Resource-based policies: Amazon SNS; AWS Glue, Automating with EventBridge",
)
def check_failure_rules(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `rule.failures`."""
    topic = graph.outputs["topic"]
    rule_names = {
        node.inputs["rule"]
        for node in graph.nodes_of_type(TARGET)
        if node.inputs["arn"] == topic and "roleArn" not in node.inputs
    }
    patterns = [
        json.loads(node.inputs["eventPattern"])
        for node in graph.nodes_of_type(RULE)
        if node.inputs["name"] in rule_names
    ]
    failure_states = {"state": ["FAILED", "TIMEOUT", "STOPPED"]}
    for job in graph.nodes_of_type(JOB):
        for kind, expected in (("Glue Job State Change", failure_states), ("Glue Job Run Status", {})):
            if not any(matches_events(pattern, kind, job.inputs["name"], expected) for pattern in patterns):
                yield f"{job.name}: no rule tells of {kind}"


def matches_events(pattern: dict[str, Any], kind: str, job: str, expected: dict[str, list[str]]) -> bool:
    """Whether a rule's pattern takes all events of a kind about a job, and, of their details, exactly the wanted ones."""
    detail = dict(pattern["detail"])
    names_job = job in detail.pop("jobName", [])
    return names_job and (pattern["source"], pattern["detail-type"], detail) == (["aws.glue"], [kind], expected)


@register_policy(
    "logs.own",
    "the stack's log groups are its own, encrypted with its key, and kept for a time",
    "AWS Security Hub, CloudWatch.16; AWS Glue, Logging: all jobs share /aws-glue/jobs",
)
def check_own_logs(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `logs.own`."""
    groups = {node.inputs["name"]: node for node in graph.nodes_of_type(LOG_GROUP)}
    for name, node in groups.items():
        if name.startswith(SHARED_LOGS) or not node.inputs.get("retentionInDays") or not node.inputs.get("kmsKeyId"):
            yield f"{name} is shared, kept for ever or not encrypted"
    for job in graph.nodes_of_type(JOB):
        prefix = job.inputs["defaultArguments"].get("--custom-logGroup-prefix")
        if {f"{prefix}/error", f"{prefix}/output"} - set(groups):
            yield f"{job.name} logs to {prefix}"
    for node in (*graph.nodes_of_type(JOB), *graph.nodes_of_type(CRAWLER)):
        if node.inputs.get("securityConfiguration"):
            yield f"{node.name} has a security configuration, so Glue logs to a group of its own making"
