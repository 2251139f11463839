"""Decisions on policy documents, each rule as a page of AWS states it; `PAGES` has the pages."""

from itertools import product
from typing import Any

import pytest

from sluice.program.iam import (
    Caller,
    PermissionRequest,
    PolicyKind,
    UnsupportedPolicy,
    allowing_sids,
    applying_statements,
    covers_pattern,
    decide_request,
    matches_pattern,
    patterns_meet,
    unused_grants,
)

PAGES = {
    "denyallow": "IAM user guide, reference_policies_evaluation-logic_policy-eval-denyallow",
    "boundaries": "IAM user guide, access_policies_boundaries",
    "operators": "IAM user guide, reference_policies_elements_condition_operators",
    "sets": "IAM user guide, reference_policies_condition-single-vs-multi-valued-context-keys",
    "elements": "IAM user guide, reference_policies_elements",
    "keys": "KMS developer guide, key-policies",
    "principal": "IAM user guide, reference_policies_elements_principal",
}
GET, PUT, BUCKET = "s3:GetObject", "s3:PutObject", "arn:aws:s3:::b"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/k"
ROLE, ROOT = "arn:aws:iam::123456789012:role/r", "arn:aws:iam::123456789012:root"
SESSION = "arn:aws:sts::123456789012:assumed-role/r/session"


def make_statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    actions = {} if {"Action", "NotAction"} & set(elements) else {"Action": GET}
    resources = {} if {"Resource", "NotResource"} & set(elements) else {"Resource": f"{BUCKET}/*"}
    return {"Sid": "x", "Effect": effect} | actions | resources | elements


def make_document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def is_allowed(*statements: dict[str, Any], action: str = GET, resource: str = f"{BUCKET}/k", **context: Any) -> bool:
    return bool(allowing_sids(make_document(*statements), PermissionRequest(action, resource, context)))


@pytest.mark.parametrize(
    ("page", "statements", "action", "right"),
    [
        ("denyallow", [make_statement()], GET, True),
        ("denyallow", [make_statement()], PUT, False),
        ("denyallow", [make_statement(), make_statement("Deny")], GET, False),
        ("denyallow", [make_statement("Deny")], GET, False),
        ("denyallow", [make_statement("Deny", Action=PUT), make_statement()], GET, True),
        ("elements", [make_statement(NotAction=PUT)], GET, True),
        ("elements", [make_statement(NotAction=["s3:Put*"])], PUT, False),
        ("elements", [make_statement(NotResource=f"{BUCKET}/*")], GET, False),
        ("elements", [make_statement(NotResource="arn:aws:s3:::c/*")], GET, True),
        ("elements", [make_statement(), make_statement("Deny", NotResource=f"{BUCKET}/*")], GET, True),
        ("elements", [make_statement(), make_statement("Deny", NotResource="arn:aws:s3:::c/*")], GET, False),
        ("elements", [make_statement(Action="S3:getobject")], GET, True),
    ],
)
def test_a_document_allows_what_a_statement_allows_and_none_denies(
    page: str, statements: list[dict[str, Any]], action: str, right: bool
) -> None:
    assert PAGES[page]
    assert is_allowed(*statements, action=action) is right


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "right"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["b", "a"], "a", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringLike", "a*", "ab", True),
        ("StringLike", "a*", None, False),
        ("StringLikeIfExists", "a*", None, True),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", None, True),
        ("StringNotLike", "a*", "ab", False),
        ("StringNotLike", "a*", None, True),
        ("ArnLike", "arn:aws:sns:*:1:t-*", "arn:aws:sns:eu:1:t-x", True),
        ("ArnLike", "arn:aws:sns:*:t", "arn:aws:sns:eu:1:t", False),  # each part by itself: `*` takes no colon
        ("ArnLike", "arn:aws:events:*:*:rule/a", "arn:aws:events:eu:1:rule/b", False),
        ("ArnEquals", "arn:aws:events:eu:1:rule/*", "arn:aws:events:eu:1:rule/b", True),
        ("ArnLike", "arn:aws:sns:eu:1:t", None, False),
        ("ArnNotEquals", "arn:aws:sns:eu:1:t", "arn:aws:sns:eu:1:t", False),
        ("ArnNotLike", "arn:aws:sns:eu:1:t", None, True),
        ("Bool", "false", "False", True),
        ("Bool", False, "false", True),
        ("Bool", "true", "false", False),
        ("Bool", "true", None, False),
        ("BoolIfExists", "true", None, True),
        ("Null", "true", None, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("Null", "false", None, False),
    ],
)
def test_a_condition_holds_as_its_operator_says(operator: str, wanted: Any, value: str | None, right: bool) -> None:
    """Page `operators`."""
    context = {} if value is None else {"k": value}
    assert is_allowed(make_statement(Condition={operator: {"k": wanted}}), **context) is right


