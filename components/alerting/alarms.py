"""What rings for one dataset: alarms to the topic of their severity, and rules that start the watch."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.lake import Lake
from components.orchestration.watch import STATE_CHANGE, MessageWatch, run_pattern
from components.orchestration.watch_states import BROKEN_METRIC
from components.settings.stack_settings import Dataset
from etl.contract.severity import Severity
from etl.wording import count_noun

HOUR = 3600
RUNBOOK = "docs/runbook.md"

ANY_IN_A_MINUTE: dict[str, Any] = {
    "statistic": "Sum",
    "period": 60,
    "evaluation_periods": 1,
    "comparison_operator": "GreaterThanThreshold",
    "threshold": 0,
    "treat_missing_data": "notBreaching",
}


class DatasetAlarms(pulumi.ComponentResource):
    """Alarms of one dataset's `job`, the one that publishes, and the rule on its good runs; the watch has rules on all others.

    No alarm for a maintenance that never came: CloudWatch looks back a week at most, and it runs once in one. None on rows
    set aside where the contract sets none aside. All others can ring for any dataset: every contract has critical rules, every
    run can fail or stay away, and a run that finds nothing new puts the data's age, of gold too.
    """

    def __init__(  # noqa: PLR0913  each is a part of what it stands on
        self,
        name: str,
        lake: Lake,
        dataset: Dataset,
        job: pulumi.Output[str],
        watch: MessageWatch,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Watch", name, None, opts)
        self.name, self.lake, self.dataset, self.job = name, lake, dataset, job
        self.watch = watch
        self.alarm_names = list[pulumi.Output[str]]()
        self.named_options = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        succeeded = self.create_rule()
        self.watch.hear(f"{self.name}-succeeded-target", succeeded, self)
        self.alarm_on_broken_runs()
        self.alarm_on_violations()
        if dataset.terms.may_quarantine:
            self.alarm_on_quarantine()
        self.alarm_on_errors()
        self.alarm_on_missing_run(succeeded)
        self.alarm_on_stale_data()
        if dataset.mute:
            self.mute_alarms(dataset.mute)
        self.register_outputs({})

    def create_rule(self) -> pulumi.Output[str]:
        """A rule on runs of the publishing job that ended well, of its own: how often it was met is what an alarm looks at.

        Returns its name.
        """
        pattern = self.job.apply(lambda job: json.dumps(run_pattern(STATE_CHANGE, [job], state=["SUCCEEDED"])))
        event_rule = aws.cloudwatch.EventRule(
            f"{self.name}-succeeded-rule",
            name=self.lake.names.resource_name(self.dataset.name, "succeeded"),
            description=f"{self.dataset.name} succeeded: {STATE_CHANGE}",
            event_pattern=pattern,
            state="ENABLED",
            opts=self.named_options,
        )
        return event_rule.name

    def create_alarm(
        self, label: str, first_step: str, severity: Severity = Severity.CRITICAL, **definition: Any
    ) -> None:
        """An alarm to the topic of its severity; `first_step` says what to do first when it rings."""
        alarm = aws.cloudwatch.MetricAlarm(
            f"{self.name}-{label}-alarm",
            name=self.lake.names.resource_name(self.dataset.name, label),
            alarm_description=f"{self.dataset.name}: {first_step} Then {RUNBOOK}#{label}.",
            alarm_actions=[self.lake.alarms[severity]],
            tags={"owner": self.dataset.terms.owner},
            opts=self.named_options,
            **definition,
        )
        self.alarm_names.append(alarm.name)

    def mute_alarms(self, mute: Mapping[str, str]) -> None:
        """No alarm of the dataset acts until a day is over; what a state machine tells looks at the same day.

        The window begins anew with each hour: one in the past, of `at(...)`, might never begin.
        """
        aws.cloudwatch.AlarmMuteRule(
            f"{self.name}-mute",
            name=self.lake.names.resource_name(self.dataset.name, "muted"),
            description=f"{self.dataset.name} is muted until {mute['until']}: {mute['why']}",
            rule={"schedule": {"expression": "cron(0 * * * *)", "duration": "PT1H"}},
            expire_date=f"{mute['until']}T23:59:00Z",
            mute_targets={"alarm_names": list(self.alarm_names)},
            tags={"owner": self.dataset.terms.owner},
            opts=self.named_options,
        )

    def alarm_on_broken_runs(self) -> None:
        """What pages also resolves: it stays in alarm from a bad run to the next good one, however long that takes."""
        topic = self.lake.alarms[Severity.CRITICAL]
        self.create_alarm(
            "broken",
            "the last run was bad, and nothing of it is published. Read the message on it.",
            namespace="Sluice",
            metric_name=BROKEN_METRIC,
            dimensions={"JobName": self.job},
            statistic="Maximum",
            period=60,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            treat_missing_data="ignore",
            ok_actions=[topic],
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
            Severity.WARNING,
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
