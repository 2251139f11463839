"""What the roles of a stack can become: nothing outside it, and every seeded way out is found."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.access.policy_documents import allow, policy_document
from sluice.cli.app import main
from sluice.program.deployer.reach import RoleWalk, StackRoles, command, describe_stack, stack, walk_roles
from sluice.program.deployer.reach.account import name_patterns, neighbour_place
from sluice.program.deployer.reach.faults import FaultKind
from sluice.program.deployer.reach.roles import ANY_BOUNDED
from sluice.program.graph import ACCOUNT, FakeCloud, Graph, run_program
from sluice.program.iam import covers_pattern, matches_pattern, patterns_meet
from tests.program.deployed import deployed_datasets
from tests.program.deployment import ONE_DATASET, STATE_BUCKET, make_names, make_target

ROLE = "aws:iam/role:Role"
HERE, OTHER = make_names("dev"), make_names("prod")
STATE = HERE.s3_arn(STATE_BUCKET)
FEW_ROLES = (
    "deploy",
    "preview",
    "sluice-dev-trades-job",
    "sluice-dev-buyers-job",
    "sluice-dev-flow-states",
    ANY_BOUNDED,
)


def bounded_graph(graph: Graph) -> Graph:
    """The graph of a program whose configuration names the boundary."""
    arn = make_names(graph.stack).boundary_arn
    nodes = {
        urn: replace(node, inputs=node.inputs | {"permissionsBoundary": arn}) if node.type == ROLE else node
        for urn, node in graph.nodes.items()
    }
    return replace(graph, nodes=nodes)


def roles_of(graph: Graph, redshift: bool = False, destroyable: bool = False) -> StackRoles:
    deploy_target = make_target(graph.stack, redshift=redshift, destroyable=destroyable)
    return describe_stack(
        deploy_target, bounded_graph(graph), command.github_trusts(deploy_target.names, "owner/repository")
    )


@pytest.fixture(scope="module")
def dev(graphs: dict[str, Graph]) -> StackRoles:
    """Of `dev` a few roles, which is enough for what the seeds change."""
    all_roles = roles_of(graphs["dev"])
    return replace(all_roles, roles={name: all_roles.roles[name] for name in FEW_ROLES})


def with_role_changed(roles: StackRoles, name: str, **parts: Any) -> StackRoles:
    return replace(roles, roles=roles.roles | {name: replace(roles.roles[name], **parts)})


def with_statements(roles: StackRoles, name: str, *statements: dict[str, Any]) -> StackRoles:
    """One more policy is attached to a role."""
    return with_role_changed(roles, name, documents=(*roles.roles[name].documents, policy_document(*statements)))


def with_conditions_off(roles: StackRoles, name: str, sid: str) -> StackRoles:
    """A statement of a role lacks its conditions."""
    documents = copy.deepcopy(roles.roles[name].documents)
    [statement] = [candidate for policy in documents for candidate in policy["Statement"] if candidate["Sid"] == sid]
    del statement["Condition"]
    return with_role_changed(roles, name, documents=documents)


def reach_faults(roles: StackRoles, role: str = "deploy") -> set[tuple[FaultKind, str, str]]:
    """What is wrong about a role by itself."""
    walked_faults = walk_roles(roles.account, roles.roles).faults
    return {(fault.kind, fault.action, fault.resource) for fault in walked_faults if fault.role == role}


def trust_document(arn: str) -> dict[str, Any]:
    """A trust that names a principal of AWS."""
    return policy_document({"Sid": "x", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": arn}})


def iam_arn(resource: str) -> str:
    return HERE.global_arn("iam", resource)


def test_no_role_of_a_stack_ends_outside_it(graph: Graph) -> None:
    stack = roles_of(graph)
    assert len(stack.roles) > 10
    assert walk_roles(stack.account, stack.roles).faults == ()


def test_no_role_of_a_stack_with_every_option_ends_outside_it(optional: Graph) -> None:
    stack = roles_of(optional, redshift=True, destroyable=True)
    reached = walk_roles(stack.account, stack.roles)
    assert reached.faults == ()
    ways = {path[-1].action for path in reached.roles["deploy"].paths if path[-1].target == "sluice-prod-redshift"}
    assert ways >= {"redshift-data:ExecuteStatement", "iam:PassRole"}


# the seven faults that issue 22 names

ADMIN = iam_arn("role/admin")


def test_a_role_that_is_made_without_the_boundary_is_found(dev: StackRoles) -> None:
    findings = reach_faults(with_conditions_off(dev, "deploy", "WriteRolesWithinBoundary"))
    assert {
        (FaultKind.UNBOUNDED, action) for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy")
    } <= {(kind, action) for kind, action, _ in findings}
    assert (FaultKind.PAST_BOUNDARY, "iam:PutRolePermissionsBoundary", iam_arn("role/sluice-dev-elsewhere")) in findings


def test_a_pass_of_any_role_is_found(dev: StackRoles) -> None:
    findings = reach_faults(with_statements(dev, "deploy", allow("Seed", "iam:PassRole", "*")))
    assert {
        (FaultKind.OUTSIDE, "iam:PassRole", ADMIN),
        (FaultKind.OUTSIDE, "iam:PassRole", OTHER.role_arn("trades")),
    } <= findings


def test_a_policy_on_any_key_is_found(dev: StackRoles) -> None:
    findings = reach_faults(with_statements(dev, "deploy", allow("Seed", "kms:PutKeyPolicy", HERE.arn("kms", "key/*"))))
    assert {kind for kind, _, _ in findings} == {FaultKind.OUTSIDE}
    assert len({key for _, _, key in findings}) > 2  # the other stack's, one without a tag, those of secrets


def test_another_stacks_state_is_found(dev: StackRoles) -> None:
    state = f"{STATE}/*"
    findings = reach_faults(with_statements(dev, "deploy", allow("Seed", "s3:PutObject", state)))
    theirs = f"{STATE}/prod/.pulumi/stacks/sluice/prod.json"
    assert (FaultKind.OUTSIDE, "s3:PutObject", theirs) in findings
    assert not any("/dev/" in resource for _, _, resource in findings)


def test_a_trust_elsewhere_is_found(dev: StackRoles) -> None:
    findings = reach_faults(
        with_statements(dev, "deploy", allow("Seed", "iam:UpdateAssumeRolePolicy", iam_arn("role/*")))
    )
    wrong = {ADMIN, iam_arn("role/sluice-deploy-dev"), iam_arn("role/sluice-deploy-prod"), OTHER.role_arn("trades")}
    assert {(FaultKind.OUTSIDE, "iam:UpdateAssumeRolePolicy", arn) for arn in wrong} <= findings


def test_another_stacks_bucket_policy_is_found(dev: StackRoles) -> None:
    findings = reach_faults(
        with_statements(dev, "deploy", allow("Seed", "s3:PutBucketPolicy", HERE.s3_arn("sluice-*")))
    )
    assert (FaultKind.OUTSIDE, "s3:PutBucketPolicy", OTHER.bucket_arn("raw")) in findings
    assert not any(HERE.resource_name() in resource for _, _, resource in findings)


@pytest.mark.parametrize("role", ["deploy", "sluice-dev-trades-job"])
def test_a_write_to_anothers_code_is_found(dev: StackRoles, role: str) -> None:
    code = HERE.s3_arn(f"sluice-*-assets-{ACCOUNT}/code/*")
    findings = reach_faults(with_statements(dev, role, allow("Seed", "s3:PutObject", code)), role)
    assert (FaultKind.OUTSIDE, "s3:PutObject", OTHER.bucket_arn("assets", "/code/etl-1.zip")) in findings


# further ways out of a stack, all at once: each is its own action and resource

KEYS, EVERY = HERE.arn("kms", "key/*"), "*"
CATALOG, LOGS = HERE.arn("glue", "catalog"), "log-group:/aws-glue"
Way = tuple[str, str, str]
"""An action, the pattern that a document of the deploying role would allow it on, and where the walk has to end."""


def of_service(service: str, pattern: str, end: str) -> tuple[str, str]:
    return HERE.arn(service, pattern), OTHER.arn(service, end)


WAYS_OUT: dict[str, Way] = {
    "take another role": ("sts:AssumeRole", iam_arn("role/*"), ADMIN),
    "attach to another role": ("iam:AttachRolePolicy", iam_arn("role/*"), ADMIN),
    "a role by a path": (
        "iam:CreateRole",
        iam_arn("role/*/sluice-dev-*"),
        iam_arn("role/elsewhere/sluice-dev-elsewhere"),
    ),
    "a user": ("iam:CreateUser", iam_arn("user/*"), iam_arn("user/somebody")),
    "a user's key": ("iam:CreateAccessKey", EVERY, iam_arn("user/somebody")),
    "a group": ("iam:AddUserToGroup", iam_arn("group/*"), iam_arn("group/admins")),
    "the provider": ("iam:UpdateOpenIDConnectProviderThumbprint", EVERY, iam_arn("oidc-provider/*")),
    "another policy": ("iam:CreatePolicyVersion", iam_arn("policy/*"), iam_arn("policy/other")),
    "its own policies": ("iam:SetDefaultPolicyVersion", iam_arn("policy/*"), iam_arn("policy/sluice-deploy-dev-state")),
    "another key's tags": ("kms:UntagResource", KEYS, KEYS),
    "another key's grants": ("kms:CreateGrant", KEYS, KEYS),
    "another key's end": ("kms:ScheduleKeyDeletion", KEYS, KEYS),
    "another key by its alias": ("kms:UpdateAlias", *of_service("kms", "alias/*", "alias/sluice-prod")),
    "another's raw files": ("s3:DeleteObject", HERE.s3_arn("sluice-*"), OTHER.bucket_arn("raw", "/trades/1.csv")),
    "another's contracts": ("s3:PutObject", HERE.s3_arn("*/contracts/*"), OTHER.bucket_arn("assets", "/contracts/*")),
    "others' buckets": ("s3:GetObject", HERE.s3_arn("*"), HERE.s3_arn("company-data/a")),
    "a bucket that begins alike": ("s3:PutBucketAcl", HERE.s3_arn("sluice-dev*"), HERE.s3_arn("sluice-develsewhere")),
    "names of others' state": ("s3:ListBucket", HERE.s3_arn(STATE_BUCKET), HERE.s3_arn(STATE_BUCKET)),
    "state that begins alike": ("s3:GetObjectVersion", f"{STATE}/dev*", f"{STATE}/develsewhere"),
    "another's job": ("glue:UpdateJob", *of_service("glue", "job/*", "job/sluice-prod-trades")),
    "another's table": ("glue:UpdateTable", *of_service("glue", "table/*", "table/sluice_prod/trades")),
    "the catalog's settings": ("glue:PutDataCatalogEncryptionSettings", CATALOG, CATALOG),
    "another's machine": ("states:UpdateStateMachine", EVERY, OTHER.arn("states", "stateMachine:sluice-prod-trades")),
    "another's rule": ("events:PutTargets", *of_service("events", "rule/*", "rule/sluice-prod-trades")),
    "another's topic": ("sns:SetTopicAttributes", *of_service("sns", "sluice-*", "sluice-prod-trades")),
    "another's queue": ("sqs:SetQueueAttributes", *of_service("sqs", "*", "sluice-prod-trades")),
    "another's schedule": ("scheduler:UpdateSchedule", *of_service("scheduler", "*", "schedule/default/sluice-prod-*")),
    "another's secret": ("secretsmanager:GetSecretValue", EVERY, OTHER.arn("secretsmanager", "secret:redshift!*")),
    "another's warehouse": (
        "redshift-data:ExecuteStatement",
        *of_service("redshift-serverless", "workgroup/*", "workgroup/*"),
    ),
    "another's workgroup": ("athena:UpdateWorkGroup", *of_service("athena", "workgroup/*", "workgroup/sluice-prod")),
    "another's logs": ("logs:DeleteLogGroup", *of_service("logs", f"{LOGS}/*", f"{LOGS}/sluice-prod/trades")),
    "the account's logs": ("logs:PutResourcePolicy", EVERY, EVERY),
    "another's function": ("lambda:UpdateFunctionCode", *of_service("lambda", "function:*", "function:other")),
    "a function with a role": ("lambda:CreateFunction", EVERY, EVERY),
    "a machine with a role": ("ec2:RunInstances", EVERY, EVERY),
    "a container with a role": ("ecs:RunTask", EVERY, EVERY),
    "a stack with a role": ("cloudformation:CreateStack", EVERY, EVERY),
    "others' metrics": ("cloudwatch:PutMetricData", EVERY, EVERY),
    "keys without a tag": ("kms:CreateKey", EVERY, EVERY),
    "a pattern that ends early": ("s3:PutObjectAcl", "arn:aws:s3*", HERE.s3_arn("company-data/a")),
    "every service": ("s3:DeleteObjectTagging", "arn:aws:*:*:*:*", HERE.s3_arn("company-data/a")),
    "a service nobody thought of": ("dynamodb:*", EVERY, EVERY),
}


@pytest.fixture(scope="module")
def out(dev: StackRoles) -> set[tuple[FaultKind, str, str]]:
    """What is found where the deploying role has all of these at once: each is its own action."""
    assert len({action for action, _, _ in WAYS_OUT.values()}) == len(WAYS_OUT)
    seeds = [allow(f"Seed{index}", action, resource) for index, (action, resource, _) in enumerate(WAYS_OUT.values())]
    return reach_faults(with_statements(dev, "deploy", *seeds))


@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_way_out_of_the_stack_is_found(out: set[tuple[FaultKind, str, str]], way: str) -> None:
    action, _, end = WAYS_OUT[way]
    ends = {resource for kind, name, resource in out if (kind, name) == (FaultKind.OUTSIDE, action.replace("*", ""))}
    assert [resource for resource in ends if matches_pattern(end, resource)], ends


def test_a_key_of_several_stacks_tags_is_found(dev: StackRoles) -> None:
    tags = {"aws:ResourceTag/stack": ["dev", "prod"]}
    findings = reach_faults(with_statements(dev, "deploy", allow("Seed", "kms:Encrypt", KEYS, StringEquals=tags)))
    assert [(kind, action) for kind, action, _ in findings] == [(FaultKind.OUTSIDE, "kms:Encrypt")]


def test_a_key_that_need_not_have_the_tag_is_found(dev: StackRoles) -> None:
    tag = {"aws:RequestTag/stack": "dev"}
    findings = reach_faults(
        with_statements(dev, "deploy", allow("Seed", "kms:CreateKey", EVERY, StringEqualsIfExists=tag))
    )
    assert findings == {(FaultKind.OUTSIDE, "kms:CreateKey", EVERY)}


def test_a_key_that_is_given_to_another_stack_is_found(dev: StackRoles) -> None:
    tag = {"aws:ResourceTag/stack": "dev"}
    findings = reach_faults(with_statements(dev, "deploy", allow("Seed", "kms:TagResource", KEYS, StringEquals=tag)))
    assert findings == {(FaultKind.GIVES, "kms:TagResource", dev.account.place.key)}


@pytest.mark.parametrize("absent", ["true", "false"])
def test_a_role_under_any_boundary_or_under_none_is_found(dev: StackRoles, absent: str) -> None:
    """The caller chooses whatever the condition leaves open."""
    when = {"iam:PermissionsBoundary": absent}
    findings = reach_faults(
        with_statements(dev, "deploy", allow("Seed", "iam:CreateRole", HERE.role_arn("x"), Null=when))
    )
    assert findings == {(FaultKind.UNBOUNDED, "iam:CreateRole", HERE.role_arn("x"))}


def test_a_write_to_the_boundary_is_found_where_nothing_denies_it(dev: StackRoles) -> None:
    """The deploying role denies it too: the seeds count only without these statements."""
    seeds = {"iam:DeleteRolePermissionsBoundary": HERE.role_arn("*"), "iam:CreatePolicyVersion": HERE.boundary_arn}
    added = [allow(f"Seed{index}", action, resource) for index, (action, resource) in enumerate(seeds.items())]
    seeded = with_statements(dev, "deploy", *added)
    assert reach_faults(seeded) == set()
    documents = [
        policy_document(*(statement for statement in policy["Statement"] if statement["Effect"] == "Allow"))
        for policy in seeded.roles["deploy"].documents
    ]
    findings = reach_faults(with_role_changed(seeded, "deploy", documents=tuple(documents)))
    assert {action for kind, action, _ in findings if kind is FaultKind.PAST_BOUNDARY} == set(seeds)


def test_a_role_that_is_passed_to_another_service_is_found(dev: StackRoles) -> None:
    passed = {"iam:PassedToService": "lambda.amazonaws.com"}
    seed = allow("Seed", "iam:PassRole", HERE.role_arn("*"), StringEquals=passed)
    assert (FaultKind.PASSES, "iam:PassRole", HERE.role_arn("trades-job")) in reach_faults(
        with_statements(dev, "deploy", seed)
    )


@pytest.mark.parametrize(
    ("sid", "action"), [("SendToOwnTargets", "events:PutTargets"), ("WriteAlarms", "cloudwatch:PutMetricAlarm")]
)
def test_a_rule_or_an_alarm_that_acts_elsewhere_is_found(dev: StackRoles, sid: str, action: str) -> None:
    assert (FaultKind.SENDS, action) in {
        (kind, name) for kind, name, _ in reach_faults(with_conditions_off(dev, "deploy", sid))
    }


CODE = HERE.bucket_arn("assets", "/code/*")
CONTRACTS = HERE.bucket_arn("assets", "/contracts/buyers/*")
OWN_STATE, JOBS = f"{STATE}/dev/*", HERE.arn("glue", "job/sluice-dev-*")
TRADES, BUYERS, FLOW = "sluice-dev-trades-job", "sluice-dev-buyers-job", "sluice-dev-flow-states"
WITHIN = {
    "a job writes another's contract": (TRADES, "s3:PutObject", CONTRACTS, FaultKind.BECOMES),
    "a job writes code": (BUYERS, "s3:PutObject", CODE, FaultKind.BECOMES),
    "a job writes the state": (TRADES, "s3:ReplicateObject", OWN_STATE, FaultKind.BECOMES),
    "a job starts another": (TRADES, "glue:StartJobRun", JOBS, FaultKind.BECOMES),
    "a job changes another": (TRADES, "glue:UpdateJob", JOBS, FaultKind.BECOMES),
    "a job trusts itself": (TRADES, "iam:UpdateAssumeRolePolicy", HERE.role_arn("*"), FaultKind.BECOMES),
    "a job gives itself more": (TRADES, "iam:PutRolePolicy", HERE.role_arn("*"), FaultKind.BECOMES),
    "a job opens its bucket": (TRADES, "s3:PutBucketPolicy", HERE.bucket_arn("processed"), FaultKind.OPENS),
    "a job opens the key": (TRADES, "kms:PutKeyPolicy", KEYS, FaultKind.OPENS),
    "the flow changes machines": (FLOW, "states:UpdateStateMachine", HERE.arn("states", "*"), FaultKind.OUTSIDE),
    "the flow changes jobs": (FLOW, "glue:UpdateJob", JOBS, FaultKind.BECOMES),
    "a preview writes the state": ("preview", "s3:PutObject", OWN_STATE, FaultKind.BECOMES),
    "a preview writes code": ("preview", "s3:ReplicateObject", CODE, FaultKind.BECOMES),
    "a preview deletes": ("preview", "glue:DeleteTable", HERE.arn("glue", "table/sluice_dev/*"), FaultKind.CHANGES),
    "a preview reads another's state": ("preview", "s3:GetObjectVersion", f"{STATE}/*", FaultKind.OUTSIDE),
    "a preview decrypts all": ("preview", "kms:Decrypt", KEYS, FaultKind.OUTSIDE),
}


@pytest.fixture(scope="module")
def within(dev: StackRoles) -> RoleWalk:
    """What is found where the roles have all of these at once: each is its own role and action."""
    assert len({(role, action) for role, action, _, _ in WITHIN.values()}) == len(WITHIN)
    seeded = dev
    for role, action, resource, _ in WITHIN.values():
        seeded = with_statements(seeded, role, allow("Seed", action, resource))
    return walk_roles(seeded.account, seeded.roles)


@pytest.mark.parametrize("way", WITHIN)
def test_a_role_that_becomes_more_within_the_stack_is_found(within: RoleWalk, way: str) -> None:
    role, action, _, kind = WITHIN[way]
    direct = [fault for fault in within.faults if fault.role == role and len(fault.path) == (kind is FaultKind.BECOMES)]
    assert (kind, action) in {(fault.kind, fault.action) for fault in direct}


def test_a_role_without_the_boundary_or_with_another_is_found(dev: StackRoles) -> None:
    job = "sluice-dev-trades-job"
    for arn in ("", iam_arn("policy/other")):
        findings = reach_faults(with_role_changed(dev, job, boundary_arn=arn), job)
        assert findings == {(FaultKind.UNBOUNDED, "iam:CreateRole", HERE.role_arn("trades-job"))}


def test_a_role_that_others_than_services_take_is_found(dev: StackRoles) -> None:
    job = "sluice-dev-trades-job"
    trust = trust_document(iam_arn("root"))
    assert FaultKind.TAKEN in {kind for kind, _, _ in reach_faults(with_role_changed(dev, job, trust=trust), job)}


def test_a_role_that_trusts_another_is_a_step_of_that_one(dev: StackRoles) -> None:
    job, other_role = dev.roles[TRADES], dev.roles[BUYERS]
    account = replace(dev.account, trusts={**dev.account.trusts, job.arn: trust_document(other_role.arn)})
    assert (FaultKind.BECOMES, "sts:AssumeRole", job.arn) in reach_faults(
        replace(dev, account=account), other_role.name
    )


def test_a_wider_boundary_is_what_the_deploying_role_ends_at(dev: StackRoles) -> None:
    seeds = allow("Seed", "s3:GetObject iam:CreateAccessKey", "*"), allow("Code", "s3:PutObject", [OWN_STATE, CODE])
    wide = policy_document(*dev.roles[ANY_BOUNDED].documents[0]["Statement"], *seeds)
    seeded = with_role_changed(dev, ANY_BOUNDED, documents=(wide,), boundary=wide)
    findings = [fault for fault in walk_roles(seeded.account, seeded.roles).faults if fault.role == "deploy"]
    becomes = {resource for kind, _, resource in reach_faults(seeded, ANY_BOUNDED) if kind is FaultKind.BECOMES}
    assert [part for part in ("/dev/.pulumi/", "/code/") if not any(part in resource for resource in becomes)] == []
    assert {"s3:GetObject", "iam:CreateAccessKey"} == {fault.action for fault in findings}
    assert {fault.path[-1].target for fault in findings} == {ANY_BOUNDED}


# what the roles become and end at as they are


@pytest.fixture(scope="module")
def reached(graphs: dict[str, Graph]) -> RoleWalk:
    stack = roles_of(graphs["dev"])
    return walk_roles(stack.account, stack.roles)


def test_who_deploys_becomes_every_role_by_each_way(reached: RoleWalk) -> None:
    deploying = reached.roles["deploy"]
    assert deploying.reachable_roles == {*reached.roles, ANY_BOUNDED} - {"preview"}
    ways = {path[-1].action for path in deploying.paths}
    assert ways >= {
        *("iam:PassRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:CreateRole", "s3:PutObject"),
        *("glue:UpdateJob", "states:UpdateStateMachine", "kms:PutKeyPolicy", "s3:PutBucketPolicy"),
        *("sns:SetTopicAttributes", "sqs:SetQueueAttributes"),
    }
    written = {path[-1].resource for path in deploying.paths if path[-1].action == "s3:PutObject"}
    assert any("/dev/.pulumi/" in arn for arn in written)
    assert any("/code/" in arn for arn in written)


def test_the_flow_becomes_the_jobs_that_it_starts_and_nothing_else_becomes_anything(reached: RoleWalk) -> None:
    becomes = {
        name: role.reachable_roles for name, role in reached.roles.items() if name != "deploy" and role.reachable_roles
    }
    jobs = {f"sluice-dev-{dataset}-job" for dataset in deployed_datasets("dev")}
    assert len(jobs) > 1
    assert becomes == {"sluice-dev-flow-states": jobs}


def test_a_role_ends_at_what_it_becomes_ends_at(reached: RoleWalk) -> None:
    def role_ends(name: str) -> set[tuple[str, str]]:
        return {(end.action, end.resource) for end in reached.roles[name].permissions}

    flow = role_ends(FLOW)
    assert role_ends(TRADES)
    assert [
        end
        for end in role_ends(TRADES)
        if not any(end[0] == wide[0] and covers_pattern(wide[1], end[1]) for wide in flow)
    ] == []
    # a policy of its own grants whatever it says, whatever the boundary is
    assert ("s3:*", HERE.bucket_arn("raw", "/*")) in role_ends("deploy")
    assert ("kms:*", KEYS) in role_ends("deploy")
    assert ("s3:*", HERE.bucket_arn("raw", "/*")) not in role_ends("preview")


def test_a_condition_stands_beside_where_a_role_ends(reached: RoleWalk) -> None:
    opened = [end for end in reached.roles["deploy"].permissions if end.action == "kms:*"]
    assert [(end.condition, end.through_action) for end in opened] == [
        ({"StringEquals": {"aws:ResourceTag/stack": "dev"}}, "kms:PutKeyPolicy")
    ]


def test_no_name_of_a_stack_can_be_one_of_its_neighbours(dev: StackRoles) -> None:
    own_patterns = dev.account.own_patterns
    for prefix, name in (("sluice", "prod"), ("sluice", "devs"), ("lake", "dev"), ("sluices", "dev")):
        place = neighbour_place(dev.account.place, prefix, name)
        state = HERE.s3_arn(f"{STATE_BUCKET}/{name}/*")
        theirs = [pattern for pattern in name_patterns(place) if pattern != state or name != "dev"]
        assert len(theirs) > 10
        assert [(mine, their) for mine in own_patterns for their in theirs if patterns_meet(mine, their)] == []


# the command


def test_the_command_prints_what_a_program_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", "reach", "--stack", "dev", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"stack", "roles", "faults"}
    assert (printed["stack"], printed["faults"]) == ("dev", [])
    for role in printed["roles"].values():
        assert set(role) == {"ends_at", "paths"}
        assert all(
            {"action", "resource"} <= set(end) <= {"action", "resource", "condition", "by"} for end in role["ends_at"]
        )
        assert all(set(path) == {"to", "by", "resource", "how", "through"} for path in role["paths"])


def run_small_program(name: str, cloud: FakeCloud, changed: dict[str, str], folder: Path | None) -> Graph:
    return run_program(name, cloud, changed | ONE_DATASET, folder=folder)


def test_the_command_ends_with_1_where_there_is_a_fault_and_says_which(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = {"seed": policy_document(allow("Seed", "iam:PassRole", "*"))}
    monkeypatch.setattr(stack, "deploy_policies", lambda _: seed)
    monkeypatch.setattr(command, "run_program", run_small_program)
    assert (
        main(["deployer", "reach", "--stack", "dev", "--json", "--account", "210987654321", "--region", "us-east-1"])
        == 1
    )
    [fault] = [
        reported_fault
        for reported_fault in json.loads(capsys.readouterr().out)["faults"]
        if reported_fault["resource"].endswith(":role/admin")
    ]
    assert fault == {
        "fault": "reaches what is not the stack's",
        "role": "deploy",
        "action": "iam:PassRole",
        "resource": "arn:aws:iam::210987654321:role/admin",
        "path": [],
    }


def test_a_stack_that_is_not_there_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer", "reach", "--stack", "none"]) == 2
    assert "none" in capsys.readouterr().err


def test_a_role_is_one_document_or_several(dev: StackRoles) -> None:
    """AWS evaluates all policies of a role as one."""
    documents = dev.roles["deploy"].documents
    merged = policy_document(*(statement for policy in documents for statement in policy["Statement"]))
    assert reach_faults(with_role_changed(dev, "deploy", documents=(merged,))) == reach_faults(dev) == set()
