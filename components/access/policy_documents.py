"""Who may do what: policy documents as pure functions of names, each statement with what it is for."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from components.names import Names
from etl.contract.layout import DatasetLocations
from etl.contract.results_layout import KINDS, RUNS, ResultKind, days_folder, months_folder
from etl.contract.table_names import changes_of, quarantine_of

Document = dict[str, Any]
Statement = dict[str, Any]
ICEBERG_FOLDERS = ("data", "metadata")
"""The folders below a table's location: what others read of it."""
MULTIPART_UPLOAD = "s3:PutObject s3:AbortMultipartUpload"


def policy_document(*statements: Statement) -> Document:
    """Return a policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def policy_json(policy: Document) -> str:
    """Return a policy document as the text that AWS takes."""
    return json.dumps(policy)


def allow(sid: str, actions: str, resources: str | Iterable[str], **conditions: Mapping[str, Any]) -> Statement:
    """A statement; `actions` separated by spaces, `conditions` the condition by operator."""
    listed = [resources] if isinstance(resources, str) else list(resources)
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": actions.split(), "Resource": listed}
    return statement | ({"Condition": dict(conditions)} if conditions else {})


def deny(
    sid: str,
    actions: str,
    resources: str | Iterable[str],
    principal: str | Mapping[str, Any] | None = None,
    **conditions: Mapping[str, Any],
) -> Statement:
    """A statement that refuses, whatever others allow; `principal` says whom, in a resource's own policy."""
    refused = allow(sid, actions, resources, **conditions) | {"Effect": "Deny"}
    return refused if principal is None else refused | {"Principal": principal}


def glue_trust(names: Names) -> Document:
    """Only Glue in this account takes the role; only AWS can show that its condition passes."""
    trusted = {
        "Sid": "GlueOfThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": "glue.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": names.account}},
    }
    return policy_document(trusted)


def job_policy(  # noqa: PLR0913  what its contract says beside its name
    names: Names,
    dataset: str,
    key_arn: str | None,
    references: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    *,
    has_changes: bool = False,
) -> Document:
    """What the runs of one dataset may do.

    Its rows point to keys of the datasets `references`, and are built from the tables of `sources`: from files without any.
    `has_changes` says that its load is of changes, so that it has a table of deleted keys.
    """
    own_objects = [names.bucket_arn("assets", f"/{top}/{dataset}/*") for top in ("verdicts", "docs", "temp")]
    places = DatasetLocations("", dataset)
    written = (places.published, places.quarantine, *([places.changes] if has_changes else []))
    code = [names.bucket_arn("assets", "/code/*"), names.bucket_arn("assets", f"/contracts/{dataset}/*")]
    return policy_document(
        *([] if sources else read_files(names, dataset)),
        allow("ReadCodeAndContracts", "s3:GetObject", code),
        allow("WriteVerdictsDocsAndTemp", MULTIPART_UPLOAD, own_objects),
        *write_messages(names, dataset),
        *read_results(names, dataset, RUNS),
        allow(
            "WriteOwnParquet",
            f"s3:GetObject s3:DeleteObject {MULTIPART_UPLOAD}",
            [names.bucket_arn("processed", f"/{place}/*") for place in written],
        ),
        *keep_ledgers(names, places, has_changes=has_changes),
        use_tables(names, dataset, has_changes=has_changes),
        allow("AskForOwnRuns", "glue:GetJobRun", names.arn("glue", f"job/{names.resource_name(dataset)}")),
        *read_tables(names, "References", references),
        *read_tables(names, "Sources", sources),
        # asked for when a session starts, whatever database the job uses
        allow("AskForDefaultDatabase", "glue:GetDatabase", glue_arns(names, "database/default")),
        write_logs(names, f"{names.log_group_prefix}/*"),
        put_metrics(),
        *use_key(key_arn, "kms:Decrypt kms:GenerateDataKey"),
    )


