"""Who may do what: policy documents as pure functions of names, each statement with what it is for."""

from collections.abc import Iterable, Mapping
from typing import Any

from components.names import Names

Document = dict[str, Any]
Statement = dict[str, Any]


def document(*statements: Statement) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: str, resources: str | Iterable[str], **when: Mapping[str, Any]) -> Statement:
    """A statement; `actions` separated by spaces, `when` the condition by operator."""
    listed = [resources] if isinstance(resources, str) else list(resources)
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": actions.split(), "Resource": listed}
    return statement | ({"Condition": dict(when)} if when else {})


def by_service(service: str, statement: Statement, **when: Mapping[str, Any]) -> Statement:
    """The statement in a resource's own policy, for an AWS service that acts for this account."""
    conditions = {**statement.get("Condition", {}), **when}
    return {**statement, "Principal": {"Service": service}, "Condition": conditions}


def glue_trust(names: Names) -> Document:
    """Only Glue in this account takes the role; only AWS can show that its condition passes."""
    return document({
        "Sid": "GlueOfThisAccount", "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "glue.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": names.account}},
    })  # fmt: skip


def job(names: Names, dataset: str, key_arn: str | None) -> Document:
    """What the run of one dataset may do."""
    return document(
        allow("ListOwnPrefixesOfRaw", "s3:ListBucket s3:ListBucketVersions", names.bucket_arn("raw"),
              StringLike={"s3:prefix": [f"{dataset}/*"]}),
        allow("ReadRawObjectsAndVersions", "s3:GetObject s3:GetObjectVersion", names.bucket_arn("raw", f"/{dataset}/*")),
        allow("ReadCodeAndContracts", "s3:GetObject",
              [names.bucket_arn("assets", "/code/*"), names.bucket_arn("assets", f"/contracts/{dataset}/*")]),
        allow("WriteVerdictsDocsAndTemp", "s3:GetObject s3:PutObject s3:DeleteObject s3:AbortMultipartUpload",
              [names.bucket_arn("assets", f"/{top}/{dataset}/*") for top in ("verdicts", "docs", "temp")]),
        allow("WriteParquet", "s3:GetObject s3:PutObject s3:DeleteObject s3:AbortMultipartUpload",
              names.bucket_arn("processed", f"/parquet/{dataset}/*")),
        allow("ListOwnPrefixes", "s3:ListBucket", [names.bucket_arn("assets"), names.bucket_arn("processed")],
              StringLike={"s3:prefix": [f"{top}/{dataset}/*" for top in ("verdicts", "docs", "temp", "parquet")]}),
        *catalog(names, dataset),
        write_logs(names, names.log_group_prefix),
        # PutMetricData knows no resources: docs.aws.amazon.com/service-authorization, Amazon CloudWatch
        allow("PutMetrics", "cloudwatch:PutMetricData", "*",
              StringEquals={"cloudwatch:namespace": ["Sluice", "Glue"]}),
        *use_key(key_arn),
    )  # fmt: skip


def catalog(names: Names, table: str) -> list[Statement]:
    """Glue checks a table's action on the catalog, the database and the table (AWS Glue, resource ARNs)."""
    database = [names.arn("glue", "catalog"), names.arn("glue", f"database/{names.database}")]
    return [
        allow("UseOwnTable", "glue:GetDatabase glue:GetTable glue:CreateTable glue:UpdateTable",
              [*database, names.arn("glue", f"table/{names.database}/{table}")]),
        # Iceberg's catalog asks for the database `default` when a Spark session starts
        allow("AskForDefaultDatabase", "glue:GetDatabase", [names.arn("glue", "catalog"),
              names.arn("glue", "database/default")]),
    ]  # fmt: skip


