"""The seconds that a run spends in chosen functions of the job, taken within the run."""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FunctionType
from typing import Any

from etl.gate import key_conflicts
from etl.iceberg import branch_guard, current_snapshot
from etl.ledger import ledger, orphan_cleanup, skip_list
from etl.ledger.ingested_objects import IngestedObjects
from etl.ledger.ledger import Ledger
from etl.sources.new_objects import Arrival
from etl.storage import raw_objects

LISTING = (raw_objects,)
BOOKKEEPING = (
    current_snapshot,
    ledger,
    skip_list,
    orphan_cleanup,
    key_conflicts,
    branch_guard.BranchGuard,
    Ledger,
    IngestedObjects,
    Arrival,
)
ARRIVAL_METHODS = {"from_listing", "assert_unchanged", "updated_ledger"}  # the rest of it reads the data


class Meter:
    """Seconds by kind; a function that another one of these called counts with its caller, listing always by itself."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.open: list[str] = []

    def time_function(self, function: Callable[..., Any], kind: str) -> Callable[..., Any]:
        """Return a function that does the same and is counted."""

        @wraps(function)
        def timed_function(*positional: Any, **keywords: Any) -> Any:
            begun = time.monotonic()
            self.open.append(kind)
            try:
                return function(*positional, **keywords)
            finally:
                self.open.pop()
                spent = time.monotonic() - begun
                if not self.open or self.open[-1] != kind:
                    self.seconds[kind] += spent
                    if self.open:
                        self.seconds[self.open[-1]] -= spent

        return timed_function


@contextmanager
def metering_calls() -> Iterator[Meter]:
    """Count the calls of the listing and the bookkeeping, wherever in the job they are made."""
    meter, changed = Meter(), list[tuple[Any, str, Any]]()
    for kind, places in (("listing", LISTING), ("bookkeeping", BOOKKEEPING)):
        for module in places:
            for name, function in _own_functions(module):
                for owner, attribute in _call_sites(module, name, function):
                    changed.append((owner, attribute, vars(owner)[attribute]))
                    setattr(owner, attribute, _wrap_like(vars(owner)[attribute], meter.time_function(function, kind)))
    try:
        yield meter
    finally:
        for owner, attribute, before in changed:
            setattr(owner, attribute, before)


def _own_functions(place: Any) -> list[tuple[str, FunctionType]]:
    """Return the functions that a module or class defines itself, but for its inner ones."""
    members = {
        name: getattr(value, "__func__", value) for name, value in vars(place).items() if not name.startswith("_")
    }
    module_name = place.__module__ if isinstance(place, type) else place.__name__
    return [
        (name, value)
        for name, value in members.items()
        if isinstance(value, FunctionType)
        and value.__module__ == module_name
        and (place is not Arrival or name in ARRIVAL_METHODS)
    ]


def _call_sites(place: Any, name: str, function: FunctionType) -> list[tuple[Any, str]]:
    """Return where it is called by which name: other modules of the job have imported it."""
    if isinstance(place, type):
        return [(place, name)]
    modules = [module for module_name, module in list(sys.modules.items()) if module_name.startswith("etl.") and module]
    return [(module, attribute) for module in modules for attribute, value in vars(module).items() if value is function]


def _wrap_like(before: Any, counted: Callable[..., Any]) -> Any:
    return classmethod(counted) if isinstance(before, classmethod) else counted
