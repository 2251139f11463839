"""The flow's machine, its schedules, and queues.

Source: Service Authorization Reference, AWS Step Functions, Amazon EventBridge Scheduler and Amazon SQS; what a refresh
calls, hashicorp/terraform-provider-aws, `internal/service/sfn`, `scheduler` and `sqs`.
"""

from sluice.program.resource_types.base import ResourceType, need, passed, regional, setting

MACHINE, SCHEDULE = regional("states", "stateMachine:{name}"), regional("scheduler", "schedule/default/{name}")
QUEUE = regional("sqs", "{name}")
TYPES = {
    "aws:sfn/stateMachine:StateMachine": ResourceType(
        make=(need("states:CreateStateMachine states:TagResource", MACHINE), passed("roleArn", "states")),
        read=(
            need("states:DescribeStateMachine states:ListTagsForResource states:ListStateMachineVersions", MACHINE),
            need("states:ValidateStateMachineDefinition", "*"),
        ),
        change=(
            need("states:UpdateStateMachine states:TagResource states:UntagResource", MACHINE),
            passed("roleArn", "states"),
        ),
        remove=(need("states:DeleteStateMachine", MACHINE),),
    ),
    "aws:scheduler/schedule:Schedule": ResourceType(
        make=(need("scheduler:CreateSchedule", SCHEDULE), passed("target[roleArn]", "scheduler")),
        read=(need("scheduler:GetSchedule", SCHEDULE),),
        change=(need("scheduler:UpdateSchedule", SCHEDULE), passed("target[roleArn]", "scheduler")),
        remove=(need("scheduler:DeleteSchedule", SCHEDULE),),
    ),
    "aws:sqs/queue:Queue": ResourceType(
        make=(need("sqs:CreateQueue sqs:TagQueue", QUEUE),),
        read=(need("sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags", QUEUE),),
        change=(need("sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue", QUEUE),),
        remove=(need("sqs:DeleteQueue", QUEUE),),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": setting(
        regional("sqs", "{attached}"), "sqs:GetQueueAttributes", "sqs:SetQueueAttributes"
    ),
}
