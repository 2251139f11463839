"""When a flow starts: at the datasets' own times, and, where files start it, once in every window to look for them."""

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components import access
from components.flow_access import starter
from components.flow_order import with_built
from components.flow_role import FlowRole
from components.lake import Lake
from components.settings import Dataset, Settings


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
        policy = access.written(starter(lake.names))
        self.role = FlowRole(f"{name}-role", lake.names, "scheduler", policy, pulumi.ResourceOptions(parent=self)).arn
        for (times, active), those in at_times(stack.datasets).items():
            self.start(f"{those[0]}-schedule", times, active, {"datasets": with_built(stack.datasets, those)})
        if arriving := [one for one in stack.datasets if one.arrives]:
            rate = f"rate({stack.window} minute{'s' if stack.window > 1 else ''})"
            self.start("arrivals-window", rate, any(one.active for one in arriving), {"start": "arrival"})
        self.register_outputs({})

    def start(self, called: str, times: str, active: bool, given: dict[str, Any]) -> None:
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
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )


def at_times(datasets: Sequence[Dataset]) -> dict[tuple[str, bool], list[str]]:
    """Return the datasets that start by the clock, by their times and whether they are active: one flow runs them in order."""
    found = dict[tuple[str, bool], list[str]]()
    for one in datasets:
        if not one.arrives and not one.terms.sources:
            found.setdefault((one.schedule, one.active), []).append(one.name)
    return found