def crawler(names: Names, dataset: str, key_arn: str | None) -> Document:
    """What the crawler of one dataset's raw folder may do: read it, and keep tables `raw_*` up to date."""
    return document(
        allow("ListRaw", "s3:ListBucket", names.bucket_arn("raw"), StringLike={"s3:prefix": [f"{dataset}/*", dataset]}),
        allow("FindRaw", "s3:GetBucketLocation", names.bucket_arn("raw")),
        allow("ReadRaw", "s3:GetObject", names.bucket_arn("raw", f"/{dataset}/*")),
        allow("KeepRawTables",
              "glue:GetDatabase glue:GetTable glue:GetTables glue:CreateTable glue:UpdateTable glue:GetPartition"
              " glue:GetPartitions glue:BatchGetPartition glue:BatchCreatePartition glue:BatchUpdatePartition",
              [names.arn("glue", "catalog"), names.arn("glue", f"database/{names.database}"),
               names.arn("glue", f"table/{names.database}/raw_*")]),
        write_logs(names, "/aws-glue/crawlers"),
        *use_key(key_arn)[:1],
    )  # fmt: skip


def write_logs(names: Names, group: str) -> Statement:
    """CreateLogGroup too: Glue's agent asks for it before it writes, also where the group is there."""
    return allow("WriteLogs", "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents",
                 names.arn("logs", f"log-group:{group}*"))  # fmt: skip


def use_key(key_arn: str | None) -> list[Statement]:
    """S3 decrypts what is read and makes a data key for what is written, on the caller's account."""
    if key_arn is None:
        return []
    return [allow("ReadEncrypted", "kms:Decrypt", key_arn), allow("WriteEncrypted", "kms:GenerateDataKey", key_arn)]


def key(names: Names) -> Document:
    """The stack's key: the account governs it, alarms and rules publish through it, CloudWatch Logs encrypts with it."""
    here = {"StringEquals": {"aws:SourceAccount": names.account}}
    groups = {"kms:EncryptionContext:aws:logs:arn": names.arn("logs", f"log-group:{names.log_group_prefix}/*")}
    # In a key's own policy `*` is this key: docs.aws.amazon.com/kms, Key policies
    governs = allow("AccountGoverns", "kms:*", "*") | {"Principal": {"AWS": f"arn:aws:iam::{names.account}:root"}}
    publish = "kms:Decrypt kms:GenerateDataKey*"
    return document(
        governs,
        by_service("cloudwatch.amazonaws.com", allow("AlarmsPublish", publish, "*"), **here),
        by_service("events.amazonaws.com", allow("RulesPublish", publish, "*"), **here),
        by_service(f"logs.{names.region}.amazonaws.com",
                   allow("LogsEncrypt", "kms:Encrypt kms:Decrypt kms:ReEncrypt* kms:GenerateDataKey* kms:DescribeKey",
                         "*"), ArnLike=groups),
    )  # fmt: skip


def topic(names: Names) -> Document:
    """Alarms and rules of this account publish; nobody else is named."""
    here = {"StringEquals": {"aws:SourceAccount": names.account}}
    arn = names.arn("sns", names.of("alarms"))
    return document(
        by_service("cloudwatch.amazonaws.com", allow("AlarmsPublish", "sns:Publish", arn), **here),
        by_service("events.amazonaws.com", allow("RulesPublish", "sns:Publish", arn), **here),
    )


def bucket(names: Names, zone: str, *more: Statement) -> Document:
    """Nothing without TLS, whoever asks (Security Hub S3.5), and what the zone adds."""
    refused = allow("RefuseWithoutTls", "s3:*", [names.bucket_arn(zone), names.bucket_arn(zone, "/*")],
                    Bool={"aws:SecureTransport": "false"})  # fmt: skip
    return document(refused | {"Effect": "Deny", "Principal": "*"}, *more)


def receive_access_logs(names: Names, zones: Iterable[str]) -> Statement:
    """S3 delivers the zones' access logs by policy; the bucket has no ACL (S3, Enabling server access logging)."""
    return by_service(
        "logging.s3.amazonaws.com", allow("ReceiveAccessLogs", "s3:PutObject", names.bucket_arn("logs", "/*")),
        StringEquals={"aws:SourceAccount": names.account}, ArnLike={"aws:SourceArn": [names.bucket_arn(z) for z in zones]},
    )  # fmt: skip
