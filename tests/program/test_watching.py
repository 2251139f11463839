"""What rings, when, and for whom: also what no emulator can ring."""

import json
from typing import Any

import pytest

from components.settings.contracts import suite_may_quarantine
from etl.contract.stage import SUITE_STAGES
from sluice.program.graph import Graph, run_program
from sluice.program.policies import broken_policies
from sluice.program.policies.alarms import PUBLISHED
from tests.lake import LAKE
from tests.program.deployed import Deployed, deployed_datasets
from tests.program.deployment import ONE_DATASET

ALARM, RULE, TARGET = (
    f"aws:cloudwatch/{kind[0].lower()}{kind[1:]}:{kind}" for kind in ("MetricAlarm", "EventRule", "EventTarget")
)
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
KINDS = ("broken", "violations", "errors", "missing", "stale")
ASIDE, UNDELIVERED, WATCH = "quarantined", "undelivered-alarm", "watch-alarm"


def alarm_inputs(deployed: Deployed, kind: str) -> dict[str, Any]:
    return deployed.resource_inputs(ALARM, f"watch-{kind}-alarm")


def alarm_kinds(deployed: Deployed) -> tuple[str, ...]:
    """What rings for a dataset: rows set aside where a warning of its contract may set some aside."""
    suites = [
        json.loads((LAKE / "expectations" / deployed.dataset / f"{side}.json").read_text()) for side in SUITE_STAGES
    ]
    warned = [suite for suite in suites if "warning" in [rule["severity"] for rule in suite["expectations"]]]
    return (*KINDS, ASIDE) if any(suite["meta"].get("max_quarantined", 0) > 0 for suite in warned) else KINDS


def event_pattern(deployed: Deployed, kind: str) -> dict[str, Any]:
    return json.loads(deployed.resource_inputs(RULE, f"watch-{kind}-rule")["eventPattern"])


def rule_targets(graph: Graph, rule: str) -> list[dict[str, Any]]:
    """Where the events of a rule go."""
    return [target.inputs for target in graph.nodes_of_type(TARGET) if target.inputs["rule"] == rule]


def alarm_definition(inputs: dict[str, Any]) -> tuple[Any, ...]:
    keys = ("namespace", "metricName", "statistic", "period", "evaluationPeriods", "comparisonOperator", "threshold")
    return (*(inputs[key] for key in keys), inputs["treatMissingData"])


def test_a_broken_contract_rings_each_day_anew(deployed: Deployed) -> None:
    inputs = alarm_inputs(deployed, "violations")
    assert alarm_definition(inputs) == ("Sluice", "Violations", "Sum", 60, 1, "GreaterThanThreshold", 0, "notBreaching")
    assert inputs["dimensions"] == {"JobName": deployed.name_prefix}


def test_rows_that_were_set_aside_reach_a_person_though_the_run_succeeds(graph: Graph) -> None:
    deployed = Deployed(graph, "trades")
    inputs = alarm_inputs(deployed, ASIDE)
    assert alarm_definition(inputs) == (
        "Sluice",
        "RowsQuarantined",
        "Sum",
        60,
        1,
        "GreaterThanThreshold",
        0,
        "notBreaching",
    )
    assert inputs["dimensions"] == {"JobName": deployed.name_prefix}


def test_a_failed_run_rings_by_the_metric_that_counts_it(deployed: Deployed) -> None:
    inputs = alarm_inputs(deployed, "errors")
    assert alarm_definition(inputs) == (
        "Glue",
        "glue.error.ALL",
        "Sum",
        60,
        1,
        "GreaterThanThreshold",
        0,
        "notBreaching",
    )
    expected = {"JobName": deployed.name_prefix, "JobRunId": "ALL", "Type": "count", "ObservabilityGroup": "error"}
    assert inputs["dimensions"] == expected


def test_a_run_that_never_came_rings_where_the_schedule_runs(deployed: Deployed) -> None:
    inputs, hours = alarm_inputs(deployed, "missing"), deployed.output_meta["freshness_hours"]
    assert alarm_definition(inputs) == (
        "AWS/Events",
        "TriggeredRules",
        "Sum",
        3600,
        hours,
        "LessThanThreshold",
        1,
        "breaching",
    )
    assert inputs["datapointsToAlarm"] == hours
    assert inputs["dimensions"] == {"RuleName": f"{deployed.name_prefix}-succeeded"}
    assert inputs["actionsEnabled"] is (deployed.graph.stack in ("staging", "prod"))


