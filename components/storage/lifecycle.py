"""How long objects stay: S3 lifecycle rules as plain data. None expires a current object of the published tables."""

import pulumi_aws as aws

from components.settings.retention import Retention

Rule = aws.s3.BucketLifecycleConfigurationRuleArgsDict
BROKEN_UPLOAD_DAYS, TEMP_DAYS = 7, 7


def replaced(days: int) -> Rule:
    """What was replaced or deleted can be restored for some days; an upload that broke off is removed."""
    return {
        "id": "replaced",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrent_version_expiration": {"noncurrent_days": days},
        "expiration": {"expired_object_delete_marker": True},
        "abort_incomplete_multipart_upload": {"days_after_initiation": BROKEN_UPLOAD_DAYS},
    }


def expire(name: str, prefix: str, days: int) -> Rule:
    return {
        "id": f"expire-{name}",
        "status": "Enabled",
        "filter": {"prefix": prefix},
        "expiration": {"days": days},
    }


def rest(folder: str, kept: Retention) -> Rule:
    """Raw objects move to a class that is read at once, and expire where the stack says so; folder markers stay."""
    rule: Rule = {
        "id": f"rest-{folder}",
        "status": "Enabled",
        "filter": {"and_": {"prefix": f"{folder}/", "object_size_greater_than": 0}},
    }
    if kept.raw_tier != "NONE":
        rule["transitions"] = [{"days": kept.raw_tier_days, "storage_class": kept.raw_tier}]
    if kept.raw_expire_days:
        rule["expiration"] = {"days": kept.raw_expire_days}
    return rule


def raw(folders: tuple[str, ...], kept: Retention) -> list[Rule]:
    # S3 refuses a rule that does nothing
    resting = folders if kept.raw_tier != "NONE" or kept.raw_expire_days else ()
    return [replaced(kept.noncurrent_days), *(rest(folder, kept) for folder in resting)]


def processed(kept: Retention) -> list[Rule]:
    return [replaced(kept.noncurrent_days)]


def assets(kept: Retention) -> list[Rule]:
    """Code and contracts stay: a rollback and a run in progress look for them."""
    results = expire("athena", "athena/", kept.query_days)
    # an answer may name people: it is gone when it expires, and not only hidden
    results["noncurrent_version_expiration"] = {"noncurrent_days": 1}
    return [replaced(kept.noncurrent_days), expire("temp", "temp/", TEMP_DAYS), results]


def access_logs(kept: Retention) -> list[Rule]:
    return [replaced(1), expire("all", "", kept.access_log_days)]
