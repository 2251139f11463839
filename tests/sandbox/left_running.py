"""A sandbox that is left running by `up`, as a user leaves it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.sandbox.test_ending import heed_interrupts
from tests.sandbox.waiting import MOST_SECONDS


@contextmanager
def left_running(command: Sequence[str], tree: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run `command` in `tree`, yield the exports that it prints, and end it by Ctrl-C.

    Raises:
        AssertionError: it ended with another code than 0.
        subprocess.TimeoutExpired: it did not end in time.
    """
    process = subprocess.Popen(
        command,
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509  this process has no thread that holds a lock here
    )
    try:
        assert process.stdout
        printed = []
        for line in process.stdout:
            printed.append(line.strip())
            if "Ctrl-C" in line:
                break
        yield "\n".join(line for line in printed if line.startswith("export AWS_"))
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(MOST_SECONDS) == 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
