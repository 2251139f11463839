"""The stack's state machines, its schedules (of the default group, like all without one) and its queues.

Source: Service Authorization Reference, AWS Step Functions, Amazon EventBridge Scheduler and Amazon SQS.
"""

from components.access.policy_documents import Statement, allow
from sluice.program.deployer.target import DeployTarget

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
MACHINES = ("flow", "watch", "digest", "due")
QUEUES = ("arrivals", "undelivered")


def read_statements(target: DeployTarget) -> list[Statement]:
    """Return what reads the state machines, their schedules and its queues."""
    return [
        allow("ReadFlow", " ".join(READS), flow_arns(target)),
        # the provider asks it at each preview, of no resource
        allow("CheckFlow", "states:ValidateStateMachineDefinition", "*"),
    ]


def write_statements(target: DeployTarget) -> list[Statement]:
    """Return what changes them."""
    return [allow("WriteFlow", " ".join(WRITES), flow_arns(target))]


def flow_arns(target: DeployTarget) -> list[str]:
    """Return the ARNs of the state machines, the schedules and the queues."""
    names = target.names
    return [
        *machine_arns(target),
        names.arn("scheduler", f"schedule/default/{names.resource_name('*')}"),
        *queue_arns(target),
    ]


def machine_arns(target: DeployTarget) -> list[str]:
    """Return the ARNs of the state machines."""
    return target.arns_of("states", *(f"stateMachine:{target.names.resource_name(machine)}" for machine in MACHINES))


def queue_arns(target: DeployTarget) -> list[str]:
    """Return the ARNs of the queues."""
    return target.arns_of("sqs", *(target.names.resource_name(queue) for queue in QUEUES))
