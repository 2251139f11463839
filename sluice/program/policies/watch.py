"""Policies on what tells of a run: rules that start the watch, and logs."""

import json
from collections.abc import Iterator
from typing import Any

from components.access.message_policies import WATCH, start_policy
from sluice.program.graph import Graph
from sluice.program.iam import matches_pattern
from sluice.program.policies.policy import register_policy, stack_names

JOB, RULE = "aws:glue/job:Job", "aws:cloudwatch/eventRule:EventRule"
TARGET, LOG_GROUP = "aws:cloudwatch/eventTarget:EventTarget", "aws:cloudwatch/logGroup:LogGroup"
CRAWLER, ALARM = "aws:glue/crawler:Crawler", "aws:cloudwatch/metricAlarm:MetricAlarm"
ROLE, ROLE_POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
ALARMS_OF_WATCH = ("missing", "stale", "undelivered", "watch")
SHARED_LOGS = ("/aws-glue/jobs", "/aws-glue/crawlers")


@register_policy(
    "rule.failures",
    "every job's FAILED, TIMEOUT and STOPPED, its late runs, and successes of one that publishes start the watch by a role",
    "Amazon EventBridge, Targets: Step Functions; AWS Glue, Automating with EventBridge",
)
def check_failure_rules(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `rule.failures`."""
    rule_names = rules_of_watch(graph)
    patterns = [
        json.loads(node.inputs["eventPattern"])
        for node in graph.nodes_of_type(RULE)
        if node.inputs["name"] in rule_names
    ]
    for job in graph.nodes_of_type(JOB):
        expected_rules: list[tuple[str, dict[str, list[str]]]] = [
            ("Glue Job State Change", {"state": ["FAILED", "TIMEOUT", "STOPPED"]}),
            ("Glue Job Run Status", {}),
        ]
        if "--dataset" in job.inputs["defaultArguments"]:
            expected_rules.append(("Glue Job State Change", {"state": ["SUCCEEDED"]}))
        for kind, expected in expected_rules:
            if not any(matches_events(pattern, kind, job.inputs["name"], expected) for pattern in patterns):
                yield f"{job.name}: no rule tells of {kind} {expected.get('state', '')}".rstrip()


def rules_of_watch(graph: Graph) -> set[str]:
    """Return the names of the rules that start the watch, by a role that may start it."""
    starts = start_policy(stack_names(graph), WATCH)
    policies = [node.inputs for node in graph.nodes_of_type(ROLE_POLICY)]
    starters = {policy["role"] for policy in policies if json.loads(policy["policy"]) == starts}
    roles = {node.name for node in graph.nodes_of_type(ROLE) if node.inputs["name"] in starters}
    return {
        node.inputs["rule"]
        for node in graph.nodes_of_type(TARGET)
        if arn_name(node.inputs["arn"]) == f"{WATCH}-machine" and arn_name(node.inputs.get("roleArn", "")) in roles
    }


def arn_name(arn: str) -> str:
    """Return the logical name of the resource that a graph's made-up ARN stands for."""
    return arn.rpartition(":")[2]


@register_policy(
    "rule.alarms",
    "the alarms that no run tells of start the watch: on runs that never came, stale data, and what was not delivered",
    "Amazon CloudWatch, Alarm events and EventBridge",
)
def check_alarm_rules(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `rule.alarms`."""
    rule_names = rules_of_watch(graph)
    rules = [node.inputs for node in graph.nodes_of_type(RULE) if node.inputs["name"] in rule_names]
    details = [json.loads(rule["eventPattern"])["detail"] for rule in rules]
    heard = [
        pattern["wildcard"]
        for detail in details
        if detail.get("state") == {"value": ["ALARM"]}
        for pattern in detail.get("alarmName", [])
    ]
    for alarm in graph.nodes_of_type(ALARM):
        name = alarm.inputs["name"]
        if name.rpartition("-")[2] in ALARMS_OF_WATCH and not any(matches_pattern(rule, name) for rule in heard):
            yield f"{name} starts nothing"


def matches_events(pattern: dict[str, Any], kind: str, job: str, expected: dict[str, list[str]]) -> bool:
    """Whether a rule's pattern takes all events of a kind about a job, and, of their details, exactly the wanted ones."""
    detail = dict(pattern["detail"])
    names = detail.pop("jobName", [])
    names_job = job in names or any(job.startswith(name["prefix"]) for name in names if "prefix" in name)
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
