"""An object of a bucket, where it may not be there."""

from typing import Any

from botocore.exceptions import ClientError

NOT_THERE, DENIED = ("NoSuchKey", "404"), ("AccessDenied", "403")


def read_object(s3: Any, bucket: str, key: str, **request: str) -> bytes | None:
    """Return an object's bytes, None where there is no such object; `request` is what else GetObject takes.

    Raises:
        ClientError: it could not be read, though it may be there.
    """
    try:
        return s3.get_object(Bucket=bucket, Key=key, **request)["Body"].read()
    except ClientError as fault:
        code = error_code(fault)
        if code in NOT_THERE or (code in DENIED and not _is_listed(s3, bucket, key)):
            return None
        raise


def read_kept_object(s3: Any, bucket: str, key: str, **request: str) -> bytes | None:
    """Return an object's bytes as `read_object` does; of a deleted one, those of its newest version that the bucket keeps."""
    current = read_object(s3, bucket, key, **request)
    if current is not None:
        return current
    stored_versions = s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", ())
    versions = sorted(
        (version["LastModified"], version["VersionId"]) for version in stored_versions if version["Key"] == key
    )
    return read_object(s3, bucket, key, **request, VersionId=versions[-1][1]) if versions else None


def error_code(fault: ClientError) -> str:
    """Return the code that a service gave with a refusal, "" for none."""
    return fault.response.get("Error", {}).get("Code", "")


def _is_listed(s3: Any, bucket: str, key: str) -> bool:
    """Ask by listing: S3 answers 403 for what is not there to whoever may not list (Amazon S3, GetObject)."""
    try:
        return bool(s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("KeyCount"))
    except ClientError:  # then nobody knows, and the first refusal is the one to tell
        return True
