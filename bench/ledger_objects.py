"""What each call of the ledger costs beside very many objects: `make bench-objects`; no Spark, no emulator, no network.

The ledger's files lie in memory, and listings are answered by memory as S3 would answer them: so seconds are the job's own and
boto3's. What S3 takes to answer is in none of them. Each number of objects is measured in a fresh process.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, overload

from bench.memory_store import MemoryStore, listing_client
from bench.page import SCALE_PAGE, describe_machine, markdown_table, replace_between
from etl.iceberg.current_snapshot import Head
from etl.ledger import ledger
from etl.ledger.ledger import POINTER, Ledger
from etl.storage.raw_objects import PAGE, RawObject, S3Prefix, list_latest
from sluice.console import print_lines
from sluice.program.bill.run_cost import load_prices

NUMBERS = (10_000, 100_000, 1_000_000)
MORE = 10
"""How many times the largest number the last column is reckoned for."""
NEW = (1, 100)
"""How many new objects a run finds."""
BEGIN, END = "<!-- measured by make bench-objects -->", "<!-- end of the objects -->"
RAW = S3Prefix("raw", "orders/")
MIB = 1 << 10  # of what `ru_maxrss` counts
Figures = dict[str, float]


def measure(objects: int) -> Figures:
    """Return the figures of a ledger of so many objects: seconds, requests, megabytes by the row's name."""
    store, client, figures = MemoryStore(), listing_client(MadeUpObjects(objects)), Figures()
    before = _peak()
    listed = _timed(figures, "listing", lambda: list_latest(client, RAW))
    figures["listing: memory, MiB"] = _peak() - before
    _timed(figures, "first run", lambda: _take_up(store, Ledger(), listed, "first"))
    figures["ledger, MB"] = sum(map(len, store.bodies.values())) / 1e6
    for new in (0, *NEW):
        name = f"{new} new" if new else "nothing new"
        listed[objects:] = [made_up_object("2026", number) for number in range(new)]
        store.counted.clear()
        unread = _timed(figures, name, lambda name=name: _take_up(store, _read(store, "first"), listed, name))
        if unread != new:
            raise RuntimeError(f"{unread} objects are unread, and {new} are new")
        figures[f"{name}: MB read"] = store.counted["read"] / 1e6
        figures[f"{name}: MB written"] = store.counted["written"] / 1e6
        figures[f"{name}: GET"], figures[f"{name}: PUT"] = store.counted["GET"], store.counted["PUT"]
    figures["memory, MiB"] = _peak()
    return figures


class MadeUpObjects(Sequence[RawObject]):
    """So many objects, of which each is made when it is asked for: a list of them would count as the job's memory."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __len__(self) -> int:
        return self.number

    @overload
    def __getitem__(self, index: int) -> RawObject: ...
    @overload
    def __getitem__(self, index: slice) -> list[RawObject]: ...
    def __getitem__(self, index: int | slice) -> RawObject | list[RawObject]:
        numbers = range(self.number)[index]
        return made_up_object("2025", numbers) if isinstance(numbers, int) else [self[each] for each in numbers]


def made_up_object(year: str, number: int) -> RawObject:
    """Return an object with a key, a version and an ETag as long as S3 has them."""
    put = "2025-01-01T00:00:00+00:00"
    return RawObject(f"{RAW.prefix}{year}/part-{number:08}.csv", f"{number:032x}", 1, put, f"{number:032x}")


def _take_up(store: MemoryStore, current: Ledger, listed: list[RawObject], run: str) -> int:
    """Do a run's bookkeeping: compare, take up, write; return how many objects were unread."""
    unread = current.compare_listing(listed, 0, datetime.now(UTC)).unread
    if unread:
        ledger.write_ledger(store, _uri(run), current.with_objects(unread))
    return len(unread)


def _read(store: MemoryStore, run: str) -> Ledger:
    return ledger.read_ledger(store, Head("1", 0, {POINTER: _uri(run)}))


def _uri(run: str) -> str:
    return f"s3://processed/ledger/orders/{run.replace(' ', '-')}.json"


def _timed(figures: Figures, name: str, act: Callable[[], Any]) -> Any:
    begun = time.monotonic()
    answer = act()
    figures[f"{name}, s"] = time.monotonic() - begun
    return answer


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


def render_table(figures_by_number: Mapping[int, Figures]) -> str:
    """Return the figures as a table, a column for each number of objects and one that is reckoned from the largest."""
    largest = max(figures_by_number)
    columns = [*figures_by_number.items(), (largest * MORE, _reckon(figures_by_number[largest]))]
    price = load_prices()["s3_thousand_writes"] / 1000

    def row(name: str, text: Callable[[int, Figures], str]) -> list[str]:
        return [name, *(text(number, figures) for number, figures in columns)]

    def plain(name: str, key: str, form: str = ",.2f") -> list[str]:
        return row(name, lambda _, figures: format(figures[key], form))

    rows = [
        row("LIST requests of a run with 1 new", lambda number, _: f"{requests_of_listings(number, 1):,}"),
        row("their price, USD", lambda number, _: f"{requests_of_listings(number, 1) * price:.4f}"),
        plain("a listing, s of boto3 and the job", "listing, s"),
        plain("the first run, which takes all up, s", "first run, s"),
        plain("the ledger's files after it, MB", "ledger, MB", ",.1f"),
        *(
            row(
                f"a run with {name}, s (GET, MB; PUT, MB)",
                lambda _, figures, name=name: (
                    f"{figures[f'{name}, s']:.2f} ({figures[f'{name}: GET']:.0f}, {figures[f'{name}: MB read']:.1f}; "
                    f"{figures[f'{name}: PUT']:.0f}, {figures[f'{name}: MB written']:.1f})"
                ),
            )
            for name in ("nothing new", *(f"{new} new" for new in NEW))
        ),
        plain("a listing in memory, MiB", "listing: memory, MiB", ",.0f"),
        plain("Python at its largest, MiB", "memory, MiB", ",.0f"),
    ]
    head = ["", *(f"{number:,}" for number in figures_by_number), f"{largest * MORE:,}, reckoned"]
    return markdown_table(head, rows)


def requests_of_listings(objects: int, new: int) -> int:
    """Return the LIST requests of one run beside so many objects: what is unread, and once more where many are new."""
    pages = -(-objects // PAGE)
    return pages if new <= 1 + objects // PAGE else 2 * pages


def _reckon(figures: Figures) -> Figures:
    """Return the figures of MORE times as many objects: all of them grow with the number, but requests."""
    is_request = (": GET", ": PUT")
    return {name: value if name.endswith(is_request) else value * MORE for name, value in figures.items()}


def main(arguments: list[str]) -> int:
    """Measure each number in a process of its own and write the table into the page; `measure N` is such a process."""
    if arguments[:1] == ["measure"]:
        print(json.dumps(measure(int(arguments[1]))))
        return 0
    figures_by_number = dict[int, Figures]()
    for number in map(int, arguments[0].split(",")) if arguments else NUMBERS:
        command = [sys.executable, "-m", "bench.ledger_objects", "measure", str(number)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
        figures_by_number[number] = json.loads(output)
        print_lines(f"{number:,} objects: {figures_by_number[number]['first run, s']:.1f} s for the first run")
    made_by = f"make bench-objects{f' OBJECTS={arguments[0]}' if arguments else ''}"
    text = f"{describe_machine(made_by)}\n\n{render_table(figures_by_number)}"
    replace_between(SCALE_PAGE, BEGIN, END, text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
