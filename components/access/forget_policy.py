"""What the one job that forgets rows may do: rewrite whatever may hold a row, and remove older versions of it.

The documents of other roles go by dataset. This one goes by folder: it serves every dataset of the stack, and a line for each
would not fit a role's document. The statements that remove versions are no other role's (`role.forgets`).
"""

from components.access.policy_documents import (
    MULTIPART_UPLOAD,
    UNEXERCISED_GRANTS,
    Document,
    allow,
    glue_arns,
    policy_document,
    put_metrics,
    use_key,
    write_logs,
)
from components.names import FORGET, Names
from etl.contract.layout import CHANGES, LEDGER, PUBLISHED, QUARANTINE

TABLE_FOLDERS = (PUBLISHED, QUARANTINE, LEDGER, CHANGES)
"""The folders of the processed bucket that hold rows, or say which rows are held."""
TOLD_FOLDERS = ("verdicts", "docs", "results", "outbox", "incidents", "messages", "lineage", "temp", "athena", FORGET)
"""The folders of the assets bucket in which a value of a row may stand, and that of the keys and the reports."""
REMOVE_VERSIONS = "s3:GetObjectVersion s3:DeleteObjectVersion"
KEEP_TAGS = "s3:GetObjectTagging s3:PutObjectTagging"
SEE_LIFECYCLE = "s3:GetLifecycleConfiguration"
"""By it the job knows on which day the last older version is gone."""


def forget_policy(names: Names, key_arn: str | None) -> Document:
    """The document of its role: code and contracts are read, and nothing of the program's own is changed."""
    buckets = [names.bucket_arn(zone) for zone in ("raw", "processed", "assets")]
    tables, messages = (
        [names.bucket_arn(zone, f"/{folder}/*") for folder in folders]
        for zone, folders in (("processed", TABLE_FOLDERS), ("assets", TOLD_FOLDERS))
    )
    raw = names.bucket_arn("raw", "/*")
    published = glue_arns(names, f"database/{names.database}", f"table/{names.database}/*")
    return policy_document(
        allow(
            "ReadCodeAndContracts",
            "s3:GetObject",
            [names.bucket_arn("assets", f"/{top}/*") for top in ("code", "contracts")],
        ),
        allow("FindVersionsToForget", f"s3:ListBucket s3:ListBucketVersions {SEE_LIFECYCLE}", buckets),
        allow("RewriteRaw", f"s3:GetObject s3:DeleteObject {MULTIPART_UPLOAD} {KEEP_TAGS}", raw),
        allow("RewriteTablesAndWhatWasTold", f"s3:GetObject s3:DeleteObject {MULTIPART_UPLOAD}", [*tables, *messages]),
        allow("RemoveVersions", REMOVE_VERSIONS, [raw, *tables, *messages]),
        allow("MoveTables", "glue:GetTable glue:UpdateTable", published),
        allow("SeeRunsOfDatasets", "glue:GetJobRuns", names.arn("glue", f"job/{names.resource_name('*')}")),
        # asked for when a session starts, whatever database the job uses
        allow("AskForDefaultDatabase", "glue:GetDatabase", glue_arns(names, "database/default")),
        write_logs(names, f"{names.log_group_prefix}/*"),
        put_metrics(),
        *use_key(key_arn, "kms:Decrypt kms:GenerateDataKey"),
    )


SHARED_GRANTS = ("WriteLogs ", "AskForDefaultDatabase ", "UseKeyOfBuckets ")
UNEXERCISED_IN_FORGET = {
    **{entry: reason for entry, reason in UNEXERCISED_GRANTS.items() if entry.startswith(SHARED_GRANTS)},
    "PutMetrics cloudwatch:PutMetricData": "Glue puts a run's metrics under its role; an emulator's run has none",
    "RewriteRaw s3:AbortMultipartUpload": "only when an upload breaks off",
    "RewriteTablesAndWhatWasTold s3:AbortMultipartUpload": "only when an upload breaks off",
}
"""What the document grants though no forgetting in the sandbox asks for it: Sid and action, and the reason."""
