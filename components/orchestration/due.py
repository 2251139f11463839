"""The look for what is due: a machine that lists raw and tells what is missing, and a schedule for each time of a day."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.access import message_policies, policy_documents
from components.access.message_policies import DUE
from components.lake import Lake
from components.names import Names
from components.orchestration.due_groups import DueDataset, due_times, due_weekdays, looked_for
from components.orchestration.due_states import due_definition
from components.orchestration.message_states import DUE as TOLD_BY_DUE
from components.orchestration.service_role import FlowRole
from components.orchestration.tellers import make_teller, message_paths, teller_inputs
from components.orchestration.watch import MessageWatch
from components.settings.stack_settings import Settings
from etl.contract.arrivals import WEEKDAYS

SCHEDULED = "<aws.scheduler.scheduled-time>"
"""In its place the scheduler puts the time for which it starts, however late that is (its user guide, Context attributes)."""


class DueLook(pulumi.ComponentResource):
    """One machine for all times; a schedule rests where no dataset is active of which something is due by its time."""

    def __init__(
        self, name: str, lake: Lake, stack: Settings, watch: MessageWatch, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("sluice:lake:DueLook", name, None, opts)
        self.name, self.lake, names = name, lake, lake.names
        self.datasets = due_datasets(stack)
        self.child_options = pulumi.ResourceOptions(parent=self)
        self.named_options = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        policy = lake.topic_key.apply(
            lambda arn: policy_documents.policy_json(
                message_policies.due_policy(
                    names, arn, [due.dataset for due in self.datasets], message_paths(lake, stack)
                )
            )
        )
        self.machine = aws.sfn.StateMachine(
            f"{name}-machine",
            name=names.resource_name(DUE),
            role_arn=FlowRole(f"{name}-role", names, "states", policy, self.child_options, DUE).arn,
            definition=pulumi.Output.all(**teller_inputs(lake), raw=lake.raw).apply(
                lambda values: render_definition(names, stack, values)
            ),
            opts=self.named_options,
        ).arn
        starter = policy_documents.policy_json(message_policies.schedule_policy(names, DUE))
        self.starter = FlowRole(f"{name}-starter", names, "scheduler", starter, self.child_options, DUE).arn
        for time in due_times(self.datasets):
            self.create_schedule(time)
        # The machine tells what is missing: the watch tells where the machine itself ended badly.
        watch.hear_bad_endings(self.machine, DUE, "The look for what is due ended badly", self)
        self.register_outputs({})

    def create_schedule(self, time: str) -> None:
        """A schedule by its time, UTC, on the days of the week on which something is due."""
        label = time.replace(":", "")
        watched = looked_for(time, self.datasets)
        aws.scheduler.Schedule(
            f"{self.name}-{label}",
            name=self.lake.names.resource_name(DUE, label),
            description=f"Looks for what is due by {time} UTC: {', '.join(due.dataset for due in watched)}",
            schedule_expression=schedule_expression(time, due_weekdays(time, self.datasets)),
            schedule_expression_timezone="UTC",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": self.machine,
                "role_arn": self.starter,
                "input": json.dumps({"due": time, "scheduled": SCHEDULED}),
                "dead_letter_config": {"arn": self.lake.undelivered},
            },
            state="ENABLED" if any(due.active for due in watched) else "DISABLED",
            opts=self.named_options,
        )


def due_datasets(stack: Settings) -> list[DueDataset]:
    """Return the datasets of which something is due by a time, in the order of the configuration."""
    return [
        DueDataset(
            dataset=dataset.name,
            owner=dataset.terms.owner,
            arrivals=dataset.terms.due.watched,
            files=dataset.terms.due.files,
            manifests=dataset.terms.due.manifests,
            mute=dataset.mute,
            active=dataset.active,
        )
        for dataset in stack.datasets
        if dataset.terms.due.watched
    ]


def schedule_expression(time: str, weekdays: Sequence[str]) -> str:
    """Return the cron of the scheduler for a time of some days of the week."""
    hours, _, minutes = time.partition(":")
    days = "* * ?" if len(weekdays) == len(WEEKDAYS) else f"? * {','.join(weekdays)}"
    return f"cron({int(minutes)} {int(hours)} {days} *)"


def render_definition(names: Names, stack: Settings, values: Mapping[str, Any]) -> str:
    """The machine as text, once names and ARNs are known."""
    teller = make_teller(names, stack, TOLD_BY_DUE, values)
    return json.dumps(due_definition(teller, values["raw"], due_datasets(stack), stack.options.docs_url))
