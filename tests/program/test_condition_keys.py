"""A document demands only condition keys that its caller sends, and the page shows where that is written."""

import json
from typing import Any

import pytest

from components.access.policy_documents import allow
from sluice.program import condition_keys
from sluice.program.condition_keys import (
    CONDITION_KEY_ROWS,
    OWN_PRINCIPALS,
    PAGE,
    PAGES,
    document_faults,
    policy_documents,
    render_page,
    requires_key,
    statement_callers,
)
from sluice.program.deployer.boundary import boundary_policy
from sluice.program.deployer.policies import deploy_policies, preview_policies
from sluice.program.deployer.trust import Repository, github_trust
from sluice.program.graph import Graph
from tests.program.deployment import make_target

EVENTS, LOGS = {"Service": "events.amazonaws.com"}, {"Service": "logs.eu-west-1.amazonaws.com"}
CHINA = {"Service": "logs.cn-north-1.amazonaws.com.cn"}
GITHUB = {"Federated": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"}
HERE = {"aws:SourceAccount": "1"}
TAG, REQUESTED = {"aws:ResourceTag/stack": "dev"}, {"aws:RequestTag/stack": "dev"}
BOUNDARY = {"iam:PermissionsBoundary": "arn:aws:iam::1:policy/sluice-dev-boundary"}
TOPIC = "kms:EncryptionContext:aws:sns:topicArn"
KEY, ALIAS = "arn:aws:kms:eu-west-1:1:key/*", "arn:aws:kms:eu-west-1:1:alias/sluice-dev"


def make_statement(actions: str, resource: str | list[str] = "*", principal: Any = None, **when: Any) -> dict[str, Any]:
    return allow("One", actions, resource, **when) | ({"Principal": principal} if principal else {})


def faults_of(*statements: dict[str, Any]) -> list[str]:
    return list(document_faults({"Version": "2012-10-17", "Statement": list(statements)}))


NEVER_SENT = [
    make_statement("sns:Publish", principal=EVENTS, StringEquals=HERE),
    make_statement("sns:Publish", principal=EVENTS, Bool={"aws:SecureTransport": "true"}),
    make_statement("kms:Decrypt kms:GenerateDataKey*", principal=EVENTS, StringEquals=HERE),
    make_statement("sqs:SendMessage", principal=EVENTS, StringEquals=HERE),
    make_statement("kms:DescribeKey", principal=LOGS, ArnLike={"kms:EncryptionContext:aws:logs:arn": "*"}),
    make_statement("sts:AssumeRole", principal={"Service": "lambda.amazonaws.com"}, StringEquals=HERE),
    make_statement(
        "sts:AssumeRole", principal={"Service": ["glue.amazonaws.com", "x.amazonaws.com"]}, StringEquals=HERE
    ),
    make_statement(
        "sts:AssumeRoleWithWebIdentity",
        principal=GITHUB,
        StringEquals={"token.actions.githubusercontent.com:repository_owner_id": "7"},
    ),
    make_statement("s3:ListBucket s3:GetObject", StringLike={"s3:prefix": ["trades/*"]}),
    make_statement("cloudwatch:PutMetricAlarm", StringEquals={"cloudwatch:namespace": "Sluice"}),
    make_statement("iam:CreateRole iam:UpdateAssumeRolePolicy", StringEquals=BOUNDARY),
    make_statement("iam:CreateRole", StringEquals={"iam:PassedToService": "glue.amazonaws.com"}),
    make_statement("iam:PassRole", StringEquals=TAG),
    make_statement("kms:CreateKey", StringEquals=TAG),
    make_statement("kms:CreateKey kms:PutKeyPolicy", StringEquals=REQUESTED),
    make_statement("kms:*", StringEquals=TAG),
    make_statement("kms:CreateAlias", [KEY, ALIAS], StringEquals=TAG),
    make_statement("kms:PutKeyPolicy", StringEquals={"kms:EncryptionContext:aws:s3:arn": "*"}),
    make_statement("kms:PutKeyPolicy", StringEquals={"kms:ViaService": "s3.eu-west-1.amazonaws.com"}),
    make_statement("scheduler:CreateSchedule", StringEquals=REQUESTED),
    make_statement("glue:GetTable", StringEquals=TAG),
    make_statement("redshift-serverless:UpdateUsageLimit", StringEquals=TAG),
    make_statement("s3:GetObject", StringEquals={"aws:SourceArn": "arn:aws:s3:::b"}),
    make_statement("glue:NoSuchAction", StringEquals=TAG),
    make_statement("s3:*", principal="*", StringEquals=HERE),
    make_statement("s3:PutObject", StringMatches={"s3:prefix": "trades/"}),
    make_statement("iam:UpdateAssumeRolePolicy", Null={"iam:PermissionsBoundary": "false"}),
    make_statement("iam:UpdateAssumeRolePolicy", StringEqualsIfExists=BOUNDARY),
    make_statement("iam:UpdateAssumeRolePolicy", StringNotEquals=BOUNDARY),
    make_statement("iam:CreateRole iam:UpdateAssumeRolePolicy", StringNotEquals=BOUNDARY) | {"Effect": "Deny"},
    make_statement("iam:UpdateAssumeRolePolicy", Null={"iam:PermissionsBoundary": "true"}) | {"Effect": "Deny"},
    make_statement("s3:PutObject", StringNotEqualsIfExists={"aws:SourceArn": "*"}) | {"Effect": "Deny"},
]
SENT = [
    make_statement("sns:Publish", principal=EVENTS),
    make_statement(
        "kms:Decrypt kms:GenerateDataKey*",
        principal=EVENTS,
        StringEquals={"kms:EncryptionContext:aws:sns:topicArn": "t"},
    ),
    make_statement(
        "sqs:SendMessage", principal=EVENTS, ArnLike={"aws:SourceArn": ["arn:aws:events:eu-west-1:1:rule/a"]}
    ),
    make_statement("sns:Publish", principal={"Service": "cloudwatch.amazonaws.com"}, StringEquals=HERE),
    make_statement("kms:Decrypt", principal=LOGS, ArnLike={"kms:EncryptionContext:aws:logs:arn": "*"}),
    make_statement("kms:Decrypt", principal=CHINA, ArnLike={"kms:EncryptionContext:aws:logs:arn": "*"}),
    make_statement(
        "sts:AssumeRole", principal={"Service": ["glue.amazonaws.com", "states.amazonaws.com"]}, StringEquals=HERE
    ),
    make_statement(
        "sts:AssumeRoleWithWebIdentity",
        principal=GITHUB,
        StringEquals={f"token.actions.githubusercontent.com:{claim}": "x" for claim in ("aud", "sub", "repository_id")},
        StringLike={"token.actions.githubusercontent.com:ref": ["refs/pull/*/merge", "refs/heads/main"]},
    ),
    make_statement("s3:ListBucket s3:ListBucketVersions", StringLike={"s3:prefix": ["trades/*"]}),
    make_statement("cloudwatch:PutMetricData", StringEquals={"cloudwatch:namespace": ["Sluice", "Glue"]}),
    make_statement("iam:CreateRole iam:PutRolePolicy iam:DeleteRolePolicy iam:AttachRolePolicy", StringEquals=BOUNDARY),
    make_statement("iam:PassRole", StringEquals={"IAM:passedtoservice": "glue.amazonaws.com"}),
    make_statement("kms:CreateKey", StringEquals=REQUESTED),
    make_statement("kms:TagResource", StringEquals=TAG | REQUESTED),
    make_statement("kms:PutKeyPolicy kms:CreateAlias", KEY, StringEquals=TAG),
    make_statement("kms:CreateGrant", KEY, StringEquals=TAG, Bool={"kms:GrantIsForAWSResource": "true"}),
    make_statement("kms:Decrypt", StringEquals={"kms:ViaService": "s3.eu-west-1.amazonaws.com"}),
    make_statement("s3:*", principal="*", Bool={"aws:SecureTransport": "false"}) | {"Effect": "Deny"},
    make_statement("iam:*", StringNotEquals={"aws:RequestedRegion": "eu-west-1"}) | {"Effect": "Deny"},
    make_statement("iam:CreateRole iam:UpdateAssumeRolePolicy", StringEqualsIfExists=BOUNDARY),
    make_statement("iam:CreateRole", Null={"iam:PermissionsBoundary": "false"}),
    make_statement("iam:CreateRole", Null={"iam:PermissionsBoundary": True}) | {"Effect": "Deny"},
    make_statement("sqs:TagQueue sqs:SendMessage")
    | {"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["stack"]}}},
]


@pytest.mark.parametrize("demanding", NEVER_SENT, ids=json.dumps)
def test_a_key_that_the_caller_does_not_send_is_a_fault(demanding: dict[str, Any]) -> None:
    assert len(faults_of(demanding)) >= 1


@pytest.mark.parametrize("demanding", SENT, ids=json.dumps)
def test_a_key_that_the_caller_sends_is_none(demanding: dict[str, Any]) -> None:
    assert faults_of(demanding) == []


def test_a_fault_names_statement_caller_key_and_the_actions_that_lack_it() -> None:
    mixed = make_statement("s3:ListBucket s3:GetObject", StringLike={"s3:prefix": ["trades/*"]})
    assert faults_of(mixed) == [f"One: {OWN_PRINCIPALS} does not send s3:prefix with s3:GetObject"]
    unknown = make_statement("s3:ListBucket", StringMatches={"s3:prefix": "a"})
    assert faults_of(unknown) == ["One: the operator StringMatches is not known"]


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (None, [OWN_PRINCIPALS]),
        ({"AWS": "arn:aws:iam::1:root"}, [OWN_PRINCIPALS]),
        ({"AWS": "*"}, ["*"]),
        ("*", ["*"]),
        (EVENTS, ["events.amazonaws.com"]),
        (GITHUB, ["token.actions.githubusercontent.com"]),
    ],
)
def test_who_calls_follows_from_the_principal(principal: Any, expected: list[str]) -> None:
    assert statement_callers(make_statement("s3:GetObject", principal=principal)) == expected


