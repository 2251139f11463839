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
from etl.gate.gated_plan import Crossing
from etl.iceberg.table import Table
from etl.runtime import session


def main(began: float, file: Path, arguments: list[str]) -> None:
    """Run the job, and write down when it was where."""
    ended: dict[str, float] = {}

    def tell(phase: str) -> None:
        ended[phase] = time.time() - began

    tell("modules")
    _before(session, "_glue_or_local", lambda: tell("look"))
    after: list[tuple[Any, str, str]] = [
        (session, "_glue_or_local", "jvm"),
        (session, "_import_libraries", "library"),
        (Table, "declare", "plan"),
        (Crossing, "observed", "plan"),
        (Table, "stage", "write"),
        (pipeline.Passage, "_audit", "judge"),
        (pipeline.Passage, "_publish", "publish"),
        (reporting, "publish", "verdict"),
    ]
    for owner, name, phase in after:
        _after(owner, name, functools.partial(tell, phase))
    job.main(arguments)
    file.write_text(json.dumps(ended))


def _before(owner: Any, name: str, do: Callable[[], None]) -> None:
    real = getattr(owner, name)

    @functools.wraps(real)
    def told(*args: Any, **more: Any) -> Any:
        do()
        return real(*args, **more)

    setattr(owner, name, told)


def _after(owner: Any, name: str, do: Callable[[], None]) -> None:
    real = getattr(owner, name)

    @functools.wraps(real)
    def told(*args: Any, **more: Any) -> Any:
        result = real(*args, **more)
        do()
        return result

    setattr(owner, name, told)


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
    os._exit(0)  # the JVM's farewell is nothing that a user waits for
