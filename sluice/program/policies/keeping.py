"""Policies on how long things stay, and what a destroy takes with it."""

from collections.abc import Iterator
from typing import Any

from etl.contract.layout import LEDGER, PUBLISHED, QUARANTINE
from sluice.program.graph import Graph, Node
from sluice.program.policies.policy import LOGS, beside, buckets, flag, inside, policy

SECURITY_HUB = "AWS Security Hub, Amazon S3 controls, "
READ_AT_ONCE = {"INTELLIGENT_TIERING", "STANDARD_IA"}
DATA = ("raw", "processed", "assets")


def rules(graph: Graph, bucket: Node) -> list[dict[str, Any]]:
    """The lifecycle rules that are on."""
    found = beside(graph, "BucketLifecycleConfiguration", bucket).get("rules", [])
    return [rule for rule in found if rule["status"] == "Enabled"]


def prefix(rule: dict[str, Any]) -> str:
    return inside(rule, "filter", "and", "prefix") or inside(rule, "filter", "prefix") or ""


def expires(rule: dict[str, Any], top: str) -> bool:
    """Whether the rule removes current objects below a prefix; a delete marker without versions is no object."""
    meets = top.startswith(prefix(rule)) or prefix(rule).startswith(top)
    return meets and bool({"days", "date"} & set(rule.get("expiration", {})))


@policy("bucket.versioned", "what is overwritten or deleted can be restored", SECURITY_HUB + "S3.14")
def versioned(graph: Graph) -> Iterator[str]:
    for zone, bucket in buckets(graph).items():
        if inside(beside(graph, "BucketVersioning", bucket), "versioningConfiguration", "status") != "Enabled":
            yield f"{zone} keeps no versions"


@policy("bucket.tidied", "replaced versions and uploads that broke off expire", SECURITY_HUB + "S3.10, S3.13")
def tidied(graph: Graph) -> Iterator[str]:
    for zone, bucket in buckets(graph).items():
        whole = [rule for rule in rules(graph, bucket) if not prefix(rule)]
        for wanted in ("noncurrentVersionExpiration", "abortIncompleteMultipartUpload"):
            if not any(wanted in rule for rule in whole):
                yield f"{zone} has no rule with {wanted}"


@policy(
    "bucket.tables-stay",
    "no rule expires current objects of a table, a quarantine or a ledger",
    "Apache Iceberg, Maintenance: only expiring snapshots knows which files a table still needs",
)
def tables_stay(graph: Graph) -> Iterator[str]:
    for rule in rules(graph, buckets(graph)["processed"]):
        for top in (PUBLISHED, QUARANTINE, LEDGER):
            if expires(rule, f"{top}/"):
                yield f"processed expires {top}/ by its rule {rule['id']}"


@policy("bucket.code-stays", "no rule expires code/ or contracts/", "Sluice: rollbacks and runs in progress read them")
def code_stays(graph: Graph) -> Iterator[str]:
    for rule in rules(graph, buckets(graph)["assets"]):
        yield from (f"assets expires {top} by {rule['id']}" for top in ("code/", "contracts/") if expires(rule, top))


@policy(
    "bucket.leftovers-go",
    "temporary objects and access logs expire",
    "AWS Glue, Job parameters, TempDir; Amazon S3, Deleting log files",
)
def leftovers_go(graph: Graph) -> Iterator[str]:
    for zone, top in (("assets", "temp/"), (LOGS, "")):
        if not any(expires(rule, top) for rule in rules(graph, buckets(graph)[zone])):
            yield f"{zone} keeps {top or 'everything'} for ever"


@policy(
    "bucket.read-at-once",
    "objects move only to classes that are read without a restore",
    "Amazon S3, Storage classes: GetObject on an archived object is InvalidObjectState",
)
def read_at_once(graph: Graph) -> Iterator[str]:
    for zone, bucket in buckets(graph).items():
        moves = [move["storageClass"] for rule in rules(graph, bucket) for move in rule.get("transitions", [])]
        yield from (f"{zone} moves objects to {move}" for move in moves if move not in READ_AT_ONCE)


@policy(
    "bucket.protected",
    "data buckets are protected and retained where the stack is, else destroyed with their versions",
    "Pulumi, resource options protect and retainOnDelete; Amazon S3, Deleting a bucket",
)
def protected(graph: Graph) -> Iterator[str]:
    wanted = flag(graph, "protect")
    for zone, bucket in buckets(graph).items():
        if zone in DATA and (bucket.protect, bucket.retain) != (wanted, wanted):
            yield f"{zone} has protect {bucket.protect}, retain_on_delete {bucket.retain}"
        if bucket.inputs.get("forceDestroy") is not (not wanted):
            yield f"{zone} has force_destroy {bucket.inputs.get('forceDestroy')}"


GUARDS = (
    *("BucketPublicAccessBlock", "BucketOwnershipControls", "BucketPolicy", "BucketServerSideEncryptionConfiguration"),
    *("BucketVersioning", "BucketLifecycleConfiguration"),
)
"""What keeps a bucket's data closed, encrypted and restorable."""


@policy(
    "bucket.guards-protected",
    "what guards a bucket's data is protected where the bucket is",
    "Pulumi, resource option protect: without a preview, what is unprotected is deleted before a protected bucket refuses",
)
def guards_protected(graph: Graph) -> Iterator[str]:
    wanted = flag(graph, "protect")
    for kind in GUARDS:
        for node in graph.of(f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"):
            if node.protect is not wanted:
                yield f"{node.name} has protect {node.protect}"


@policy(
    "component.unprotected",
    "no component and no code object is protected",
    "Pulumi, resource option protect: children inherit it, and a protected object is never replaced",
)
def unprotected(graph: Graph) -> Iterator[str]:
    for node in graph.nodes.values():
        if node.protect and (not node.custom or node.type == "aws:s3/bucketObjectv2:BucketObjectv2"):
            yield f"{node.name} is protected"
