"""Pages that show the sample's stacks: diagrams, tables and names are those of the program."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT, use_lake
from sluice.program import flow_page
from sluice.program.deployer.reach import command, walk_roles
from sluice.program.deployer.reach.report import page_with_table
from sluice.program.flow_page import PAGE, render_page, sample_graphs
from sluice.program.graph import Graph, stack_config
from sluice.program.iam import matches_pattern
from sluice.program.policies.policy import policy_statements
from sluice.program.policies.queue import QUEUE_POLICY, admitted_rules
from sluice.sandbox.up import SAMPLE_DAYS, example_commands
from tests.program.edited import edited_folder, spelt_by_the_cli, with_a_users_values
from tests.program.test_page_commands import OUTPUTS
from tests.program.test_reach import roles_of


@pytest.fixture(scope="module", autouse=True)
def sample() -> Iterator[None]:
    """The sample's contracts, in place of the tests' own."""
    with use_lake(ROOT):
        yield


@pytest.fixture(scope="module")
def drawn(sample: None) -> dict[str, Graph]:
    """The graphs that the page on the flow is drawn from."""
    return sample_graphs()


def test_the_diagrams_of_the_page_are_those_of_the_program(drawn: dict[str, Graph]) -> None:
    text = PAGE.read_text()
    assert render_page(text, drawn) == text, "out of date: make flow"


def test_a_diagram_that_was_changed_by_hand_is_noticed(drawn: dict[str, Graph]) -> None:
    text = PAGE.read_text().replace("job_sales", "job_bales")
    assert text != PAGE.read_text()
    assert render_page(text, drawn) != text


def test_no_page_holds_a_users_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: dict[str, Graph]) -> None:
    def configured(stack: str, changed: dict[str, str], folder: Path | None = None) -> Graph:
        return Graph(stack, stack_config(stack, folder) | changed)

    users = edited_folder(tmp_path, with_a_users_values, spelt_by_the_cli)
    monkeypatch.setattr(flow_page, "run_program", configured)
    monkeypatch.setattr("sluice.program.stack_files.lake_folder", lambda: users)
    assert {stack: graph.config for stack, graph in sample_graphs().items()} == {
        stack: graph.config for stack, graph in drawn.items()
    }


def test_the_page_shows_what_each_role_of_prod_can_become(drawn: dict[str, Graph]) -> None:
    stack = roles_of(drawn["schedule"])
    text = command.PAGE.read_text(encoding="utf-8")
    assert page_with_table(text, walk_roles(stack.account, stack.roles)) == text, "make security"


def test_every_name_that_the_drills_and_the_runbook_use_is_declared(drawn: dict[str, Graph]) -> None:
    """A drill's own rule is none, but its name is one that the queue of what was not delivered takes."""
    arriving = drawn["arrival"]
    pages = [(ROOT / "docs" / page).read_text() for page in ("drills.md", "runbook.md")]
    named = {name for page in pages for name in re.findall(r"sluice-prod-[a-z_-]*[a-z]", page)}
    declared = {str(node.inputs.get("name")) for node in arriving.nodes.values()}
    assert {"sluice-prod-undelivered", "sluice-prod-flow", "sluice-prod-arrivals-window"} <= named
    assert named - declared - {"sluice-prod-raw"} == {"sluice-prod-drill", "sluice-prod-assets"}
    policy = arriving.node_named(QUEUE_POLICY, "undelivered-policy").inputs["policy"]
    assert any(
        matches_pattern(pattern, "sluice-prod-drill") for pattern in admitted_rules(policy_statements(policy)[0])
    )


def test_sandbox_up_prints_commands_for_a_dataset_that_takes_the_file() -> None:
    jobs = {name: f"job-{name}" for name in ("sales_daily", "customers", "sales", "products")}
    printed = list(example_commands(OUTPUTS | {"jobs": jobs}))
    assert printed[:2] == [
        "aws s3 cp sluice/sandbox/demo/days/good.csv s3://raw-bucket/sales/",
        "aws glue start-job-run --job-name job-sales",
    ]
    assert list(example_commands(OUTPUTS | {"jobs": dict(reversed(jobs.items()))})) == printed
    assert all((ROOT / day).is_file() for day in SAMPLE_DAYS.values())
