"""What SQS tells CloudWatch of its queues, which MiniStack does not: how many messages wait in each.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html. A queue that
nobody uses has no points, as on AWS; there the first point of a queue that wakes up may take 15 minutes.
"""

import time

from ministack.services import cloudwatch, sqs

NAMESPACE, VISIBLE_MESSAGES = "AWS/SQS", "ApproximateNumberOfMessagesVisible"
_last_counts: dict[str, int] = {}


def record_queue_metrics() -> None:
    """Put how many messages can be received now, for each queue where there are some, and once where there were."""
    now = time.time()
    for queue in list(sqs._queues.values()):
        name, waiting_count = queue["name"], sum(message["visible_at"] <= now for message in list(queue["messages"]))
        if waiting_count or _last_counts.get(name):
            cloudwatch.record_metric(NAMESPACE, VISIBLE_MESSAGES, waiting_count, "Count", {"QueueName": name})
        _last_counts[name] = waiting_count
