"""Policies on who reaches a bucket, and how it is encrypted."""

from collections.abc import Iterator

from sluice.program.graph import Graph
from sluice.program.policies.policy import (
    LOGS,
    as_list,
    buckets_by_zone,
    config_flag,
    nested_value,
    policy_statements,
    register_policy,
    side_inputs,
    stack_names,
    under_this_account,
)

SECURITY_HUB = "AWS Security Hub, Amazon S3 controls, "
PUBLIC_ACCESS_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@register_policy("bucket.closed", "no bucket or object can be made public", SECURITY_HUB + "S3.1, S3.8")
def check_public_access(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.closed`."""
    for zone, bucket in buckets_by_zone(graph).items():
        block = side_inputs(graph, "BucketPublicAccessBlock", bucket)
        yield from (f"{zone} has {key} {block.get(key)}" for key in PUBLIC_ACCESS_BLOCKS if block.get(key) is not True)


@register_policy("bucket.no-acl", "the bucket's owner owns every object; ACLs are off", SECURITY_HUB + "S3.12")
def check_no_acl(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.no-acl`."""
    for zone, bucket in buckets_by_zone(graph).items():
        owner = nested_value(side_inputs(graph, "BucketOwnershipControls", bucket), "rule", "objectOwnership")
        if owner != "BucketOwnerEnforced" or "acl" in bucket.inputs:
            yield f"{zone} has object ownership {owner}"


@register_policy("bucket.tls", "nothing is answered without TLS", SECURITY_HUB + "S3.5; CIS AWS Foundations 3.0, 2.1.1")
def check_tls(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.tls`."""
    keys = ("Effect", "Principal", "Action", "Resource", "Condition")
    for zone, bucket in buckets_by_zone(graph).items():
        bucket_and_objects = [stack_names(graph).s3_arn(f"{bucket.inputs['bucket']}{suffix}") for suffix in ("", "/*")]
        expected = ["Deny", "*", ["s3:*"], bucket_and_objects, {"Bool": {"aws:SecureTransport": "false"}}]
        document = policy_statements(side_inputs(graph, "BucketPolicy", bucket).get("policy"))
        if expected not in [[statement.get(key) for key in keys] for statement in document]:
            yield f"{zone} answers without TLS"


@register_policy(
    "bucket.encrypted",
    "data is encrypted at rest: SSE-S3, or the stack's key with a bucket key; access logs always SSE-S3",
    SECURITY_HUB + "S3.17; Amazon S3, Enabling server access logging",
)
def check_encryption(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.encrypted`."""
    for zone, bucket in buckets_by_zone(graph).items():
        rule = nested_value(side_inputs(graph, "BucketServerSideEncryptionConfiguration", bucket), "rules", 0)
        actual = (
            nested_value(rule, "applyServerSideEncryptionByDefault", "sseAlgorithm"),
            nested_value(rule, "bucketKeyEnabled"),
        )
        own_key = config_flag(graph, "customer_key") and zone != LOGS
        if actual != (("aws:kms", True) if own_key else ("AES256", False)):
            yield f"{zone} has algorithm and bucket key {actual}"


@register_policy(
    "bucket.logged", "each zone's access log goes to the log bucket, which has none itself", SECURITY_HUB + "S3.9"
)
def check_access_log(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.logged`."""
    target = buckets_by_zone(graph)[LOGS].inputs["bucket"]
    for zone, bucket in buckets_by_zone(graph).items():
        log_bucket = side_inputs(graph, "BucketLogging", bucket).get("targetBucket")
        if log_bucket != (None if zone == LOGS else target):
            yield f"{zone} delivers its access log to {log_bucket}"


@register_policy(
    "bucket.logs-admitted",
    "the log bucket admits S3's log delivery, for this stack's zones in this account, and nobody else",
    "Amazon S3, Permissions for log delivery",
)
def check_log_delivery(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `bucket.logs-admitted`."""
    zones = {
        stack_names(graph).s3_arn(bucket.inputs["bucket"])
        for zone, bucket in buckets_by_zone(graph).items()
        if zone != LOGS
    }
    document = policy_statements(side_inputs(graph, "BucketPolicy", buckets_by_zone(graph)[LOGS]).get("policy"))
    admitted = [statement for statement in document if statement["Effect"] == "Allow"]
    if [statement["Principal"] for statement in admitted] != [{"Service": "logging.s3.amazonaws.com"}]:
        yield "logs admits others than S3's log delivery, or nobody"
        return
    arns = set(as_list(nested_value(admitted[0], "Condition", "ArnLike", "aws:SourceArn")))
    if not under_this_account(admitted[0], graph) or arns != zones:
        yield "logs admits deliveries for others than this stack's zones"
