"""Policies on how long things stay, and what a destroy takes with it."""

from collections.abc import Iterator
from typing import Any

from etl.contract.layout import CHANGES, LEDGER, PUBLISHED, QUARANTINE
from sluice.program.graph import Graph, Node
from sluice.program.policies.policy import (
    LOGS,
    buckets_by_zone,
    config_flag,
    nested_value,
    register_policy,
    side_inputs,
)

SECURITY_HUB = "AWS Security Hub, Amazon S3 controls, "
READ_AT_ONCE = {"INTELLIGENT_TIERING", "STANDARD_IA"}
DATA = ("raw", "processed", "assets")


def enabled_rules(graph: Graph, bucket: Node) -> list[dict[str, Any]]:
    """The lifecycle rules that are on."""
    configured = side_inputs(graph, "BucketLifecycleConfiguration", bucket).get("rules", [])
    return [rule for rule in configured if rule["status"] == "Enabled"]


def rule_prefix(rule: dict[str, Any]) -> str:
    """Return the prefix that a lifecycle rule applies to, "" for the whole bucket."""
    return nested_value(rule, "filter", "and", "prefix") or nested_value(rule, "filter", "prefix") or ""


def expires_current(rule: dict[str, Any], top: str) -> bool:
    """Whether the rule removes current objects below a prefix; a delete marker without versions is no object."""
    overlaps = top.startswith(rule_prefix(rule)) or rule_prefix(rule).startswith(top)
    return overlaps and bool({"days", "date"} & set(rule.get("expiration", {})))


@register_policy("bucket.versioned", "what is overwritten or deleted can be restored", SECURITY_HUB + "S3.14")
def check_versioning(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.versioned`."""
    for zone, bucket in buckets_by_zone(graph).items():
        if (
            nested_value(side_inputs(graph, "BucketVersioning", bucket), "versioningConfiguration", "status")
            != "Enabled"
        ):
            yield f"{zone} keeps no versions"


@register_policy("bucket.tidied", "replaced versions and uploads that broke off expire", SECURITY_HUB + "S3.10, S3.13")
def check_tidied(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.tidied`."""
    for zone, bucket in buckets_by_zone(graph).items():
        whole_bucket_rules = [rule for rule in enabled_rules(graph, bucket) if not rule_prefix(rule)]
        for element in ("noncurrentVersionExpiration", "abortIncompleteMultipartUpload"):
            if not any(element in rule for rule in whole_bucket_rules):
                yield f"{zone} has no rule with {element}"


@register_policy(
    "bucket.tables-stay",
    "no rule expires current objects of a table, a quarantine or a ledger",
    "Apache Iceberg, Maintenance: only expiring snapshots knows which files a table still needs",
)
def check_tables_stay(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.tables-stay`."""
    for rule in enabled_rules(graph, buckets_by_zone(graph)["processed"]):
        for top in (PUBLISHED, QUARANTINE, CHANGES, LEDGER):
            if expires_current(rule, f"{top}/"):
                yield f"processed expires {top}/ by its rule {rule['id']}"


@register_policy(
    "bucket.code-stays", "no rule expires code/ or contracts/", "Sluice: rollbacks and runs in progress read them"
)
def check_code_stays(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.code-stays`."""
    for rule in enabled_rules(graph, buckets_by_zone(graph)["assets"]):
        yield from (
            f"assets expires {top} by {rule['id']}" for top in ("code/", "contracts/") if expires_current(rule, top)
        )


@register_policy(
    "bucket.leftovers-go",
    "temporary objects and access logs expire",
    "AWS Glue, Job parameters, TempDir; Amazon S3, Deleting log files",
)
def check_leftovers_go(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.leftovers-go`."""
    for zone, top in (("assets", "temp/"), (LOGS, "")):
        if not any(expires_current(rule, top) for rule in enabled_rules(graph, buckets_by_zone(graph)[zone])):
            yield f"{zone} keeps {top or 'everything'} for ever"


@register_policy(
    "bucket.read-at-once",
    "objects move only to classes that are read without a restore",
    "Amazon S3, Storage classes: GetObject on an archived object is InvalidObjectState",
)
def check_storage_classes(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.read-at-once`."""
    for zone, bucket in buckets_by_zone(graph).items():
        moves = [move["storageClass"] for rule in enabled_rules(graph, bucket) for move in rule.get("transitions", [])]
        yield from (f"{zone} moves objects to {move}" for move in moves if move not in READ_AT_ONCE)


@register_policy(
    "bucket.protected",
    "data buckets are protected and retained where the stack is, else destroyed with their versions",
    "Pulumi, resource options protect and retainOnDelete; Amazon S3, Deleting a bucket",
)
def check_protection(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.protected`."""
    should_protect = config_flag(graph, "protect")
    for zone, bucket in buckets_by_zone(graph).items():
        if zone in DATA and (bucket.protect, bucket.retain) != (should_protect, should_protect):
            yield f"{zone} has protect {bucket.protect}, retain_on_delete {bucket.retain}"
        if bucket.inputs.get("forceDestroy") is not (not should_protect):
            yield f"{zone} has force_destroy {bucket.inputs.get('forceDestroy')}"


GUARDS = (
    *("BucketPublicAccessBlock", "BucketOwnershipControls", "BucketPolicy", "BucketServerSideEncryptionConfiguration"),
    *("BucketVersioning", "BucketLifecycleConfiguration"),
)
"""What keeps a bucket's data closed, encrypted and restorable."""


@register_policy(
    "bucket.guards-protected",
    "what guards a bucket's data is protected where the bucket is",
    "Pulumi, resource option protect: without a preview, what is unprotected is deleted before a protected bucket refuses",
)
def check_guards_protected(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.guards-protected`."""
    should_protect = config_flag(graph, "protect")
    for kind in GUARDS:
        for node in graph.nodes_of_type(f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"):
            if node.protect is not should_protect:
                yield f"{node.name} has protect {node.protect}"


@register_policy(
    "component.unprotected",
    "no component and no code object is protected",
    "Pulumi, resource option protect: children inherit it, and a protected object is never replaced",
)
def check_components_unprotected(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `component.unprotected`."""
    for node in graph.nodes.values():
        if node.protect and (not node.custom or node.type == "aws:s3/bucketObjectv2:BucketObjectv2"):
            yield f"{node.name} is protected"
