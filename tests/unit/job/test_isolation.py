"""Objects that go through the gate one by one, on plain data: what the run's verdict tells of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from types import SimpleNamespace
from typing import Annotated, Any

import pytest

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.errors import ContractBroken, ContractKept, KeysShared, ObjectChanged
from etl.isolation import Isolation, PartOutcome
from etl.ledger.ledger import Ledger
from etl.results.contract_failures import record_and_raise
from etl.results.merging import SUM
from etl.results.rule_result import RuleResult, merge_results
from etl.results.rule_state import RuleState
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments, parse_arguments
from etl.sources import new_objects as arrivals
from etl.sources.manifest_rules import NO_MANIFESTS
from etl.sources.manifest_selection import ManifestChoice
from etl.sources.new_objects import Arrival
from etl.storage.raw_objects import RawObject

ARGUMENTS: str = (
    "--dataset trades --raw s3://raw/trades/ --table lake.db.trades --location s3://lake/parquet/trades "
    "--input-contract s3://a/i.json "
    "--output-contract s3://a/o.json --verdicts s3://a/v/ --JOB_NAME job --JOB_RUN_ID jr_1"
)
NONE: Any = None
Take = Callable[[Verdict], None]


def break_rule(rule: str) -> Take:
    """Return what an object does that breaks a rule."""

    def break_part(part: Verdict) -> None:
        part.rows_read = 1
        record_and_raise(part, [RuleResult(rule, Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1)], "v.json")

    return break_part


def keep_contract(part: Verdict) -> None:
    part.rules = [RuleResult("trades.rows", Stage.INPUT, Severity.CRITICAL, RuleState.HELD)]
    part.rows_read = part.rows_published = 1
    part.snapshot_after = part.objects[0].key


def raise_changed(_: Verdict) -> None:
    raise ObjectChanged("trades: b.csv changed while being read, nothing was published; run again")


def run_isolated(*takes: Take, model: type[Verdict] = Verdict) -> tuple[Verdict, str]:
    """Take an object through for each of `takes`; return the run's verdict and how it ended."""
    order = parse_arguments(ARGUMENTS.split())
    verdict = model(
        "trades", "jr_1", "job", "now", rows_read=9, rows_replaced=9, snapshot_before="0", snapshot_after="0"
    )
    verdict.rules = [RuleResult("trades.rows", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1, ("2",))]
    unread = [RawObject(f"{name}.csv", "1") for name in "abc"[: len(takes)]]
    remaining = [*takes]
    branches: list[str] = []

    def take_part(part_order: JobArguments, part: Verdict, _: Arrival) -> None:
        branches.append(part_order.branch)
        remaining.pop(0)(part)

    with pytest.raises((ContractBroken, ObjectChanged)) as ended:
        Isolation(order, verdict, take_part).run(Arrival(order, NONE, NONE, lambda _: None, unread))
    assert branches == [f"run_jr_1_{number}" for number in range(1, len(branches) + 1)]
    return verdict, f"{ended.type.__name__}: {ended.value}"


def test_objects_that_break_a_rule_only_together_are_told_so_and_the_rule_stays_broken() -> None:
    verdict, message = run_isolated(keep_contract, keep_contract)
    assert message.startswith(
        "ContractBroken: trades: verdict s3://a/v/jr_1.json: all 2 objects kept the contract alone and were published, 2 rows; "
        "together they broke it: trades.rows (1: '2'); where they must not stay, roll back"
    )
    assert [result.rule for result in verdict.broken] == ["trades.rows"]
    assert (verdict.rows_read, verdict.rows_published, verdict.rows_replaced) == (2, 2, 0)
    assert (verdict.snapshot_before, verdict.snapshot_after) == ("0", "b.csv")


