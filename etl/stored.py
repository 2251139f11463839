"""An object of a bucket, where it may not be there."""

from typing import Any

from botocore.exceptions import ClientError

NOT_THERE, DENIED = ("NoSuchKey", "404"), ("AccessDenied", "403")


def content(s3: Any, bucket: str, key: str, **asked: str) -> bytes | None:
    """Return an object's bytes, None where there is no such object; `asked` is what else GetObject takes.

    Raises:
        ClientError: it could not be read, though it may be there.
    """
    try:
        return s3.get_object(Bucket=bucket, Key=key, **asked)["Body"].read()
    except ClientError as fault:
        code = fault.response["Error"]["Code"]
        if code in NOT_THERE or (code in DENIED and not _is_listed(s3, bucket, key)):
            return None
        raise


def kept(s3: Any, bucket: str, key: str, **asked: str) -> bytes | None:
    """Return an object's bytes as `content` does; of a deleted one, those of its newest version that the bucket keeps."""
    found = content(s3, bucket, key, **asked)
    if found is not None:
        return found
    listed = s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", ())
    versions = sorted((one["LastModified"], one["VersionId"]) for one in listed if one["Key"] == key)
    return content(s3, bucket, key, **asked, VersionId=versions[-1][1]) if versions else None


def _is_listed(s3: Any, bucket: str, key: str) -> bool:
    """Ask by listing: S3 answers 403 for what is not there to whoever may not list (Amazon S3, GetObject)."""
    try:
        return bool(s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("KeyCount"))
    except ClientError:  # then nobody knows, and the first refusal is the one to tell
        return True