def test_data_that_nobody_renews_rings_though_runs_succeed(deployed: Deployed) -> None:
    inputs, hours = alarm_inputs(deployed, "stale"), deployed.output_meta["freshness_hours"]
    assert alarm_definition(inputs)[:7] == (
        "Sluice",
        "HoursSinceLastPublish",
        "Maximum",
        3600,
        1,
        "GreaterThanThreshold",
        hours,
    )
    assert inputs["dimensions"] == {"JobName": deployed.name_prefix}


@pytest.mark.parametrize(
    ("hours", "taken"), [(1, True), (168, True), (0, False), (169, False), ("26", False), (True, False)]
)
def test_the_window_is_the_contracts_as_far_as_cloudwatch_looks_back(mutant, hours: object, taken: bool) -> None:
    change = ("components/settings/contracts.py", 'hours = meta["freshness_hours"]', f"hours = {hours!r}")
    if taken:
        graph = mutant(change, datasets=ONE_DATASET["sluice:datasets"])
        assert alarm_inputs(Deployed(graph, "buyers"), "missing")["evaluationPeriods"] == hours
    else:
        with pytest.raises(Exception, match="freshness_hours from 1 to 168"):
            mutant(change)


def test_what_pages_also_resolves_with_the_next_good_run(deployed: Deployed) -> None:
    inputs = alarm_inputs(deployed, "broken")
    assert alarm_definition(inputs) == ("Sluice", "Broken", "Maximum", 60, 1, "GreaterThanThreshold", 0, "ignore")
    assert inputs["dimensions"] == {"JobName": deployed.name_prefix}
    assert inputs["alarmActions"] == inputs["okActions"] == [deployed.graph.outputs["topic"]]
    others = [alarm_inputs(deployed, kind) for kind in alarm_kinds(deployed) if kind != "broken"]
    assert [inputs.get("okActions") for inputs in others] == [None] * len(others)


def test_rows_that_were_set_aside_wake_nobody(graph: Graph) -> None:
    deployed = Deployed(graph, "trades")
    severities = {kind: alarm_inputs(deployed, kind)["alarmActions"] for kind in alarm_kinds(deployed)}
    assert severities.pop(ASIDE) == ["arn:aws:fake:::alarms-warning-topic"]
    assert set(map(tuple, severities.values())) == {(graph.outputs["topic"],)}


