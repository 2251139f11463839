"""Policies on what tells of a run: rules straight to the topic, and logs."""

import json
from collections.abc import Iterator
from typing import Any

from sluice.program.graph import Graph
from sluice.program.policies.policy import policy

JOB, RULE = "aws:glue/job:Job", "aws:cloudwatch/eventRule:EventRule"
TARGET, LOG_GROUP = "aws:cloudwatch/eventTarget:EventTarget", "aws:cloudwatch/logGroup:LogGroup"
CRAWLER = "aws:glue/crawler:Crawler"
SHARED_LOGS = ("/aws-glue/jobs", "/aws-glue/crawlers")


@policy(
    "rule.failures",
    "every job's FAILED, TIMEOUT and STOPPED, and its late runs, go from a rule straight to the topic, without a role",
    "Amazon EventBridge, Resource-based policies: Amazon SNS; AWS Glue, Automating with EventBridge",
)
def failures(graph: Graph) -> Iterator[str]:
    topic = graph.outputs["topic"]
    told = {
        node.inputs["rule"] for node in graph.of(TARGET) if node.inputs["arn"] == topic and "roleArn" not in node.inputs
    }
    patterns = [json.loads(node.inputs["eventPattern"]) for node in graph.of(RULE) if node.inputs["name"] in told]
    whole = {"state": ["FAILED", "TIMEOUT", "STOPPED"]}
    for job in graph.of(JOB):
        for kind, wanted in (("Glue Job State Change", whole), ("Glue Job Run Status", {})):
            if not any(tells(pattern, kind, job.inputs["name"], wanted) for pattern in patterns):
                yield f"{job.name}: no rule tells of {kind}"


def tells(pattern: dict[str, Any], kind: str, job: str, wanted: dict[str, list[str]]) -> bool:
    """Whether a rule's pattern takes all events of a kind about a job, and, of their details, exactly the wanted ones."""
    detail = dict(pattern["detail"])
    named = job in detail.pop("jobName", [])
    return named and (pattern["source"], pattern["detail-type"], detail) == (["aws.glue"], [kind], wanted)


@policy(
    "logs.own",
    "the stack's log groups are its own, encrypted with its key, and kept for a time",
    "AWS Security Hub, CloudWatch.16; AWS Glue, Logging: all jobs share /aws-glue/jobs",
)
def own_logs(graph: Graph) -> Iterator[str]:
    groups = {node.inputs["name"]: node for node in graph.of(LOG_GROUP)}
    for name, node in groups.items():
        if name.startswith(SHARED_LOGS) or not node.inputs.get("retentionInDays") or not node.inputs.get("kmsKeyId"):
            yield f"{name} is shared, kept for ever or not encrypted"
    for job in graph.of(JOB):
        prefix = job.inputs["defaultArguments"].get("--custom-logGroup-prefix")
        if {f"{prefix}/error", f"{prefix}/output"} - set(groups):
            yield f"{job.name} logs to {prefix}"
    for node in (*graph.of(JOB), *graph.of(CRAWLER)):
        if node.inputs.get("securityConfiguration"):
            yield f"{node.name} has a security configuration, so Glue logs to a group of its own making"
