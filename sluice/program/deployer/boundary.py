"""The permissions boundary of a stack's roles: the most that any role of it ever needs, and only in this stack.

A role's own policy says what it may; this says what no policy of it can add, whoever writes that policy. So it has
nothing of IAM, no bucket's or key's policy and no lifecycle. An administrator makes it; the program never does.
Source: AWS IAM user guide, Permissions boundaries for IAM entities.
"""

from components.access.flow_policies import QUEUE, UNDELIVERED
from components.access.policy_documents import Document, Statement, allow, glue_arns, policy_document, put_metrics
from components.names import Names
from components.tags import TAG


def boundary_policy(names: Names) -> dict[str, Document]:
    """Return the managed policy by its name."""
    return {
        names.resource_name("boundary"): policy_document(
            *lake_statements(names), *table_statements(names), *run_statements(names), *notification_statements(names)
        )
    }


def lake_statements(names: Names) -> list[Statement]:
    """Objects of the stack's buckets: code and contracts are read, raw data is kept as it came, and nothing is swept."""
    writable = [names.bucket_arn("assets", f"/{top}/*") for top in ("verdicts", "docs", "temp", "lineage")]
    readable = [names.bucket_arn("assets", f"/{top}/*") for top in ("code", "contracts", "temp", "verdicts")]
    return [
        allow("ListLake", "s3:ListBucket", [names.bucket_arn(zone) for zone in ("raw", "processed", "assets")]),
        allow("FindRaw", "s3:ListBucketVersions s3:GetBucketLocation", names.bucket_arn("raw")),
        allow("ReadRaw", "s3:GetObject s3:GetObjectVersion", names.bucket_arn("raw", "/*")),
        allow(
            "KeepTables",
            "s3:GetObject s3:PutObject s3:DeleteObject s3:AbortMultipartUpload",
            names.bucket_arn("processed", "/*"),
        ),
        allow("ReadAssets", "s3:GetObject", readable),
        allow("WriteAssets", "s3:PutObject s3:AbortMultipartUpload", writable),
        # a role names the key by its ARN, whose id nobody knows before: here it is the one with the stack's tag
        allow(
            "UseKey",
            "kms:Decrypt kms:GenerateDataKey",
            names.arn("kms", "key/*"),
            StringEquals={f"aws:ResourceTag/{TAG}": names.stack},
        ),
    ]


def table_statements(names: Names) -> list[Statement]:
    """The catalog's tables: made and changed, never dropped."""
    all_tables = glue_arns(names, f"database/{names.database}", f"table/{names.database}/*")
    return [
        allow("FindTables", "glue:GetDatabase", [*all_tables, names.arn("glue", "database/default")]),
        allow("WriteTables", "glue:GetTable glue:GetTables glue:CreateTable glue:UpdateTable", all_tables),
        allow(
            "WritePartitions",
            "glue:GetPartition glue:GetPartitions glue:BatchGetPartition glue:BatchCreatePartition"
            " glue:BatchUpdatePartition",
            all_tables,
        ),
    ]


def run_statements(names: Names) -> list[Statement]:
    """Jobs and the flow, as they are declared: started and watched, not changed."""
    machine = names.arn("states", f"stateMachine:{names.resource_name('flow')}")
    arrivals, undelivered = (names.arn("sqs", names.resource_name(queue)) for queue in (QUEUE, UNDELIVERED))
    starts = "glue:StartJobRun glue:GetJobRun glue:GetJobRuns glue:BatchStopJobRun"
    return [
        allow("RunJobs", starts, names.arn("glue", f"job/{names.resource_name('*')}")),
        allow("RunFlow", "states:StartExecution states:ListExecutions", machine),
        allow("EmptyQueue", "sqs:ReceiveMessage sqs:DeleteMessage", arrivals),
        allow("KeepUndelivered", "sqs:SendMessage", undelivered),
    ]


def notification_statements(names: Names) -> list[Statement]:
    """The topic, logs and metrics; the group of crawlers is one for all of an account."""
    groups = (f"{names.log_group_prefix}/*", "/aws-glue/crawlers:*")
    logs = [names.arn("logs", f"log-group:{group}") for group in groups]
    return [
        allow("TellTopic", "sns:Publish", names.arn("sns", names.resource_name("alarms"))),
        allow("WriteLogs", "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents", logs),
        put_metrics(),
    ]
