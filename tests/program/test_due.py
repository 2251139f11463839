"""What a stack declares for objects that are due: one schedule a time, a machine that may list and tell, and no more."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.access import flow_policies, policy_documents
from components.names import Names
from components.orchestration.due import SCHEDULED, schedule_expression
from components.settings.contracts import load_contract
from components.settings.lake_folder import use_lake
from sluice.program.bill.bill import monthly_bill
from sluice.program.deployer.boundary import boundary_policy
from sluice.program.deployer.reach import walk_roles
from sluice.program.flow_structure import task_states
from sluice.program.graph import ACCOUNT, Graph, run_program
from sluice.program.iam import PermissionRequest, allowing_sids, unused_grants
from sluice.program.policies import broken_policies
from sluice.program.starts import RULE, SCHEDULE, TARGET, flow_schedules, machine_definitions, machine_schedules
from tests.program.deployed import ROLE_POLICY
from tests.program.due_lake import due_graph, due_lake
from tests.program.test_reach import roles_of

HERE = Names("sluice", "prod", "eu-west-1", ACCOUNT)


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return due_graph(tmp_path_factory.mktemp("due") / "lake")


def schedules(graph: Graph) -> dict[str, dict[str, Any]]:
    return {node.inputs["name"]: node.inputs for node in machine_schedules(graph, "due")}


def document(graph: Graph, name: str) -> policy_documents.Document:
    return json.loads(graph.node_named(ROLE_POLICY, name).inputs["policy"])


def test_each_time_has_one_schedule_named_by_it_whatever_datasets_are_due(due: Graph) -> None:
    by_name = schedules(due)
    assert [*by_name] == ["sluice-prod-due-0530", "sluice-prod-due-1200"]
    half_past = by_name["sluice-prod-due-0530"]
    assert half_past["scheduleExpression"] == "cron(30 5 * * ? *)"
    assert half_past["scheduleExpressionTimezone"] == "UTC"
    assert half_past["state"] == "ENABLED"
    assert json.loads(half_past["target"]["input"]) == {"due": "05:30", "scheduled": SCHEDULED}
    assert half_past["target"]["deadLetterConfig"]
    looks = machine_definitions(due)["due"]["States"]
    assert len(looks["Look at 05:30"]["Branches"]) == 2
    assert [node.inputs["name"] for node in flow_schedules(due)] == ["sluice-prod-daily-0600"]


def test_a_schedule_starts_on_the_days_on_which_something_is_due() -> None:
    assert schedule_expression("05:30", ["MON", "SAT"]) == "cron(30 5 ? * MON,SAT *)"
    assert schedule_expression("00:05", ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]) == "cron(5 0 * * ? *)"


def test_it_breaks_no_policy_and_needs_nothing_that_the_deployers_lack(due: Graph) -> None:
    assert broken_policies(due) == {}


def test_where_nothing_is_due_nothing_is_declared(graphs: dict[str, Graph]) -> None:
    for graph in graphs.values():
        assert "due" not in machine_definitions(graph)
        assert not [node for node in graph.nodes_of_type(SCHEDULE) if "-due-" in node.inputs["name"]]


def test_a_schedule_rests_where_no_dataset_of_its_time_is_active(tmp_path: Path) -> None:
    resting = schedules(due_graph(tmp_path / "resting", "dev"))
    assert {inputs["state"] for inputs in resting.values()} == {"DISABLED"}


def test_the_machine_may_list_raw_of_its_datasets_and_tell_and_nothing_else(due: Graph) -> None:
    policy = document(due, "due-role-policy")
    listings = [
        PermissionRequest("s3:ListBucket", HERE.bucket_arn("raw"), {"s3:prefix": prefix})
        for prefix in ("trades/", "trades/late/", "goods/")
    ]
    arguments = [
        state["Arguments"]
        for state in task_states(machine_definitions(due)["due"]).values()
        if "Prefix" in state["Arguments"]
    ]
    assert {entry["Prefix"] for entry in arguments} == {"trades/", "trades/late/", "goods/"}
    kept = HERE.bucket_arn("assets", "/messages/trades/due-0530-2026-11-29.json")
    needed = [
        *listings,
        PermissionRequest("s3:GetObject", kept),
        PermissionRequest("s3:PutObject", kept),
        *(
            PermissionRequest("sns:Publish", HERE.arn("sns", f"sluice-prod-messages-{s}"))
            for s in ("critical", "warning", "info")
        ),
    ]
    assert [ask for ask in needed if not allowing_sids(policy, ask)] == []
    assert {f"{sid} {action}" for sid, action in unused_grants(policy, needed)} == {
        "UseKeyOfTopics kms:Decrypt",
        "UseKeyOfTopics kms:GenerateDataKey",
    }
    for refused in (
        PermissionRequest("s3:ListBucket", HERE.bucket_arn("raw"), {"s3:prefix": "buyers/"}),
        PermissionRequest("s3:ListBucket", HERE.bucket_arn("raw"), {"s3:prefix": ""}),
        PermissionRequest("s3:ListBucket", HERE.bucket_arn("processed"), {"s3:prefix": "trades/"}),
        PermissionRequest("s3:GetObject", HERE.bucket_arn("raw", "/trades/x.csv")),
        PermissionRequest("s3:PutObject", HERE.bucket_arn("assets", "/verdicts/trades/x.json")),
        PermissionRequest("glue:StartJobRun", HERE.arn("glue", "job/sluice-prod-trades")),
    ):
        assert not allowing_sids(policy, refused), refused


def test_the_boundary_leaves_what_the_machine_needs(due: Graph) -> None:
    [boundary] = boundary_policy(HERE).values()
    listing = PermissionRequest("s3:ListBucket", HERE.bucket_arn("raw"), {"s3:prefix": "trades/"})
    start = PermissionRequest("states:StartExecution", flow_policies.machine_arn(HERE, "due"))
    assert allowing_sids(boundary, listing)
    assert allowing_sids(boundary, start)
    assert allowing_sids(document(due, "due-starter-policy"), start)


def test_no_role_of_it_ends_outside_the_stack(due: Graph) -> None:
    roles = roles_of(due)
    assert {"sluice-prod-due-states", "sluice-prod-due-scheduler"} <= roles.roles.keys()
    assert walk_roles(roles.account, roles.roles).faults == ()


def test_the_watch_hears_of_a_look_that_broke_and_may_ask_why(due: Graph) -> None:
    rule = due.node_named(RULE, "due-failed-rule").inputs
    pattern = json.loads(rule["eventPattern"])
    assert pattern["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    target = due.node_named(TARGET, "due-failed-target").inputs
    assert target["rule"] == rule["name"] == "sluice-prod-due-ended-badly"
    execution = HERE.arn("states", "execution:sluice-prod-due:2026-11-29")
    assert allowing_sids(document(due, "watch-role-policy"), PermissionRequest("states:DescribeExecution", execution))


def test_the_bill_has_a_line_of_it(due: Graph, graphs: dict[str, Graph]) -> None:
    lines = {line.what: line for line in monthly_bill(due)}
    looks = next(line for what, line in lines.items() if what.endswith("flow: due"))
    assert looks.usd > 0
    assert not [line for line in monthly_bill(graphs["prod"]) if line.what.endswith("flow: due")]
    digest = [
        next(line for line in monthly_bill(graph) if line.what.endswith("digest")) for graph in (due, graphs["prod"])
    ]
    assert digest[0] == digest[1]


def test_the_longest_names_keep_within_what_aws_takes() -> None:
    longest = Names("p" * 20, "s" * 12, "eu-west-1", ACCOUNT)
    assert max(map(len, (longest.resource_name("due", "0530"), longest.resource_name("due", "scheduler")))) <= 64


@pytest.mark.parametrize(
    ("arrivals", "message"),
    [
        ([{"pattern": "/x", "by": "05:30"}], "arrivals as docs/contract.md has them"),
        ([{"pattern": "x", "by": "5"}], "arrivals as docs/contract.md has them"),
        ([{"pattern": "x", "at": "05:30"}], "arrivals as docs/contract.md has them"),
    ],
)
def test_arrivals_that_are_none_are_refused_before_anything_is_declared(
    tmp_path: Path, arrivals: list[dict[str, Any]], message: str
) -> None:
    lake = due_lake(tmp_path / "lake", {"trades": arrivals})
    with pytest.raises(ValueError, match=message):
        load_contract("trades", lake)


def test_a_stack_with_files_that_start_it_looks_too(tmp_path: Path) -> None:
    with use_lake(due_lake(tmp_path / "lake")):
        graph = run_program("prod", changed={"sluice:start": "arrival"}, folder=tmp_path / "lake")
    assert len(schedules(graph)) == 2
    assert broken_policies(graph) == {}
