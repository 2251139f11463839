"""What permissions a request needs: a table of HTTP requests and IAM actions, from each service's reference.

Sources: Amazon S3, Required permissions for API operations; Service Authorization Reference for AWS Glue, CloudWatch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice.program.iam import PermissionRequest


class UnmappedRequest(LookupError):
    """A request that the table does not know; add it there, with the action that AWS's reference gives."""


@dataclass(frozen=True)
class AwsRequest:
    """One request as an endpoint saw it.

    `service` as in its signature (s3, glue, monitoring, sts); for S3 `bucket`, `key`, `query` and `copied`, which is
    `bucket/key` of a copy's source, and whether it is put `tagged`; for others `operation` and the `body` by the names of the
    API. `status` is the answer's.
    """

    service: str
    method: str = "POST"
    bucket: str = ""
    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    copied: str = ""
    tagged: bool = False
    operation: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


OBJECT_ACTIONS: list[tuple[str, set[str], str]] = [
    ("GET", {"tagging", "versionId"}, "s3:GetObjectVersionTagging"),
    ("GET", {"tagging"}, "s3:GetObjectTagging"),
    ("GET", {"versionId"}, "s3:GetObjectVersion"),
    ("HEAD", {"versionId"}, "s3:GetObjectVersion"),
    ("GET", {"uploadId"}, "s3:ListMultipartUploadParts"),
    ("GET", set(), "s3:GetObject"),
    ("HEAD", set(), "s3:GetObject"),
    ("PUT", {"tagging"}, "s3:PutObjectTagging"),
    ("PUT", {"partNumber", "uploadId"}, "s3:PutObject"),
    ("PUT", set(), "s3:PutObject"),
    ("POST", {"uploads"}, "s3:PutObject"),
    ("POST", {"uploadId"}, "s3:PutObject"),
    ("DELETE", {"uploadId"}, "s3:AbortMultipartUpload"),
    ("DELETE", {"versionId"}, "s3:DeleteObjectVersion"),
    ("DELETE", set(), "s3:DeleteObject"),
]
"""Requests on an object: method, query keys that have to be there, action; the first row that fits counts."""
BUCKET_ACTIONS: list[tuple[str, set[str], str]] = [
    ("GET", {"location"}, "s3:GetBucketLocation"),
    ("GET", {"lifecycle"}, "s3:GetLifecycleConfiguration"),
    ("GET", {"versions"}, "s3:ListBucketVersions"),
    ("GET", {"uploads"}, "s3:ListBucketMultipartUploads"),
    ("GET", {"versioning"}, "s3:GetBucketVersioning"),
    ("GET", {"list-type"}, "s3:ListBucket"),
    ("GET", {"prefix"}, "s3:ListBucket"),
    ("HEAD", set(), "s3:ListBucket"),
]
DELETED_IN_BATCHES = {"Keys": "s3:DeleteObject", "VersionedKeys": "s3:DeleteObjectVersion"}
"""What a batch (`POST ?delete`) asks for, by the name that its keys have in the body of an `AwsRequest`."""
CATALOG_OPERATIONS = {
    "GetDatabase": ("database",),
    "GetTable": ("database", "table"),
    "CreateTable": ("database", "table"),
    "UpdateTable": ("database", "table"),
    "DeleteTable": ("database", "table"),
    "GetTables": ("database", "table"),
    "CreateDatabase": ("database",),
}
"""Operations of Glue's catalog, and what they are checked on beside the catalog itself."""
JOB_RUN_OPERATIONS = {"GetJobRun", "GetJobRuns"}
"""Operations on a job's runs, which are checked on the job."""
UNCHECKED_OPERATIONS = {"sts": {"GetCallerIdentity"}}
"""Operations that need no permission."""


def required_permissions(request: AwsRequest, region: str, account: str) -> list[PermissionRequest]:
    """Return the permissions that a request needs; raises Unmapped where the table does not know it."""
    if request.operation in UNCHECKED_OPERATIONS.get(request.service, ()):
        return []
    if request.service == "s3":
        return list(s3_permissions(request))
    if request.service == "glue" and request.operation in JOB_RUN_OPERATIONS:
        return [
            PermissionRequest(
                f"glue:{request.operation}", f"arn:aws:glue:{region}:{account}:job/{request.body['JobName']}"
            )
        ]
    if request.service == "glue" and request.operation in CATALOG_OPERATIONS:
        return list(glue_permissions(request, f"arn:aws:glue:{region}:{account}"))
    if request.service == "monitoring" and request.operation == "PutMetricData":
        return [PermissionRequest("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": request.body["Namespace"]})]
    raise UnmappedRequest(f"sluice/program/request_permissions.py has no row for {request}")


def s3_permissions(request: AwsRequest) -> Iterator[PermissionRequest]:
    """Yield what a request to S3 needs; raises UnmappedRequest for one that no row knows."""
    bucket = f"arn:aws:s3:::{request.bucket}"
    if request.key:
        yield PermissionRequest(action_for(OBJECT_ACTIONS, request), f"{bucket}/{request.key}")
        if request.copied:
            source, _, version = request.copied.lstrip("/").partition("?versionId=")
            yield PermissionRequest("s3:GetObjectVersion" if version else "s3:GetObject", f"arn:aws:s3:::{source}")
        if request.tagged:
            yield PermissionRequest("s3:PutObjectTagging", f"{bucket}/{request.key}")
        if request.status == 404 and request.method in ("GET", "HEAD"):
            # who may not list a bucket is told 403, not 404 (Amazon S3 API, HeadObject); no prefix is in the context
            yield PermissionRequest("s3:ListBucket", bucket)
    elif request.method == "POST" and "delete" in request.query:
        for name, action in DELETED_IN_BATCHES.items():
            for key in request.body.get(name, ()):
                yield PermissionRequest(action, f"{bucket}/{key}")
    else:
        listing = {"s3:prefix": request.query["prefix"]} if "prefix" in request.query else {}
        yield PermissionRequest(action_for(BUCKET_ACTIONS, request), bucket, listing)


def action_for(table: list[tuple[str, set[str], str]], request: AwsRequest) -> str:
    """Return the action of a request by the first row that fits; raises UnmappedRequest where none does."""
    for method, required_query, action in table:
        if method == request.method and required_query <= set(request.query):
            return action
    raise UnmappedRequest(f"sluice/program/request_permissions.py has no row for {request}")


def glue_permissions(request: AwsRequest, arn: str) -> Iterator[PermissionRequest]:
    """Yield what a request to the Data Catalog needs: on catalog, database and table."""
    action = f"glue:{request.operation}"
    yield PermissionRequest(action, f"{arn}:catalog")
    body = request.body
    database = body.get("DatabaseName") or body.get("Name") or body["DatabaseInput"]["Name"]
    yield PermissionRequest(action, f"{arn}:database/{database}")
    if "table" in CATALOG_OPERATIONS[request.operation]:
        table = body.get("TableInput", {}).get("Name") or body.get("Name") or "*"
        yield PermissionRequest(action, f"{arn}:table/{database}/{table}")
