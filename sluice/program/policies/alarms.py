"""Policies on alarms: each can fire, says what to do, and reaches the topic."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.access.message_policies import alarms_topic
from components.orchestration.watch_states import BROKEN_METRIC
from components.settings.contracts import suite_may_quarantine
from etl.contract.severity import Severity
from etl.contract.stage import SUITE_STAGES
from sluice.program.graph import ROOT, Graph, Node
from sluice.program.policies.policy import nested_value, register_policy, stack_names
from sluice.program.starts import arrival_datasets, schedules_by_dataset

ALARM, RULE = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/eventRule:EventRule"
JOB, OBJECT = "aws:glue/job:Job", "aws:s3/bucketObjectv2:BucketObjectv2"
ANY_VALUE = object()
PUBLISHED: dict[tuple[str, str], tuple[dict[str, Any], str]] = {
    ("Sluice", "Violations"): ({"JobName": ANY_VALUE}, "etl/reporting.py"),
    ("Sluice", "RowsQuarantined"): ({"JobName": ANY_VALUE}, "etl/reporting.py"),
    ("Sluice", BROKEN_METRIC): ({"JobName": ANY_VALUE}, "etl/reporting.py"),
    ("Sluice", "HoursSinceLastPublish"): ({"JobName": ANY_VALUE}, "etl/reporting.py"),
    ("Glue", "glue.error.ALL"): (
        {"JobName": ANY_VALUE, "JobRunId": "ALL", "Type": "count", "ObservabilityGroup": "error"},
        "AWS Glue, Monitoring with observability metrics",
    ),
    ("AWS/Events", "TriggeredRules"): (
        {"RuleName": ANY_VALUE},
        "Amazon EventBridge, Monitoring: metrics and dimensions",
    ),
    ("AWS/States", "ExecutionsFailed"): (
        {"StateMachineArn": ANY_VALUE},
        "AWS Step Functions, Monitoring metrics: execution metrics",
    ),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): (
        {"QueueName": ANY_VALUE},
        "Amazon SQS, Available CloudWatch metrics",
    ),
}
"""The dimensions that each service publishes a metric under, and where that is written; others never match anything."""
NAMED_TYPES = {
    "JobName": "aws:glue/job:Job",
    "RuleName": "aws:cloudwatch/eventRule:EventRule",
    "QueueName": "aws:sqs/queue:Queue",
}
"""What a dimension's value is the name of."""
ALARM_SEVERITIES = {"RowsQuarantined": Severity.WARNING}
"""By its metric how much an alarm weighs; all others are critical."""
NEVER_BELOW = 0
"""Every metric that is watched counts, or is an age."""
WEEK, DAY, HOUR = 7 * 86400, 86400, 3600


def dimension_faults(alarm: Node) -> Iterator[str]:
    """Yield a sentence where an alarm's dimensions are not those that its metric is published with."""
    metric = alarm.inputs["namespace"], alarm.inputs["metricName"]
    if metric not in PUBLISHED:
        yield f"{alarm.name} watches {'/'.join(metric)}, which no table of dimensions knows"
        return
    expected, actual = PUBLISHED[metric][0], alarm.inputs.get("dimensions", {})
    are_equal = all(
        actual.get(key) == value or (value is ANY_VALUE and actual.get(key)) for key, value in expected.items()
    )
    if set(actual) != set(expected) or not are_equal:
        yield f"{alarm.name} has dimensions {actual}, and {'/'.join(metric)} is published under {sorted(expected)}"


