"""How long objects stay: S3 lifecycle rules as plain data. No rule expires a current object of the published tables."""

from typing import Any

from components.settings import Retention

Rule = Any
"""One rule as `BucketLifecycleConfiguration` takes it."""
TEMP_DAYS = 7


def replaced(days: int) -> Rule:
    """What was replaced or deleted can be restored for some days; an upload that broke off is removed."""
    return {
        "id": "replaced", "status": "Enabled", "filter": {"prefix": ""},
        "noncurrent_version_expiration": {"noncurrent_days": days},
        "expiration": {"expired_object_delete_marker": True},
        "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
    }  # fmt: skip


def expire(prefix: str, days: int) -> Rule:
    return {
        "id": f"expire-{prefix.strip('/') or 'all'}", "status": "Enabled",
        "filter": {"prefix": prefix}, "expiration": {"days": days},
    }  # fmt: skip


def rest(folder: str, kept: Retention) -> list[Rule]:
    """Raw objects move to a class that is read at once, and expire where the stack says so; folder markers stay."""
    rule = {
        "id": f"rest-{folder}", "status": "Enabled",
        "filter": {"and_": {"prefix": f"{folder}/", "object_size_greater_than": 0}},
    }  # fmt: skip
    if kept.raw_tier != "NONE":
        rule["transitions"] = [{"days": kept.raw_tier_after, "storage_class": kept.raw_tier}]
    if kept.raw_expire:
        rule["expiration"] = {"days": kept.raw_expire}
    return [rule] if kept.raw_tier != "NONE" or kept.raw_expire else []


def raw(folders: tuple[str, ...], kept: Retention) -> list[Rule]:
    return [replaced(kept.noncurrent), *(rule for folder in folders for rule in rest(folder, kept))]


def processed(kept: Retention) -> list[Rule]:
    return [replaced(kept.noncurrent)]


def assets(kept: Retention) -> list[Rule]:
    return [replaced(kept.noncurrent), expire("temp/", TEMP_DAYS)]


def access_logs(kept: Retention) -> list[Rule]:
    return [replaced(1), expire("", kept.access_logs)]
