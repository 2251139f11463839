"""What previewing and deploying a stack takes.

The previewing role reads what the program declares and nothing that flowed through it: whoever opens a pull request
writes the code that runs under it.
"""

from components.access import Document, Statement, allow, document
from sandbox.deployer import readers
from sandbox.deployer.target import Target


def preview(target: Target) -> Document:
    """Read what is declared, and the state."""
    return document(*read_state(target), *read(target))


def deploy(target: Target, destroyable: bool = False) -> Document:
    """Read and write what is declared, and the state; `destroyable` empties buckets too, for stacks without protection."""
    emptied = allow(
        "EmptyBuckets", "s3:DeleteObject s3:DeleteObjectVersion", target.names.s3_arn(f"{target.names.of()}-*/*")
    )
    return document(
        *read_state(target), *write_state(target), *read(target), *write(target), *([emptied] if destroyable else [])
    )


def read_state(target: Target) -> list[Statement]:
    bucket = target.names.s3_arn(target.state_bucket)
    return [
        allow("ListState", "s3:ListBucket s3:GetBucketLocation", bucket),
        allow("ReadState", "s3:GetObject", f"{bucket}/.pulumi/*"),
        allow("ReadSecrets", "kms:Decrypt", target.state_key),
    ]


def write_state(target: Target) -> list[Statement]:
    objects = target.names.s3_arn(f"{target.state_bucket}/.pulumi/*")
    return [
        allow("WriteState", "s3:PutObject s3:DeleteObject", objects),
        allow("WriteSecrets", "kms:Encrypt kms:GenerateDataKey", target.state_key),
    ]


def read(target: Target) -> list[Statement]:
    names, of = target.names, target.names.of()
    glue = target.named("glue", "catalog", f"database/{names.database}", *(f"{k}/{of}-*" for k in GLUE_KINDS))
    watched = [*target.named("cloudwatch", f"alarm:{of}-*"), names.global_arn("cloudwatch", f"dashboard/{of}")]
    return [
        allow("ReadBuckets", "s3:ListBucket* s3:GetBucket* s3:Get*Configuration", names.s3_arn(f"{of}-*")),
        allow("ReadDeclaredObjects", "s3:GetObject s3:GetObjectTagging s3:GetObjectVersion", target.declared_objects),
        allow("ReadRoles", "iam:GetRole* iam:List*Role*", names.role_arn("*")),
        allow("ReadGlue", "glue:GetDatabase glue:GetJob glue:GetTrigger glue:GetCrawler glue:GetTags", glue),
        allow("ReadTopic", "sns:Get* sns:List*", target.named("sns", f"{of}-*")),
        allow("ReadWatch", "cloudwatch:GetDashboard cloudwatch:ListTagsForResource", watched),
        allow("ReadRules", "events:DescribeRule events:List*", target.named("events", f"rule/{of}-*")),
        allow(
            "ReadLogGroups", "logs:ListTagsForResource", target.named("logs", f"log-group:{names.log_group_prefix}/*")
        ),
        allow("ReadFlow", " ".join(FLOW_READS), flow(target)),
        *readers.read(names, target.redshift),
        allow("ReadKey", "kms:DescribeKey kms:GetKey* kms:ListResourceTags", target.named("kms", "key/*")),
        # these describe the whole account: they take no resource (Service Authorization Reference of each service)
        allow("Describe", " ".join(ACCOUNT_WIDE), "*"),
    ]