@register_policy(
    "alarm.dimensions",
    "an alarm's dimensions are exactly those that the service publishes",
    "Amazon CloudWatch, Dimensions: each combination is a metric of its own",
)
def check_dimensions(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `alarm.dimensions`."""
    for alarm in graph.nodes_of_type(ALARM):
        yield from dimension_faults(alarm)


@register_policy(
    "alarm.names-something",
    "what an alarm's dimensions name is a job, a rule or a queue of this stack",
    "Sluice: an alarm on what does not exist is never anything but silent",
)
def check_names_something(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `alarm.names-something`."""
    for alarm in graph.nodes_of_type(ALARM):
        for dimension, value in alarm.inputs.get("dimensions", {}).items():
            kind = NAMED_TYPES.get(dimension)
            if kind and value not in {node.inputs["name"] for node in graph.nodes_of_type(kind)}:
                yield f"{alarm.name} watches {dimension} {value}"


@register_policy(
    "alarm.window",
    "an alarm looks back no further than CloudWatch does",
    "Amazon CloudWatch API, PutMetricAlarm: 7 days where the period is an hour or more, else one day",
)
def check_window(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `alarm.window`."""
    for alarm in graph.nodes_of_type(ALARM):
        period, periods = alarm.inputs["period"], alarm.inputs["evaluationPeriods"]
        if period * periods > (WEEK if period >= HOUR else DAY):
            yield f"{alarm.name} looks back {period * periods} s with a period of {period} s"


@register_policy(
    "alarm.acts",
    "an alarm has an action on the topic of its severity; one that stays in alarm tells it too when that ends, no other does",
    "AWS Security Hub, CloudWatch.15; Sluice: what pages resolves with the next good run, not a minute later",
)
def check_action(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `alarm.acts`."""
    fake = f"arn:{stack_names(graph).partition}:fake:::"
    for node in graph.nodes_of_type(ALARM):
        severity = ALARM_SEVERITIES.get(node.inputs["metricName"], Severity.CRITICAL)
        topic = f"{fake}{alarms_topic(severity)}-topic"
        if node.inputs.get("alarmActions") != [topic]:
            yield f"{node.name} tells nobody of {severity} alarms"
        stays = node.inputs["metricName"] == BROKEN_METRIC
        if (node.inputs.get("okActions") or []) != ([topic] if stays else []):
            yield f"{node.name} tells {node.inputs.get('okActions')} that all is well"


@register_policy(
    "alarm.enabled",
    "an alarm's actions are on; the one for a run that never came where its dataset's start is active",
    "AWS Security Hub, CloudWatch.17",
)
def check_enabled(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `alarm.enabled`."""
    started = {*schedules_by_dataset(graph), *arrival_datasets(graph)}
    publishing = {
        node.inputs["defaultArguments"].get("--dataset"): node.inputs["name"] for node in graph.nodes_of_type(JOB)
    }
    watched = {f"{job}-succeeded" for dataset, job in publishing.items() if dataset in started}
    for alarm in graph.nodes_of_type(ALARM):
        rule = alarm.inputs["dimensions"].get("RuleName")
        should_act = rule in watched if alarm.inputs["metricName"] == "TriggeredRules" else True
        if alarm.inputs.get("actionsEnabled", True) is not should_act:
            yield f"{alarm.name} has its actions {'off' if should_act else 'on'}"


@register_policy(
    "alarm.explains",
    "an alarm says what to do first, points to its place in the runbook, and has an owner",
    "AWS Well-Architected, OPS08-BP04: actionable alerts",
)
def check_runbook(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `alarm.explains`."""
    runbook = page_headings(ROOT / "docs" / "runbook.md")
    for alarm in graph.nodes_of_type(ALARM):
        first_step, _, anchor = alarm.inputs.get("alarmDescription", "").rpartition("docs/runbook.md#")
        if not first_step or anchor.rstrip(".") not in runbook:
            yield f"{alarm.name} points to {anchor or 'nowhere'}"
        if not nested_value(alarm.inputs, "tags", "owner"):
            yield f"{alarm.name} has no owner"


def page_headings(page: Path) -> set[str]:
    """Return the anchors of a Markdown page's headings."""
    lines = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
    return {line.lstrip("# ").strip().lower().replace(" ", "-") for line in lines if line.startswith("#")}


@register_policy(
    "alarm.dead-man",
    "every publishing job has an alarm for a run that never came: no success in the contract's window, missing data breaching",
    "Amazon CloudWatch, Configuring how alarms treat missing data",
)
def check_dead_man(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `alarm.dead-man`."""
    watched = {}
    for alarm in (node.inputs for node in graph.nodes_of_type(ALARM) if node.inputs["metricName"] == "TriggeredRules"):
        counts = (alarm["statistic"], alarm["comparisonOperator"], alarm["threshold"], alarm["period"])
        uses_all_periods = alarm["evaluationPeriods"] == alarm.get("datapointsToAlarm")
        if (
            counts == ("Sum", "LessThanThreshold", 1, HOUR)
            and uses_all_periods
            and alarm["treatMissingData"] == "breaching"
        ):
            watched[alarm["dimensions"]["RuleName"]] = alarm["evaluationPeriods"]
    for job in (node for node in graph.nodes_of_type(JOB) if "--dataset" in node.inputs["defaultArguments"]):
        rules = [
            node
            for node in graph.nodes_of_type(RULE)
            if rule_detail(node) == {"jobName": [job.inputs["name"]], "state": ["SUCCEEDED"]}
        ]
        if not any(rule.inputs["name"] in watched for rule in rules):
            yield f"{job.name} could stay away unseen"


def rule_detail(rule: Node) -> dict[str, Any]:
    """Return what a rule asks of an event's `detail`."""
    return json.loads(rule.inputs["eventPattern"]).get("detail", {})


@register_policy(
    "alarm.can-fire",
    "an alarm is declared where something can ring it: one for rows set aside where a contract sets rows aside, and only there",
    "AWS Well-Architected, OPS08-BP04: an alarm that never rings teaches that all is well",
)
def check_can_fire(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `alarm.can-fire`."""
    for alarm in (
        node for node in graph.nodes_of_type(ALARM) if node.inputs["comparisonOperator"].startswith("LessThan")
    ):
        if alarm.inputs["threshold"] <= NEVER_BELOW:
            yield f"{alarm.name} waits for less than {alarm.inputs['threshold']}"
    alarms = [node.inputs for node in graph.nodes_of_type(ALARM) if node.inputs["metricName"] == "RowsQuarantined"]
    watched = {alarm["dimensions"].get("JobName") for alarm in alarms}
    for job in (node.inputs for node in graph.nodes_of_type(JOB) if "--dataset" in node.inputs["defaultArguments"]):
        may_quarantine = any(suite_may_quarantine(suite) for suite in job_suites(graph, job))
        if may_quarantine is not (job["name"] in watched):
            fault = (
                "sets rows aside and tells nobody"
                if may_quarantine
                else "never sets a row aside, and an alarm waits for it"
            )
            yield f"{job['name']} {fault}"


def job_suites(graph: Graph, job: dict[str, Any]) -> list[dict[str, Any]]:
    """Both suites of a publishing job, from the objects that its arguments name; LookupError where one is not declared."""
    inputs = [node.inputs for node in graph.nodes_of_type(OBJECT)]
    objects = {f"s3://{upload['bucket']}/{upload['key']}": upload for upload in inputs}
    arguments = job["defaultArguments"]
    return [json.loads(objects[arguments[f"--{side}-contract"]]["content"]) for side in SUITE_STAGES]