def test_a_good_run_of_a_dataset_starts_the_watch_by_a_rule_of_its_own(deployed: Deployed) -> None:
    detail = {"jobName": [deployed.name_prefix], "state": ["SUCCEEDED"]}
    pattern = {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"], "detail": detail}
    assert event_pattern(deployed, "succeeded") == pattern
    assert_starts_watch(rule_targets(deployed.graph, f"{deployed.name_prefix}-succeeded"))


@pytest.mark.parametrize(
    ("kind", "event", "states"),
    [
        ("failed", "Glue Job State Change", {"state": ["FAILED", "TIMEOUT", "STOPPED"]}),
        ("late", "Glue Job Run Status", {}),
    ],
)
def test_bad_ends_and_late_runs_of_all_jobs_start_the_watch_by_one_rule(
    graph: Graph, kind: str, event: str, states: dict[str, list[str]]
) -> None:
    rule = graph.node_named(RULE, f"watch-runs-{kind}-rule").inputs
    prefix = f"sluice-{graph.stack}-"
    detail = {"jobName": [{"prefix": prefix}], **states}
    assert json.loads(rule["eventPattern"]) == {"source": ["aws.glue"], "detail-type": [event], "detail": detail}
    jobs = [node.inputs["name"] for node in graph.nodes_of_type("aws:glue/job:Job")]
    assert [job for job in jobs if not job.startswith(prefix)] == []
    assert_starts_watch(rule_targets(graph, rule["name"]))


def assert_starts_watch(targets: list[dict[str, Any]]) -> None:
    (target,) = targets
    assert target["arn"] == "arn:aws:fake:::watch-machine"
    assert target["roleArn"] == "arn:aws:fake:::watch-starter-role"
    assert target["deadLetterConfig"] == {"arn": "arn:aws:fake:::undelivered-queue"}


def test_no_event_goes_to_a_topic_as_it_comes(graph: Graph) -> None:
    assert [target.name for target in graph.nodes_of_type(TARGET) if "topic" in target.inputs["arn"]] == []


def test_every_alarm_says_whose_data_it_is_about_and_what_to_do(deployed: Deployed) -> None:
    for kind in alarm_kinds(deployed):
        inputs = alarm_inputs(deployed, kind)
        description = inputs["alarmDescription"]
        assert description.startswith(f"{deployed.dataset}: "), description
        assert description.endswith(f"docs/runbook.md#{kind}."), description
        assert len(description) <= 1024
        assert inputs["name"] == f"{deployed.name_prefix}-{kind}"
        assert inputs["tags"] == {"owner": deployed.output_meta["owner"]}


def test_every_dataset_has_the_alarms_that_can_ring_for_it_and_there_are_no_others(graph: Graph) -> None:
    every = [Deployed(graph, dataset) for dataset in deployed_datasets(graph.stack)]
    expected = {f"{watched.dataset}-watch-{kind}-alarm" for watched in every for kind in alarm_kinds(watched)}
    assert {node.name for node in graph.nodes_of_type(ALARM)} == expected | {UNDELIVERED, WATCH}
    assert "trades-watch-quarantined-alarm" in expected
    assert "trades_daily-watch-quarantined-alarm" not in expected


def test_a_dataset_that_sets_rows_aside_and_tells_nobody_is_noticed(graphs: dict[str, Graph]) -> None:
    graph = graphs["dev"]
    nodes = {urn: node for urn, node in graph.nodes.items() if node.name != "trades-watch-quarantined-alarm"}
    assert len(nodes) == len(graph.nodes) - 1
    assert broken_policies(Graph(graph.stack, graph.config, nodes, graph.outputs)) == {
        "alarm.can-fire": ["sluice-dev-trades sets rows aside and tells nobody"]
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
    assert suite_may_quarantine({"meta": meta, "expectations": [{"severity": "info"}, {"severity": severity}]}) is sets


def test_what_could_not_be_delivered_rings_by_the_path_that_needs_no_rule(graph: Graph) -> None:
    inputs = graph.node_named(ALARM, UNDELIVERED).inputs
    metric = ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert alarm_definition(inputs) == (*metric, "Maximum", 60, 1, "GreaterThanThreshold", 0, "notBreaching")
    called = f"sluice-{graph.stack}-undelivered"
    assert inputs["dimensions"] == {"QueueName": called}
    assert (inputs["name"], inputs["tags"]) == (called, {"owner": f"sluice-{graph.stack}"})
    assert inputs["alarmActions"] == [graph.outputs["topic"]]
    assert called in inputs["alarmDescription"]
    assert inputs["alarmDescription"].endswith("docs/runbook.md#undelivered.")


def test_every_metric_that_is_watched_names_its_source(graph: Graph) -> None:
    watched = {(node.inputs["namespace"], node.inputs["metricName"]) for node in graph.nodes_of_type(ALARM)}
    assert watched == set(PUBLISHED)
    assert all(source for _, source in PUBLISHED.values())


def test_messages_in_words_go_to_the_address_that_the_stack_names(graphs: dict[str, Graph]) -> None:
    mails = graphs["prod"].nodes_of_type(SUBSCRIPTION)
    topics = {mail.name: mail.inputs["topic"].rpartition(":")[2] for mail in mails}
    assert topics == {
        "alarms-email": "messages-critical-topic",
        "channel-email-warning": "messages-warning-topic",
        "channel-email-info": "messages-info-topic",
    }
    addresses = {(mail.inputs["protocol"], mail.inputs["endpoint"]) for mail in mails}
    assert addresses == {("email", graphs["prod"].config["sluice:alarm_email"])}
    with pytest.raises(LookupError):
        graphs["dev"].nodes_of_type(SUBSCRIPTION)
    graph_with_email = run_program("dev", changed={"sluice:alarm_email": "me@example.com", **ONE_DATASET})
    assert graph_with_email.nodes_of_type(SUBSCRIPTION)[0].inputs["endpoint"] == "me@example.com"