def write_messages(names: Names, dataset: str) -> list[Statement]:
    """What a run tells: its message, its lines of the results, and what was said of the dataset before."""
    folders = (f"outbox/{dataset}/", *(days_folder(kind, dataset) for kind in KINDS))
    written = [names.bucket_arn("assets", f"/{folder}*") for folder in folders]
    return [
        allow("WriteMessageAndResults", "s3:PutObject", written),
        allow(
            "KeepIncidents",
            "s3:GetObject s3:PutObject s3:DeleteObject",
            names.bucket_arn("assets", f"/incidents/{dataset}/*"),
        ),
        # S3 says "not there" only to who may list: of a date that nothing was said of
        allow(
            "ListIncidents",
            "s3:ListBucket",
            names.bucket_arn("assets"),
            StringLike={"s3:prefix": [f"incidents/{dataset}/*"]},
        ),
    ]


def read_results(names: Names, dataset: str, *kinds: ResultKind) -> list[Statement]:
    """Find and read what earlier runs of the dataset left, by day and by month, and no other dataset's."""
    folders = [folder(kind, dataset) for folder in (days_folder, months_folder) for kind in kinds]
    prefixes = {"s3:prefix": [f"{folder}*" for folder in folders]}
    return [
        allow("ListOwnResults", "s3:ListBucket", names.bucket_arn("assets"), StringLike=prefixes),
        allow("ReadOwnResults", "s3:GetObject", [names.bucket_arn("assets", f"/{folder}*") for folder in folders]),
    ]


def write_lineage(names: Names, dataset: str) -> Statement:
    """Where a dataset's lineage goes into assets, and not to a server."""
    return allow("WriteLineage", "s3:PutObject", names.bucket_arn("assets", f"/lineage/{dataset}/*"))


def read_files(names: Names, dataset: str) -> list[Statement]:
    """What only a dataset of files takes: what arrived, and what an operator mended."""
    return [
        allow(
            "ListOwnRaw",
            "s3:ListBucket s3:ListBucketVersions",
            names.bucket_arn("raw"),
            StringLike={"s3:prefix": [f"{dataset}/*"]},
        ),
        allow("ReadOwnRaw", "s3:GetObject s3:GetObjectVersion", names.bucket_arn("raw", f"/{dataset}/*")),
        allow("ReadMended", "s3:GetObject", names.bucket_arn("assets", f"/temp/{dataset}/replay/*")),
        allow(
            "ListMended",
            "s3:ListBucket",
            names.bucket_arn("assets"),
            StringLike={"s3:prefix": [f"temp/{dataset}/replay/*"]},
        ),
    ]


def keep_ledgers(names: Names, places: DatasetLocations, *, has_changes: bool) -> list[Statement]:
    """Read and add ledgers and skips, and find them; what lies in the former place is the table's own by `WriteOwnParquet`."""
    ledgers = (places.ledgers, places.former_ledgers)
    tables = (places.published, places.quarantine, places.former_quarantine)
    metadata = [f"{table}/metadata" for table in (*tables, *([places.changes] if has_changes else []))]
    return [
        allow("KeepOwnLedgers", "s3:GetObject s3:PutObject", names.bucket_arn("processed", f"/{places.ledgers}/*")),
        # S3 says "not there" only to who may list: of a skip that nobody made, of what somebody deleted
        allow(
            "FindState",
            "s3:ListBucket",
            names.bucket_arn("processed"),
            StringLike={"s3:prefix": [f"{folder}/*" for folder in (*ledgers, *metadata)]},
        ),
    ]


def use_tables(names: Names, table: str, *, has_changes: bool) -> Statement:
    """Return what lets a job use a published table and those beside it in the Data Catalog."""
    database = names.database
    actions = "glue:GetDatabase glue:GetTable glue:CreateTable glue:UpdateTable"
    tables = [f"table/{database}/{name}" for name in own_tables(table, has_changes=has_changes)]
    return allow("UseOwnTables", actions, glue_arns(names, f"database/{database}", *tables))


def own_tables(table: str, *, has_changes: bool) -> list[str]:
    """Return the names of a published table and of those beside it that its jobs write."""
    return [table, quarantine_of(table), *([changes_of(table)] if has_changes else [])]


