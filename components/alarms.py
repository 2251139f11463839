"""What rings: for each dataset five alarms and rules to one topic, each by a path that really can fire."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.settings import Dataset

HOUR = 3600
RUNBOOK = "docs/runbook.md"


class Watch(pulumi.ComponentResource):
    """Rules and alarms of one dataset's job."""

    def __init__(
        self, name: str, names: Names, dataset: Dataset, job: pulumi.Output[str], topic: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:  # fmt: skip
        super().__init__("sluice:lake:Watch", name, None, opts)
        self.name, self.names, self.dataset, self.job, self.topic = name, names, dataset, job, topic
        self.named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        self.tell("failed", "Glue Job State Change", state=["FAILED", "TIMEOUT", "STOPPED"])
        self.tell("late", "Glue Job Run Status")
        came = self.rule("succeeded", "Glue Job State Change", state=["SUCCEEDED"])
        self.violations()
        self.failures()
        self.never_came(came.name)
        self.stale()
        self.register_outputs({})

    def rule(self, what: str, kind: str, **detail: list[str]) -> aws.cloudwatch.EventRule:
        pattern = self.job.apply(
            lambda job: json.dumps(
                {"source": ["aws.glue"], "detail-type": [kind], "detail": {"jobName": [job], **detail}}
            )
        )
        return aws.cloudwatch.EventRule(
            f"{self.name}-{what}-rule", name=self.names.of(self.dataset.name, what), event_pattern=pattern,
            description=f"{kind} of {self.dataset.name}: {what}", state="ENABLED", opts=self.named,
        )  # fmt: skip

    def tell(self, what: str, kind: str, **detail: list[str]) -> None:
        """To the topic by its own policy: a target on SNS takes no role (EventBridge, resource-based policies)."""
        aws.cloudwatch.EventTarget(
            f"{self.name}-{what}-target", rule=self.rule(what, kind, **detail).name, arn=self.topic, target_id="topic",
            opts=pulumi.ResourceOptions(parent=self),
        )  # fmt: skip

    def alarm(self, what: str, first: str, **definition: Any) -> None:
        """`first` is what to do first when it rings."""
        aws.cloudwatch.MetricAlarm(
            f"{self.name}-{what}-alarm", name=self.names.of(self.dataset.name, what), alarm_actions=[self.topic],
            alarm_description=f"{self.dataset.name}: {first} Runbook: {RUNBOOK}#{what}",
            tags={"owner": self.dataset.terms.owner}, opts=self.named, **definition,
        )  # fmt: skip

    def violations(self) -> None:
        """Every run puts the metric, zero on a good day; a minute's period, so that each bad day rings anew."""
        self.alarm(
            "violations", "a contract was broken and nothing was published; read the latest verdict.",
            namespace="Sluice", metric_name="Violations", dimensions={"JobName": self.job}, statistic="Sum", period=60,
            evaluation_periods=1, comparison_operator="GreaterThanThreshold", threshold=0,
            treat_missing_data="notBreaching",
        )  # fmt: skip

    def failures(self) -> None:
        """The observability metric; `glue.driver.aggregate.numFailedTasks` stays 0 when the driver raises."""
        dimensions = {"JobName": self.job, "JobRunId": "ALL", "Type": "count", "ObservabilityGroup": "error"}
        self.alarm(
            "errors", "a run failed; read its error message in the Glue console.",
            namespace="Glue", metric_name="glue.error.ALL", dimensions=dimensions, statistic="Sum", period=60,
            evaluation_periods=1, comparison_operator="GreaterThanThreshold", threshold=0,
            treat_missing_data="notBreaching",
        )  # fmt: skip

    def never_came(self, rule: pulumi.Output[str]) -> None:
        """The dead man: no success within the contract's window. Silent where the schedule does not run."""
        hours = self.dataset.terms.freshness_hours
        self.alarm(
            "missing", f"no run succeeded for {hours} hours; look whether the trigger is active and the last run ended.",
            namespace="AWS/Events", metric_name="TriggeredRules", dimensions={"RuleName": rule}, statistic="Sum",
            period=HOUR, evaluation_periods=hours, datapoints_to_alarm=hours, comparison_operator="LessThanThreshold",
            threshold=1, treat_missing_data="breaching", actions_enabled=self.dataset.active,
        )  # fmt: skip

    def stale(self) -> None:
        """A run that finds nothing new succeeds, so the age of the data is watched apart from the runs."""
        hours = self.dataset.terms.freshness_hours
        self.alarm(
            "stale", f"runs succeed but nothing new was published for {hours} hours; ask the source for its files.",
            namespace="Sluice", metric_name="HoursSinceLastPublish", dimensions={"JobName": self.job},
            statistic="Maximum", period=HOUR, evaluation_periods=1, comparison_operator="GreaterThanThreshold",
            threshold=hours, treat_missing_data="ignore",
        )  # fmt: skip
