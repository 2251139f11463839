"""What SQS tells CloudWatch of its queues, which MiniStack does not: how many messages wait in each.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html. A queue that
nobody uses has no points, as on AWS; there the first point of a queue that wakes up may take 15 minutes.
"""

import time

from ministack.services import cloudwatch, sqs

NAMESPACE, VISIBLE = "AWS/SQS", "ApproximateNumberOfMessagesVisible"
_counted: dict[str, int] = {}


def record() -> None:
    """Put how many messages can be received now, for each queue where there are some, and once where there were."""
    now = time.time()
    for queue in list(sqs._queues.values()):
        name, waiting = queue["name"], sum(message["visible_at"] <= now for message in list(queue["messages"]))
        if waiting or _counted.get(name):
            cloudwatch.record_metric(NAMESPACE, VISIBLE, waiting, "Count", {"QueueName": name})
        _counted[name] = waiting
