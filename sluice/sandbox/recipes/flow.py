"""The flow: its state machine, what starts it, and the queue of what arrived."""

from sluice.sandbox.recipes.base import Api, Created, Inputs, Recipe, arn, tag_list


def state_machine(inputs: Inputs, api: Api) -> Created:
    name, tags = inputs.take("name"), tag_list(inputs.take_tags())
    made = api.call("stepfunctions", "CreateStateMachine", {"name": name, "tags": tags} | inputs.rest())
    return Created(made["stateMachineArn"], {"arn": made["stateMachineArn"]})


def schedule(inputs: Inputs, api: Api) -> Created:
    wanted = inputs.rest()
    made = api.call("scheduler", "CreateSchedule", wanted)
    return Created(f"default/{wanted['name']}", {"arn": made["ScheduleArn"]})


def queue(inputs: Inputs, api: Api) -> Created:
    name = inputs.take("name")
    attributes = {
        "SqsManagedSseEnabled": str(inputs.take("sqsManagedSseEnabled")).lower(),
        "MessageRetentionPeriod": int(inputs.take("messageRetentionSeconds")),
        "RedriveAllowPolicy": inputs.take("redriveAllowPolicy"),
    }
    made = api.call("sqs", "CreateQueue", {"queueName": name, "attributes": attributes, "tags": inputs.take_tags()})
    return Created(made["QueueUrl"], {"arn": arn("sqs", name), "url": made["QueueUrl"]})


def queue_policy(inputs: Inputs, api: Api) -> Created:
    at = inputs.take("queueUrl")
    api.call("sqs", "SetQueueAttributes", {"queueUrl": at, "attributes": {"Policy": inputs.take("policy")}})
    return Created(at, {})


def notification(inputs: Inputs, api: Api) -> Created:
    bucket = inputs.take("bucket")
    told = {"eventBridgeConfiguration": {}} if inputs.take("eventbridge", False) else {}
    wanted = {"bucket": bucket, "notificationConfiguration": told}
    api.call("s3", "PutBucketNotificationConfiguration", wanted)
    return Created(bucket, {})


RECIPES: dict[str, Recipe] = {
    "aws:sfn/stateMachine:StateMachine": state_machine,
    "aws:scheduler/schedule:Schedule": schedule,
    "aws:sqs/queue:Queue": queue,
    "aws:sqs/queuePolicy:QueuePolicy": queue_policy,
    "aws:s3/bucketNotification:BucketNotification": notification,
}
