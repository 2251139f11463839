"""The digest: a machine that sums up the results of some days as one message, and the schedule that starts it."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.access import message_policies, policy_documents
from components.access.message_policies import DIGEST
from components.lake import Lake
from components.names import Names
from components.orchestration.digest_states import digest_definition
from components.orchestration.message_states import DIGEST as TOLD_BY_DIGEST
from components.orchestration.service_role import FlowRole
from components.orchestration.tellers import make_teller, message_paths, teller_inputs
from components.orchestration.watch import watched_dataset
from components.prices import USD_PER_DPU_HOUR
from components.settings.stack_settings import Settings

SCHEDULES = {"daily": "cron(0 7 * * ? *)", "weekly": "cron(0 7 ? * MON *)"}
"""When it is told, in UTC: after the night's runs."""


class Digest(pulumi.ComponentResource):
    """One message of severity info each day or week; it rests where no dataset is started."""

    def __init__(self, name: str, lake: Lake, stack: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Digest", name, None, opts)
        names, period = lake.names, stack.options.digest
        child_options = pulumi.ResourceOptions(parent=self)
        named_options = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        policy = lake.topic_key.apply(
            lambda arn: policy_documents.policy_json(
                message_policies.digest_policy(names, arn, message_paths(lake, stack))
            )
        )
        machine = aws.sfn.StateMachine(
            f"{name}-machine",
            name=names.resource_name(DIGEST),
            role_arn=FlowRole(f"{name}-role", names, "states", policy, child_options, DIGEST).arn,
            definition=pulumi.Output.all(**teller_inputs(lake)).apply(
                lambda values: render_definition(names, stack, values)
            ),
            opts=named_options,
        )
        starter = policy_documents.policy_json(message_policies.schedule_policy(names, DIGEST))
        aws.scheduler.Schedule(
            f"{name}-schedule",
            name=names.resource_name(DIGEST),
            description=f"Tells the {period} digest",
            schedule_expression=SCHEDULES[period],
            schedule_expression_timezone="UTC",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": machine.arn,
                "role_arn": FlowRole(f"{name}-starter", names, "scheduler", starter, child_options, DIGEST).arn,
                "input": "{}",
                "dead_letter_config": {"arn": lake.undelivered},
            },
            state="ENABLED" if any(dataset.active for dataset in stack.datasets) else "DISABLED",
            opts=named_options,
        )
        self.register_outputs({})


def render_definition(names: Names, stack: Settings, values: Mapping[str, Any]) -> str:
    """The machine as text, once names and ARNs are known."""
    teller = make_teller(names, stack, TOLD_BY_DIGEST, values)
    watched = [watched_dataset(dataset) for dataset in stack.datasets]
    options = stack.options
    return json.dumps(digest_definition(teller, watched, options.digest, USD_PER_DPU_HOUR, options.docs_url))
