"""A tiny day's process: `python -m bench.tiny_child <began> <file> <the job's arguments...>`.

`began` is when it was started, in seconds since the epoch; `file` gets, as JSON, how long after that each phase ended.
"""

import functools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from etl import job, pipeline, reporting
from etl.gate.observed_plan import ObservedPlan
from etl.iceberg.table import Table
from etl.runtime import session


def main(began: float, file: Path, arguments: list[str]) -> None:
    """Run the job, and write down when it was where."""
    ended: dict[str, float] = {}

    def record_phase(phase: str) -> None:
        ended[phase] = time.time() - began

    record_phase("modules")
    _call_before(session, "_glue_or_local", lambda: record_phase("look"))
    after: list[tuple[Any, str, str]] = [
        (session, "_glue_or_local", "jvm"),
        (session, "_import_libraries", "library"),
        (Table, "evolve_to_contract", "plan"),
        (ObservedPlan, "observe", "plan"),
        (Table, "stage_rows", "write"),
        (pipeline.GateRun, "_audit", "judge"),
        (pipeline.GateRun, "_publish", "publish"),
        (reporting, "publish_report", "verdict"),
    ]
    for owner, name, phase in after:
        _call_after(owner, name, functools.partial(record_phase, phase))
    job.main(arguments)
    file.write_text(json.dumps(ended))


def _call_before(owner: Any, name: str, action: Callable[[], None]) -> None:
    real = getattr(owner, name)

    @functools.wraps(real)
    def wrapped(*args: Any, **more: Any) -> Any:
        action()
        return real(*args, **more)

    setattr(owner, name, wrapped)


def _call_after(owner: Any, name: str, action: Callable[[], None]) -> None:
    real = getattr(owner, name)

    @functools.wraps(real)
    def wrapped(*args: Any, **more: Any) -> Any:
        result = real(*args, **more)
        action()
        return result

    setattr(owner, name, wrapped)


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
    os._exit(0)  # the JVM's farewell is nothing that a user waits for
