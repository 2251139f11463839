"""When a flow starts: at the datasets' own times, and, where files start it, once in every window to look for them."""

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.access import policy_documents
from components.access.flow_policies import starter_policy
from components.lake import Lake
from components.orchestration.dataset_order import with_dependents
from components.orchestration.service_role import FlowRole
from components.settings import cron
from components.settings.stack_settings import Dataset, Settings


class Schedule(pulumi.ComponentResource):
    """The schedules of one flow: there in every stack, running where the configuration says so. Times are UTC."""

    def __init__(
        self,
        name: str,
        lake: Lake,
        flow: pulumi.Output[str],
        stack: Settings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Schedule", name, None, opts)
        self.name, self.lake, self.flow = name, lake, flow
        policy = policy_documents.policy_json(starter_policy(lake.names))
        self.role = FlowRole(f"{name}-role", lake.names, "scheduler", policy, pulumi.ResourceOptions(parent=self)).arn
        for times, group in datasets_by_time(stack.datasets).items():
            running = [dataset.name for dataset in group if dataset.active] or [dataset.name for dataset in group]
            payload = {"datasets": with_dependents(stack.datasets, running)}
            former_names = [f"{dataset.name}-schedule" for dataset in group]
            self.create_schedule(
                times, group[0].schedule, any(dataset.active for dataset in group), payload, former_names
            )
        if file_started := [dataset for dataset in stack.datasets if dataset.starts_on_arrival]:
            rate = f"rate({stack.options.window} minute{'s' if stack.options.window > 1 else ''})"
            self.create_schedule(
                "arrivals-window", rate, any(dataset.active for dataset in file_started), {"start": "arrival"}
            )
        self.register_outputs({})

    def create_schedule(
        self, label: str, times: str, active: bool, payload: dict[str, Any], former_names: Sequence[str] = ()
    ) -> None:
        """A schedule by what it means; it takes the place of one that had a `former_names` name, which AWS deletes first."""
        aliases = [pulumi.Alias(name=f"{self.name}-{name}") for name in former_names]
        aws.scheduler.Schedule(
            f"{self.name}-{label}",
            name=self.lake.names.resource_name(label),
            description=f"Starts the flow: {', '.join(payload.get('datasets', ['if anything arrived']))}",
            schedule_expression=times,
            schedule_expression_timezone="UTC",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": self.flow,
                "role_arn": self.role,
                "input": json.dumps(payload),
                "dead_letter_config": {"arn": self.lake.undelivered},
            },
            state="ENABLED" if active else "DISABLED",
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, aliases=aliases),
        )


def datasets_by_time(datasets: Sequence[Dataset]) -> dict[str, list[Dataset]]:
    """Return the datasets that start by the clock, by the name of their time: one flow runs those of a time in order.

    Where some of a time are active the flow starts these; where none is, its schedule rests.
    """
    by_time = dict[str, list[Dataset]]()
    for dataset in datasets:
        if not dataset.starts_on_arrival and not dataset.terms.sources:
            by_time.setdefault(cron.schedule_slug(dataset.schedule), []).append(dataset)
    return by_time
