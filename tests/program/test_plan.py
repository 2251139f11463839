"""A plan says what a stack declares, costs and differs in, without account, CLI or cloud."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from sluice.cli.app import main
from sluice.program import graph, plan
from sluice.program.bill.bill import monthly_bill
from sluice.program.bill.flow import starts_per_month
from sluice.program.bill.run_cost import BYTES_PER_GB, Way, run_cost
from sluice.program.comparison import find_differences
from sluice.program.cost_page import PAGE, with_tables
from sluice.program.graph import STACKS, Graph, run_program
from tests.program.deployed import Deployed


@pytest.fixture(autouse=True)
def _loud() -> Iterator[None]:
    yield
    logging.disable(logging.NOTSET)


def planned_json(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    assert main(["plan", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def node_names(branches: list[dict[str, Any]]) -> set[str]:
    return {branch["name"] for branch in branches} | {
        name for branch in branches for name in node_names(branch["below"])
    }


def cost_of(graph: Graph, line_end: str) -> float:
    (line,) = [line for line in monthly_bill(graph) if line.what.endswith(line_end)]
    return line.usd


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch, graphs: dict[str, Graph]) -> None:
    """Let a plan be of a stack that was declared before."""
    monkeypatch.setattr(graph, "run_program", lambda stack, preview: graphs[stack] if preview else None)


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("stack", STACKS)
def test_a_plan_shows_every_resource_once(stack: str, graphs: dict[str, Graph], capsys) -> None:
    plan = planned_json(capsys, stack)
    assert node_names(plan["tree"]) == {node.name for node in graphs[stack].nodes.values()}
    assert plan["resources"] == sum(node.custom for node in graphs[stack].nodes.values())
    assert plan["policies"]["broken"] == {}


def test_a_plan_can_be_read_by_a_person(capsys) -> None:
    assert main(["plan", "prod", "--diff", "dev"]) == 0
    text = capsys.readouterr().out
    for expected in (
        "trades-job-job",
        "numberOfWorkers 4",
        "protect true",
        "what differs from dev",
        "a month in USD",
        "about",
    ):
        assert expected in text
    assert "rules[replaced].noncurrentVersionExpiration" in text


def test_the_difference_of_two_stacks_is_what_their_files_say(graphs: dict[str, Graph]) -> None:
    changes = {
        (difference.resource, difference.path): (difference.here, difference.there)
        for difference in find_differences(graphs["prod"], graphs["dev"])
    }
    assert changes["Job trades-job-job", "numberOfWorkers"] == (4, 2)
    assert changes["Schedule flow-schedule-daily-0600", "state"] == ("ENABLED", "DISABLED")
    assert changes["Bucket raw-bucket", "option protect"] == (True, False)
    assert changes["TopicSubscription alarms-email", ""] == ("there", None)
    assert ("RolePolicy trades-job-role-policy", "policy.Statement[UseKeyOfBuckets].Sid") in changes
    named = ("BucketPolicy", "EventRule", "Alias")
    assert not [key for key in changes if key[0].startswith(named) and key[1] != "option protect"]


def test_a_stack_does_not_differ_from_itself(graph: Graph) -> None:
    assert find_differences(graph, graph) == []


@pytest.mark.usefixtures("planned")
def test_a_plan_without_another_stack_compares_nothing(capsys) -> None:
    assert "differs" not in planned_json(capsys, "dev")


def test_a_daily_run_costs_what_was_worked_out(deployed: Deployed) -> None:
    """2 x G.1X for 5 minutes a day at $0.308 a DPU-hour is about $1.54 a month, 4 of them twice that."""
    worked_out = {"staging": 1.54, "prod": 3.08}.get(deployed.graph.stack, 0)
    assert cost_of(deployed.graph, f"{deployed.dataset}: runs") == pytest.approx(worked_out)


def test_a_daily_crawl_costs_what_was_worked_out() -> None:
    """10 minutes at least: $4.40 a month if daily, more than a job; a crawler for each dataset of files."""
    daily = {"sluice:crawl": "cron(0 5 * * ? *)"}
    alone = {"sluice:datasets": json.dumps({"trades": {}})}
    assert cost_of(run_program("dev", changed=daily | alone), "crawlers") == pytest.approx(4.40)
    several = {"sluice:datasets": json.dumps({"trades": {}, "goods": {}, "trades_daily": {}})}  # one built from tables
    assert cost_of(run_program("dev", changed=daily | several), "crawlers") == pytest.approx(4.40 * 2)


def test_the_keys_dollar_is_on_the_bill(graph: Graph) -> None:
    assert cost_of(graph, "key") == 1


def test_bigger_workers_cost_more_where_they_are_set(graphs: dict[str, Graph]) -> None:
    entries = {"trades": {"worker_type": "G.4X"}, "buyers": {}}
    bigger = run_program("staging", changed={"sluice:datasets": json.dumps(entries)})
    for dataset, times in (("trades", 4), ("buyers", 1)):
        line_name = f"{dataset}: runs"
        assert cost_of(bigger, line_name) == pytest.approx(times * cost_of(graphs["staging"], line_name))


@pytest.mark.usefixtures("planned")
def test_the_bill_adds_up_and_says_of_when_its_prices_are(capsys) -> None:
    month = planned_json(capsys, "prod")["bill"]
    assert month["month"] == pytest.approx(sum(line["usd"] for line in month["lines"]), abs=0.05)
    assert month["prices_of"].startswith("20")
    assert month["assumed"]["run_minutes"] == 5


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        ("cron(0 6 * * ? *)", 30),
        ("cron(0 * * * ? *)", 720),
        ("cron(0/15 8-17 * * ? *)", 1200),
        ("cron(0 6 ? * MON *)", 30 / 7),
        ("cron(0 6 1 * ? *)", 1),
        ("cron(0 6 1 JAN,JUL ? *)", 1 / 6),
        ("rate(15 minutes)", 2880),
        ("rate(1 minute)", 43200),
    ],
)
def test_runs_are_counted_from_the_schedule(schedule: str, runs: float) -> None:
    assert starts_per_month(schedule) == pytest.approx(runs)


def test_an_unknown_stack_is_wrong_use(capsys) -> None:
    assert main(["plan", "production"]) == 2
    stderr = capsys.readouterr().err
    assert all(stack in stderr for stack in STACKS)


@pytest.mark.usefixtures("planned")
def test_a_broken_policy_is_told_and_fails_the_plan(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(plan, "broken_policies", lambda graph: {"bucket.tls": ["raw answers without TLS"]})
    assert main(["plan", "dev"]) == 1
    assert "bucket.tls: raw answers without TLS" in capsys.readouterr().out


def test_a_program_that_refuses_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def refuse_settings(stack: str, preview: bool) -> Graph:
        return run_program(stack, changed={"sluice:workers": "one"}, preview=preview)

    monkeypatch.setattr(graph, "run_program", refuse_settings)
    assert main(["plan", "dev"]) == 1
    assert 'sluice:workers is "one": takes a whole number' in capsys.readouterr().err


def test_the_page_on_costs_has_the_tables_of_the_model() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_tables(text) == text, "stale: run python -m sluice.program.cost_page"
    assert "100 GB" in text


def test_a_small_day_costs_a_minute_and_a_large_one_its_rows() -> None:
    small, large = (run_cost(gb * BYTES_PER_GB, "G.1X", 2) for gb in (0.001, 100))
    assert (small.seconds, round(small.usd, 3)) == (60, 0.010)
    ungated = run_cost(100 * BYTES_PER_GB, "G.1X", 2, Way.UNGATED)
    assert 1.2 < large.seconds / ungated.seconds < 1.3
    assert run_cost(100 * BYTES_PER_GB, "G.2X", 2).seconds < 0.6 * large.seconds
    more = run_cost(100 * BYTES_PER_GB, "G.1X", 10)
    assert more.seconds < large.seconds / 7
    assert more.usd_compute < large.usd_compute
