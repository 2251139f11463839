"""The permissions boundary of a stack's roles: the most that any role of it ever needs, and only in this stack.

A role's own policy says what it may; this says what no policy of it can add, whoever writes that policy. So it has
nothing of IAM, no bucket's or key's policy and no lifecycle. An administrator makes it; the program never does.
What only the role that forgets rows needs is that role's by its ARN, so no other role of the stack can be given it.
Source: AWS IAM user guide, Permissions boundaries for IAM entities.
"""

from components.access.channel_policies import CHAT_READS
from components.access.flow_policies import QUEUE, UNDELIVERED, machine_arn
from components.access.forget_policy import KEEP_TAGS, REMOVE_VERSIONS, SEE_LIFECYCLE
from components.access.message_policies import event_source, messages_topic, topic_arn
from components.access.policy_documents import (
    MULTIPART_UPLOAD,
    Document,
    Statement,
    allow,
    glue_arns,
    policy_document,
    put_metrics,
)
from components.names import FORGET, Names
from components.tags import TAG


def boundary_policy(names: Names) -> dict[str, Document]:
    """Return the managed policy by its name."""
    return {
        names.resource_name("boundary"): policy_document(
            *lake_statements(names),
            *forget_statements(names),
            *table_statements(names),
            *run_statements(names),
            *notification_statements(names),
        )
    }


def lake_statements(names: Names) -> list[Statement]:
    """Objects of the stack's buckets: code and contracts are read, raw data is kept as it came, and nothing is swept."""
    kept = ("verdicts", "temp", "outbox", "incidents", "messages", "results", "docs", "lineage")
    readable, kept_objects = (
        [names.bucket_arn("assets", f"/{top}/*") for top in tops] for tops in (("code", "contracts"), kept)
    )
    return [
        allow(
            "ListLake",
            f"s3:ListBucket s3:ListBucketVersions s3:GetBucketLocation {SEE_LIFECYCLE}",
            [names.bucket_arn(zone) for zone in ("raw", "processed", "assets")],
        ),
        allow("ReadRaw", "s3:GetObject s3:GetObjectVersion", names.bucket_arn("raw", "/*")),
        allow(
            "KeepTables",
            "s3:GetObject s3:PutObject s3:DeleteObject s3:AbortMultipartUpload",
            names.bucket_arn("processed", "/*"),
        ),
        allow("ReadAssets", "s3:GetObject", readable),
        allow("KeepAssets", "s3:GetObject s3:PutObject s3:AbortMultipartUpload", kept_objects),
        # a good run settles what an earlier one said to be bad
        allow("SettleIncidents", "s3:DeleteObject", names.bucket_arn("assets", "/incidents/*")),
        # a role names the key by its ARN, whose id nobody knows before: here it is the one with the stack's tag
        allow(
            "UseKey",
            "kms:Decrypt kms:GenerateDataKey",
            names.arn("kms", "key/*"),
            StringEquals={f"aws:ResourceTag/{TAG}": names.stack},
        ),
    ]


def forget_statements(names: Names) -> list[Statement]:
    """What the role that forgets rows has beyond all others: it rewrites what holds rows, and removes versions."""
    objects = [names.bucket_arn(zone, "/*") for zone in ("raw", "processed", "assets")]
    actions = f"s3:GetObject s3:DeleteObject {MULTIPART_UPLOAD} {REMOVE_VERSIONS} {KEEP_TAGS}"
    return [allow("ForgetRows", actions, objects, ArnEquals={"aws:PrincipalArn": names.role_arn(FORGET)})]


def table_statements(names: Names) -> list[Statement]:
    """The catalog's tables: made and changed, never dropped."""
    all_tables = glue_arns(names, f"database/{names.database}", f"table/{names.database}/*")
    return [
        allow("FindDefaultDatabase", "glue:GetDatabase", names.arn("glue", "database/default")),
        # one statement for all: a managed policy has room for 6144 characters (AWS IAM, Quotas)
        allow(
            "WriteTables",
            "glue:GetDatabase glue:GetTable glue:GetTables glue:CreateTable glue:UpdateTable glue:GetPartition"
            " glue:GetPartitions glue:BatchGetPartition glue:BatchCreatePartition glue:BatchUpdatePartition",
            all_tables,
        ),
    ]


def run_statements(names: Names) -> list[Statement]:
    """Jobs and the machines, as they are declared: started and watched, not changed."""
    machines = machine_arn(names, "*")
    executions = names.arn("states", f"execution:{names.resource_name('*')}:*")
    arrivals, undelivered = (names.arn("sqs", names.resource_name(queue)) for queue in (QUEUE, UNDELIVERED))
    starts = "glue:StartJobRun glue:GetJobRun glue:GetJobRuns glue:BatchStopJobRun"
    return [
        allow("RunJobs", starts, names.arn("glue", f"job/{names.resource_name('*')}")),
        allow("RunMachines", "states:StartExecution states:ListExecutions", machines),
        allow("AskWhyFlowEnded", "states:DescribeExecution", executions),
        allow("EmptyQueue", "sqs:ReceiveMessage sqs:DeleteMessage", arrivals),
        allow("KeepUndelivered", "sqs:SendMessage", undelivered),
    ]


def notification_statements(names: Names) -> list[Statement]:
    """The topics of messages, logs and metrics; the group of crawlers is one for all of an account."""
    own_source = {"events:source": event_source(names)}
    groups = (f"{names.log_group_prefix}/*", "/aws-glue/crawlers:*")
    logs = [names.arn("logs", f"log-group:{group}") for group in groups]
    return [
        allow("PutMessages", "events:PutEvents", names.arn("events", "event-bus/default"), StringEquals=own_source),
        allow(
            "CallEndpoints",
            "events:InvokeApiDestination",
            names.arn("events", f"api-destination/{names.resource_name('channel', '*')}"),
        ),
        # metrics and alarms have no resource in these calls (Service Authorization Reference, Amazon CloudWatch)
        allow("ReadCloudWatch", CHAT_READS, "*"),
        allow("PublishMessages", "sns:Publish", topic_arn(names, messages_topic("*"))),
        allow("WriteLogs", "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents", logs),
        put_metrics(),
    ]