def test_the_object_that_broke_the_contract_is_named_and_the_others_rows_are_counted() -> None:
    verdict, message = run_isolated(keep_contract, break_rule("trades.quantity"), keep_contract)
    assert "b.csv broke the contract and stays unread, 2 rows of 2 other objects were published: " in message
    assert {result.rule for result in verdict.broken} == {"trades.rows", "trades.quantity"}
    assert verdict.isolated
    alone, _ = run_isolated(break_rule("trades.quantity"), break_rule("trades.quantity"))
    assert not alone.isolated
    assert (verdict.rows_read, verdict.rows_published, verdict.snapshot_after) == (3, 2, "c.csv")


@dataclass
class WiderVerdict(Verdict):
    """A verdict with a field more."""

    bytes_read: Annotated[int, SUM] = 90


def test_a_field_that_the_model_gains_is_merged_by_the_rule_beside_its_type() -> None:
    def read_bytes(part: Verdict) -> None:
        assert isinstance(part, WiderVerdict)
        assert part.bytes_read == 0
        part.bytes_read = 5
        keep_contract(part)

    verdict, _ = run_isolated(read_bytes, read_bytes, model=WiderVerdict)
    assert isinstance(verdict, WiderVerdict)
    assert verdict.bytes_read == 10


def test_what_the_parts_cleaned_and_how_often_they_staged_is_told_of_the_run() -> None:
    def clean(part: Verdict) -> None:
        part.remains += ["a branch of jr_0"]
        part.attempts = 2
        part.metrics = {"output": {"row_count": 1}}  # of a part, which tells nothing of the day
        keep_contract(part)

    verdict, _ = run_isolated(keep_contract, clean, break_rule("trades.quantity"))
    assert (verdict.remains, verdict.attempts) == (["a branch of jr_0"], 2)
    assert verdict.metrics == {}
    assert [raw_object.key for raw_object in verdict.objects] == ["a.csv", "b.csv", "c.csv"]


def test_what_was_published_before_another_fault_is_told() -> None:
    verdict, message = run_isolated(keep_contract, raise_changed, keep_contract)
    assert message.startswith(
        "ObjectChanged: trades: b.csv changed while being read, nothing was published; run again; "
    )
    assert message.endswith("before that 1 row of 1 other object was published")
    assert (verdict.rows_read, verdict.rows_published, verdict.snapshot_after) == (1, 1, "a.csv")


POISON = frozenset("!")
World = dict[str, tuple[str | None, str]]
"""By object, the keys of its rows: those that the table has, None for an object that is new, and those that arrived."""


class IsolationModel:
    """A table that is a set of keys by object, and a gate that refuses poison and keys that come twice."""

    def __init__(self, world: World, other_keys: str = "", groups: tuple[frozenset[str], ...] = ()) -> None:
        self.table = {key: frozenset(old) for key, (old, _) in world.items() if old is not None}
        self.table["other.csv"] = frozenset(other_keys)
        self.new = {key: frozenset(new) for key, (_, new) in world.items()}
        self.snapshots = [frozenset().union(*self.table.values())]
        self.verdict = Verdict("trades", "jr_1", "job", "now", snapshot_before="0", snapshot_after="0")
        self.isolation = Isolation(parse_arguments(ARGUMENTS.split()), self.verdict, self.take_part)
        unread = [RawObject(key, "2") for key in sorted(world)]
        corrected = [key for key in sorted(world) if key in self.table]
        manifests = replace(NO_MANIFESTS, choice=ManifestChoice(unread, groups=groups))
        whole = Arrival(self.isolation.arguments, NONE, NONE, lambda _: None, unread, corrected, manifests=manifests)
        with pytest.raises(ContractBroken) as ended:
            self.isolation.run(whole)
        self.message = str(ended.value)

    def take_part(self, order: JobArguments, part: Verdict, arrival: Arrival) -> None:
        keys = [raw_object.key for raw_object in arrival.unread]
        rows = Counter(row for key in keys for row in self.new[key])
        part.rows_read = rows.total()
        if any(POISON & self.new[key] for key in keys):
            record_and_raise(
                part, [RuleResult("trades.quantity", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 1)], "v.json"
            )
        holders = frozenset(key for key, key_rows in self.table.items() if key not in keys and key_rows & rows.keys())
        if holders or max(rows.values(), default=0) > 1:
            part.rules = [RuleResult("trades.key", Stage.OUTPUT, Severity.CRITICAL, RuleState.BROKEN, 1)]
            raise KeysShared("keys", holders) if holders else ContractBroken("keys")
        if order.trial:
            raise ContractKept("a trial")
        self.table |= {key: self.new[key] for key in keys}
        self.snapshots.append(frozenset().union(*self.table.values()))
        part.rows_published, part.snapshot_after = rows.total(), str(len(self.snapshots))

    def keys_of(self, outcome: PartOutcome) -> set[str]:
        return {key for part in self.isolation.parts if part.outcome is outcome for key in part.keys}


