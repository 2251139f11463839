"""Policies on who reads the published tables: what a question may cost, where its answer lies, who reaches the warehouse."""

from collections.abc import Iterator

from sluice.program.graph import Graph, Node
from sluice.program.policies.keeping import expires, rules
from sluice.program.policies.policy import buckets, flag, inside, policy

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
WORKGROUP = "aws:athena/workgroup:Workgroup"
NAMESPACE, WAREHOUSE, LIMIT = (
    f"aws:redshiftserverless/{kind[0].lower()}{kind[1:]}:{kind}" for kind in ("Namespace", "Workgroup", "UsageLimit")
)
LEAST_CUTOFF = 10_000_000
SUBNETS = 3


def every(graph: Graph, kind: str) -> list[Node]:
    """All of one type, none where the stack leaves them out."""
    return [node for node in graph.nodes.values() if node.type == kind]


@policy(
    "athena.enforced",
    "a workgroup's settings are enforced: engine version 3, metrics, and a limit on what one query scans",
    "AWS Security Hub, Athena.4; Amazon Athena, Override client-side settings; Per-query data usage control",
)
def enforced(graph: Graph) -> Iterator[str]:
    for node in graph.of(WORKGROUP):
        found = node.inputs.get("configuration", {})
        for key in ("enforceWorkgroupConfiguration", "publishCloudwatchMetricsEnabled"):
            if found.get(key) is not True:
                yield f"{node.name} has {key} {found.get(key)}"
        if inside(found, "engineVersion", "selectedEngineVersion") != "Athena engine version 3":
            yield f"{node.name} runs on whatever engine comes"
        if (found.get("bytesScannedCutoffPerQuery") or 0) < LEAST_CUTOFF:
            yield f"{node.name} lets one query scan everything"


@policy(
    "athena.results",
    "answers lie in assets under athena/, encrypted as the stack's buckets are, and expire, earlier versions too",
    "AWS Security Hub, Athena.1 (retired); Amazon Athena, Encrypt query results; Amazon S3, Expiring objects",
)
def results(graph: Graph) -> Iterator[str]:
    assets = buckets(graph)["assets"]
    for node in graph.of(WORKGROUP):
        found = inside(node.inputs, "configuration", "resultConfiguration") or {}
        if found.get("outputLocation") != f"s3://{assets.inputs['bucket']}/athena/":
            yield f"{node.name} answers to {found.get('outputLocation')}"
        option = inside(found, "encryptionConfiguration", "encryptionOption")
        if option != ("SSE_KMS" if flag(graph, "customer_key") else "SSE_S3"):
            yield f"{node.name} encrypts answers with {option}"
    own = [rule for rule in rules(graph, assets) if expires(rule, "athena/")]
    if not any(inside(rule, "noncurrentVersionExpiration", "noncurrentDays") == 1 for rule in own):
        yield "assets keeps answers for ever, or hides them only"


@policy(
    "redshift.closed",
    "a warehouse is reached inside its own subnets only, over TLS, and reaches S3 through them",
    "AWS Security Hub, RedshiftServerless.1, .2, .3; Amazon Redshift, Considerations when using Serverless",
)
def closed(graph: Graph) -> Iterator[str]:
    for node in every(graph, WAREHOUSE):
        i = node.inputs
        if i.get("publiclyAccessible") is not False or i.get("enhancedVpcRouting") is not True:
            yield f"{node.name} is public, or goes past its network"
        if len(i.get("subnetIds", [])) < SUBNETS or not i.get("securityGroupIds"):
            yield f"{node.name} has no network of its own"
        if {"parameterKey": "require_ssl", "parameterValue": "true"} not in i.get("configParameters", []):
            yield f"{node.name} answers without TLS"


@policy(
    "redshift.bounded",
    "a warehouse is turned off when it has used what a day allows",
    "Amazon Redshift, Setting usage limits for Serverless",
)
def bounded(graph: Graph) -> Iterator[str]:
    limits = [node.inputs for node in every(graph, LIMIT)]
    for _ in every(graph, WAREHOUSE):
        if not any((one["breachAction"], one["period"]) == ("deactivate", "daily") for one in limits):
            yield "nothing turns the warehouse off"


@policy(
    "redshift.secret",
    "a warehouse is under the stack's key, its administrator's password in Secrets Manager, its log on, its names its own",
    "AWS Security Hub, RedshiftServerless.4, .5, .6, .7; Amazon Redshift, Managing admin passwords",
)
def secret(graph: Graph) -> Iterator[str]:
    key = graph.of(LOG_GROUP)[0].inputs["kmsKeyId"]
    for node in every(graph, NAMESPACE):
        i = node.inputs
        if i.get("manageAdminPassword") is not True or "adminUserPassword" in i:
            yield f"{node.name} has a password that somebody knows"
        if {i.get("kmsKeyId"), i.get("adminPasswordSecretKmsKeyId")} != {key}:
            yield f"{node.name} is under another key than the stack's"
        if i.get("adminUsername") in (None, "admin", "awsuser") or i.get("dbName") in (None, "dev"):
            yield f"{node.name} keeps names that everybody knows"
        if not {"connectionlog", "userlog"} <= set(i.get("logExports", [])):
            yield f"{node.name} does not tell who came"
