"""The boundaries between a run's steps, and what happens at one: a crash in this process, or a SIGKILL in one of its own."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from unittest import mock

from etl import reporting
from etl.iceberg.table import Table
from etl.ledger import ledger, orphan_cleanup
from etl.ledger.quarantine_table import Quarantine
from etl.ledger.tombstones import NewTombstones, Tombstones
from etl.sources.new_objects import Arrival
from tests.faults.proxy import Fault, Plan, Proxy

Act = Callable[[], object]
ASIDE = "_quarantine"


def _is_main(table: Table, *_: Any) -> bool:
    return not table.name.endswith(ASIDE)


def _is_aside(table: Table, *_: Any) -> bool:
    return table.name.endswith(ASIDE)


def _any_table(*_: Any) -> bool:
    return True


# Where in the code, whether before or after it, and which of its calls.
STEPS: dict[str, tuple[Any, str, str, Callable[..., bool]]] = {
    "listed": (Arrival, "from_listing", "after", _any_table),
    "before reading": (Arrival, "read_rows", "before", _any_table),
    "checked": (Table, "evolve_to_contract", "before", _any_table),
    "declared": (Table, "evolve_to_contract", "after", _any_table),
    "cleaned": (orphan_cleanup, "remove_orphans", "after", _any_table),
    "cleared of earlier versions": (Table, "delete_objects", "after", _any_table),
    "before staging": (Table, "stage_rows", "before", _is_main),
    "rows staged": (Table, "stage_rows", "after", _is_main),
    "quarantine staged": (Quarantine, "stage_rows", "after", _any_table),
    "older rows removed": (Table, "delete_rows", "after", _any_table),
    "audited": (Arrival, "assert_unchanged", "before", _any_table),
    "before the ledger": (ledger, "write_ledger", "before", _any_table),
    "ledger written": (ledger, "write_ledger", "after", _any_table),
    "quarantine published": (Table, "publish", "after", _is_aside),
    "before the fast-forward": (Table, "publish", "before", _is_main),
    "after the fast-forward": (Table, "publish", "after", _is_main),
    "deleted keys staged": (Tombstones, "stage", "after", _any_table),
    "before deleted keys settle": (NewTombstones, "settle", "before", _any_table),
    "before the report": (reporting, "publish_report", "before", _any_table),
}
PUBLISHED = ("after the fast-forward", "before deleted keys settle", "before the report")  # steps after the commit


@contextmanager
def acting_at(step: str, act: Act) -> Iterator[None]:
    """Do something whenever a run comes to a step."""
    owner, name, when, applies = STEPS[step]
    original = getattr(owner, name)

    @wraps(original)
    def act_around(*args: Any, **named: Any) -> Any:
        if when == "before" and applies(*args):
            act()
        answer = original(*args, **named)
        if when == "after" and applies(*args):
            act()
        return answer

    with mock.patch.object(owner, name, act_around):
        yield


@contextmanager
def acting_once(step: str, act: Act) -> Iterator[None]:
    """Do something when a run comes to a step, the first time."""
    remaining = [act]

    def act_first() -> None:
        if remaining:
            remaining.pop()()

    with acting_at(step, act_first):
        yield


@contextmanager
def following_plan_from(proxy: Proxy, step: str, plan: Plan) -> Iterator[Counter[Fault]]:
    """Let the proxy follow a plan from a step on; yields what was met."""

    def begin_plan() -> None:
        proxy.plan = plan

    with acting_at(step, begin_plan), proxy.follow_plan(lambda _: None) as met:
        yield met


class Crash(BaseException):
    """The end of a run of this process, as sudden as a kill: nothing of it cleans up."""


@contextmanager
def crashing_at(step: str) -> Iterator[list[str]]:
    """Crash at a step; yields a list that holds the step once that happened."""
    crashed: list[str] = []

    def raise_crash() -> None:
        crashed.append(step)
        raise Crash(step)

    with acting_at(step, raise_crash):
        drop = Table.drop_branch

        def drop_unless_crashed(table: Table, branch: str) -> None:
            if not crashed:
                drop(table, branch)

        with mock.patch.object(Table, "drop_branch", drop_unless_crashed):
            yield crashed
