"""The watch: a machine that hears of runs, alarms and the flow from AWS itself, and tells what nobody else told."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.access import message_policies, policy_documents
from components.access.message_policies import WATCH
from components.lake import Lake
from components.names import Names
from components.orchestration.message_states import WATCH as TOLD_BY_WATCH
from components.orchestration.message_words import RUNBOOK
from components.orchestration.service_role import FlowRole
from components.orchestration.stack_alarm import create_stack_alarm
from components.orchestration.tellers import make_teller, message_paths, teller_inputs
from components.orchestration.watch_states import WatchedDataset, watch_definition
from components.settings.stack_settings import Dataset, Settings

FORMER_TARGET = "topic"
"""The id of targets that were a topic: another would be another target, and a deployed stack's would be replaced."""
ALARMS_TOLD = ("*-missing", "*-stale", "undelivered", "watch")
"""How the alarms end that the watch tells of; of all others a run tells."""

ENDED_BADLY, RUN_ENDED_BADLY = ["FAILED", "TIMED_OUT", "ABORTED"], ["FAILED", "TIMEOUT", "STOPPED"]
"""How an execution of a machine, and how a run of a job ends badly."""
STATE_CHANGE, RUN_STATUS = "Glue Job State Change", "Glue Job Run Status"


def run_pattern(kind: str, jobs: Sequence[Any], **detail: list[str]) -> dict[str, Any]:
    """Return the pattern of events of a kind about runs of jobs: names, or beginnings of names."""
    return {"source": ["aws.glue"], "detail-type": [kind], "detail": {"jobName": jobs, **detail}}


class MessageWatch(pulumi.ComponentResource):
    """`machine` is the ARN of its machine, `starter` that of the role by which rules start it."""

    machine: pulumi.Output[str]
    starter: pulumi.Output[str]

    def __init__(self, name: str, lake: Lake, stack: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:MessageWatch", name, None, opts)
        self.name, self.lake, names = name, lake, lake.names
        child_options = pulumi.ResourceOptions(parent=self)
        policy = lake.topic_key.apply(
            lambda arn: policy_documents.policy_json(
                message_policies.watch_policy(names, arn, message_paths(lake, stack))
            )
        )
        self.machine = aws.sfn.StateMachine(
            f"{name}-machine",
            name=names.resource_name(WATCH),
            role_arn=FlowRole(f"{name}-role", names, "states", policy, child_options, WATCH).arn,
            definition=pulumi.Output.all(**teller_inputs(lake)).apply(
                lambda values: render_definition(names, stack, values)
            ),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        ).arn
        start = policy_documents.policy_json(message_policies.start_policy(names, WATCH))
        self.starter = FlowRole(f"{name}-starter", names, "events", start, child_options, WATCH).arn
        self.hear_runs()
        self.hear_alarms()
        self.alarm_on_failures()
        self.register_outputs({"machine": self.machine})

    def hear_runs(self) -> None:
        """A rule for all runs of the stack's jobs that ended badly, and one for those that are late: a bus has few rules."""
        names = self.lake.names
        prefix = [{"prefix": names.resource_name("")}]
        patterns = {
            "failed": run_pattern(STATE_CHANGE, prefix, state=RUN_ENDED_BADLY),
            "late": run_pattern(RUN_STATUS, prefix),
        }
        for label, pattern in patterns.items():
            rule = aws.cloudwatch.EventRule(
                f"{self.name}-runs-{label}-rule",
                name=names.resource_name("runs", label),
                description=f"A run of a job is {label}: {pattern['detail-type'][0]}",
                event_pattern=json.dumps(pattern),
                state="ENABLED",
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
            self.hear(f"{self.name}-runs-{label}-target", rule.name, self)

    def hear_alarms(self) -> None:
        """A rule for all alarms of the stack that nobody but the watch tells of."""
        pattern = {
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "detail": {
                "alarmName": [{"wildcard": self.lake.names.resource_name(ending)} for ending in ALARMS_TOLD],
                "state": {"value": ["ALARM"]},
            },
        }
        rule = aws.cloudwatch.EventRule(
            f"{self.name}-alarms-rule",
            name=self.lake.names.resource_name("watched-alarms"),
            description="An alarm that the watch tells of went off",
            event_pattern=json.dumps(pattern),
            state="ENABLED",
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.hear(f"{self.name}-alarms-target", rule.name, self)

    def alarm_on_failures(self) -> None:
        """What the watch itself could not tell; the alarm is CloudWatch's, and starts it once more."""
        names = self.lake.names
        create_stack_alarm(
            self.name,
            names,
            WATCH,
            f"a message could not be told. Read the failed executions of the state machine {names.resource_name(WATCH)}. "
            f"Then {RUNBOOK}#watch.",
            self.lake.topic,
            ("AWS/States", "ExecutionsFailed", "Sum"),
            {"StateMachineArn": self.machine},
            self,
        )

    def hear_bad_endings(
        self,
        machine: pulumi.Output[str],
        label: str,
        description: str,
        parent: pulumi.Resource,
        target_id: str = "watch",
    ) -> None:
        """A rule for executions of a machine that ended badly; `label` is the machine's in names, and that of its `parent`."""
        pattern = machine.apply(
            lambda arn: json.dumps(
                {
                    "source": ["aws.states"],
                    "detail-type": ["Step Functions Execution Status Change"],
                    "detail": {"stateMachineArn": [arn], "status": ENDED_BADLY},
                }
            )
        )
        rule = aws.cloudwatch.EventRule(
            f"{label}-failed-rule",
            name=self.lake.names.resource_name(label, "ended-badly"),
            description=description,
            event_pattern=pattern,
            state="ENABLED",
            opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
        )
        self.hear(f"{label}-failed-target", rule.name, parent, target_id)

    def hear(self, name: str, rule: pulumi.Output[str], parent: pulumi.Resource, target_id: str = "watch") -> None:
        """Let a rule start the watch with its events, as the resource `name` below `parent`."""
        aws.cloudwatch.EventTarget(
            name,
            rule=rule,
            arn=self.machine,
            role_arn=self.starter,
            target_id=target_id,
            dead_letter_config={"arn": self.lake.undelivered},
            opts=pulumi.ResourceOptions(parent=parent),
        )


def render_definition(names: Names, stack: Settings, values: Mapping[str, Any]) -> str:
    """The machine as text, once names and ARNs are known."""
    teller = make_teller(names, stack, TOLD_BY_WATCH, values)
    watched = [watched_dataset(dataset) for dataset in stack.datasets]
    return json.dumps(watch_definition(teller, watched, stack.options.docs_url))


def watched_dataset(dataset: Dataset) -> WatchedDataset:
    """Return what the watch knows of a dataset."""
    return WatchedDataset(
        dataset=dataset.name,
        owner=dataset.terms.owner,
        hours=dataset.terms.freshness_hours,
        late_minutes=dataset.notify_after,
        active=dataset.active,
        mute=dataset.mute,
    )