def test_a_deny_needs_its_keys_and_an_allow_only_where_it_fails_without() -> None:
    loose = ("StringEqualsIfExists", "ForAllValues:StringLike", "StringNotEquals", "ArnNotLike")
    assert [requires_key("Allow", operator, "x") for operator in loose] == [False] * 4
    assert [requires_key("Deny", operator, "x") for operator in loose] == [True] * 4
    assert requires_key("Allow", "ForAnyValue:StringEquals", "x") is True


def deployer_policies() -> dict[str, dict[str, Any]]:
    """Each document of the roles that GitHub takes, with every option: their trust, their policies and the boundary."""
    every = make_target("prod", redshift=True, destroyable=True)
    trusts = {
        role: github_trust(Repository("me", "lake", "1", "2"), every.names, role) for role in ("deploy", "preview")
    }
    return {**trusts, **deploy_policies(every), **preview_policies(every), **boundary_policy(every.names)}


@pytest.mark.parametrize("document", deployer_policies().values(), ids=deployer_policies().keys())
def test_the_documents_of_the_deploying_roles_demand_only_what_is_sent(document: dict[str, Any]) -> None:
    assert list(document_faults(document)) == []


def test_the_documents_of_the_deploying_roles_do_demand() -> None:
    conditions = [
        statement
        for policy in deployer_policies().values()
        for statement in policy["Statement"]
        if "Condition" in statement
    ]
    assert len(conditions) > 20


