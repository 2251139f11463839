"""What the maintenance of one dataset may do: rewrite its own tables, and read no raw object and no contract."""

from components.access.policy_documents import (
    ICEBERG,
    MULTIPART,
    UNSEEN,
    Document,
    Statement,
    allow,
    document,
    glue_arns,
    put_metrics,
    use_key,
    write_logs,
)
from components.names import Names
from etl.contract.layout import Places


def maintenance(names: Names, dataset: str, key_arn: str | None) -> Document:
    """The document of its role; what an operator skipped lies beside the ledgers, and is out of reach."""
    places = Places("", dataset)
    tables = (places.published, places.quarantine, places.former_quarantine)
    folders = [f"{table}/{part}" for table in tables for part in ICEBERG]
    ledgers = (places.ledgers, places.former_ledgers)
    reports = [names.bucket_arn("assets", f"/{top}/{dataset}/maintenance/*") for top in ("verdicts", "temp")]
    return document(
        allow("ReadCode", "s3:GetObject", names.bucket_arn("assets", "/code/*")),
        allow(
            "ListOwnTables",
            "s3:ListBucket",
            names.bucket_arn("processed"),
            StringLike={"s3:prefix": [f"{folder}/*" for folder in (*folders, *ledgers)]},
        ),
        allow(
            "RewriteOwnTables",
            f"s3:GetObject s3:DeleteObject {MULTIPART}",
            [names.bucket_arn("processed", f"/{folder}/*") for folder in folders],
        ),
        allow(
            "ReadAndPruneLedgers",
            "s3:GetObject s3:DeleteObject",
            [names.bucket_arn("processed", f"/{folder}/jr_*") for folder in ledgers],
        ),
        move_tables(names, dataset),
        allow("SeeRuns", "glue:GetJobRuns", names.arn("glue", f"job/{names.of(dataset)}")),
        allow("WriteReportAndTemp", MULTIPART, reports),
        # asked for when a session starts, whatever database the job uses
        allow("AskForDefaultDatabase", "glue:GetDatabase", glue_arns(names, "database/default")),
        write_logs(names, f"{names.log_group_prefix}/*"),
        put_metrics(),
        *use_key(key_arn, "kms:Decrypt kms:GenerateDataKey"),
    )


def move_tables(names: Names, table: str) -> Statement:
    """Find its tables and let them point to new metadata; none is made or dropped."""
    own = (f"table/{names.database}/{one}" for one in (table, f"{table}_quarantine"))
    actions = "glue:GetTable glue:UpdateTable"
    return allow("MoveOwnTables", actions, glue_arns(names, f"database/{names.database}", *own))


SHARED = ("WriteLogs ", "AskForDefaultDatabase ", "UseKeyOfBuckets ")
UNSEEN_IN_MAINTENANCE = {
    **{entry: reason for entry, reason in UNSEEN.items() if entry.startswith(SHARED)},
    "RewriteOwnTables s3:AbortMultipartUpload": "only when an upload breaks off",
    "WriteReportAndTemp s3:AbortMultipartUpload": "only when an upload breaks off",
    "ReadAndPruneLedgers s3:DeleteObject": "only ledgers older than a day, and no sandbox lives as long",
}
"""What the document grants though no maintenance in the sandbox asks for it: Sid and action, and the reason."""
