"""Each way in which a deploying role could become more than its stack, and that it is closed."""

import pytest

from sluice.program.deployer.boundary import boundary
from sluice.program.deployer.policies import deploy, preview
from sluice.program.graph import ACCOUNT
from sluice.program.iam import Ask, allowing, listed
from tests.program.deployment import STATE_KEY, target, whole

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/sluice-dev-boundary"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN, OTHER = {"aws:ResourceTag/stack": "dev"}, {"aws:ResourceTag/stack": "prod"}
NEW, FOREIGN = {"aws:RequestTag/stack": "dev"}, {"aws:RequestTag/stack": "prod"}
UUID = "0b8ff5a9-0ac1-4e3c-8b5c-1c3f1f5ac6f2"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{resource}"


def iam(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


KEY, WORKGROUP = arn("kms", "key/77aa"), arn("redshift-serverless", f"workgroup/{UUID}")
ROLE, RULE, ALARM = (
    iam("role/sluice-dev-sales-job"),
    arn("events", "rule/sluice-dev-sales-late"),
    "alarm:sluice-dev-sales",
)
WITHIN = {"iam:PermissionsBoundary": BOUNDARY}
TOPIC, QUEUE = arn("sns", "sluice-dev-alarms"), arn("sqs", "sluice-dev-arrivals")
WRITES = ("CreateRole", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary")
POLICY = ("CreatePolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy", "CreatePolicy")


def passing(role: str, service: str) -> Ask:
    return Ask("iam:PassRole", iam(f"role/{role}"), {"iam:PassedToService": f"{service}.amazonaws.com"})


GRANTED = [
    *(Ask(f"iam:{action}", ROLE, WITHIN) for action in WRITES),
    *(Ask(f"iam:{action}", ROLE) for action in ("UpdateAssumeRolePolicy", "UpdateRole", "DeleteRole", "TagRole")),
    *(passing("sluice-dev-sales-job", service) for service in ("glue", "states", "scheduler")),
    passing("sluice-dev-redshift", "redshift"),
    Ask("events:PutTargets", RULE, {"events:TargetArn": [TOPIC]}),
    Ask("events:PutTargets", RULE, {"events:TargetArn": [QUEUE, TOPIC]}),
    Ask("cloudwatch:PutMetricAlarm", arn("cloudwatch", ALARM), {"cloudwatch:AlarmActions": [TOPIC]}),
    Ask("cloudwatch:PutMetricAlarm", arn("cloudwatch", ALARM)),
    Ask("kms:CreateKey", "*", NEW),
    Ask("kms:TagResource", "*", NEW),
    Ask("kms:TagResource", KEY, OWN),
    Ask("kms:TagResource", KEY, OWN | NEW),
    Ask("kms:UntagResource", KEY, OWN | {"aws:TagKeys": ["owner"]}),
    Ask("kms:PutKeyPolicy", KEY, OWN),
    Ask("kms:CreateAlias", KEY, OWN),
    Ask("kms:CreateAlias", arn("kms", "alias/sluice-dev")),
    Ask("kms:CreateGrant", KEY, OWN | {"kms:GrantIsForAWSResource": "true"}),
    Ask("redshift-serverless:CreateWorkgroup", arn("redshift-serverless", "workgroup/*"), NEW),
    Ask("redshift-serverless:UpdateWorkgroup", WORKGROUP, OWN),
    Ask("redshift-data:ExecuteStatement", WORKGROUP, OWN),
    Ask("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:redshift!sluice-dev-sluice-AbCdEf")),
]


@pytest.mark.parametrize("ask", GRANTED, ids=lambda ask: f"{ask.action} {ask.resource} {dict(ask.context)}")
def test_a_deployment_goes_on(ask: Ask) -> None:
    assert allowing(whole(deploy(target("dev", redshift=True))), ask)


REFUSED = {
    "a role without the boundary": [Ask(f"iam:{action}", ROLE) for action in WRITES],
    "a role within another boundary": [
        Ask(f"iam:{action}", ROLE, {"iam:PermissionsBoundary": policy})
        for action in WRITES
        for policy in (ADMIN, BOUNDARY.replace("dev", "prod"), f"{BOUNDARY}2")
    ],
    "a role of another": [
        Ask(f"iam:{action}", iam(f"role/{name}"), WITHIN)
        for action in (*WRITES, "UpdateAssumeRolePolicy", "UpdateRole", "DeleteRole", "TagRole", "PassRole")
        for name in ("sluice-prod-sales-job", "admin", "sluice-deploy-dev", "sluice-preview-dev", "sluice-deploy-prod")
    ],
    "a role that loses its boundary": [
        Ask("iam:DeleteRolePermissionsBoundary", ROLE, context) for context in ({}, WITHIN)
    ],
    "a boundary that says more": [Ask(f"iam:{action}", BOUNDARY) for action in (*POLICY, "TagPolicy", "UntagPolicy")],
    "a policy, a user, a provider": [
        Ask("iam:CreatePolicyVersion", iam("policy/sluice-deploy-dev-roles")),
        Ask("iam:CreatePolicy", iam("policy/sluice-dev-more")),
        Ask("iam:CreateUser", iam("user/sluice-dev-me")),
        Ask("iam:UpdateOpenIDConnectProviderThumbprint", iam("oidc-provider/token.actions.githubusercontent.com")),
        Ask("iam:CreateServiceLinkedRole", iam("role/aws-service-role/ec2.amazonaws.com/AWSServiceRoleForEC2")),
        Ask("sts:AssumeRole", iam("role/admin")),
    ],
    "a role for another service": [
        passing("sluice-dev-sales-job", service) for service in ("lambda", "ec2", "events", "cloudformation")
    ],
    "any role for the warehouse": [
        passing("sluice-dev-sales-job", "redshift"),
        passing("sluice-dev-redshift", "sagemaker"),
    ],
    "a rule that sends elsewhere": [
        Ask("events:PutTargets", RULE, {"events:TargetArn": targets})
        for targets in (
            [arn("sns", "sluice-prod-alarms")],
            [TOPIC, arn("sqs", "sluice-prod-arrivals")],
            [arn("lambda", "function:admin")],
            [arn("ssm", "automation-definition/AWS-RunShellScript")],
        )
    ],
    "an alarm that acts elsewhere": [
        Ask("cloudwatch:PutMetricAlarm", arn("cloudwatch", ALARM), {"cloudwatch:AlarmActions": actions})
        for actions in (
            ["arn:aws:automate:eu-west-1:ec2:terminate"],
            [TOPIC, arn("sns", "sluice-prod-alarms")],
            [arn("lambda", "function:admin")],
        )
    ],
    "another stack's key, or one without a tag": [
        Ask(f"kms:{action}", KEY, context)
        for action in ("PutKeyPolicy", "CreateAlias", "UpdateAlias", "ScheduleKeyDeletion", "CreateGrant", "Decrypt")
        for context in ({}, OTHER, NEW, OTHER | NEW)
    ],
    "a key that is taken by its tag": [
        Ask(f"kms:{action}", key, context)
        for action in ("TagResource", "UntagResource")
        for key in (KEY, KEY.replace("eu-west-1", "us-east-1"), KEY.replace(ACCOUNT, "210987654321"))
        for context in (NEW, OTHER | NEW, OTHER | {"aws:TagKeys": ["stack"]}, {})
    ],
    "a key that is given away": [
        Ask("kms:TagResource", KEY, OWN | FOREIGN),
        Ask("kms:UntagResource", KEY, OWN | {"aws:TagKeys": ["stack"]}),
        Ask("kms:UntagResource", KEY, OWN | {"aws:TagKeys": ["owner", "stack"]}),
    ],
    "a new key of another stack, or of none": [
        Ask(f"kms:{action}", "*", context) for action in ("CreateKey", "TagResource") for context in ({}, FOREIGN)
    ],
    "a grant for no service": [Ask("kms:CreateGrant", KEY, OWN), Ask("kms:CreateGrant", STATE_KEY)],
    "the state's key": [
        Ask(f"kms:{action}", STATE_KEY) for action in ("PutKeyPolicy", "TagResource", "ScheduleKeyDeletion")
    ],
    "another stack's alias": [Ask("kms:UpdateAlias", arn("kms", "alias/sluice-prod"))],
    "another stack's warehouse": [
        Ask(action, WORKGROUP, context)
        for action in (
            *(f"redshift-serverless:{verb}Workgroup" for verb in ("Get", "Update", "Delete")),
            *("redshift-serverless:TagResource", "redshift-serverless:UntagResource"),
            *("redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials"),
        )
        for context in ({}, OTHER, NEW, OTHER | NEW)
    ],
    "its own warehouse's password by another way": [Ask("redshift-serverless:GetCredentials", WORKGROUP, OWN)],
    "a warehouse of another stack's name": [
        Ask("redshift-serverless:CreateWorkgroup", arn("redshift-serverless", "workgroup/*"), FOREIGN)
    ],
    "another secret": [
        Ask("secretsmanager:GetSecretValue", arn("secretsmanager", f"secret:{name}"))
        for name in (
            "redshift!sluice-prod-sluice-AbCdEf",
            "redshift!sluice-dev-sluice-2-AbCdEf",
            "redshift!sluice-dev-admin-AbCdEf",
            "sluice-dev-AbCdEf",
        )
    ],
    "another stack's bucket": [
        Ask(f"s3:{action}", f"arn:aws:s3:::{bucket}")
        for action in ("PutBucketPolicy", "PutLifecycleConfiguration", "DeleteBucket", "GetBucketPolicy", "ListBucket")
        for bucket in (
            f"sluice-prod-raw-{ACCOUNT}",
            "sluice-dev-archive",
            f"sluice-dev-rawest-{ACCOUNT}",
            "sluice-state",
        )
    ],
    "a bucket that is opened": [
        Ask(f"s3:{action}", f"arn:aws:s3:::sluice-dev-raw-{ACCOUNT}")
        for action in ("PutBucketAcl", "PutBucketWebsite", "PutBucketCORS", "PutReplicationConfiguration")
    ],
    "another's code": [Ask("s3:PutObject", f"arn:aws:s3:::sluice-prod-assets-{ACCOUNT}/code/job-0f9c.py")],
    "logs, pages and queries of others": [
        Ask("logs:PutResourcePolicy", "*"),
        Ask("logs:PutSubscriptionFilter", arn("logs", "log-group:/aws-glue/sluice-dev/error")),
        Ask("logs:DeleteLogGroup", arn("logs", "log-group:/aws-glue/sluice-prod/error")),
        Ask("cloudwatch:PutDashboard", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/sluice-dev-2"),
        Ask("athena:UpdateWorkGroup", arn("athena", "workgroup/sluice-dev2")),
        Ask("athena:StartQueryExecution", arn("athena", "workgroup/sluice-dev")),
        Ask("athena:CreateDataCatalog", arn("athena", "datacatalog/x")),
        Ask("glue:PutResourcePolicy", arn("glue", "catalog")),
        Ask("glue:PutDataCatalogEncryptionSettings", arn("glue", "catalog")),
        Ask("lakeformation:GrantPermissions", "*"),
    ],
}


@pytest.mark.parametrize("asks", REFUSED.values(), ids=REFUSED.keys())
def test_a_role_of_github_gets_no_further(asks: list[Ask]) -> None:
    assert asks
    for documents in (deploy, preview):
        document = whole(documents(target("dev", redshift=True, destroyable=True)))
        assert [ask for ask in asks if allowing(document, ask)] == []


def test_what_removes_a_boundary_is_refused_whatever_else_allows_it() -> None:
    anything = {"Sid": "Anything", "Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
    document = whole(deploy(target("dev")))
    document["Statement"].append(anything)
    assert allowing(document, Ask("iam:CreateUser", iam("user/me")))
    for reason in ("a role that loses its boundary", "a boundary that says more"):
        assert [ask for ask in REFUSED[reason] if allowing(document, ask)] == []


def test_what_has_no_name_is_reached_by_the_tag_alone() -> None:
    """`key/*` and the like stand only in statements on the stack's tag, and `*` only where AWS knows no resource."""
    own = target("dev", redshift=True, destroyable=True)
    documents = [whole(deploy(own)), whole(boundary(own.names))]
    statements = [one for document in documents for one in document["Statement"] if one["Effect"] == "Allow"]
    nameless = [
        one
        for one in statements
        if any(text.endswith((":key/*", "group/*", "space/*")) for text in listed(one.get("Resource", ())))
    ]
    assert len(nameless) > 8
    for one in nameless:
        equal = one["Condition"]["StringEquals"]
        assert equal.get("aws:ResourceTag/stack", equal.get("aws:RequestTag/stack")) == "dev", one["Sid"]
    anything = {one["Sid"] for one in statements if "*" in listed(one.get("Resource", ()))}
    assert anything == {
        *("FindAlias", "MakeKey", "CheckFlow", "Describe", "PutMetrics"),
        *("ReadLimitsAndStatements", "LimitRedshift", "MakePassword", "SeeNetwork"),
    }
