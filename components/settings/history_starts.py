"""Bounds from earlier runs, and what starts these runs: where files do, a day has several, and a run is no day."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from etl.contract.history import HistoryUnit
from etl.contract.json_values import is_object

if TYPE_CHECKING:  # it imports the engine's library, which lint needs not
    from components.settings.config_reader import StackConfig

REMEDY = 'write "per": "day" in each of them, or start the dataset by schedule'


def bounds_per_run(text: str) -> tuple[str, ...]:
    """Return the names of a suite's bounds that count runs; none of what is no suite, which strict loading refuses."""
    suite_json = json.loads(text)
    meta = suite_json.get("meta") if is_object(suite_json) else None
    bounds = meta.get("history") if is_object(meta) else None
    return tuple(
        name
        for name, bound in (bounds if is_object(bounds) else {}).items()
        if is_object(bound) and bound.get("per", HistoryUnit.RUN) == HistoryUnit.RUN
    )


def datasets_started_by_files(starts: Mapping[str, bool], sources: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the datasets whose runs files start: their own, or those of a dataset that they are built from.

    `starts` says of each dataset whether its own files start it. What is built from tables starts with their datasets.
    """
    started = {name for name, by_files in starts.items() if by_files}
    while grown := {name for name in starts if started & {*sources.get(name, ())}} - started:
        started |= grown
    return frozenset(started)


def run_bounds_problem(bounds: Collection[str]) -> str:
    """Return why a dataset whose runs files start cannot have bounds that count runs."""
    names = ", ".join(bounds)
    return f"files start its runs (start: arrival), so a run is no day, and meta.history counts runs for {names}"


def check_bounds_per_run(
    config: "StackConfig",
    starts: Mapping[str, bool],
    sources: Mapping[str, Sequence[str]],
    bounds: Mapping[str, Collection[str]],
) -> None:
    """Keep a fault for each dataset with bounds that count runs, by name in `bounds`, where files start its runs."""
    for name in sorted(datasets_started_by_files(starts, sources)):
        if bounds[name]:
            problem = run_bounds_problem(bounds[name])
            config.faults.append(f"{config.path}datasets.{name}: takes bounds of days, since {problem}: {REMEDY}")
