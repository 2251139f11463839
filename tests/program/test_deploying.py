"""Who deploys: the roles that GitHub takes."""

import json

import pytest

from components.names import Names
from sandbox.deployer import __main__ as command
from sandbox.deployer.policies import deploy, preview
from sandbox.deployer.target import Target
from sandbox.deployer.trust import ISSUER, trust
from sandbox.graph import ACCOUNT, Graph, Node, run
from sandbox.iam import Ask, allowing

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0f9c"
REDSHIFT = ("Namespace", "Workgroup", "UsageLimit")
STATE = ("my-state", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/state")


def target(stack: str) -> Target:
    return Target(Names("sluice", stack, "eu-west-1", ACCOUNT), *STATE)


def regional(service: str, resource: str) -> str:
    return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{resource}"


def creating(node: Node, stack: str) -> list[Ask]:
    """What it takes to make a resource, as its service's reference says; an unknown type is an error."""
    i = node.inputs
    bucket = f"arn:aws:s3:::{i.get('bucket')}"
    name = i.get("name")
    role = f"arn:aws:iam::{ACCOUNT}:role/{name or i.get('role')}"
    topic = regional("sns", f"sluice-{stack}-alarms")
    made: dict[str, list[Ask]] = {
        "Bucket": [Ask("s3:CreateBucket", bucket), Ask("s3:PutBucketTagging", bucket)],
        "BucketPublicAccessBlock": [Ask("s3:PutBucketPublicAccessBlock", bucket)],
        "BucketOwnershipControls": [Ask("s3:PutBucketOwnershipControls", bucket)],
        "BucketPolicy": [Ask("s3:PutBucketPolicy", bucket)],
        "BucketServerSideEncryptionConfiguration": [Ask("s3:PutEncryptionConfiguration", bucket)],
        "BucketVersioning": [Ask("s3:PutBucketVersioning", bucket)],
        "BucketLifecycleConfiguration": [Ask("s3:PutLifecycleConfiguration", bucket)],
        "BucketLogging": [Ask("s3:PutBucketLogging", bucket)],
        "BucketObjectv2": [Ask(f"s3:PutObject{part}", f"{bucket}/{i.get('key')}") for part in ("", "Tagging")],
        "Key": [Ask("kms:CreateKey", "*"), Ask("kms:EnableKeyRotation", KEY), Ask("kms:TagResource", KEY)],
        "Alias": [Ask("kms:CreateAlias", KEY), Ask("kms:CreateAlias", regional("kms", str(name)))],
        "Role": [Ask("iam:CreateRole", role), Ask("iam:TagRole", role)],
        "RolePolicy": [Ask("iam:PutRolePolicy", role)],
        "CatalogDatabase": [Ask("glue:CreateDatabase", regional("glue", f"database/{name}"))],
        "Crawler": [Ask("glue:CreateCrawler", regional("glue", f"crawler/{name}"))],
        "Job": [Ask("glue:CreateJob", regional("glue", f"job/{name}"))],
        "Trigger": [Ask("glue:StartTrigger", regional("glue", f"trigger/{name}"))],
        "StateMachine": [
            Ask(f"states:{does}", regional("states", f"stateMachine:{name}"))
            for does in ("CreateStateMachine", "TagResource")
        ],
        "Schedule": [Ask("scheduler:CreateSchedule", regional("scheduler", f"schedule/default/{name}"))],
        "Queue": [Ask("sqs:CreateQueue", regional("sqs", str(name))), Ask("sqs:TagQueue", regional("sqs", str(name)))],
        "QueuePolicy": [Ask("sqs:SetQueueAttributes", regional("sqs", f"sluice-{stack}-arrivals"))],
        "BucketNotification": [Ask("s3:PutBucketNotification", bucket)],
        "Topic": [Ask("sns:CreateTopic", topic)],
        "TopicPolicy": [Ask("sns:SetTopicAttributes", topic)],
        "TopicSubscription": [Ask("sns:Subscribe", topic)],
        "LogGroup": [Ask("logs:CreateLogGroup", regional("logs", f"log-group:{name}"))],
        "EventRule": [Ask("events:PutRule", regional("events", f"rule/{name}"))],
        "EventTarget": [Ask("events:PutTargets", regional("events", f"rule/{i.get('rule')}"))],
        "MetricAlarm": [Ask("cloudwatch:PutMetricAlarm", regional("cloudwatch", f"alarm:{name}"))],
        "Dashboard": [
            Ask("cloudwatch:PutDashboard", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{i.get('dashboardName')}")
        ],
    }
    made |= of_readers(node, stack)
    return made[node.type.rpartition(":")[2]]


def of_readers(node: Node, stack: str) -> dict[str, list[Ask]]:
    """What it takes to make who reads the tables; `Workgroup` is Athena's or Redshift's."""
    i, database = node.inputs, f"sluice_{stack}"
    workgroup = regional("athena", f"workgroup/{i.get('name') if 'configuration' in i else i.get('workgroup')}")
    serverless = {kind: regional("redshift-serverless", f"{kind.lower()}/0f9c") for kind in REDSHIFT}
    made = {kind: [Ask(f"redshift-serverless:Create{kind}", arn)] for kind, arn in serverless.items()}
    passed = {"iam:PassedToService": "redshift.amazonaws.com"}
    role = f"arn:aws:iam::{ACCOUNT}:role/sluice-{stack}-redshift"
    made["Namespace"] += [Ask("iam:PassRole", role, passed), Ask("kms:CreateGrant", KEY)]
    if "athena" in node.type:
        made["Workgroup"] = [Ask("athena:CreateWorkGroup", workgroup), Ask("athena:TagResource", workgroup)]
    return made | {
        "NamedQuery": [Ask("athena:CreateNamedQuery", workgroup)],
        "CatalogTable": [
            Ask("glue:CreateTable", regional("glue", what))
            for what in (f"database/{database}", f"table/{database}/{i.get('name')}")
        ],
        "Statement": [
            Ask("redshift-data:ExecuteStatement", serverless["Workgroup"]),
            Ask(
                "secretsmanager:GetSecretValue", regional("secretsmanager", f"secret:redshift!sluice-{stack}-sluice-x")
            ),
        ],
    }


def asked(graph: Graph) -> list[Ask]:
    return [ask for node in graph.nodes.values() if node.custom for ask in creating(node, graph.stack)]


def test_the_deploying_role_may_make_everything_that_is_declared(graph: Graph) -> None:
    document = deploy(target(graph.stack))
    assert [ask for ask in asked(graph) if not allowing(document, ask)] == []


def test_the_role_of_a_stack_with_a_warehouse_may_make_that_too_and_no_other_may() -> None:
    on = {"redshift": "true", "redshift_subnets": "subnet-1,subnet-2,subnet-3", "redshift_security_groups": "sg-1"}
    graph = run("prod", changed={f"sluice:{key}": value for key, value in on.items()})
    document = deploy(Target(target("prod").names, *STATE, redshift=True))
    assert {ask.action for ask in asked(graph)} > {"redshift-serverless:CreateNamespace"}
    assert [ask for ask in asked(graph) if not allowing(document, ask)] == []
    refused = {ask.action.split(":")[0] for ask in asked(graph) if not allowing(deploy(target("prod")), ask)}
    assert refused == {"redshift-serverless", "redshift-data", "secretsmanager", "iam", "kms"}
    assert len("".join(json.dumps(document).split())) <= 10240


def test_the_previewing_role_may_make_nothing_of_it(graph: Graph) -> None:
    document = preview(target(graph.stack))
    assert [ask for ask in asked(graph) if allowing(document, ask)] == []


def test_the_role_of_one_stack_makes_nothing_of_another(graphs: dict[str, Graph]) -> None:
    shared = {"kms:CreateKey", "kms:EnableKeyRotation", "kms:TagResource", "kms:CreateAlias"}
    document = deploy(target("dev"), destroyable=True)
    assert [ask for ask in asked(graphs["prod"]) if allowing(document, ask) and ask.action not in shared] == []


@pytest.mark.parametrize("key", ["sales/2027-01-01.csv", "parquet/sales/data/a.parquet"])
def test_a_pull_request_reads_no_data(key: str) -> None:
    for zone in ("raw", "processed"):
        read = Ask("s3:GetObject", f"arn:aws:s3:::sluice-prod-{zone}-{ACCOUNT}/{key}")
        assert not allowing(preview(target("prod")), read)
        assert not allowing(deploy(target("prod")), read)


def test_a_pull_request_writes_no_state() -> None:
    write = Ask("s3:PutObject", "arn:aws:s3:::my-state/.pulumi/stacks/sluice/prod.json")
    assert not allowing(preview(target("prod")), write)
    assert allowing(deploy(target("prod")), write)


def test_what_files_start_takes_no_more_than_the_roles_have() -> None:
    arriving = run("dev", changed={"sluice:start": "arrival"})
    document = deploy(target("dev"))
    assert "Queue" in {node.type.rpartition(":")[2] for node in arriving.nodes.values()}
    assert [ask for ask in asked(arriving) if not allowing(document, ask)] == []
    assert [ask for ask in asked(arriving) if allowing(preview(target("dev")), ask)] == []


def test_roles_are_passed_only_to_the_services_that_take_them() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/sluice-prod-sales-job"
    document = deploy(target("prod"))
    for service in ("glue", "states", "scheduler"):
        assert allowing(document, Ask("iam:PassRole", role, {"iam:PassedToService": f"{service}.amazonaws.com"}))
    assert not allowing(document, Ask("iam:PassRole", role, {"iam:PassedToService": "lambda.amazonaws.com"}))
    assert not allowing(document, Ask("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/admin"))


def test_only_a_destroyable_stack_loses_its_objects() -> None:
    gone = Ask("s3:DeleteObjectVersion", f"arn:aws:s3:::sluice-dev-raw-{ACCOUNT}/sales/1.csv")
    assert allowing(deploy(target("dev"), destroyable=True), gone)
    assert not allowing(deploy(target("dev")), gone)


def test_a_role_is_taken_by_one_environment_of_one_repository() -> None:
    (one,) = trust("me/lake", ACCOUNT, "prod")["Statement"]
    claims = one["Condition"]["StringEquals"]
    assert claims[f"{ISSUER}:sub"] == "repo:me/lake:environment:prod"
    assert claims[f"{ISSUER}:aud"] == "sts.amazonaws.com"


@pytest.mark.parametrize(("role", "environment"), [("preview", "preview-dev"), ("deploy", "dev")])
def test_the_documents_are_printed_for_aws(role: str, environment: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--repository", "me/lake", "--stack", "dev", "--account", ACCOUNT, "--region", "eu-west-1"]
    assert command.main([role, *given, "--state-bucket", STATE[0], "--state-key", STATE[1]]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["trust"]["Statement"][0]["Condition"]["StringEquals"][f"{ISSUER}:sub"].endswith(environment)
    # an inline policy of a role has at most 10240 characters, white space not counted (AWS IAM, Quotas)
    assert len("".join(json.dumps(printed["policy"]).split())) <= 10240
