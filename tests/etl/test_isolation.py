"""Objects that go through the gate one by one, on plain data: what the run's verdict tells of them."""

from collections.abc import Callable
from typing import Any

import pytest

from etl.arguments import Order, parse
from etl.arrival import Arrival
from etl.errors import ContractBroken, ObjectChanged
from etl.isolation import Isolation
from etl.raw import RawObject
from etl.verdict import RuleResult, RuleState, Verdict

ARGUMENTS: str = (
    "--dataset sales --raw s3://raw/sales/ --table lake.db.sales --location s3://lake/sales --input-contract s3://a/i.json "
    "--output-contract s3://a/o.json --verdicts s3://a/v/ --JOB_NAME job --JOB_RUN_ID jr_1"
)
NONE: Any = None
Take = Callable[[Verdict], None]


def breaks(rule: str) -> Take:
    """Return what an object does that breaks a rule."""

    def demand(part: Verdict) -> None:
        part.rows_read = 1
        part.demand([RuleResult(rule, "input", "critical", RuleState.BROKEN, 1)], "v.json")

    return demand


def keeps(part: Verdict) -> None:
    part.rules = [RuleResult("sales.rows", "input", "critical", RuleState.HELD)]
    part.rows_read = part.rows_published = 1
    part.snapshot_after = part.objects[0]["key"]


def changed(_: Verdict) -> None:
    raise ObjectChanged("sales: b.csv changed while being read, nothing was published; run again")


def isolated(*takes: Take) -> tuple[Verdict, str]:
    """Take an object through for each of `takes`; return the run's verdict and how it ended."""
    order = parse(ARGUMENTS.split())
    verdict = Verdict(
        "sales", "jr_1", "job", "now", rows_read=9, rows_replaced=9, snapshot_before="0", snapshot_after="0"
    )
    verdict.rules = [RuleResult("sales.rows", "input", "critical", RuleState.BROKEN, 1, ("2",))]
    unread = [RawObject(f"{name}.csv", "1") for name in "abc"[: len(takes)]]
    left = [*takes]
    branches: list[str] = []

    def take(own: Order, part: Verdict, _: Arrival) -> None:
        branches.append(own.branch)
        left.pop(0)(part)

    with pytest.raises((ContractBroken, ObjectChanged)) as ended:
        Isolation(order, verdict, take).through(Arrival(order, NONE, NONE, lambda _: None, unread))
    assert branches == [f"run_jr_1_{number}" for number in range(1, len(branches) + 1)]
    return verdict, f"{ended.type.__name__}: {ended.value}"


def test_objects_that_break_a_rule_only_together_are_told_so_and_the_rule_stays_broken() -> None:
    verdict, told = isolated(keeps, keeps)
    assert told.startswith(
        "ContractBroken: sales: verdict s3://a/v/jr_1.json: all 2 objects kept the contract alone and were published, 2 rows; "
        "together they broke it: sales.rows (1: '2'); where they must not stay, roll back"
    )
    assert [one.rule for one in verdict.broken] == ["sales.rows"]
    assert (verdict.rows_read, verdict.rows_published, verdict.rows_replaced) == (2, 2, 0)
    assert (verdict.snapshot_before, verdict.snapshot_after) == ("0", "b.csv")


def test_the_object_that_broke_the_contract_is_named_and_the_others_rows_are_counted() -> None:
    verdict, told = isolated(keeps, breaks("sales.quantity"), keeps)
    assert "b.csv broke the contract and stays unread, 2 rows of 2 other objects were published: " in told
    assert {one.rule for one in verdict.broken} == {"sales.rows", "sales.quantity"}
    assert (verdict.rows_read, verdict.rows_published, verdict.snapshot_after) == (3, 2, "c.csv")


def test_what_was_published_before_another_fault_is_told() -> None:
    verdict, told = isolated(keeps, changed, keeps)
    assert told.startswith("ObjectChanged: sales: b.csv changed while being read, nothing was published; run again; ")
    assert told.endswith("before that 1 row of 1 other object was published")
    assert (verdict.rows_read, verdict.rows_published, verdict.snapshot_after) == (1, 1, "a.csv")
