"""Policies on who reads the published tables: what a question may cost, where its answer lies, who reaches the warehouse."""

from collections.abc import Iterator

from sluice.program.graph import Graph, Node
from sluice.program.policies.keeping import enabled_rules, expires_current
from sluice.program.policies.policy import buckets_by_zone, config_flag, nested_value, register_policy

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
WORKGROUP = "aws:athena/workgroup:Workgroup"
NAMESPACE, WAREHOUSE, LIMIT = (
    f"aws:redshiftserverless/{kind[0].lower()}{kind[1:]}:{kind}" for kind in ("Namespace", "Workgroup", "UsageLimit")
)
MIN_CUTOFF = 10_000_000
MIN_SUBNETS = 3


def nodes_of_type(graph: Graph, kind: str) -> list[Node]:
    """All of one type, none where the stack leaves them out."""
    return [node for node in graph.nodes.values() if node.type == kind]


@register_policy(
    "athena.enforced",
    "a workgroup's settings are enforced: engine version 3, metrics, and a limit on what one query scans",
    "AWS Security Hub, Athena.4; Amazon Athena, Override client-side settings; Per-query data usage control",
)
def check_workgroup(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `athena.enforced`."""
    for node in graph.nodes_of_type(WORKGROUP):
        configuration = node.inputs.get("configuration", {})
        for key in ("enforceWorkgroupConfiguration", "publishCloudwatchMetricsEnabled"):
            if configuration.get(key) is not True:
                yield f"{node.name} has {key} {configuration.get(key)}"
        if nested_value(configuration, "engineVersion", "selectedEngineVersion") != "Athena engine version 3":
            yield f"{node.name} runs on whatever engine comes"
        if (configuration.get("bytesScannedCutoffPerQuery") or 0) < MIN_CUTOFF:
            yield f"{node.name} lets one query scan everything"


@register_policy(
    "athena.results",
    "answers lie in assets under athena/, encrypted as the stack's buckets are, and expire, earlier versions too",
    "AWS Security Hub, Athena.1 (retired); Amazon Athena, Encrypt query results; Amazon S3, Expiring objects",
)
def check_results(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `athena.results`."""
    assets = buckets_by_zone(graph)["assets"]
    for node in graph.nodes_of_type(WORKGROUP):
        result_configuration = nested_value(node.inputs, "configuration", "resultConfiguration") or {}
        if result_configuration.get("outputLocation") != f"s3://{assets.inputs['bucket']}/athena/":
            yield f"{node.name} answers to {result_configuration.get('outputLocation')}"
        option = nested_value(result_configuration, "encryptionConfiguration", "encryptionOption")
        if option != ("SSE_KMS" if config_flag(graph, "customer_key") else "SSE_S3"):
            yield f"{node.name} encrypts answers with {option}"
    result_rules = [rule for rule in enabled_rules(graph, assets) if expires_current(rule, "athena/")]
    if not any(nested_value(rule, "noncurrentVersionExpiration", "noncurrentDays") == 1 for rule in result_rules):
        yield "assets keeps answers for ever, or hides them only"


@register_policy(
    "redshift.closed",
    "a warehouse is reached inside its own subnets only, over TLS, and reaches S3 through them",
    "AWS Security Hub, RedshiftServerless.1, .2, .3; Amazon Redshift, Considerations when using Serverless",
)
def check_warehouse_network(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `redshift.closed`."""
    for node in nodes_of_type(graph, WAREHOUSE):
        inputs = node.inputs
        if inputs.get("publiclyAccessible") is not False or inputs.get("enhancedVpcRouting") is not True:
            yield f"{node.name} is public, or goes past its network"
        if len(inputs.get("subnetIds", [])) < MIN_SUBNETS or not inputs.get("securityGroupIds"):
            yield f"{node.name} has no network of its own"
        if {"parameterKey": "require_ssl", "parameterValue": "true"} not in inputs.get("configParameters", []):
            yield f"{node.name} answers without TLS"


@register_policy(
    "redshift.bounded",
    "a warehouse is turned off when it has used what a day allows",
    "Amazon Redshift, Setting usage limits for Serverless",
)
def check_usage_limit(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `redshift.bounded`."""
    limits = [node.inputs for node in nodes_of_type(graph, LIMIT)]
    for _ in nodes_of_type(graph, WAREHOUSE):
        if not any((limit["breachAction"], limit["period"]) == ("deactivate", "daily") for limit in limits):
            yield "nothing turns the warehouse off"


@register_policy(
    "redshift.secret",
    "a warehouse is under the stack's key, its administrator's password in Secrets Manager, its log on, its names its own",
    "AWS Security Hub, RedshiftServerless.4, .5, .6, .7; Amazon Redshift, Managing admin passwords",
)
def check_warehouse_secrets(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `redshift.secret`."""
    key = graph.nodes_of_type(LOG_GROUP)[0].inputs["kmsKeyId"]
    for node in nodes_of_type(graph, NAMESPACE):
        inputs = node.inputs
        if inputs.get("manageAdminPassword") is not True or "adminUserPassword" in inputs:
            yield f"{node.name} has a password that somebody knows"
        if {inputs.get("kmsKeyId"), inputs.get("adminPasswordSecretKmsKeyId")} != {key}:
            yield f"{node.name} is under another key than the stack's"
        if inputs.get("adminUsername") in (None, "admin", "awsuser") or inputs.get("dbName") in (None, "dev"):
            yield f"{node.name} keeps names that everybody knows"
        if not {"connectionlog", "userlog"} <= set(inputs.get("logExports", [])):
            yield f"{node.name} does not tell who came"
