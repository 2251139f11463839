"""What rings for one dataset: rules and alarms to one topic, each by a path that really can fire."""

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.lake import Lake
from components.settings.stack_settings import Dataset
from etl.wording import count_noun

HOUR = 3600
RUNBOOK = "docs/runbook.md"
STATE_CHANGE, RUN_STATUS = "Glue Job State Change", "Glue Job Run Status"

ANY_IN_A_MINUTE: dict[str, Any] = {
    "statistic": "Sum",
    "period": 60,
    "evaluation_periods": 1,
    "comparison_operator": "GreaterThanThreshold",
    "threshold": 0,
    "treat_missing_data": "notBreaching",
}


class DatasetAlarms(pulumi.ComponentResource):
    """Rules and alarms of one dataset's `jobs`: the one that publishes; of its maintenance the rules on failed and late runs.

    No alarm for a maintenance that never came: CloudWatch looks back a week at most, and it runs once in one. None on rows
    set aside where the contract sets none aside. All others can ring for any dataset: every contract has critical rules, every
    run can fail or stay away, and a run that finds nothing new puts the data's age, of gold too.
    """

    def __init__(
        self,
        name: str,
        lake: Lake,
        dataset: Dataset,
        jobs: tuple[pulumi.Output[str], pulumi.Output[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Watch", name, None, opts)
        self.name, self.lake, self.dataset, (self.job, _) = name, lake, dataset, jobs
        self.named_options = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        self.notify_topic("failed", STATE_CHANGE, jobs, state=["FAILED", "TIMEOUT", "STOPPED"])
        self.notify_topic("late", RUN_STATUS, jobs)
        self.alarm_on_violations()
        if dataset.terms.may_quarantine:
            self.alarm_on_quarantine()
        self.alarm_on_errors()
        self.alarm_on_missing_run(self.create_rule("succeeded", STATE_CHANGE, [self.job], state=["SUCCEEDED"]))
        self.alarm_on_stale_data()
        self.register_outputs({})

    def create_rule(
        self, label: str, kind: str, jobs: Sequence[pulumi.Output[str]], **detail: list[str]
    ) -> pulumi.Output[str]:
        """A rule on events of these jobs; returns its name."""
        pattern = pulumi.Output.all(*jobs).apply(
            lambda names: json.dumps(
                {"source": ["aws.glue"], "detail-type": [kind], "detail": {"jobName": names, **detail}}
            )
        )
        event_rule = aws.cloudwatch.EventRule(
            f"{self.name}-{label}-rule",
            name=self.lake.names.resource_name(self.dataset.name, label),
            description=f"{self.dataset.name} {label}: {kind}",
            event_pattern=pattern,
            state="ENABLED",
            opts=self.named_options,
        )
        return event_rule.name

    def notify_topic(self, label: str, kind: str, jobs: Sequence[pulumi.Output[str]], **detail: list[str]) -> None:
        """A rule straight to the topic, which admits it by its own policy, without a role (docs/decisions/0021)."""
        aws.cloudwatch.EventTarget(
            f"{self.name}-{label}-target",
            rule=self.create_rule(label, kind, jobs, **detail),
            arn=self.lake.topic,
            target_id="topic",
            dead_letter_config={"arn": self.lake.undelivered},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def create_alarm(self, label: str, first_step: str, **definition: Any) -> None:
        """An alarm to the topic; `first_step` says what to do first when it rings."""
        aws.cloudwatch.MetricAlarm(
            f"{self.name}-{label}-alarm",
            name=self.lake.names.resource_name(self.dataset.name, label),
            alarm_description=f"{self.dataset.name}: {first_step} Then {RUNBOOK}#{label}.",
            alarm_actions=[self.lake.topic],
            tags={"owner": self.dataset.terms.owner},
            opts=self.named_options,
            **definition,
        )

    def alarm_on_violations(self) -> None:
        """Every run puts the metric, zero on a good day; a period of a minute lets each bad day ring anew."""
        self.create_alarm(
            "violations",
            "the contract was broken and nothing was published. Read the latest verdict.",
            namespace="Sluice",
            metric_name="Violations",
            dimensions={"JobName": self.job},
            **ANY_IN_A_MINUTE,
        )

    def alarm_on_quarantine(self) -> None:
        """A green run with a quarantine still reaches a person."""
        self.create_alarm(
            "quarantined",
            "rows were set aside and the rest was published. Read the rules they broke in the latest verdict.",
            namespace="Sluice",
            metric_name="RowsQuarantined",
            dimensions={"JobName": self.job},
            **ANY_IN_A_MINUTE,
        )

    def alarm_on_errors(self) -> None:
        """The second path, when the event was lost; `numFailedTasks` of the tutorials stays 0 if the driver raises."""
        self.create_alarm(
            "errors",
            "a run failed. Read its error message in the Glue console.",
            namespace="Glue",
            metric_name="glue.error.ALL",
            dimensions={"JobName": self.job, "JobRunId": "ALL", "Type": "count", "ObservabilityGroup": "error"},
            **ANY_IN_A_MINUTE,
        )

    def alarm_on_missing_run(self, rule: pulumi.Output[str]) -> None:
        """The dead man: not one success in the contract's window; silent where the schedule does not run."""
        hours = self.dataset.terms.freshness_hours
        self.create_alarm(
            "missing",
            f"no run has succeeded for {count_noun(hours, 'hour')}. See whether its start is active and "
            f"how the last run ended.",
            namespace="AWS/Events",
            metric_name="TriggeredRules",
            dimensions={"RuleName": rule},
            statistic="Sum",
            period=HOUR,
            evaluation_periods=hours,
            datapoints_to_alarm=hours,
            comparison_operator="LessThanThreshold",
            threshold=1,
            treat_missing_data="breaching",
            actions_enabled=self.dataset.active,
        )

    def alarm_on_stale_data(self) -> None:
        """A run that finds nothing new succeeds, so the data's age is watched too; between runs the state stays."""
        hours = self.dataset.terms.freshness_hours
        self.create_alarm(
            "stale",
            f"runs succeed and nothing new was published for {count_noun(hours, 'hour')}. Ask the source for its files.",
            namespace="Sluice",
            metric_name="HoursSinceLastPublish",
            dimensions={"JobName": self.job},
            statistic="Maximum",
            period=HOUR,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=hours,
            treat_missing_data="ignore",
        )
