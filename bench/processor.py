"""The seconds of processor that a process and all that it started have taken, as Linux counts them."""

import os
from pathlib import Path

PROC = Path("/proc")
PARENT, TIMES = (
    1,
    slice(11, 15),
)  # of what follows a process's name in its `stat` (man 5 proc): user, system, children's


def tree_seconds(root: int) -> float:
    """Return the seconds of a process, of those below it that run, and of those whose end was waited for; 0 elsewhere."""
    by_parent: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for process, fields in _processes():
        by_parent.setdefault(int(fields[PARENT]), []).append(process)
        seconds[process] = sum(map(int, fields[TIMES])) / os.sysconf("SC_CLK_TCK")
    pending, total = [root], 0.0
    while pending:
        process = pending.pop()
        total += seconds.get(process, 0.0)
        pending += by_parent.get(process, [])
    return total


def _processes() -> list[tuple[int, list[str]]]:
    """Return each process with the fields of its `stat` from the state on."""
    processes: list[tuple[int, list[str]]] = []
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        processes.append((int(stat.parent.name), fields))
    return processes