GLUE_KINDS = ("job", "trigger", "crawler")
ACCOUNT_WIDE = (
    *("cloudwatch:DescribeAlarms", "logs:DescribeLogGroups", "kms:ListAliases"),
    "states:ValidateStateMachineDefinition",  # the provider asks it at each preview
)
FLOW_READS = (
    *("states:DescribeStateMachine", "states:ListTagsForResource", "states:ListStateMachineVersions"),
    *("scheduler:GetSchedule", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"),
)
FLOW_WRITES = (
    *("states:CreateStateMachine", "states:UpdateStateMachine", "states:DeleteStateMachine"),
    *("states:TagResource", "states:UntagResource"),
    *("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"),
    *("sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:DeleteQueue", "sqs:TagQueue", "sqs:UntagQueue"),
)


def flow(target: Target) -> list[str]:
    """The state machine, the schedules (of the default group, like all without one) and the queue."""
    of = target.names.of()
    named = target.named("states", f"stateMachine:{of}-*")
    return [*named, *target.named("scheduler", f"schedule/default/{of}-*"), *target.named("sqs", f"{of}-*")]


def write(target: Target) -> list[Statement]:
    names, of = target.names, target.names.of()
    key, alias = target.named("kms", "key/*", f"alias/{of}")
    roles = names.role_arn("*")
    watched = [*target.named("cloudwatch", f"alarm:{of}-*"), names.global_arn("cloudwatch", f"dashboard/{of}")]
    glue = target.named("glue", "catalog", f"database/{names.database}", *(f"{k}/{of}-*" for k in GLUE_KINDS))
    return [
        allow(
            "WriteBuckets",
            "s3:CreateBucket s3:DeleteBucket* s3:PutBucket* s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration",
            names.s3_arn(f"{of}-*"),
        ),
        allow("WriteDeclaredObjects", "s3:PutObject s3:PutObjectTagging s3:DeleteObject*", target.declared_objects),
        allow(
            "WriteRoles",
            "iam:CreateRole iam:DeleteRole iam:UpdateRole* iam:UpdateAssumeRolePolicy iam:PutRolePolicy"
            " iam:DeleteRolePolicy iam:TagRole iam:UntagRole",
            roles,
        ),
        allow("PassRoles", "iam:PassRole", roles, StringEquals={"iam:PassedToService": SERVICES}),
        allow("WriteGlue", " ".join(GLUE_WRITES), glue),
        allow("WriteFlow", " ".join(FLOW_WRITES), flow(target)),
        *readers.write(names, target.redshift),
        allow(
            "WriteTopic",
            "sns:CreateTopic sns:DeleteTopic sns:SetTopicAttributes sns:Subscribe sns:Unsubscribe"
            " sns:SetSubscriptionAttributes sns:TagResource sns:UntagResource",
            target.named("sns", f"{of}-*"),
        ),
        allow(
            "WriteWatch",
            "cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms cloudwatch:PutDashboard cloudwatch:DeleteDashboards"
            " cloudwatch:TagResource cloudwatch:UntagResource",
            watched,
        ),
        allow(
            "WriteRules",
            "events:PutRule events:DeleteRule events:PutTargets events:RemoveTargets events:TagResource"
            " events:UntagResource",
            target.named("events", f"rule/{of}-*"),
        ),
        allow(
            "WriteLogGroups",
            "logs:CreateLogGroup logs:DeleteLogGroup logs:PutRetentionPolicy logs:AssociateKmsKey logs:TagResource"
            " logs:UntagResource",
            target.named("logs", f"log-group:{names.log_group_prefix}/*"),
        ),
        # a key has no name before it exists (AWS KMS, CreateKey takes no resource)
        allow("MakeKey", "kms:CreateKey", "*"),
        allow(
            "WriteKey",
            "kms:PutKeyPolicy kms:EnableKeyRotation kms:UpdateKeyDescription kms:ScheduleKeyDeletion kms:TagResource"
            " kms:UntagResource kms:CreateAlias kms:UpdateAlias kms:DeleteAlias kms:GenerateDataKey kms:Decrypt",
            [key, alias],
        ),
    ]


SERVICES = ["glue.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com"]
GLUE_WRITES = (
    *(
        f"glue:{verb}{kind}"
        for kind in ("Database", "Job", "Trigger", "Crawler")
        for verb in ("Create", "Update", "Delete")
    ),
    *("glue:StartTrigger", "glue:StopTrigger", "glue:TagResource", "glue:UntagResource"),
)
