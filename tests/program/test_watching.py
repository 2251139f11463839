"""What rings, when, and for whom: also what no emulator can ring."""

import json
from typing import Any

import pytest

from components.settings.contracts import SIDES, sets_aside
from sluice.program.graph import ROOT, Graph, run
from sluice.program.policies import broken
from sluice.program.policies.alarms import PUBLISHED
from tests.program.deployed import Deployed, datasets

ALARM, RULE, TARGET = (
    f"aws:cloudwatch/{kind[0].lower()}{kind[1:]}:{kind}" for kind in ("MetricAlarm", "EventRule", "EventTarget")
)
KINDS = ("violations", "errors", "missing", "stale")
ASIDE, UNDELIVERED = "quarantined", "undelivered-alarm"


def alarm(deployed: Deployed, what: str) -> dict[str, Any]:
    return deployed.inputs(ALARM, f"watch-{what}-alarm")


def kinds(deployed: Deployed) -> tuple[str, ...]:
    """What rings for a dataset: rows set aside where a warning of its contract may set some aside."""
    suites = [json.loads((ROOT / "expectations" / deployed.dataset / f"{side}.json").read_text()) for side in SIDES]
    warned = [one for one in suites if "warning" in [rule["severity"] for rule in one["expectations"]]]
    return (*KINDS, ASIDE) if any(one["meta"].get("max_quarantined", 0) > 0 for one in warned) else KINDS


def pattern(deployed: Deployed, what: str) -> dict[str, Any]:
    return json.loads(deployed.inputs(RULE, f"watch-{what}-rule")["eventPattern"])


def targets(deployed: Deployed, what: str) -> list[dict[str, Any]]:
    """Where the events of a rule go."""
    return [one.inputs for one in deployed.graph.of(TARGET) if one.inputs["rule"] == f"{deployed.called}-{what}"]


def both(deployed: Deployed) -> list[str]:
    """The job that publishes and the one that maintains."""
    return [deployed.called, f"{deployed.called}-maintain"]


def defined(inputs: dict[str, Any]) -> tuple[Any, ...]:
    keys = ("namespace", "metricName", "statistic", "period", "evaluationPeriods", "comparisonOperator", "threshold")
    return (*(inputs[key] for key in keys), inputs["treatMissingData"])


def test_a_broken_contract_rings_each_day_anew(deployed: Deployed) -> None:
    inputs = alarm(deployed, "violations")
    assert defined(inputs) == ("Sluice", "Violations", "Sum", 60, 1, "GreaterThanThreshold", 0, "notBreaching")
    assert inputs["dimensions"] == {"JobName": deployed.called}


def test_rows_that_were_set_aside_reach_a_person_though_the_run_succeeds(graph: Graph) -> None:
    deployed = Deployed(graph, "sales")
    inputs = alarm(deployed, ASIDE)
    assert defined(inputs) == ("Sluice", "RowsQuarantined", "Sum", 60, 1, "GreaterThanThreshold", 0, "notBreaching")
    assert inputs["dimensions"] == {"JobName": deployed.called}


def test_a_failed_run_rings_by_the_metric_that_counts_it(deployed: Deployed) -> None:
    inputs = alarm(deployed, "errors")
    assert defined(inputs) == ("Glue", "glue.error.ALL", "Sum", 60, 1, "GreaterThanThreshold", 0, "notBreaching")
    wanted = {"JobName": deployed.called, "JobRunId": "ALL", "Type": "count", "ObservabilityGroup": "error"}
    assert inputs["dimensions"] == wanted


def test_a_run_that_never_came_rings_where_the_schedule_runs(deployed: Deployed) -> None:
    inputs, hours = alarm(deployed, "missing"), deployed.promised["freshness_hours"]
    assert defined(inputs) == ("AWS/Events", "TriggeredRules", "Sum", 3600, hours, "LessThanThreshold", 1, "breaching")
    assert inputs["datapointsToAlarm"] == hours
    assert inputs["dimensions"] == {"RuleName": f"{deployed.called}-succeeded"}
    assert inputs["actionsEnabled"] is (deployed.graph.stack in ("staging", "prod"))


def test_data_that_nobody_renews_rings_though_runs_succeed(deployed: Deployed) -> None:
    inputs, hours = alarm(deployed, "stale"), deployed.promised["freshness_hours"]
    assert defined(inputs)[:7] == ("Sluice", "HoursSinceLastPublish", "Maximum", 3600, 1, "GreaterThanThreshold", hours)
    assert inputs["dimensions"] == {"JobName": deployed.called}


@pytest.mark.parametrize(
    ("hours", "taken"), [(1, True), (168, True), (0, False), (169, False), ("26", False), (True, False)]
)
def test_the_window_is_the_contracts_as_far_as_cloudwatch_looks_back(mutant, hours: object, taken: bool) -> None:
    change = ("components/settings/contracts.py", 'hours = meta["freshness_hours"]', f"hours = {hours!r}")
    if taken:
        assert alarm(Deployed(mutant(change), "sales"), "missing")["evaluationPeriods"] == hours
    else:
        with pytest.raises(Exception, match="freshness_hours from 1 to 168"):
            mutant(change)


def test_the_end_of_a_run_that_failed_goes_straight_to_the_topic(deployed: Deployed) -> None:
    assert pattern(deployed, "failed") == {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        "detail": {"jobName": both(deployed), "state": ["FAILED", "TIMEOUT", "STOPPED"]},
    }
    (target,) = targets(deployed, "failed")
    assert target["arn"] == deployed.graph.outputs["topic"]
    assert "roleArn" not in target


