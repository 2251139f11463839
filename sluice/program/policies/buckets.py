"""Policies on who reaches a bucket, and how it is encrypted."""

from collections.abc import Iterator

from sluice.program.graph import Graph
from sluice.program.policies.policy import (
    LOGS,
    beside,
    buckets,
    flag,
    inside,
    listed,
    names,
    policy,
    statements,
    under_this_account,
)

SECURITY_HUB = "AWS Security Hub, Amazon S3 controls, "
FOUR = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@policy("bucket.closed", "no bucket or object can be made public", SECURITY_HUB + "S3.1, S3.8")
def closed(graph: Graph) -> Iterator[str]:
    for zone, bucket in buckets(graph).items():
        block = beside(graph, "BucketPublicAccessBlock", bucket)
        yield from (f"{zone} has {key} {block.get(key)}" for key in FOUR if block.get(key) is not True)


@policy("bucket.no-acl", "the bucket's owner owns every object; ACLs are off", SECURITY_HUB + "S3.12")
def without_acl(graph: Graph) -> Iterator[str]:
    for zone, bucket in buckets(graph).items():
        owner = inside(beside(graph, "BucketOwnershipControls", bucket), "rule", "objectOwnership")
        if owner != "BucketOwnerEnforced" or "acl" in bucket.inputs:
            yield f"{zone} has object ownership {owner}"


@policy("bucket.tls", "nothing is answered without TLS", SECURITY_HUB + "S3.5; CIS AWS Foundations 3.0, 2.1.1")
def tls_only(graph: Graph) -> Iterator[str]:
    keys = ("Effect", "Principal", "Action", "Resource", "Condition")
    for zone, bucket in buckets(graph).items():
        whole = [names(graph).s3_arn(f"{bucket.inputs['bucket']}{end}") for end in ("", "/*")]
        wanted = ["Deny", "*", ["s3:*"], whole, {"Bool": {"aws:SecureTransport": "false"}}]
        document = statements(beside(graph, "BucketPolicy", bucket).get("policy"))
        if wanted not in [[one.get(key) for key in keys] for one in document]:
            yield f"{zone} answers without TLS"


@policy(
    "bucket.encrypted",
    "data is encrypted at rest: SSE-S3, or the stack's key with a bucket key; access logs always SSE-S3",
    SECURITY_HUB + "S3.17; Amazon S3, Enabling server access logging",
)
def encrypted(graph: Graph) -> Iterator[str]:
    for zone, bucket in buckets(graph).items():
        rule = inside(beside(graph, "BucketServerSideEncryptionConfiguration", bucket), "rules", 0)
        found = inside(rule, "applyServerSideEncryptionByDefault", "sseAlgorithm"), inside(rule, "bucketKeyEnabled")
        own_key = flag(graph, "customer_key") and zone != LOGS
        if found != (("aws:kms", True) if own_key else ("AES256", False)):
            yield f"{zone} has algorithm and bucket key {found}"


@policy("bucket.logged", "each zone's access log goes to the log bucket, which has none itself", SECURITY_HUB + "S3.9")
def logged(graph: Graph) -> Iterator[str]:
    target = buckets(graph)[LOGS].inputs["bucket"]
    for zone, bucket in buckets(graph).items():
        to = beside(graph, "BucketLogging", bucket).get("targetBucket")
        if to != (None if zone == LOGS else target):
            yield f"{zone} delivers its access log to {to}"


@policy(
    "bucket.logs-admitted",
    "the log bucket admits S3's log delivery, for this stack's zones in this account, and nobody else",
    "Amazon S3, Permissions for log delivery",
)
def logs_admitted(graph: Graph) -> Iterator[str]:
    zones = {names(graph).s3_arn(bucket.inputs["bucket"]) for zone, bucket in buckets(graph).items() if zone != LOGS}
    document = statements(beside(graph, "BucketPolicy", buckets(graph)[LOGS]).get("policy"))
    admitted = [one for one in document if one["Effect"] == "Allow"]
    if [one["Principal"] for one in admitted] != [{"Service": "logging.s3.amazonaws.com"}]:
        yield "logs admits others than S3's log delivery, or nobody"
        return
    arns = set(listed(inside(admitted[0], "Condition", "ArnLike", "aws:SourceArn")))
    if not under_this_account(admitted[0], graph) or arns != zones:
        yield "logs admits deliveries for others than this stack's zones"