def read_tables(names: Names, relation: str, datasets: tuple[str, ...]) -> list[Statement]:
    """Read what other datasets published, and nothing else of theirs; `relation` they are to the one that reads."""
    if not datasets:
        return []
    tables = glue_arns(
        names, f"database/{names.database}", *(f"table/{names.database}/{dataset}" for dataset in datasets)
    )
    objects = [
        names.bucket_arn("processed", f"/{DatasetLocations('', dataset).published}/{part}/*")
        for dataset in datasets
        for part in ICEBERG_FOLDERS
    ]
    return [
        allow(f"Find{relation}", "glue:GetTable", tables),
        allow(f"Read{relation}", "s3:GetObject", objects),
    ]


def crawler_policy(names: Names, dataset: str, key_arn: str | None) -> Document:
    """What the crawler of one raw folder may do: read it, and keep tables `raw_*` up to date."""
    database = names.database
    table_actions = (
        "glue:GetDatabase glue:GetTable glue:GetTables glue:CreateTable glue:UpdateTable glue:GetPartition"
        " glue:GetPartitions glue:BatchGetPartition glue:BatchCreatePartition glue:BatchUpdatePartition"
    )
    return policy_document(
        allow("FindRaw", "s3:GetBucketLocation", names.bucket_arn("raw")),
        allow("ListOwnRaw", "s3:ListBucket", names.bucket_arn("raw"), StringLike={"s3:prefix": [f"{dataset}/*"]}),
        allow("ReadOwnRaw", "s3:GetObject", names.bucket_arn("raw", f"/{dataset}/*")),
        allow("KeepRawTables", table_actions, glue_arns(names, f"database/{database}", f"table/{database}/raw_*")),
        write_logs(names, "/aws-glue/crawlers:*"),  # shared by all crawlers of the account, and not to be chosen
        *use_key(key_arn, "kms:Decrypt"),
    )


def glue_arns(names: Names, *resources: str) -> list[str]:
    """Glue checks an action on a thing and on all above it, so the catalog comes along (AWS Glue, Resource ARNs)."""
    return [names.arn("glue", resource) for resource in ("catalog", *resources)]


def write_logs(names: Names, groups: str) -> Statement:
    """The group itself too: Glue's agent asks for it before it writes, also where it is there."""
    actions = "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"
    return allow("WriteLogs", actions, names.arn("logs", f"log-group:{groups}"))


def put_metrics() -> Statement:
    """Return what lets a job put metrics, in our namespace and in Glue's."""
    # CloudWatch knows no resource for PutMetricData (Service Authorization Reference, Amazon CloudWatch)
    namespaces = {"cloudwatch:namespace": ["Sluice", "Glue"]}
    return allow("PutMetrics", "cloudwatch:PutMetricData", "*", StringEquals=namespaces)


def use_key(key_arn: str | None, actions: str) -> list[Statement]:
    """S3 decrypts what is read, and makes data keys for what is written, on the caller's account."""
    return [] if key_arn is None else [allow("UseKeyOfBuckets", actions, key_arn)]


UNEXERCISED_GRANTS = {
    "WriteLogs logs:CreateLogGroup": "Glue's own agent writes the logs; an emulator's run writes to a file",
    "WriteLogs logs:CreateLogStream": "Glue's own agent writes the logs; an emulator's run writes to a file",
    "WriteLogs logs:PutLogEvents": "Glue's own agent writes the logs; an emulator's run writes to a file",
    "WriteVerdictsDocsAndTemp s3:AbortMultipartUpload": "only when an upload breaks off",
    "WriteOwnParquet s3:AbortMultipartUpload": "only when an upload breaks off",
    "WriteOwnParquet s3:DeleteObject": "only when a write or a commit breaks off: Iceberg removes the files it had written",
    "ListOwnResults s3:ListBucket": "only where a rule's bound is of earlier runs",
    "ReadOwnResults s3:GetObject": "only where a rule's bound is of earlier runs",
    "AskForDefaultDatabase glue:GetDatabase": "on Glue the session's own catalog asks for it; a local session has none",
    "UseKeyOfBuckets kms:Decrypt": "S3 asks KMS, where a stack has a customer key",
    "UseKeyOfBuckets kms:GenerateDataKey": "S3 asks KMS, where a stack has a customer key",
}
"""What the job's document grants though no run in the sandbox asks for it: Sid and action, and the reason."""