def test_a_late_run_is_told_of(deployed: Deployed) -> None:
    wanted = {"source": ["aws.glue"], "detail-type": ["Glue Job Run Status"], "detail": {"jobName": both(deployed)}}
    assert pattern(deployed, "late") == wanted
    assert len(targets(deployed, "late")) == 1


def test_success_is_counted_and_told_to_nobody(deployed: Deployed) -> None:
    assert pattern(deployed, "succeeded")["detail"] == {"jobName": [deployed.called], "state": ["SUCCEEDED"]}
    assert targets(deployed, "succeeded") == []


def test_every_alarm_says_whose_data_it_is_about_and_what_to_do(deployed: Deployed) -> None:
    for what in kinds(deployed):
        inputs = alarm(deployed, what)
        said = inputs["alarmDescription"]
        assert said.startswith(f"{deployed.dataset}: "), said
        assert said.endswith(f"docs/runbook.md#{what}."), said
        assert len(said) <= 1024
        assert inputs["name"] == f"{deployed.called}-{what}"
        assert inputs["tags"] == {"owner": deployed.promised["owner"]}


def test_every_dataset_has_the_alarms_that_can_ring_for_it_and_there_are_no_others(graph: Graph) -> None:
    every = [Deployed(graph, dataset) for dataset in datasets(graph.stack)]
    wanted = {f"{one.dataset}-watch-{what}-alarm" for one in every for what in kinds(one)}
    assert {node.name for node in graph.of(ALARM)} == wanted | {UNDELIVERED}
    assert "sales-watch-quarantined-alarm" in wanted
    assert "sales_daily-watch-quarantined-alarm" not in wanted


def test_a_dataset_that_sets_rows_aside_and_tells_nobody_is_noticed(graphs: dict[str, Graph]) -> None:
    graph = graphs["dev"]
    nodes = {urn: node for urn, node in graph.nodes.items() if node.name != "sales-watch-quarantined-alarm"}
    assert len(nodes) == len(graph.nodes) - 1
    assert broken(Graph(graph.stack, graph.config, nodes, graph.outputs)) == {
        "alarm.can-fire": ["sluice-dev-sales sets rows aside and tells nobody"]
    }


@pytest.mark.parametrize(
    ("severity", "most", "sets"),
    [
        ("warning", 0.02, True),
        ("warning", 1, True),
        ("warning", 0, False),
        ("warning", None, False),
        ("critical", 0.5, False),
    ],
)
def test_rows_are_set_aside_by_a_warning_where_some_may_be(severity: str, most: float | None, sets: bool) -> None:
    """Without a share, or with one of 0, the first row that breaks a warning fails the run (docs/adding-a-dataset.md)."""
    meta = {} if most is None else {"max_quarantined": most}
    assert sets_aside({"meta": meta, "expectations": [{"severity": "info"}, {"severity": severity}]}) is sets


def test_what_could_not_be_delivered_rings_by_the_path_that_needs_no_rule(graph: Graph) -> None:
    inputs = graph.named(ALARM, UNDELIVERED).inputs
    metric = ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert defined(inputs) == (*metric, "Maximum", 60, 1, "GreaterThanThreshold", 0, "notBreaching")
    called = f"sluice-{graph.stack}-undelivered"
    assert inputs["dimensions"] == {"QueueName": called}
    assert (inputs["name"], inputs["tags"]) == (called, {"owner": f"sluice-{graph.stack}"})
    assert inputs["alarmActions"] == [graph.outputs["topic"]]
    assert called in inputs["alarmDescription"]
    assert inputs["alarmDescription"].endswith("docs/runbook.md#undelivered.")


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


def widgets(graph: Graph) -> list[dict[str, Any]]:
    (page,) = graph.of("aws:cloudwatch/dashboard:Dashboard")
    return json.loads(page.inputs["dashboardBody"])["widgets"]


def test_the_dashboard_shows_what_a_run_leaves(deployed: Deployed) -> None:
    drawn = [metric for widget in widgets(deployed.graph) for metric in widget["properties"].get("metrics", [])]
    shown = {tuple(metric[:2]) for metric in drawn if metric[2:4] == ["JobName", deployed.called]}
    rows, rules = ("RowsRead", "RowsPublished", "RowsQuarantined"), ("Violations", "RulesInError", "RulesNotEvaluated")
    own = (*rows, *rules, "HoursSinceLastPublish")
    assert shown == {("Glue", "glue.driver.aggregate.elapsedTime"), *(("Sluice", metric) for metric in own)}


def test_the_dashboard_heads_each_dataset_with_its_latest_verdict(deployed: Deployed) -> None:
    drawn, head = widgets(deployed.graph), f"**{deployed.dataset}**"
    (note,) = [one for one in drawn if one["properties"].get("markdown", "").startswith(head)]
    verdict = f"s3://{deployed.bucket('assets')}/verdicts/{deployed.dataset}/latest.json"
    assert verdict in note["properties"]["markdown"]
    below = [one for one in drawn if one["y"] == note["y"] + 1]
    jobs = {metric[3] for widget in below for metric in widget["properties"]["metrics"]}
    assert jobs == {deployed.called}


def test_no_widget_of_the_dashboard_hides_another(graph: Graph) -> None:
    """The grid is 24 wide (CloudWatch, Dashboard body structure)."""
    cells = [
        (x, y)
        for widget in widgets(graph)
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells)) == 24 * 7 * len(datasets(graph.stack))
    assert max(x for x, _ in cells) == 23
