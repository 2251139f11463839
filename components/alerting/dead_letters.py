"""What could not be delivered: one queue a stack for events and starts that their target refused, and its alarm."""

import pulumi

from components.access.flow_policies import UNDELIVERED, dead_letter_policy
from components.names import Names
from components.orchestration.queue import create_queue
from components.orchestration.stack_alarm import create_stack_alarm

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
        create_stack_alarm(
            name,
            names,
            UNDELIVERED,
            f"an event or a start did not reach its target, and no other alarm may ring for it. "
            f"Read the messages of the queue {names.resource_name(UNDELIVERED)}. Then {RUNBOOK}.",
            topic,
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
            {"QueueName": resource.name},
            self,
        )
        self.queue = resource.arn
        self.register_outputs({"queue": self.queue})
