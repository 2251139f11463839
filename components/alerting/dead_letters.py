"""What could not be delivered: one queue a stack for events and starts that their target refused, and its alarm."""

import pulumi
import pulumi_aws as aws

from components.access.flow_policies import UNDELIVERED, dead_letter_policy
from components.names import Names
from components.orchestration.queue import create_queue

RUNBOOK = "docs/runbook.md#undelivered"


class DeadLetterQueue(pulumi.ComponentResource):
    """The dead-letter queue of every target of a rule or a schedule; `queue` is its ARN.

    Its alarm reaches the topic as CloudWatch's, so it rings also where EventBridge's own way to the topic is broken.
    """

    queue: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        names: Names,
        topic: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Undelivered", name, None, opts)
        resource = create_queue(name, names.resource_name(UNDELIVERED), dead_letter_policy(names), self)
        aws.cloudwatch.MetricAlarm(
            f"{name}-alarm",
            name=names.resource_name(UNDELIVERED),
            alarm_description=f"{names.resource_name()}: an event or a start did not reach its target, "
            f"and no other alarm may ring "
            f"for it. Read the messages of the queue {names.resource_name(UNDELIVERED)}. Then {RUNBOOK}.",
            alarm_actions=[topic],
            tags={"owner": names.resource_name()},  # no dataset's: whoever deploys the stack
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": resource.name},
            statistic="Maximum",
            period=60,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            # a queue that nothing touched for six hours has no points (Amazon SQS, Monitoring with CloudWatch)
            treat_missing_data="notBreaching",
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.queue = resource.arn
        self.register_outputs({"queue": self.queue})
