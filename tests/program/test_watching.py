"""What rings, when, and for whom: also what no emulator can ring."""

import json
from typing import Any

import pytest

from sandbox.graph import Graph, run
from sandbox.policies.alarms import PUBLISHED

ALARM, RULE, TARGET = (
    f"aws:cloudwatch/{kind[0].lower()}{kind[1:]}:{kind}" for kind in ("MetricAlarm", "EventRule", "EventTarget")
)


def alarm(graph: Graph, what: str) -> dict[str, Any]:
    return graph.named(ALARM, f"sales-watch-{what}-alarm").inputs


def pattern(graph: Graph, what: str) -> dict[str, Any]:
    return json.loads(graph.named(RULE, f"sales-watch-{what}-rule").inputs["eventPattern"])


def defined(inputs: dict[str, Any]) -> tuple[Any, ...]:
    keys = ("namespace", "metricName", "statistic", "period", "evaluationPeriods", "comparisonOperator", "threshold")
    return (*(inputs[key] for key in keys), inputs["treatMissingData"])


def test_a_broken_contract_rings_each_day_anew(graph: Graph) -> None:
    assert defined(alarm(graph, "violations")) == (
        "Sluice", "Violations", "Sum", 60, 1, "GreaterThanThreshold", 0, "notBreaching",
    )  # fmt: skip


def test_rows_that_were_set_aside_reach_a_person_though_the_run_succeeds(graph: Graph) -> None:
    assert defined(alarm(graph, "quarantined")) == (
        "Sluice", "RowsQuarantined", "Sum", 60, 1, "GreaterThanThreshold", 0, "notBreaching",
    )  # fmt: skip


def test_a_failed_run_rings_by_the_metric_that_counts_it(graph: Graph) -> None:
    inputs = alarm(graph, "errors")
    assert defined(inputs) == ("Glue", "glue.error.ALL", "Sum", 60, 1, "GreaterThanThreshold", 0, "notBreaching")
    job = f"sluice-{graph.stack}-sales"
    wanted = {"JobName": job, "JobRunId": "ALL", "Type": "count", "ObservabilityGroup": "error"}
    assert inputs["dimensions"] == wanted


def test_a_run_that_never_came_rings_where_the_schedule_runs(graph: Graph) -> None:
    inputs = alarm(graph, "missing")
    assert defined(inputs) == ("AWS/Events", "TriggeredRules", "Sum", 3600, 26, "LessThanThreshold", 1, "breaching")
    assert inputs["datapointsToAlarm"] == 26
    assert inputs["dimensions"] == {"RuleName": f"sluice-{graph.stack}-sales-succeeded"}
    assert inputs["actionsEnabled"] is (graph.stack in ("staging", "prod"))


def test_data_that_nobody_renews_rings_though_runs_succeed(graph: Graph) -> None:
    inputs = alarm(graph, "stale")
    assert defined(inputs)[:7] == ("Sluice", "HoursSinceLastPublish", "Maximum", 3600, 1, "GreaterThanThreshold", 26)
    assert inputs["dimensions"] == {"JobName": f"sluice-{graph.stack}-sales"}


@pytest.mark.parametrize(
    ("hours", "taken"), [(1, True), (168, True), (0, False), (169, False), ("26", False), (True, False)]
)
def test_the_window_is_the_contracts_as_far_as_cloudwatch_looks_back(mutant, hours: object, taken: bool) -> None:
    change = ("components/contracts.py", 'hours = meta["freshness_hours"]', f"hours = {hours!r}")
    if taken:
        assert alarm(mutant(change), "missing")["evaluationPeriods"] == hours
    else:
        with pytest.raises(Exception, match="freshness_hours from 1 to 168"):
            mutant(change)


def test_the_end_of_a_run_that_failed_goes_straight_to_the_topic(graph: Graph) -> None:
    (target,) = [node.inputs for node in graph.of(TARGET) if node.inputs["rule"].endswith("-failed")]
    assert pattern(graph, "failed") == {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        "detail": {"jobName": [f"sluice-{graph.stack}-sales"], "state": ["FAILED", "TIMEOUT", "STOPPED"]},
    }
    assert target["arn"] == graph.outputs["topic"]
    assert "roleArn" not in target


def test_a_late_run_is_told_of(graph: Graph) -> None:
    assert pattern(graph, "late")["detail-type"] == ["Glue Job Run Status"]
    assert [node for node in graph.of(TARGET) if node.inputs["rule"].endswith("-late")]


def test_success_is_counted_and_told_to_nobody(graph: Graph) -> None:
    assert pattern(graph, "succeeded")["detail"]["state"] == ["SUCCEEDED"]
    assert not [node for node in graph.of(TARGET) if node.inputs["rule"].endswith("-succeeded")]


def test_every_alarm_says_whose_data_it_is_about_and_what_to_do(graph: Graph) -> None:
    for node in graph.of(ALARM):
        said = node.inputs["alarmDescription"]
        assert said.startswith("sales: "), said
        assert len(said) <= 1024
        assert node.inputs["tags"] == {"owner": "sales-data"}


def test_every_metric_that_is_watched_names_its_source(graph: Graph) -> None:
    watched = {(node.inputs["namespace"], node.inputs["metricName"]) for node in graph.of(ALARM)}
    assert watched == set(PUBLISHED)
    assert all(source for _, source in PUBLISHED.values())


def test_the_mail_goes_to_whom_the_stack_names(graphs: dict[str, Graph]) -> None:
    (mail,) = graphs["prod"].of("aws:sns/topicSubscription:TopicSubscription")
    assert (mail.inputs["protocol"], mail.inputs["endpoint"]) == ("email", graphs["prod"].config["sluice:alarm_email"])
    with pytest.raises(LookupError):
        graphs["dev"].of("aws:sns/topicSubscription:TopicSubscription")
    wanted = run("dev", changed={"sluice:alarm_email": "me@example.com"})
    assert wanted.of("aws:sns/topicSubscription:TopicSubscription")[0].inputs["endpoint"] == "me@example.com"


def test_the_dashboard_shows_what_a_run_leaves(graph: Graph) -> None:
    (page,) = graph.of("aws:cloudwatch/dashboard:Dashboard")
    widgets = json.loads(page.inputs["dashboardBody"])["widgets"]
    shown = {metric[1] for widget in widgets for metric in widget["properties"].get("metrics", [])}
    own = {"RowsRead", "RowsPublished", "RowsQuarantined", "Violations", "HoursSinceLastPublish"}
    assert shown == own | {"glue.driver.aggregate.elapsedTime"}
    assert all(
        metric[3] == f"sluice-{graph.stack}-sales" for w in widgets for metric in w["properties"].get("metrics", [])
    )
    assert "verdicts/sales/latest.json" in widgets[0]["properties"]["markdown"]
    assert all(widget["x"] + widget["width"] <= 24 for widget in widgets)
