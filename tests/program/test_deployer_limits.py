"""Each way in which a deploying role could become more than its stack, and that it is closed."""

import pytest

from sluice.program.deployer.boundary import boundary_policy
from sluice.program.deployer.policies import deploy_policies, preview_policies
from sluice.program.graph import ACCOUNT
from sluice.program.iam import PermissionRequest, allowing_sids, as_list
from tests.program.deployment import STATE_KEY, make_target, merged_policy

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/sluice-dev-boundary"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN, OTHER = {"aws:ResourceTag/stack": "dev"}, {"aws:ResourceTag/stack": "prod"}
NEW, FOREIGN = {"aws:RequestTag/stack": "dev"}, {"aws:RequestTag/stack": "prod"}
UUID = "0b8ff5a9-0ac1-4e3c-8b5c-1c3f1f5ac6f2"


def make_arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{resource}"


def iam_arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


KEY, WORKGROUP = make_arn("kms", "key/77aa"), make_arn("redshift-serverless", f"workgroup/{UUID}")
ROLE, RULE, ALARM = (
    iam_arn("role/sluice-dev-trades-job"),
    make_arn("events", "rule/sluice-dev-trades-late"),
    "alarm:sluice-dev-trades",
)
WITHIN = {"iam:PermissionsBoundary": BOUNDARY}
TOPIC, QUEUE = make_arn("sns", "sluice-dev-alarms"), make_arn("sqs", "sluice-dev-arrivals")
WATCH = make_arn("states", "stateMachine:sluice-dev-watch")
WRITES = ("CreateRole", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary")
POLICY = ("CreatePolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy", "CreatePolicy")


def pass_role_ask(role: str, service: str) -> PermissionRequest:
    return PermissionRequest(
        "iam:PassRole", iam_arn(f"role/{role}"), {"iam:PassedToService": f"{service}.amazonaws.com"}
    )


GRANTED = [
    *(PermissionRequest(f"iam:{action}", ROLE, WITHIN) for action in WRITES),
    *(
        PermissionRequest(f"iam:{action}", ROLE)
        for action in ("UpdateAssumeRolePolicy", "UpdateRole", "DeleteRole", "TagRole")
    ),
    *(pass_role_ask("sluice-dev-trades-job", service) for service in ("glue", "states", "scheduler")),
    pass_role_ask("sluice-dev-redshift", "redshift"),
    PermissionRequest("events:PutTargets", RULE, {"events:TargetArn": [WATCH]}),
    PermissionRequest("events:PutTargets", RULE, {"events:TargetArn": [QUEUE, WATCH]}),
    PermissionRequest("cloudwatch:PutMetricAlarm", make_arn("cloudwatch", ALARM), {"cloudwatch:AlarmActions": [TOPIC]}),
    PermissionRequest("cloudwatch:PutMetricAlarm", make_arn("cloudwatch", ALARM)),
    PermissionRequest("kms:CreateKey", "*", NEW),
    PermissionRequest("kms:TagResource", "*", NEW),
    PermissionRequest("kms:TagResource", KEY, OWN),
    PermissionRequest("kms:TagResource", KEY, OWN | NEW),
    PermissionRequest("kms:UntagResource", KEY, OWN | {"aws:TagKeys": ["owner"]}),
    PermissionRequest("kms:PutKeyPolicy", KEY, OWN),
    pass_role_ask("sluice-dev-watch-events", "events"),
    PermissionRequest("kms:CreateAlias", KEY, OWN),
    PermissionRequest("kms:CreateAlias", make_arn("kms", "alias/sluice-dev")),
    PermissionRequest("kms:CreateGrant", KEY, OWN | {"kms:GrantIsForAWSResource": "true"}),
    PermissionRequest("redshift-serverless:CreateWorkgroup", make_arn("redshift-serverless", "workgroup/*"), NEW),
    PermissionRequest("redshift-serverless:UpdateWorkgroup", WORKGROUP, OWN),
    PermissionRequest("redshift-data:ExecuteStatement", WORKGROUP, OWN),
    PermissionRequest(
        "secretsmanager:GetSecretValue", make_arn("secretsmanager", "secret:redshift!sluice-dev-sluice-AbCdEf")
    ),
]


@pytest.mark.parametrize("ask", GRANTED, ids=lambda ask: f"{ask.action} {ask.resource} {dict(ask.context)}")
def test_a_deployment_goes_on(ask: PermissionRequest) -> None:
    assert allowing_sids(merged_policy(deploy_policies(make_target("dev", redshift=True))), ask)


REFUSED = {
    "a role without the boundary": [PermissionRequest(f"iam:{action}", ROLE) for action in WRITES],
    "a role within another boundary": [
        PermissionRequest(f"iam:{action}", ROLE, {"iam:PermissionsBoundary": policy})
        for action in WRITES
        for policy in (ADMIN, BOUNDARY.replace("dev", "prod"), f"{BOUNDARY}2")
    ],
    "a role of another": [
        PermissionRequest(f"iam:{action}", iam_arn(f"role/{name}"), WITHIN)
        for action in (*WRITES, "UpdateAssumeRolePolicy", "UpdateRole", "DeleteRole", "TagRole", "PassRole")
        for name in ("sluice-prod-trades-job", "admin", "sluice-deploy-dev", "sluice-preview-dev", "sluice-deploy-prod")
    ],
    "a role that loses its boundary": [
        PermissionRequest("iam:DeleteRolePermissionsBoundary", ROLE, context) for context in ({}, WITHIN)
    ],
    "a boundary that says more": [
        PermissionRequest(f"iam:{action}", BOUNDARY) for action in (*POLICY, "TagPolicy", "UntagPolicy")
    ],
    "a policy, a user, a provider": [
        PermissionRequest("iam:CreatePolicyVersion", iam_arn("policy/sluice-deploy-dev-roles")),
        PermissionRequest("iam:CreatePolicy", iam_arn("policy/sluice-dev-more")),
        PermissionRequest("iam:CreateUser", iam_arn("user/sluice-dev-me")),
        PermissionRequest(
            "iam:UpdateOpenIDConnectProviderThumbprint", iam_arn("oidc-provider/token.actions.githubusercontent.com")
        ),
        PermissionRequest(
            "iam:CreateServiceLinkedRole", iam_arn("role/aws-service-role/ec2.amazonaws.com/AWSServiceRoleForEC2")
        ),
        PermissionRequest("sts:AssumeRole", iam_arn("role/admin")),
    ],
    "a role for another service": [
        pass_role_ask("sluice-dev-trades-job", service) for service in ("lambda", "ec2", "events", "cloudformation")
    ],
    "any role for the warehouse": [
        pass_role_ask("sluice-dev-trades-job", "redshift"),
        pass_role_ask("sluice-dev-redshift", "sagemaker"),
    ],
    "a rule that sends elsewhere": [
        PermissionRequest("events:PutTargets", RULE, {"events:TargetArn": targets})
        for targets in (
            [make_arn("sns", "sluice-prod-alarms")],
            [TOPIC],
            [make_arn("states", "stateMachine:sluice-prod-watch")],
            [TOPIC, make_arn("sqs", "sluice-prod-arrivals")],
            [make_arn("lambda", "function:admin")],
            [make_arn("ssm", "automation-definition/AWS-RunShellScript")],
        )
    ],
    "an alarm that acts elsewhere": [
        PermissionRequest(
            "cloudwatch:PutMetricAlarm", make_arn("cloudwatch", ALARM), {"cloudwatch:AlarmActions": actions}
        )
        for actions in (
            ["arn:aws:automate:eu-west-1:ec2:terminate"],
            [TOPIC, make_arn("sns", "sluice-prod-alarms")],
            [make_arn("lambda", "function:admin")],
        )
    ],
    "another stack's key, or one without a tag": [
        PermissionRequest(f"kms:{action}", KEY, context)
        for action in ("PutKeyPolicy", "CreateAlias", "UpdateAlias", "ScheduleKeyDeletion", "CreateGrant", "Decrypt")
        for context in ({}, OTHER, NEW, OTHER | NEW)
    ],
    "a key that is taken by its tag": [
        PermissionRequest(f"kms:{action}", key, context)
        for action in ("TagResource", "UntagResource")
        for key in (KEY, KEY.replace("eu-west-1", "us-east-1"), KEY.replace(ACCOUNT, "210987654321"))
        for context in (NEW, OTHER | NEW, OTHER | {"aws:TagKeys": ["stack"]}, {})
    ],
    "a key that is given away": [
        PermissionRequest("kms:TagResource", KEY, OWN | FOREIGN),
        PermissionRequest("kms:UntagResource", KEY, OWN | {"aws:TagKeys": ["stack"]}),
        PermissionRequest("kms:UntagResource", KEY, OWN | {"aws:TagKeys": ["owner", "stack"]}),
    ],
    "a new key of another stack, or of none": [
        PermissionRequest(f"kms:{action}", "*", context)
        for action in ("CreateKey", "TagResource")
        for context in ({}, FOREIGN)
    ],
    "a grant for no service": [
        PermissionRequest("kms:CreateGrant", KEY, OWN),
        PermissionRequest("kms:CreateGrant", STATE_KEY),
    ],
    "the state's key": [
        PermissionRequest(f"kms:{action}", STATE_KEY)
        for action in ("PutKeyPolicy", "TagResource", "ScheduleKeyDeletion")
    ],
    "another stack's alias": [PermissionRequest("kms:UpdateAlias", make_arn("kms", "alias/sluice-prod"))],
    "another stack's warehouse": [
        PermissionRequest(action, WORKGROUP, context)
        for action in (
            *(f"redshift-serverless:{verb}Workgroup" for verb in ("Get", "Update", "Delete")),
            *("redshift-serverless:TagResource", "redshift-serverless:UntagResource"),
            *("redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials"),
        )
        for context in ({}, OTHER, NEW, OTHER | NEW)
    ],
    "its own warehouse's password by another way": [
        PermissionRequest("redshift-serverless:GetCredentials", WORKGROUP, OWN)
    ],
    "a warehouse of another stack's name": [
        PermissionRequest(
            "redshift-serverless:CreateWorkgroup", make_arn("redshift-serverless", "workgroup/*"), FOREIGN
        )
    ],
    "another secret": [
        PermissionRequest("secretsmanager:GetSecretValue", make_arn("secretsmanager", f"secret:{name}"))
        for name in (
            "redshift!sluice-prod-sluice-AbCdEf",
            "redshift!sluice-dev-sluice-2-AbCdEf",
            "redshift!sluice-dev-admin-AbCdEf",
            "sluice-dev-AbCdEf",
        )
    ],
    "another stack's bucket": [
        PermissionRequest(f"s3:{action}", f"arn:aws:s3:::{bucket}")
        for action in ("PutBucketPolicy", "PutLifecycleConfiguration", "DeleteBucket", "GetBucketPolicy", "ListBucket")
        for bucket in (
            f"sluice-prod-raw-{ACCOUNT}",
            "sluice-dev-archive",
            f"sluice-dev-rawest-{ACCOUNT}",
            "sluice-state",
        )
    ],
    "a bucket that is opened": [
        PermissionRequest(f"s3:{action}", f"arn:aws:s3:::sluice-dev-raw-{ACCOUNT}")
        for action in ("PutBucketAcl", "PutBucketWebsite", "PutBucketCORS", "PutReplicationConfiguration")
    ],
    "another's code": [
        PermissionRequest("s3:PutObject", f"arn:aws:s3:::sluice-prod-assets-{ACCOUNT}/code/job-0f9c.py")
    ],
    "logs, pages and queries of others": [
        PermissionRequest("logs:PutResourcePolicy", "*"),
        PermissionRequest("logs:PutSubscriptionFilter", make_arn("logs", "log-group:/aws-glue/sluice-dev/error")),
        PermissionRequest("logs:DeleteLogGroup", make_arn("logs", "log-group:/aws-glue/sluice-prod/error")),
        PermissionRequest("cloudwatch:PutDashboard", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/sluice-dev-2"),
        PermissionRequest("athena:UpdateWorkGroup", make_arn("athena", "workgroup/sluice-dev2")),
        PermissionRequest("athena:StartQueryExecution", make_arn("athena", "workgroup/sluice-dev")),
        PermissionRequest("athena:CreateDataCatalog", make_arn("athena", "datacatalog/x")),
        PermissionRequest("glue:PutResourcePolicy", make_arn("glue", "catalog")),
        PermissionRequest("glue:PutDataCatalogEncryptionSettings", make_arn("glue", "catalog")),
        PermissionRequest("lakeformation:GrantPermissions", "*"),
    ],
}


@pytest.mark.parametrize("asks", REFUSED.values(), ids=REFUSED.keys())
def test_a_role_of_github_gets_no_further(asks: list[PermissionRequest]) -> None:
    assert asks
    for documents in (deploy_policies, preview_policies):
        document = merged_policy(documents(make_target("dev", redshift=True, destroyable=True)))
        assert [ask for ask in asks if allowing_sids(document, ask)] == []


def test_what_removes_a_boundary_is_refused_whatever_else_allows_it() -> None:
    anything = {"Sid": "Anything", "Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
    document = merged_policy(deploy_policies(make_target("dev")))
    document["Statement"].append(anything)
    assert allowing_sids(document, PermissionRequest("iam:CreateUser", iam_arn("user/me")))
    for reason in ("a role that loses its boundary", "a boundary that says more"):
        assert [ask for ask in REFUSED[reason] if allowing_sids(document, ask)] == []


def test_what_has_no_name_is_reached_by_the_tag_alone() -> None:
    """`key/*` and the like stand only in statements on the stack's tag, and `*` only where AWS knows no resource."""
    dev_target = make_target("dev", redshift=True, destroyable=True)
    documents = [merged_policy(deploy_policies(dev_target)), merged_policy(boundary_policy(dev_target.names))]
    statements = [
        statement for document in documents for statement in document["Statement"] if statement["Effect"] == "Allow"
    ]
    nameless = [
        statement
        for statement in statements
        if any(text.endswith((":key/*", "group/*", "space/*")) for text in as_list(statement.get("Resource", ())))
    ]
    assert len(nameless) > 8
    for statement in nameless:
        equal = statement["Condition"]["StringEquals"]
        assert equal.get("aws:ResourceTag/stack", equal.get("aws:RequestTag/stack")) == "dev", statement["Sid"]
    anything = {statement["Sid"] for statement in statements if "*" in as_list(statement.get("Resource", ()))}
    assert anything == {
        *(
            "FindAlias",
            "MakeKey",
            "CheckFlow",
            "Describe",
            "PutMetrics",
            "DescribeChats",
            "MakeChats",
            "ReadCloudWatch",
        ),
        *("ReadLimitsAndStatements", "LimitRedshift", "MakePassword", "SeeNetwork"),
    }
