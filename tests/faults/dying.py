"""A job's run that kills its own process, with its JVM, at a step: `python -m tests.faults.dying STEP ARGUMENT...`."""

import os
import signal
import sys
from contextlib import nullcontext

from etl.job import main
from tests.faults.steps import acting_at


def kill_group() -> None:
    """End the whole process group at once."""
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    step, *arguments = sys.argv[1:]
    with acting_at(step, kill_group) if step != "none" else nullcontext():
        main(arguments)