MOVES: dict[str, tuple[World, str, set[str], set[str]]] = {
    "from a later object to an earlier": ({"a": (None, "x"), "b": ("x", ""), "c": (None, "!")}, "", {"c"}, set()),
    "between corrected objects, either way": ({"a": ("xy", "yz"), "b": ("z", "x"), "c": (None, "!")}, "", {"c"}, set()),
    "in a circle": ({"a": ("x", "z"), "b": ("y", "x"), "c": ("z", "y"), "d": ("", "!")}, "", {"d"}, set()),
    "out of a faulty object": ({"a": (None, "x"), "b": ("x", "!")}, "", {"b"}, {"a"}),
    "by way of another, out of a faulty object": (
        {"a": ("", "xy"), "b": ("x", ""), "d": ("y", "!"), "e": ("q", "r")},
        "",
        {"d"},
        {"a", "b"},
    ),
    "to one that takes a key from an object that did not change": (
        {"a": (None, "xt"), "b": (None, "y"), "c": (None, "!")},
        "t",
        {"a", "c"},
        set(),
    ),
    "to two new objects at once": ({"a": (None, "x"), "b": (None, "x"), "c": (None, "!")}, "", {"b", "c"}, set()),
}


@pytest.mark.parametrize("move", MOVES)
def test_rows_that_move_from_object_to_object_are_there_at_each_commit_and_nobody_else_is_blamed(move: str) -> None:
    world, other_keys, broken, waiting = MOVES[move]
    model = IsolationModel(world, other_keys)
    assert (model.keys_of(PartOutcome.BROKEN), model.keys_of(PartOutcome.WAITING)) == (broken, waiting), model.message
    published = world.keys() - broken - waiting
    assert {key: model.table.get(key) for key in published} == {key: model.new[key] for key in published}
    moved = model.snapshots[0] & model.snapshots[-1]
    assert all(moved <= snapshot for snapshot in model.snapshots)
    assert f": {', '.join(sorted(broken))} broke the contract" in model.message
    assert ("needs keys of that and waits" in model.message) == bool(waiting)


