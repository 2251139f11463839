"""How long objects stay: S3 lifecycle rules as plain data. None expires a current object of the published tables."""

import pulumi_aws as aws

from components.settings.retention import Retention
from etl.contract.layout import FORGET_KEYS

Rule = aws.s3.BucketLifecycleConfigurationRuleArgsDict
BROKEN_UPLOAD_DAYS, TEMP_DAYS = 7, 7
FORGET_KEYS_DAYS = 1
"""Days that keys of rows to forget are left where a run died before it removed them."""
RUN_RECORDS = ("results", "outbox", "messages", "incidents", "forget")
"""Prefixes of assets that each run adds small objects to, and nothing else removes; of `forget` the reports."""


def expire_replaced(days: int) -> Rule:
    """What was replaced or deleted can be restored for some days; an upload that broke off is removed."""
    return {
        "id": "replaced",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrent_version_expiration": {"noncurrent_days": days},
        "expiration": {"expired_object_delete_marker": True},
        "abort_incomplete_multipart_upload": {"days_after_initiation": BROKEN_UPLOAD_DAYS},
    }


def expire_rule(name: str, prefix: str, days: int) -> Rule:
    """Return a rule that expires objects below a prefix after some days."""
    return {
        "id": f"expire-{name}",
        "status": "Enabled",
        "filter": {"prefix": prefix},
        "expiration": {"days": days},
    }


def tier_rule(folder: str, retention: Retention) -> Rule:
    """Raw objects move to a class that is read at once, and expire where the stack says so; folder markers stay."""
    rule: Rule = {
        "id": f"rest-{folder}",
        "status": "Enabled",
        "filter": {"and_": {"prefix": f"{folder}/", "object_size_greater_than": 0}},
    }
    if retention.raw_tier != "NONE":
        rule["transitions"] = [{"days": retention.raw_tier_days, "storage_class": retention.raw_tier}]
    if retention.raw_expire_days:
        rule["expiration"] = {"days": retention.raw_expire_days}
    return rule


def raw_rules(folders: tuple[str, ...], retention: Retention) -> list[Rule]:
    """Return the rules of raw: a tier and an expiry for each folder, as the settings say."""
    # S3 refuses a rule that does nothing
    tiered_folders = folders if retention.raw_tier != "NONE" or retention.raw_expire_days else ()
    return [expire_replaced(retention.noncurrent_days), *(tier_rule(folder, retention) for folder in tiered_folders)]


def processed_rules(retention: Retention) -> list[Rule]:
    """Return the rules of processed: only what was replaced expires."""
    return [expire_replaced(retention.noncurrent_days)]


def assets_rules(retention: Retention) -> list[Rule]:
    """Code and contracts stay: a rollback and a run in progress look for them."""
    results = expire_rule("athena", "athena/", retention.query_days)
    # an answer may name people: it is gone when it expires, and not only hidden
    results["noncurrent_version_expiration"] = {"noncurrent_days": 1}
    forget_keys = expire_rule("forget-keys", FORGET_KEYS, FORGET_KEYS_DAYS)
    forget_keys["noncurrent_version_expiration"] = {"noncurrent_days": 1}
    kept = [expire_rule(name, f"{name}/", retention.results_days) for name in RUN_RECORDS]
    replaced = expire_replaced(retention.noncurrent_days)
    return [replaced, expire_rule("temp", "temp/", TEMP_DAYS), results, forget_keys, *kept]


def access_log_rules(retention: Retention) -> list[Rule]:
    """Return the rules of the access logs: all of them expire."""
    return [expire_replaced(1), expire_rule("all", "", retention.access_log_days)]
