"""The tests' lake with arrivals that are due: a copy, since a stack without any declares nothing for it."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.settings.lake_folder import use_lake
from sluice.program.graph import Graph, run_program
from tests.lake import LAKE

ARRIVALS: dict[str, list[dict[str, Any]]] = {
    "trades": [
        {"pattern": "trades/*-store17.csv", "by": "05:30", "days": "MON-SAT"},
        {"pattern": "*.csv", "by": "05:30", "days": "MON-FRI", "count": 2},
        {"pattern": "late/*.csv", "by": "12:00", "since": "20:00", "manifest": "late/*.manifest.json"},
    ],
    "goods": [{"pattern": "*.csv", "by": "05:30"}, {"pattern": "x/*.csv", "manifest": "x/*.json"}],
}


def due_lake(folder: Path, arrivals: Mapping[str, Sequence[Mapping[str, Any]]] = ARRIVALS) -> Path:
    """Copy the lake to a folder, with these arrivals by dataset."""
    shutil.copytree(LAKE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for dataset, entries in arrivals.items():
        path = folder / "expectations" / dataset / "input.json"
        suite = json.loads(path.read_text())
        suite["meta"]["arrivals"] = [*entries]
        path.write_text(json.dumps(suite))
    return folder


def due_graph(folder: Path, stack: str = "prod", **changed: str) -> Graph:
    """Run a stack of such a lake."""
    with use_lake(due_lake(folder)):
        return run_program(stack, changed={f"sluice:{key}": value for key, value in changed.items()}, folder=folder)
