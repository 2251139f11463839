"""One run of the whole lake: a state machine that runs each dataset's job after those that it needs, and what starts it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.access import policy_documents
from components.access.flow_policies import MACHINE, flow_policy
from components.access.message_policies import tell_statements
from components.lake import Lake
from components.names import Names
from components.orchestration.arrival import ArrivalNotifications
from components.orchestration.dataset_order import with_dependents
from components.orchestration.due import DueLook, due_datasets
from components.orchestration.message_states import FLOW
from components.orchestration.schedule import Schedule
from components.orchestration.service_role import FlowRole
from components.orchestration.state_machine import FlowStep, machine_definition
from components.orchestration.tellers import make_teller, message_paths, teller_inputs
from components.orchestration.watch import FORMER_TARGET, MessageWatch
from components.settings.stack_settings import Settings


class Flow(pulumi.ComponentResource):
    """The machine, its schedules, the queue of what arrived, who hears of its end, and the look for what is due."""

    def __init__(  # noqa: PLR0913  each is a part of what it stands on
        self,
        name: str,
        lake: Lake,
        stack: Settings,
        jobs: Mapping[str, pulumi.Output[str]],
        watch: MessageWatch,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Flow", name, None, opts)
        self.name, self.lake, names = name, lake, lake.names
        self.child_options = pulumi.ResourceOptions(parent=self)
        names_by_trigger = {
            dataset: with_dependents(stack.datasets, [dataset.name])
            for dataset in stack.datasets
            if dataset.starts_on_arrival
        }
        arrival = (
            ArrivalNotifications(f"{name}-arrival", lake, names_by_trigger, self.child_options)
            if names_by_trigger
            else None
        )
        queued = sorted({started for started_names in names_by_trigger.values() for started in started_names})
        policy = lake.topic_key.apply(
            lambda arn: policy_documents.policy_json(
                flow_policy(
                    names,
                    list(jobs),
                    tell_statements(names, arn, message_paths(lake, stack)),
                    bool(names_by_trigger),
                )
            )
        )
        inputs: dict[str, pulumi.Input[Any]] = {
            "jobs": dict(jobs),
            **teller_inputs(lake),
            "queue": arrival.queue if arrival else None,
        }
        machine = aws.sfn.StateMachine(
            f"{name}-machine",
            name=names.resource_name(MACHINE),
            role_arn=FlowRole(f"{name}-role", names, "states", policy, self.child_options).arn,
            definition=pulumi.Output.all(**inputs).apply(
                lambda values: render_definition(names, stack, values, queued)
            ),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        Schedule(f"{name}-schedule", lake, machine.arn, stack, self.child_options)
        # Datasets that failed are told of one by one: the watch tells where the flow itself broke or was stopped.
        watch.hear_bad_endings(machine.arn, "flow", "The flow ended badly", self, FORMER_TARGET)
        if due_datasets(stack):
            DueLook("due", lake, stack, watch, self.child_options)
        self.register_outputs({})


def render_definition(names: Names, stack: Settings, values: Mapping[str, Any], queued: Sequence[str]) -> str:
    """The machine as text, once names and ARNs are known; `queued` are the datasets that the queue's messages name."""
    steps = [
        FlowStep(
            dataset=dataset.name,
            job=values["jobs"][dataset.name],
            timeout=dataset.timeout,
            verdicts=f"s3://{values['assets']}/verdicts/{dataset.name}/",
            needs=dataset.needs,
            stops_on_failed_need=dataset.terms.on_failed_need.stops_dataset,
            owner=dataset.terms.owner,
            mute=dataset.mute,
        )
        for dataset in stack.datasets
    ]
    teller = make_teller(names, stack, FLOW, values)
    return json.dumps(machine_definition(teller, steps, values["queue"], queued, stack.options.docs_url))