@pytest.mark.parametrize(
    ("operator", "values", "right"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "c"], False),
        ("ForAllValues:StringEquals", [], True),
        ("ForAllValues:StringEquals", None, True),
        ("ForAllValues:StringEquals", "a", True),
        ("ForAllValues:StringNotEquals", ["c", "a"], False),
        ("ForAnyValue:StringEquals", ["c", "a"], True),
        ("ForAnyValue:StringEquals", ["c"], False),
        ("ForAnyValue:StringEquals", [], False),
        ("ForAnyValue:StringEquals", None, False),
        ("ForAnyValue:StringLike", ["c", "ab"], False),
    ],
)
def test_a_set_operator_looks_at_each_value_of_the_request(operator: str, values: Any, right: bool) -> None:
    """Page `sets`."""
    context = {} if values is None else {"k": values}
    assert is_allowed(make_statement(Condition={operator: {"k": ["a", "b"]}}), **context) is right


def test_all_keys_and_all_operators_hold_and_their_names_have_no_case() -> None:
    """Page `operators`: names of keys are compared without case, values with it."""
    condition = {"StringEquals": {"aws:A": "1", "aws:B": "2"}, "Bool": {"aws:C": "true"}}
    policy = make_document(make_statement(Condition=condition))
    full = {"AWS:a": "1", "aws:b": "2", "aws:c": "true"}
    assert allowing_sids(policy, PermissionRequest(GET, f"{BUCKET}/k", full))
    for key in full:
        assert not allowing_sids(policy, PermissionRequest(GET, f"{BUCKET}/k", full | {key: "3"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"Effect": "Allow", "Action": GET, "Resource": "*"},
        make_statement(Principal="*"),
        make_statement(Condition={"NumericLessThan": {"a": "1"}}),
        make_statement(Condition={"StringNotEquals": {}}),
        make_statement(Condition={"NullIfExists": {"a": "true"}}),
        make_statement(Condition={"ForAllValues:Null": {"a": "true"}}),
        make_statement(Condition={"ForAnyValue:StringNotEquals": {"a": "1"}}),
        make_statement(Condition={"StringEquals": {"a": "${aws:PrincipalTag/team}"}}),
        make_statement(Resource=f"{BUCKET}/${{aws:username}}/*"),
        make_statement(NotAction=PUT, Action=GET),
        make_statement("Permit"),
        make_statement("Deny", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
    ],
)
def test_a_document_beyond_the_evaluator_is_refused_whatever_is_asked(wrong: dict[str, Any]) -> None:
    for action in (GET, "sqs:SendMessage"):
        with pytest.raises(UnsupportedPolicy):
            allowing_sids(make_document(wrong), PermissionRequest(action, f"{BUCKET}/k"))


def test_several_values_are_judged_by_a_set_operator_only() -> None:
    with pytest.raises(UnsupportedPolicy, match="ForAllValues"):
        is_allowed(make_statement(Condition={"StringEquals": {"k": "a"}}), k=["a", "b"])


@pytest.mark.parametrize("principal", [{"CanonicalUser": "79a5"}, ["*"], "arn:aws:iam::1:root"])
def test_a_principal_that_is_not_known_is_refused(principal: Any) -> None:
    with pytest.raises(UnsupportedPolicy, match="principal"):
        applying_statements(
            make_document(make_statement(Principal=principal)),
            PermissionRequest(GET, f"{BUCKET}/k"),
            "Allow",
            PolicyKind.RESOURCE,
        )


def test_a_statement_for_no_principal_is_no_resources_policy() -> None:
    with pytest.raises(UnsupportedPolicy, match="Principal"):
        decide_request(PermissionRequest(GET, f"{BUCKET}/k"), Caller(ROLE), make_document(make_statement()))


WITHIN, WITHOUT = make_document(make_statement()), make_document(make_statement(Action="sqs:*", Resource="*"))
NAMED = {
    "session": {"AWS": SESSION},
    "role": {"AWS": [ROLE, "arn:aws:iam::123456789012:role/other"]},
    "account": {"AWS": ROOT},
    "number": {"AWS": "123456789012"},
    "everyone": "*",
    "all": {"AWS": "*"},
    "other": {"AWS": "arn:aws:iam::123456789012:role/other"},
    "foreign": {"AWS": "arn:aws:iam::999999999999:root"},
    "service": {"Service": "glue.amazonaws.com"},
}


@pytest.mark.parametrize(
    ("named", "identity", "boundary", "by"),
    [
        ("", True, None, "the identity's policies"),
        ("", True, True, "the identity's policies"),
        ("", True, False, "the boundary"),
        ("", False, None, "no statement"),
        ("", False, True, "no statement"),  # a boundary grants nothing
        # a policy that names the session, or everyone, grants by itself and past the boundary
        ("session", False, False, "the resource's policy"),
        ("everyone", False, False, "the resource's policy"),
        ("all", False, False, "the resource's policy"),
        # one that names the role grants by itself, and within the boundary
        ("role", False, None, "the resource's policy"),
        ("role", False, True, "the resource's policy"),
        ("role", False, False, "the boundary"),
        ("role", True, False, "the boundary"),
        # one that names the account leaves it to the identity's policies
        ("account", False, None, "no statement"),
        ("number", False, None, "no statement"),
        ("account", True, False, "the boundary"),
        *((stranger, False, None, "no statement") for stranger in ("other", "foreign", "service")),
    ],
)
def test_a_role_is_allowed_by_its_policies_within_its_boundary_or_by_a_resources_policy(
    named: str, identity: bool, boundary: bool | None, by: str
) -> None:
    """Pages `denyallow` and `boundaries`."""
    policy = make_document(make_statement(Principal=NAMED[named])) if named else None
    limit = {True: WITHIN, False: WITHOUT, None: None}[boundary]
    decision = decide_request(
        PermissionRequest(GET, f"{BUCKET}/k"), Caller(ROLE, [WITHIN] if identity else [], limit), policy
    )
    assert (decision.reason, decision.allowed) == (by, by in ("the identity's policies", "the resource's policy"))


@pytest.mark.parametrize("where", ["identity", "second", "boundary", "policy"])
def test_an_explicit_deny_wins_wherever_it_stands(where: str) -> None:
    """Page `denyallow`."""
    deny = make_statement("Deny")
    parts = {
        "identity": [make_statement()],
        "second": [],
        "boundary": [make_statement()],
        "policy": [make_statement(Principal={"AWS": SESSION})],
    }
    ask = PermissionRequest(GET, f"{BUCKET}/k")

    def judge_ask() -> bool:
        documents = {name: make_document(*statements) for name, statements in parts.items()}
        caller = Caller(ROLE, [documents["identity"], documents["second"]], documents["boundary"])
        return decide_request(ask, caller, documents["policy"]).allowed

    assert judge_ask()
    parts[where].append(deny | ({"Principal": "*"} if where == "policy" else {}))
    assert not judge_ask()


@pytest.mark.parametrize(
    ("principal", "denied"), [("account", True), ("role", True), ("other", False), ("service", False)]
)
def test_a_deny_of_a_resources_policy_is_for_whom_it_names(principal: str, denied: bool) -> None:
    """Page `principal`: who names an account in a deny names everyone in it."""
    policy = make_document(make_statement("Deny", Principal=NAMED[principal]))
    assert decide_request(PermissionRequest(GET, f"{BUCKET}/k"), Caller(ROLE, [WITHIN]), policy).allowed is not denied


@pytest.mark.parametrize(
    ("principal", "identity", "right"),
    [
        ("account", True, True),
        ("number", True, True),
        ("account", False, False),
        ("role", False, True),
        ("session", False, True),
        ("service", True, False),  # a key that opens to a service only: no identity's policy counts
        ("other", True, False),
    ],
)
def test_a_keys_policy_opens_it_to_identities_or_nobody_has_it(principal: str, identity: bool, right: bool) -> None:
    """Page `keys`."""
    ask = PermissionRequest("kms:Decrypt", KEY)
    mine = make_document(make_statement(Action="kms:Decrypt", Resource=KEY))
    policy = make_document(make_statement(Action="kms:*", Resource="*", Principal=NAMED[principal]))
    assert decide_request(ask, Caller(ROLE, [mine] if identity else []), policy).allowed is right


def test_a_keys_policy_opens_only_what_it_names() -> None:
    """Page `keys`."""
    policy = make_document(make_statement(Action="kms:Describe*", Resource="*", Principal=NAMED["account"]))
    mine = make_document(make_statement(Action="kms:*", Resource="*"))
    assert decide_request(PermissionRequest("kms:DescribeKey", KEY), Caller(ROLE, [mine]), policy).allowed
    assert not decide_request(PermissionRequest("kms:Decrypt", KEY), Caller(ROLE, [mine]), policy).allowed
    assert decide_request(PermissionRequest("kms:CreateKey", "*"), Caller(ROLE, [mine])).allowed  # is about no key


@pytest.mark.parametrize("ask", [PermissionRequest("kms:Decrypt", KEY), PermissionRequest("sts:AssumeRole", ROLE)])
def test_a_key_or_a_role_is_not_judged_without_its_own_policy(ask: PermissionRequest) -> None:
    """Page `denyallow`: trust policies and keys' policies must allow explicitly."""
    with pytest.raises(UnsupportedPolicy, match="own policy"):
        decide_request(ask, Caller(ROLE, [make_document(make_statement(Action="*", Resource="*"))]))


@pytest.mark.parametrize(
    ("caller", "action", "right"),
    [
        (Caller(service="glue.amazonaws.com"), "sts:AssumeRole", True),
        (Caller(service="lambda.amazonaws.com"), "sts:AssumeRole", False),
        (Caller(federated="arn:aws:iam::123456789012:oidc-provider/p"), "sts:AssumeRoleWithWebIdentity", True),
        (Caller(federated="arn:aws:iam::123456789012:oidc-provider/q"), "sts:AssumeRoleWithWebIdentity", False),
        (Caller("arn:aws:iam::123456789012:role/named"), "sts:AssumeRole", True),
        (Caller(ROLE), "sts:AssumeRole", False),
        (Caller(ROLE, [make_document(make_statement(Action="sts:AssumeRole", Resource="*"))]), "sts:AssumeRole", True),
    ],
)
def test_a_role_is_taken_by_whom_its_trust_names(caller: Caller, action: str, right: bool) -> None:
    """Page `principal`; an account that is named lets its identities' policies decide."""
    trust = {"Sid": "x", "Effect": "Allow", "Action": "sts:AssumeRole"}
    policy = make_document(
        trust | {"Principal": {"Service": "glue.amazonaws.com", "AWS": "arn:aws:iam::123456789012:role/named"}},
        trust | {"Principal": {"AWS": ROOT}},
        trust
        | {
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/p"},
            "Action": "sts:AssumeRoleWithWebIdentity",
        },
    )
    assert decide_request(PermissionRequest(action, ROLE), caller, policy).allowed is right


def test_a_service_needs_the_resources_policy_and_its_conditions() -> None:
    """Page `principal`: a service has no identity's policy and no boundary."""
    condition = {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/mine"}}
    policy = make_document(make_statement(Principal={"Service": "events.amazonaws.com"}, Condition=condition))
    caller = Caller(service="events.amazonaws.com")
    mine = {"aws:SourceArn": "arn:aws:events:eu-west-1:123456789012:rule/mine"}
    assert decide_request(PermissionRequest(GET, f"{BUCKET}/k", mine), caller, policy).allowed
    assert not decide_request(
        PermissionRequest(GET, f"{BUCKET}/k", {"aws:SourceArn": f"{mine['aws:SourceArn']}s"}), caller, policy
    ).allowed
    assert not decide_request(PermissionRequest(GET, f"{BUCKET}/k", mine), caller, None).allowed


def test_every_request_of_a_role_carries_the_roles_arn() -> None:
    """Page `denyallow`: everyone, narrowed to a role by aws:PrincipalArn, is past the boundary."""
    condition = {"ArnEquals": {"aws:PrincipalArn": ROLE}}
    policy = make_document(make_statement(Principal="*", Condition=condition))
    assert decide_request(PermissionRequest(GET, f"{BUCKET}/k"), Caller(ROLE, [], WITHOUT), policy).allowed
    assert not decide_request(PermissionRequest(GET, f"{BUCKET}/k"), Caller(f"{ROLE}2", [], WITHOUT), policy).allowed


def test_a_denied_action_is_nothing_that_one_has_to_ask_for() -> None:
    policy = make_document(make_statement(), make_statement("Deny", Action=PUT, Sid="y"))
    assert unused_grants(policy, []) == {("x", GET)}
    assert unused_grants(policy, [PermissionRequest(GET, f"{BUCKET}/k")]) == set()


@pytest.mark.parametrize(
    ("first", "second", "wide", "common"),
    [
        ("a*", "ab*", True, True),
        ("ab*", "a*", False, True),
        ("a*c", "a*", False, True),
        ("a*b", "*c", False, False),
        ("a?", "a*", False, True),
        ("a?*", "a*", False, True),
        ("a*", "a?*", True, True),
        ("?*", "*?", True, True),
        ("*", "", True, True),
        ("", "*", False, True),
        ("a**b", "a*b", True, True),
        ("sluice-dev-*", "sluice-dev-eu-*", True, True),
        ("sluice-dev-*-1", "sluice-*-raw-1", False, True),
        ("sluice-dev-raw", "sluice-prod-*", False, False),
        ("*-raw-*", "sluice-*-raw-1", True, True),
        ("a*a", "a", False, False),
        ("?", "??", False, False),
    ],
)
def test_patterns_cover_and_meet(first: str, second: str, wide: bool, common: bool) -> None:
    assert covers_pattern(first, second) is wide
    assert patterns_meet(first, second) is common
    assert patterns_meet(second, first) is common


def test_patterns_are_compared_as_all_short_texts_say() -> None:
    """Against matching itself, over all patterns of up to three signs and texts of up to four letters."""
    patterns = ["".join(signs) for length in range(4) for signs in product("ab?*", repeat=length)]
    texts = ["".join(signs) for length in range(5) for signs in product("abc", repeat=length)]
    sets = {pattern: frozenset(text for text in texts if matches_pattern(pattern, text)) for pattern in patterns}
    for first, second in product(patterns, repeat=2):
        assert covers_pattern(first, second) is (sets[first] >= sets[second]), (first, second)
        assert patterns_meet(first, second) is bool(sets[first] & sets[second]), (first, second)
