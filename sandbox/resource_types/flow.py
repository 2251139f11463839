"""The flow's machine, its schedules, and queues.

Source: Service Authorization Reference, AWS Step Functions, Amazon EventBridge Scheduler and Amazon SQS.
"""

from sandbox.resource_types.base import ResourceType, need, passed, regional

TYPES = {
    "aws:sfn/stateMachine:StateMachine": ResourceType(
        make=(
            need("states:CreateStateMachine states:TagResource", regional("states", "stateMachine:{name}")),
            passed("roleArn", "states"),
        )
    ),
    "aws:scheduler/schedule:Schedule": ResourceType(
        make=(
            need("scheduler:CreateSchedule", regional("scheduler", "schedule/default/{name}")),
            passed("target[roleArn]", "scheduler"),
        )
    ),
    "aws:sqs/queue:Queue": ResourceType(make=(need("sqs:CreateQueue sqs:TagQueue", regional("sqs", "{name}")),)),
    "aws:sqs/queuePolicy:QueuePolicy": ResourceType(
        make=(need("sqs:SetQueueAttributes", regional("sqs", "{attached}")),)
    ),
}
