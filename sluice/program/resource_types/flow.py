"""The flow's machine, its schedules, and queues.

Source: Service Authorization Reference, AWS Step Functions, Amazon EventBridge Scheduler and Amazon SQS; what a refresh
calls, hashicorp/terraform-provider-aws, `internal/service/sfn`, `scheduler` and `sqs`.
"""

from sluice.program.resource_types.base import ResourceType, need_actions, need_pass_role, regional_arn, setting_type

MACHINE, SCHEDULE = regional_arn("states", "stateMachine:{name}"), regional_arn("scheduler", "schedule/default/{name}")
QUEUE = regional_arn("sqs", "{name}")
TYPES = {
    "aws:sfn/stateMachine:StateMachine": ResourceType(
        make=(
            need_actions("states:CreateStateMachine states:TagResource", MACHINE),
            need_pass_role("roleArn", "states"),
        ),
        read=(
            need_actions(
                "states:DescribeStateMachine states:ListTagsForResource states:ListStateMachineVersions", MACHINE
            ),
            need_actions("states:ValidateStateMachineDefinition", "*"),
        ),
        change=(
            need_actions("states:UpdateStateMachine states:TagResource states:UntagResource", MACHINE),
            need_pass_role("roleArn", "states"),
        ),
        remove=(need_actions("states:DeleteStateMachine", MACHINE),),
    ),
    "aws:scheduler/schedule:Schedule": ResourceType(
        make=(need_actions("scheduler:CreateSchedule", SCHEDULE), need_pass_role("target[roleArn]", "scheduler")),
        read=(need_actions("scheduler:GetSchedule", SCHEDULE),),
        change=(need_actions("scheduler:UpdateSchedule", SCHEDULE), need_pass_role("target[roleArn]", "scheduler")),
        remove=(need_actions("scheduler:DeleteSchedule", SCHEDULE),),
    ),
    "aws:sqs/queue:Queue": ResourceType(
        make=(need_actions("sqs:CreateQueue sqs:TagQueue", QUEUE),),
        read=(need_actions("sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags", QUEUE),),
        change=(need_actions("sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue", QUEUE),),
        remove=(need_actions("sqs:DeleteQueue", QUEUE),),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": setting_type(
        regional_arn("sqs", "{attached}"), "sqs:GetQueueAttributes", "sqs:SetQueueAttributes"
    ),
}
