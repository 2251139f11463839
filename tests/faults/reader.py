"""A reader who looks at the table again and again while runs work on it: what it sees is whole, and never goes back."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import monotonic

from tests.faults.lake import FaultyLake
from tests.faults.trades import State

POLL_SECONDS, LOOK_SECONDS = (
    0.02,
    2.0,
)  # seconds: between two questions whether anything was committed, and after which to look anyway


@contextmanager
def watching_reader(faulty: FaultyLake) -> Iterator[list[State | str]]:
    """Look, past the proxy, until the block ends; yields what was seen, in order, and what went wrong in words.

    It looks after every commit that the catalog carried out, since nothing else can change what it sees, and now and then.

    What is set aside is not looked at: a row counts there by the ledger, which only a run's end makes sure of.
    """
    states: list[State | str] = []
    done = Event()

    def look_repeatedly() -> None:
        while not done.is_set():
            commits, begun = faulty.proxy.commits, monotonic()
            try:
                states.append(faulty.visible_state(with_quarantine=False))
            except Exception as error:  # a reader that is turned away has not seen a whole table
                states.append(f"{type(error).__name__}: {error}")
            while (
                faulty.proxy.commits == commits and monotonic() < begun + LOOK_SECONDS and not done.wait(POLL_SECONDS)
            ):
                pass

    with ThreadPoolExecutor(1) as pool:
        pool.submit(look_repeatedly)
        try:
            yield states
        finally:
            done.set()


def impossible_states(states: Sequence[State | str], allowed: Sequence[State]) -> list[State | str]:
    """Return what may not be seen, or not any more: `allowed` are the whole states in the order in which they may come."""
    whole = [state._replace(aside=()) for state in allowed]
    impossible: list[State | str] = []
    position = 0
    for candidate in states:
        then = next((place for place, state in enumerate(whole) if place >= position and state == candidate), None)
        if then is None:
            impossible.append(candidate)
        else:
            position = then
    return impossible