def test_every_document_of_a_stack_is_judged(graph: Graph) -> None:
    kinds = {node.type.rpartition(":")[2] for node in graph.nodes.values() if list(policy_documents(node.inputs))}
    assert kinds >= {"Role", "RolePolicy", "Key", "TopicPolicy", "BucketPolicy"}


def test_a_document_inside_another_input_is_found() -> None:
    inner = {"inlinePolicies": [{"name": "a", "policy": json.dumps({"Version": "2012-10-17", "Statement": []})}]}
    assert len(list(policy_documents(inner))) == 1


def test_every_row_has_a_page_and_every_page_a_row() -> None:
    assert {row.page for row in CONDITION_KEY_ROWS} == set(PAGES)
    assert all(entry["url"].startswith("https://docs.aws.amazon.com/") for entry in PAGES.values())


def test_no_call_has_two_rows_for_one_resource() -> None:
    calls = [(row.caller, action, row.on) for row in CONDITION_KEY_ROWS for action in row.actions]
    assert len(calls) == len(set(calls))


def test_the_page_on_security_shows_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert render_page(text) == text, "out of date: make security"
    assert condition_keys.main([]) == 0


def test_a_page_that_was_changed_by_hand_is_noticed() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("`aws:SecureTransport`", "`aws:SourceIp`")
    assert render_page(text) != text
    with pytest.raises(LookupError, match="has no <!-- table: condition keys -->"):
        render_page("# Security")
