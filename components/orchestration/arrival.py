"""How an arriving file makes itself heard: S3 tells EventBridge, a rule for each dataset puts a word into one queue."""

import json
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.access import flow_policies
from components.access.flow_policies import QUEUE
from components.lake import Lake
from components.orchestration.queue import create_queue
from components.settings.stack_settings import Dataset


class ArrivalNotifications(pulumi.ComponentResource):
    """What the datasets `starting` start, each with the names of these, as words in one queue; `queue` is its URL."""

    queue: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        lake: Lake,
        names_by_trigger: Mapping[Dataset, Sequence[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Arrival", name, None, opts)
        self.name, self.lake = name, lake
        self.child_options = pulumi.ResourceOptions(parent=self)
        self.named_options = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        aws.s3.BucketNotification(f"{name}-notification", bucket=lake.raw, eventbridge=True, opts=self.child_options)
        # a message holds the name of a dataset, no data and no key of an object
        policy = flow_policies.arrival_queue_policy(lake.names, [dataset.name for dataset in names_by_trigger])
        resource = create_queue(name, lake.names.resource_name(QUEUE), policy, self)
        self.queue = resource.id  # which is its URL
        for dataset, started_names in names_by_trigger.items():
            self.notify_queue(dataset, started_names, resource.arn)
        self.register_outputs({"queue": self.queue})

    def notify_queue(self, dataset: Dataset, started_names: Sequence[str], queue_arn: pulumi.Output[str]) -> None:
        """A rule on one dataset's objects; what it sends is the same for each, the ledger knows which are unread."""
        pattern = self.lake.raw.apply(
            lambda bucket: json.dumps(
                {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": f"{dataset.name}/"}]}},
                }
            )
        )
        rule = aws.cloudwatch.EventRule(
            f"{self.name}-{dataset.name}-rule",
            name=self.lake.names.resource_name(dataset.name, "arrived"),
            description=f"An object of {dataset.name} arrived in raw",
            event_pattern=pattern,
            state="ENABLED" if dataset.active else "DISABLED",
            opts=self.named_options,
        )
        aws.cloudwatch.EventTarget(
            f"{self.name}-{dataset.name}-target",
            rule=rule.name,
            arn=queue_arn,
            target_id="queue",
            input=json.dumps({"datasets": list(started_names)}),
            dead_letter_config={"arn": self.lake.undelivered},
            opts=self.child_options,
        )
