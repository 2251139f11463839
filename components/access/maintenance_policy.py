"""What the maintenance of one dataset may do: rewrite its own tables, and read no raw object and no contract."""

from components.access.policy_documents import (
    ICEBERG_FOLDERS,
    MULTIPART_UPLOAD,
    UNEXERCISED_GRANTS,
    Document,
    Statement,
    allow,
    glue_arns,
    own_tables,
    policy_document,
    put_metrics,
    read_results,
    use_key,
    write_logs,
)
from components.names import Names
from etl.contract.layout import DatasetLocations
from etl.contract.results_layout import KINDS, months_folder


def maintenance_policy(names: Names, dataset: str, key_arn: str | None, *, has_changes: bool = False) -> Document:
    """The document of its role; what an operator skipped lies beside the ledgers, and is out of reach.

    `has_changes` says that the load is of changes, so that the dataset has a table of deleted keys.
    """
    places = DatasetLocations("", dataset)
    changes = [places.changes] if has_changes else []
    tables = (places.published, places.quarantine, places.former_quarantine, *changes)
    folders = [f"{table}/{part}" for table in tables for part in ICEBERG_FOLDERS]
    ledgers = (places.ledgers, places.former_ledgers)
    months = [names.bucket_arn("assets", f"/{months_folder(kind, dataset)}*") for kind in KINDS]
    reports = [names.bucket_arn("assets", f"/{top}/{dataset}/maintenance/*") for top in ("verdicts", "temp")]
    return policy_document(
        allow("ReadCode", "s3:GetObject", names.bucket_arn("assets", "/code/*")),
        allow(
            "ListOwnTables",
            "s3:ListBucket",
            names.bucket_arn("processed"),
            StringLike={"s3:prefix": [f"{folder}/*" for folder in (*folders, *ledgers)]},
        ),
        allow(
            "RewriteOwnTables",
            f"s3:GetObject s3:DeleteObject {MULTIPART_UPLOAD}",
            [names.bucket_arn("processed", f"/{folder}/*") for folder in folders],
        ),
        allow(
            "ReadAndPruneLedgers",
            "s3:GetObject s3:DeleteObject",
            [names.bucket_arn("processed", f"/{folder}/jr_*") for folder in ledgers],
        ),
        move_tables(names, dataset, has_changes=has_changes),
        allow("SeeRuns", "glue:GetJobRuns", names.arn("glue", f"job/{names.resource_name(dataset)}")),
        allow("WriteReportAndTemp", MULTIPART_UPLOAD, reports),
        *read_results(names, dataset, *KINDS),
        allow("JoinMonthsOfResults", "s3:PutObject", months),
        # asked for when a session starts, whatever database the job uses
        allow("AskForDefaultDatabase", "glue:GetDatabase", glue_arns(names, "database/default")),
        write_logs(names, f"{names.log_group_prefix}/*"),
        put_metrics(),
        *use_key(key_arn, "kms:Decrypt kms:GenerateDataKey"),
    )


def move_tables(names: Names, table: str, *, has_changes: bool) -> Statement:
    """Find its tables and let them point to new metadata; none is made or dropped."""
    tables = [f"table/{names.database}/{name}" for name in own_tables(table, has_changes=has_changes)]
    actions = "glue:GetTable glue:UpdateTable"
    return allow("MoveOwnTables", actions, glue_arns(names, f"database/{names.database}", *tables))


SHARED_GRANTS = ("WriteLogs ", "AskForDefaultDatabase ", "UseKeyOfBuckets ")
UNEXERCISED_IN_MAINTENANCE = {
    **{entry: reason for entry, reason in UNEXERCISED_GRANTS.items() if entry.startswith(SHARED_GRANTS)},
    "RewriteOwnTables s3:AbortMultipartUpload": "only when an upload breaks off",
    "WriteReportAndTemp s3:AbortMultipartUpload": "only when an upload breaks off",
    "ReadAndPruneLedgers s3:DeleteObject": "only ledgers older than a day, and no sandbox lives as long",
    "ReadOwnResults s3:GetObject": "only results of a month that is over, and no sandbox lives as long",
    "JoinMonthsOfResults s3:PutObject": "only results of a month that is over, and no sandbox lives as long",
}
"""What the document grants though no maintenance in the sandbox asks for it: Sid and action, and the reason."""
