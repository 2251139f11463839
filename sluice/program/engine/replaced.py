"""Which inputs replace a resource instead of changing it, by type: the real provider's, as far as this program goes.

Source: hashicorp/terraform-provider-aws, `ForceNew: true` and `RequiresReplace()` in the file below internal/service/
that each row names, under the names that Pulumi gives them.
"""

from typing import Any

BUCKET_OF = "bucket expectedBucketOwner"
NAME = "name namePrefix"
REPLACING_INPUTS = {
    "aws:athena/namedQuery:NamedQuery": ("athena/named_query.go", "database description name query workgroup"),
    "aws:athena/workgroup:Workgroup": ("athena/workgroup.go", "name"),
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": ("chatbot/slack_channel_configuration.go", ""),
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": ("chatbot/teams_channel_configuration.go", ""),
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": ("cloudwatch/alarm_mute_rule.go", "name"),
    "aws:cloudwatch/dashboard:Dashboard": ("cloudwatch/dashboard.go", "dashboardName"),
    "aws:cloudwatch/eventApiDestination:EventApiDestination": ("events/api_destination.go", "name"),
    "aws:cloudwatch/eventConnection:EventConnection": ("events/connection.go", "name"),
    "aws:cloudwatch/eventRule:EventRule": ("events/rule.go", f"eventBusName {NAME}"),
    "aws:cloudwatch/eventTarget:EventTarget": ("events/target.go", "eventBusName rule targetId"),
    "aws:cloudwatch/logGroup:LogGroup": ("logs/group.go", f"logGroupClass {NAME}"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("cloudwatch/metric_alarm.go", "name"),
    "aws:glue/catalogDatabase:CatalogDatabase": ("glue/catalog_database.go", "catalogId name targetDatabase"),
    "aws:glue/catalogTable:CatalogTable": ("glue/catalog_table.go", "catalogId databaseName name partitionIndices"),
    "aws:glue/crawler:Crawler": ("glue/crawler.go", "databaseName name"),
    "aws:glue/job:Job": ("glue/job.go", "name"),
    "aws:glue/trigger:Trigger": ("glue/trigger.go", "name type workflowName"),
    "aws:iam/role:Role": ("iam/role.go", f"{NAME} path"),
    "aws:iam/rolePolicy:RolePolicy": ("iam/role_policy.go", f"{NAME} role"),
    "aws:kms/alias:Alias": ("kms/alias.go", NAME),
    "aws:kms/key:Key": ("kms/key.go", "customKeyStoreId customerMasterKeySpec keyUsage multiRegion xksKeyId"),
    "aws:redshiftdata/statement:Statement": (
        "redshiftdata/statement.go",
        "clusterIdentifier database dbUser parameters secretArn sql statementName withEvent workgroupName",
    ),
    "aws:redshiftserverless/namespace:Namespace": ("redshiftserverless/namespace.go", "dbName namespaceName"),
    "aws:redshiftserverless/usageLimit:UsageLimit": ("redshiftserverless/usage_limit.go", "period resourceArn"),
    "aws:redshiftserverless/workgroup:Workgroup": ("redshiftserverless/workgroup.go", "namespaceName workgroupName"),
    "aws:s3/bucket:Bucket": ("s3/bucket.go", "bucket bucketPrefix"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        "s3/bucket_lifecycle_configuration.go",
        BUCKET_OF,
    ),
    "aws:s3/bucketLogging:BucketLogging": ("s3/bucket_logging.go", BUCKET_OF),
    "aws:s3/bucketNotification:BucketNotification": ("s3/bucket_notification.go", "bucket"),
    "aws:s3/bucketObjectv2:BucketObjectv2": ("s3/object.go", "bucket key"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ("s3/bucket_ownership_controls.go", "bucket"),
    "aws:s3/bucketPolicy:BucketPolicy": ("s3/bucket_policy.go", "bucket"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ("s3/bucket_public_access_block.go", "bucket"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "s3/bucket_server_side_encryption_configuration.go",
        BUCKET_OF,
    ),
    "aws:s3/bucketVersioning:BucketVersioning": ("s3/bucket_versioning.go", BUCKET_OF),
    "aws:scheduler/schedule:Schedule": ("scheduler/schedule.go", f"groupName {NAME}"),
    "aws:sfn/stateMachine:StateMachine": ("sfn/state_machine.go", f"{NAME} type"),
    "aws:sns/topic:Topic": ("sns/topic.go", f"fifoTopic {NAME}"),
    "aws:sns/topicPolicy:TopicPolicy": ("sns/topic_policy.go", "arn"),
    "aws:sns/topicSubscription:TopicSubscription": ("sns/topic_subscription.go", "endpoint protocol topic"),
    "aws:sqs/queue:Queue": ("sqs/queue.go", f"fifoQueue {NAME}"),
    "aws:sqs/queuePolicy:QueuePolicy": ("sqs/queue_policy.go", "queueUrl"),
}
"""By type: the file, and the inputs that replace, separated by blanks."""


def replacing_inputs(kind: str) -> set[str]:
    """Raises LookupError for a type that the table lacks: a guess could hide that a deployment loses a resource."""
    if kind not in REPLACING_INPUTS:
        raise LookupError(f"what replaces {kind} is not in the table of {__name__}")
    return set(REPLACING_INPUTS[kind][1].split())


def deletes_first(kind: str, inputs: dict[str, Any]) -> bool:
    """Whether a replacement deletes before it creates, since the name is given and not made up by the provider.

    Source: pulumi/pulumi-terraform-bridge, pkg/tfbridge/provider.go, Diff, and nameRequiresDeleteBeforeReplace.
    """
    return bool(inputs.get("bucket" if kind == "aws:s3/bucket:Bucket" else "name"))
