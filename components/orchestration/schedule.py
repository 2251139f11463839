"""When a flow starts: at the datasets' own times, and, where files start it, once in every window to look for them."""

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.access import policy_documents
from components.access.flow_policies import starter
from components.lake import Lake
from components.orchestration.dataset_order import with_built
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
        policy = policy_documents.written(starter(lake.names))
        self.role = FlowRole(f"{name}-role", lake.names, "scheduler", policy, pulumi.ResourceOptions(parent=self)).arn
        for times, those in at_times(stack.datasets).items():
            running = [one.name for one in those if one.active] or [one.name for one in those]
            starts = {"datasets": with_built(stack.datasets, running)}
            former = [f"{one.name}-schedule" for one in those]
            self.start(times, those[0].schedule, any(one.active for one in those), starts, former)
        if arriving := [one for one in stack.datasets if one.arrives]:
            rate = f"rate({stack.window} minute{'s' if stack.window > 1 else ''})"
            self.start("arrivals-window", rate, any(one.active for one in arriving), {"start": "arrival"})
        self.register_outputs({})

    def start(self, called: str, times: str, active: bool, given: dict[str, Any], former: Sequence[str] = ()) -> None:
        """A schedule by what it means; it takes the place of one that had a `former` name, which AWS deletes first."""
        aliases = [pulumi.Alias(name=f"{self.name}-{name}") for name in former]
        aws.scheduler.Schedule(
            f"{self.name}-{called}",
            name=self.lake.names.of(called),
            description=f"Starts the flow: {', '.join(given.get('datasets', ['if anything arrived']))}",
            schedule_expression=times,
            schedule_expression_timezone="UTC",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": self.flow,
                "role_arn": self.role,
                "input": json.dumps(given),
                "dead_letter_config": {"arn": self.lake.undelivered},
            },
            state="ENABLED" if active else "DISABLED",
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, aliases=aliases),
        )


def at_times(datasets: Sequence[Dataset]) -> dict[str, list[Dataset]]:
    """Return the datasets that start by the clock, by the name of their time: one flow runs those of a time in order.

    Where some of a time are active the flow starts these; where none is, its schedule rests.
    """
    found = dict[str, list[Dataset]]()
    for dataset in datasets:
        if not dataset.arrives and not dataset.terms.sources:
            found.setdefault(cron.called(dataset.schedule), []).append(dataset)
    return found