def test_whatever_moves_where_no_row_is_lost_or_doubled_and_what_shares_nothing_is_published() -> None:
    random, waited, looked = Random(13), 0, 0
    for _ in range(500):
        names, ids = "abcde"[: random.randint(2, 5)], "rstuvwxyz"
        homes: dict[str, list[str]] = {name: [] for name in names}
        for row in ids:
            homes[random.choice(names)].append(row)
        old = {name: "".join(rows) if random.random() < 0.7 else None for name, rows in homes.items()}
        new = {name: [row for row in ids if random.random() < 0.15] for name in names}
        for row in ids:  # most rows stay or move once
            new[random.choice(names)] += [row] if random.random() < 0.5 else []
        poison = random.choice(names)
        world = {
            name: (old[name], "".join({*new[name]}) + ("!" if name == poison or random.random() < 0.1 else ""))
            for name in names
        }
        model = IsolationModel(world)
        broken, waiting = model.keys_of(PartOutcome.BROKEN), model.keys_of(PartOutcome.WAITING)
        waited += len(waiting)
        faulty = {name for name in names if "!" in world[name][1]}
        assert faulty <= broken
        assert all(sum(row in key_rows for key_rows in model.table.values()) <= 1 for row in ids)
        done = names_of(world) - broken - waiting
        assert all(model.table[name] == model.new[name] for name in done)
        untouched = {name: frozenset(key_rows) for name, key_rows in old.items() if key_rows is not None}
        assert all(model.table.get(name) == untouched.get(name) for name in broken | waiting)
        claims = Counter(row for name in names_of(world) - faulty for row in {*world[name][1]}) or Counter("!")
        # What is left is published in one commit where no two claim a row; else one after the other, as far as that goes.
        safe = {row for name in done | waiting for row in world[name][1]} if max(claims.values()) == 1 else set[str]()
        assert all(safe & model.snapshots[0] <= snapshot for snapshot in model.snapshots), (world, model.message)
        for name in names_of(world) - faulty:
            other_rows = {
                row
                for other_name in names
                if other_name != name
                for row in (old[other_name] or "") + world[other_name][1]
            }
            if not other_rows & {*world[name][1], *(old[name] or "")}:
                assert name in done, (world, model.message)
        looked += bool(safe)
    assert min(waited, looked) > 30


def test_what_a_manifest_names_is_published_in_one_commit_or_stays_whatever_moves_between_them() -> None:
    random, published, stayed = Random(17), 0, 0
    for _ in range(400):
        names = "abcdef"
        rows: World = {name: (None if random.random() < 0.5 else "", "") for name in names}
        for row in "rstuvwxyz":
            old_home, new_home = random.choice(names), random.choice(names)
            old, new = rows[old_home]
            rows[old_home] = (old if old is None else old + row, new)
            rows[new_home] = (rows[new_home][0], rows[new_home][1] + row)
        poison = random.choice(names)
        rows[poison] = (rows[poison][0], rows[poison][1] + "!")
        group = frozenset(random.sample(names, random.randint(2, 4)))
        model = IsolationModel(rows, groups=(group,))
        outcomes = {frozenset(part.keys & group) for part in model.isolation.parts if part.keys & group}
        assert outcomes == {group}, (rows, group, model.message)
        done = model.keys_of(PartOutcome.KEPT)
        assert poison not in done
        assert all(model.table[name] == model.new[name] for name in done)
        assert all(sum(row in keys for keys in model.table.values()) <= 1 for row in "rstuvwxyz")
        published, stayed = published + (group <= done), stayed + (poison not in group and not group <= done)
    assert min(published, stayed) > 20


def names_of(world: World) -> set[str]:
    return {*world}


def test_what_a_part_replaced_in_this_run_is_read_again_with_the_object_that_won(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = [RawObject(key, "1") for key in ("a.csv", "b.csv", "c.csv")]
    monkeypatch.setattr(arrivals, "list_latest", lambda *_: listed)
    order = parse_arguments(ARGUMENTS.split())
    contract: Any = SimpleNamespace(files="")
    whole = Arrival(order, SimpleNamespace(s3=None), contract, lambda _: None, [listed[1]])  # pyright: ignore[reportArgumentType]
    ledger = Ledger(over={"b.csv": ["a.csv"]}).with_objects([listed[0]])
    assert [raw_object.key for raw_object in whole.rebased_on(ledger, order, lambda _: None).unread] == [
        "a.csv",
        "b.csv",
    ]
    assert whole.rebased_on(Ledger(), order, lambda _: None).unread == [listed[1]]


def test_a_rule_that_two_objects_broke_is_told_with_the_rows_of_both() -> None:
    first = RuleResult("trades.quantity", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 2, ("0", "-1"))
    both = merge_results(
        first, RuleResult("trades.quantity", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 3, ("0", "-7"))
    )
    assert (both.unexpected, both.samples) == (5, ("0", "-1", "-7"))
    held_result = RuleResult("trades.quantity", Stage.INPUT, Severity.CRITICAL, RuleState.HELD)
    assert merge_results(first, held_result) == merge_results(held_result, first) == first
