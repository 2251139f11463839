"""The stack's state machine, its schedules (of the default group, like all without one) and its queues.

Source: Service Authorization Reference, AWS Step Functions, Amazon EventBridge Scheduler and Amazon SQS.
"""

from components.access.policy_documents import Statement, allow
from sluice.program.deployer.target import Target

READS = (
    *("states:DescribeStateMachine", "states:ListTagsForResource", "states:ListStateMachineVersions"),
    *("scheduler:GetSchedule", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"),
)
WRITES = (
    *("states:CreateStateMachine", "states:UpdateStateMachine", "states:DeleteStateMachine"),
    *("states:TagResource", "states:UntagResource"),
    *("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"),
    *("sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:DeleteQueue", "sqs:TagQueue", "sqs:UntagQueue"),
)
QUEUES = ("arrivals", "undelivered")


def read(target: Target) -> list[Statement]:
    return [
        allow("ReadFlow", " ".join(READS), flow(target)),
        # the provider asks it at each preview, of no resource
        allow("CheckFlow", "states:ValidateStateMachineDefinition", "*"),
    ]


def write(target: Target) -> list[Statement]:
    return [allow("WriteFlow", " ".join(WRITES), flow(target))]


def flow(target: Target) -> list[str]:
    names = target.names
    return [
        names.arn("states", f"stateMachine:{names.of('flow')}"),
        names.arn("scheduler", f"schedule/default/{names.of('*')}"),
        *queues(target),
    ]


def queues(target: Target) -> list[str]:
    return target.named("sqs", *(target.names.of(queue) for queue in QUEUES))
