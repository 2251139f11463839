"""What each type of resource costs: the line of the bill that it stands in, or why it has none."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """`line` is how a line of the bill ends that counts the type; where it is empty, `why` says why there is none."""

    line: str = ""
    why: str = ""


def billed(line: str) -> Cost:
    return Cost(line=line)


def free(why: str) -> Cost:
    return Cost(why=why)


SETTING = free("a setting of a bucket: Amazon S3 bills what lies in it, and requests")
IDENTITY = free("AWS IAM is free of charge")
COSTS = {
    "aws:s3/bucket:Bucket": billed(": storage"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": SETTING,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": SETTING,
    "aws:s3/bucketPolicy:BucketPolicy": SETTING,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": SETTING,
    "aws:s3/bucketVersioning:BucketVersioning": SETTING,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": SETTING,
    "aws:s3/bucketLogging:BucketLogging": free("its objects are few beside the data, and expire"),
    "aws:s3/bucketNotification:BucketNotification": billed("flow: arrivals"),
    "aws:s3/bucketObjectv2:BucketObjectv2": free("code and contracts: some megabytes"),
    "aws:iam/role:Role": IDENTITY,
    "aws:iam/rolePolicy:RolePolicy": IDENTITY,
    "aws:kms/key:Key": billed("key"),
    "aws:kms/alias:Alias": free("an alias is free of charge"),
    "aws:glue/catalogDatabase:CatalogDatabase": free("the first million objects of an account's catalog are free"),
    "aws:glue/catalogTable:CatalogTable": free("the first million objects of an account's catalog are free"),
    "aws:glue/job:Job": billed(": runs"),
    "aws:glue/trigger:Trigger": free("a trigger is free: the runs that it starts are billed"),
    "aws:glue/crawler:Crawler": billed("crawlers"),
    "aws:sfn/stateMachine:StateMachine": billed("flow: steps"),
    "aws:scheduler/schedule:Schedule": free("the first 14 million starts of a month are free"),
    "aws:sqs/queue:Queue": billed("flow: arrivals"),
    "aws:sqs/queuePolicy:QueuePolicy": free("a setting of a queue"),
    "aws:sns/topic:Topic": free("the first million publishes of a month are free"),
    "aws:sns/topicPolicy:TopicPolicy": free("a setting of the topic"),
    "aws:sns/topicSubscription:TopicSubscription": free("the first thousand e-mails of a month are free"),
    "aws:cloudwatch/logGroup:LogGroup": billed(": logs"),
    "aws:cloudwatch/eventRule:EventRule": free(
        "a rule is free: S3's events are in the line of arrivals, AWS's own are free"
    ),
    "aws:cloudwatch/eventTarget:EventTarget": free("a target in the same account is free"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": billed("alarms"),
    "aws:cloudwatch/dashboard:Dashboard": billed("dashboard"),
    "aws:athena/workgroup:Workgroup": billed("athena"),
    "aws:athena/namedQuery:NamedQuery": free("a saved query costs when it is asked"),
    "aws:redshiftserverless/namespace:Namespace": billed("redshift: storage"),
    "aws:redshiftserverless/workgroup:Workgroup": billed("redshift: compute"),
    "aws:redshiftserverless/usageLimit:UsageLimit": free("a limit only ends what is billed"),
    "aws:redshiftdata/statement:Statement": free("billed by the seconds of the workgroup that runs it"),
}
