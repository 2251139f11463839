"""Earlier versions of objects: deleted at once, or told with the day by which the bucket's lifecycle has removed the last.

All of them below the dataset's prefixes, and not only those of what was rewritten: a version that was corrected a month ago may
have the row too.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from etl.forget.report import BucketVersions
from etl.storage.optional_objects import error_code

MAX_KEYS_PER_DELETE = 1000  # keys that S3 deletes in one request
NO_LIFECYCLE = "NoSuchLifecycleConfiguration"
Version = dict[str, str]
"""A key and the id of one of its versions, as DeleteObjects takes them."""


def delete_current(s3: Any, bucket: str, prefix: str) -> int:
    """Delete every object below a prefix; return how many. Their versions stay."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [{"Key": entry["Key"]} for page in pages for entry in page.get("Contents", ())]
    _delete(s3, bucket, keys)
    return len(keys)


def delete_every_version(s3: Any, bucket: str, key: str) -> None:
    """Delete an object with all of its versions."""
    versions = [entry for entry in _versions(s3, bucket, key, "Versions") if entry["Key"] == key]
    markers = [entry for entry in _versions(s3, bucket, key, "DeleteMarkers") if entry["Key"] == key]
    # Markers last: without its marker an earlier version would be the latest.
    _delete(s3, bucket, map(_named, versions))
    _delete(s3, bucket, map(_named, markers))


def purge_versions(s3: Any, bucket: str, prefixes: Sequence[str]) -> BucketVersions:
    """Delete all earlier versions below the prefixes, and the markers of objects that are deleted."""
    report = BucketVersions(bucket)
    for prefix in prefixes:
        earlier = [_named(entry) for entry in _versions(s3, bucket, prefix, "Versions") if not entry["IsLatest"]]
        _delete(s3, bucket, earlier)
        _delete(s3, bucket, [_named(entry) for entry in _versions(s3, bucket, prefix, "DeleteMarkers")])
        report.deleted += len(earlier)
    return report


def describe_versions(s3: Any, bucket: str, prefixes: Sequence[str], now: datetime) -> BucketVersions:
    """Return how many earlier versions there are, and on which day the last of them is gone."""
    report = BucketVersions(bucket)
    rules = _lifecycle_rules(s3, bucket)
    for prefix in prefixes:
        count = sum(not entry["IsLatest"] for entry in _versions(s3, bucket, prefix, "Versions"))
        if not count:
            continue
        report.remaining += count
        day = _day_gone(rules, prefix, now)
        report.gone_on = None if day is None or report.gone_on is None else max(report.gone_on, day.isoformat())
    return report


def _day_gone(rules: Iterable[dict[str, Any]], prefix: str, now: datetime) -> date | None:
    """Return the day by which what became an earlier version by now is removed; None for never.

    S3 adds the rule's days to the time at which the successor came, and rounds up to the next midnight (Amazon S3,
    Lifecycle configuration elements).
    """
    days = [
        expiration["NoncurrentDays"]
        for rule in rules
        if (expiration := rule.get("NoncurrentVersionExpiration")) and prefix.startswith(_prefix_of(rule))
    ]
    return (now.astimezone(UTC) + timedelta(days=min(days))).date() + timedelta(days=1) if days else None


def _prefix_of(rule: dict[str, Any]) -> str:
    """Return the prefix of a rule that takes all objects below it; of one that chooses by more, what no key begins with."""
    rule_filter = rule.get("Filter", {})
    if "And" in rule_filter or "Tag" in rule_filter or "ObjectSizeGreaterThan" in rule_filter:
        return "\0"
    return rule_filter.get("Prefix", rule.get("Prefix", ""))


def _lifecycle_rules(s3: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as fault:
        if error_code(fault) == NO_LIFECYCLE:
            return []
        raise
    kept = ("NewerNoncurrentVersions",)  # some versions that stay for ever
    return [
        rule
        for rule in rules
        if rule["Status"] == "Enabled"
        and not any(rule.get("NoncurrentVersionExpiration", {}).get(name) for name in kept)
    ]


def _versions(s3: Any, bucket: str, prefix: str, kind: str) -> Iterator[dict[str, Any]]:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        yield from page.get(kind, ())


def _named(entry: dict[str, Any]) -> Version:
    return {"Key": entry["Key"], "VersionId": entry["VersionId"]}


def _delete(s3: Any, bucket: str, versions: Iterable[Version]) -> None:
    """Delete objects or versions.

    Raises:
        PermissionError: S3 did not delete one.
    """
    listed = [*versions]
    for start in range(0, len(listed), MAX_KEYS_PER_DELETE):
        chunk = listed[start : start + MAX_KEYS_PER_DELETE]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": chunk, "Quiet": True})
        if refused := answer.get("Errors"):  # the request itself succeeds
            error = refused[0]
            raise PermissionError(
                f"s3:DeleteObject of s3://{bucket}/{error['Key']}: {error['Code']} {error['Message']}"
            )
