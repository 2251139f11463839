"""Waiting for what comes true by itself, as long as a busy machine may take."""

import time
from collections.abc import Callable

MOST_SECONDS = 180


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until `holds()` is true; fail after `MOST_SECONDS`."""
    end = time.monotonic() + MOST_SECONDS
    while not holds():
        assert time.monotonic() < end, "never came true"
        time.sleep(0.05)
