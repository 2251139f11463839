"""The flow: its state machine, what starts it, and the queue of what arrived."""

from sluice.sandbox.recipes.base import CreatedResource, EmulatorApi, Inputs, Recipe, emulator_arn, tag_list


def create_state_machine(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a state machine; its id is its ARN."""
    name, tags = inputs.take("name"), tag_list(inputs.take_tags())
    response = api.call_operation(
        "stepfunctions", "CreateStateMachine", {"name": name, "tags": tags} | inputs.take_rest()
    )
    return CreatedResource(response["stateMachineArn"], {"arn": response["stateMachineArn"]})


def create_schedule(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a schedule in the default group."""
    members = inputs.take_rest()
    response = api.call_operation("scheduler", "CreateSchedule", members)
    return CreatedResource(f"default/{members['name']}", {"arn": response["ScheduleArn"]})


def create_queue(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a queue; its id is its URL."""
    name = inputs.take("name")
    attributes = {
        "SqsManagedSseEnabled": str(inputs.take("sqsManagedSseEnabled")).lower(),
        "MessageRetentionPeriod": int(inputs.take("messageRetentionSeconds")),
        "RedriveAllowPolicy": inputs.take("redriveAllowPolicy"),
    }
    response = api.call_operation(
        "sqs", "CreateQueue", {"queueName": name, "attributes": attributes, "tags": inputs.take_tags()}
    )
    return CreatedResource(response["QueueUrl"], {"arn": emulator_arn("sqs", name), "url": response["QueueUrl"]})


def set_queue_policy(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Set the policy of a queue."""
    queue_url = inputs.take("queueUrl")
    api.call_operation(
        "sqs", "SetQueueAttributes", {"queueUrl": queue_url, "attributes": {"Policy": inputs.take("policy")}}
    )
    return CreatedResource(queue_url, {})


def set_notification(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Let a bucket tell EventBridge of its objects."""
    bucket = inputs.take("bucket")
    configuration = {"eventBridgeConfiguration": {}} if inputs.take("eventbridge", False) else {}
    members = {"bucket": bucket, "notificationConfiguration": configuration}
    api.call_operation("s3", "PutBucketNotificationConfiguration", members)
    return CreatedResource(bucket, {})


RECIPES: dict[str, Recipe] = {
    "aws:sfn/stateMachine:StateMachine": create_state_machine,
    "aws:scheduler/schedule:Schedule": create_schedule,
    "aws:sqs/queue:Queue": create_queue,
    "aws:sqs/queuePolicy:QueuePolicy": set_queue_policy,
    "aws:s3/bucketNotification:BucketNotification": set_notification,
}
