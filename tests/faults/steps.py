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
from etl.sources.new_objects import Arrival
from tests.faults.proxy import Fault, Plan, Proxy

Act = Callable[[], object]
ASIDE = "_quarantine"


def _is_main(table: Table, *_: Any) -> bool:
    return not table.name.endswith(ASIDE)


def _is_aside(table: Table, *_: Any) -> bool:
    return table.name.endswith(ASIDE)


def _always(*_: Any) -> bool:
    return True


# Where in the code, whether before or after it, and which of its calls.
STEPS: dict[str, tuple[Any, str, str, Callable[..., bool]]] = {
    "listed": (Arrival, "of", "after", _always),
    "before reading": (Arrival, "read", "before", _always),
    "checked": (Table, "declare", "before", _always),
    "declared": (Table, "declare", "after", _always),
    "cleaned": (orphan_cleanup, "clean", "after", _always),
    "cleared of earlier versions": (Table, "clear", "after", _always),
    "before staging": (Table, "stage", "before", _is_main),
    "rows staged": (Table, "stage", "after", _is_main),
    "quarantine staged": (Quarantine, "stage", "after", _always),
    "older rows removed": (Table, "remove", "after", _always),
    "audited": (Arrival, "hold", "before", _always),
    "before the ledger": (ledger, "write", "before", _always),
    "ledger written": (ledger, "write", "after", _always),
    "quarantine published": (Table, "publish", "after", _is_aside),
    "before the fast-forward": (Table, "publish", "before", _is_main),
    "after the fast-forward": (Table, "publish", "after", _is_main),
    "before the report": (reporting, "publish", "before", _always),
}
PUBLISHED = ("after the fast-forward", "before the report")  # steps after the commit


@contextmanager
def at(step: str, act: Act) -> Iterator[None]:
    """Do something whenever a run comes to a step."""
    owner, name, when, wanted = STEPS[step]
    own = getattr(owner, name)

    @wraps(own)
    def wrapped(*given: Any, **named: Any) -> Any:
        if when == "before" and wanted(*given):
            act()
        found = own(*given, **named)
        if when == "after" and wanted(*given):
            act()
        return found

    with mock.patch.object(owner, name, wrapped):
        yield


@contextmanager
def once(step: str, act: Act) -> Iterator[None]:
    """Do something when a run comes to a step, the first time."""
    left = [act]

    def first() -> None:
        if left:
            left.pop()()

    with at(step, first):
        yield


@contextmanager
def meeting(proxy: Proxy, step: str, plan: Plan) -> Iterator[Counter[Fault]]:
    """Let the proxy follow a plan from a step on; yields what was met."""

    def begin() -> None:
        proxy.plan = plan

    with at(step, begin), proxy.meeting(lambda _: None) as met:
        yield met


class Crash(BaseException):
    """The end of a run of this process, as sudden as a kill: nothing of it cleans up."""


@contextmanager
def crashing(step: str) -> Iterator[list[str]]:
    """Crash at a step; yields a list that holds the step once that happened."""
    crashed: list[str] = []

    def crash() -> None:
        crashed.append(step)
        raise Crash(step)

    with at(step, crash):
        drop = Table.drop

        def dropped(table: Table, branch: str) -> None:
            if not crashed:
                drop(table, branch)

        with mock.patch.object(Table, "drop", dropped):
            yield crashed
