"""A reader who looks at the table again and again while runs work on it: what it sees is whole, and never goes back."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import monotonic

from tests.faults.lake import Faulty
from tests.faults.model import State

SOON, LATER = 0.02, 2.0  # seconds: between two questions whether anything was committed, and after which to look anyway


@contextmanager
def watching(faulty: Faulty) -> Iterator[list[State | str]]:
    """Look, past the proxy, until the block ends; yields what was seen, in order, and what went wrong in words.

    It looks after every commit that the catalog carried out, since nothing else can change what it sees, and now and then.

    What is set aside is not looked at: a row counts there by the ledger, which only a run's end makes sure of.
    """
    seen: list[State | str] = []
    done = Event()

    def look() -> None:
        while not done.is_set():
            commits, begun = faulty.proxy.commits, monotonic()
            try:
                seen.append(faulty.seen(aside=False))
            except Exception as error:  # a reader that is turned away has not seen a whole table
                seen.append(f"{type(error).__name__}: {error}")
            while faulty.proxy.commits == commits and monotonic() < begun + LATER and not done.wait(SOON):
                pass

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
