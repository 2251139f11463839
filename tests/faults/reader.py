"""A reader who looks at the table again and again while runs work on it: what it sees is whole, and never goes back."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from tests.faults.lake import Faulty
from tests.faults.model import State

PAUSE = 0.1  # seconds between two looks


@contextmanager
def watching(faulty: Faulty) -> Iterator[list[State | str]]:
    """Look, past the proxy, until the block ends; yields what was seen, in order, and what went wrong in words.

    What is set aside is not looked at: a row counts there by the ledger, which only a run's end makes sure of.
    """
    seen: list[State | str] = []
    done = Event()

    def look() -> None:
        while not done.is_set():
            try:
                seen.append(faulty.seen(aside=False))
            except Exception as error:  # a reader that is turned away has not seen a whole table
                seen.append(f"{type(error).__name__}: {error}")
            done.wait(PAUSE)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(look)
        try:
            yield seen
        finally:
            done.set()


def strange(seen: Sequence[State | str], allowed: Sequence[State]) -> list[State | str]:
    """Return what may not be seen, or not any more: `allowed` are the whole states in the order in which they may come."""
    whole = [state._replace(aside=()) for state in allowed]
    found: list[State | str] = []
    at = 0
    for one in seen:
        then = next((place for place, state in enumerate(whole) if place >= at and state == one), None)
        if then is None:
            found.append(one)
        else:
            at = then
    return found
