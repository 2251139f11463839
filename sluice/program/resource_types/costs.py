"""What each type of resource costs: the line of the bill that it stands in, or why it has none."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """`line` is how a line of the bill ends that counts the type; where it is empty, `why` says why there is none."""

    line: str = ""
    why: str = ""


def billed_as(line: str) -> Cost:
    """Return a cost that a line of the bill counts."""
    return Cost(line=line)


def free_of_charge(why: str) -> Cost:
    """Return that something costs nothing, and why."""
    return Cost(why=why)


SETTING = free_of_charge("a setting of a bucket: Amazon S3 bills what lies in it, and requests")
IDENTITY = free_of_charge("AWS IAM is free of charge")
COSTS = {
    "aws:s3/bucket:Bucket": billed_as(": storage"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": SETTING,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": SETTING,
    "aws:s3/bucketPolicy:BucketPolicy": SETTING,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": SETTING,
    "aws:s3/bucketVersioning:BucketVersioning": SETTING,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": SETTING,
    "aws:s3/bucketLogging:BucketLogging": free_of_charge("its objects are few beside the data, and expire"),
    "aws:s3/bucketNotification:BucketNotification": billed_as("flow: arrivals"),
    "aws:s3/bucketObjectv2:BucketObjectv2": free_of_charge("code and contracts: some megabytes"),
    "aws:iam/role:Role": IDENTITY,
    "aws:iam/rolePolicy:RolePolicy": IDENTITY,
    "aws:kms/key:Key": billed_as("key"),
    "aws:kms/alias:Alias": free_of_charge("an alias is free of charge"),
    "aws:glue/catalogDatabase:CatalogDatabase": free_of_charge(
        "the first million objects of an account's catalog are free"
    ),
    "aws:glue/catalogTable:CatalogTable": free_of_charge("the first million objects of an account's catalog are free"),
    "aws:glue/job:Job": billed_as(": runs"),
    "aws:glue/trigger:Trigger": free_of_charge("a trigger is free: the runs that it starts are billed"),
    "aws:glue/crawler:Crawler": billed_as("crawlers"),
    "aws:sfn/stateMachine:StateMachine": billed_as("flow: steps"),
    "aws:scheduler/schedule:Schedule": free_of_charge("the first 14 million starts of a month are free"),
    "aws:sqs/queue:Queue": billed_as("flow: arrivals"),
    "aws:sqs/queuePolicy:QueuePolicy": free_of_charge("a setting of a queue"),
    "aws:sns/topic:Topic": free_of_charge("the first million publishes of a month are free"),
    "aws:sns/topicPolicy:TopicPolicy": free_of_charge("a setting of the topic"),
    "aws:sns/topicSubscription:TopicSubscription": free_of_charge("the first thousand e-mails of a month are free"),
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": free_of_charge("the chat integration is free"),
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": free_of_charge("the chat integration is free"),
    "aws:cloudwatch/eventConnection:EventConnection": free_of_charge("the secret of a connection is EventBridge's own"),
    "aws:cloudwatch/eventApiDestination:EventApiDestination": billed_as("messages: endpoints"),
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": free_of_charge("a rule that mutes alarms is free"),
    "aws:cloudwatch/logGroup:LogGroup": billed_as(": logs"),
    "aws:cloudwatch/eventRule:EventRule": free_of_charge(
        "a rule is free: S3's events are in the line of arrivals, AWS's own are free"
    ),
    "aws:cloudwatch/eventTarget:EventTarget": free_of_charge("a target in the same account is free"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": billed_as("alarms"),
    "aws:cloudwatch/dashboard:Dashboard": billed_as("dashboard"),
    "aws:athena/workgroup:Workgroup": billed_as("athena"),
    "aws:athena/namedQuery:NamedQuery": free_of_charge("a saved query costs when it is asked"),
    "aws:redshiftserverless/namespace:Namespace": billed_as("redshift: storage"),
    "aws:redshiftserverless/workgroup:Workgroup": billed_as("redshift: compute"),
    "aws:redshiftserverless/usageLimit:UsageLimit": free_of_charge("a limit only ends what is billed"),
    "aws:redshiftdata/statement:Statement": free_of_charge("billed by the seconds of the workgroup that runs it"),
}
