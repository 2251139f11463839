"""How the sandbox talks: steps with their seconds, and tables of rows, broken rules and messages."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from etl.results.row_origin import stored
from etl.wording import clean
from sluice.console import terminal, text

STATES = {"SUCCEEDED": "bold green", "OK": "green", "FAILED": "bold red", "ALARM": "bold red"}
WIDEST_SAMPLE = 60


class Telling:
    """Writes to one stream; what moves while it works is drawn only on a terminal."""

    def __init__(self, *, aside: bool = False) -> None:
        """Write to stdout, or to stderr where stdout belongs to a machine (`aside`)."""
        for stream in (sys.stdout, sys.stderr):
            getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
        self.console = terminal(stderr=aside)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Show that `doing` goes on, and how many seconds it took."""
        began = time.monotonic()
        columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
        with Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as progress:
            progress.add_task(clean(doing))
            if not self.console.is_terminal:
                self.say(f"{doing} ...")
            yield
        self._indented(text(f"{doing}: ", (f"{time.monotonic() - began:.1f} s", "cyan")))

    def heading(self, heading: str) -> None:
        """Open a chapter."""
        self.console.print("", text((heading, "bold")), sep="\n")

    def say(self, *parts: str) -> None:
        """Write a paragraph; states are coloured."""
        self._indented(text(*((part, STATES.get(part, "")) for part in parts), lines=True))

    def rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Show rows, one line each."""
        if not rows:
            return self.say("(no rows)")
        table = _table(*(name.replace("_", "_\n") for name in rows[0]))
        for row in rows:
            table.add_row(*(text("" if value is None else str(value)) for value in row.values()))
        return self._indented(table)

    def violations(self, violations: Sequence[Mapping[str, Any]]) -> None:
        """Show the broken rules: which, by how many values, with which, and why the rule is there."""
        table = _table("rule", "broken\nby", "for example", "why it is there")
        table.columns[0].no_wrap = True
        for rule in violations:
            count = "" if rule["unexpected"] is None else str(rule["unexpected"])
            samples = ", ".join(_placed(rule["samples"], rule.get("places", ())))
            shown = samples if len(samples) <= WIDEST_SAMPLE else f"{samples[:WIDEST_SAMPLE]}..."
            table.add_row(text((rule["rule"], "red")), count, text(shown), text(rule.get("why") or ""))
        self._indented(table)

    def errors(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Show the rules that could not be judged: which, and what the engine said."""
        table = _table("rule", "could not be judged")
        table.columns[0].no_wrap = True
        for rule in rules:
            table.add_row(text((rule["rule"], "red")), text(", ".join(map(str, rule["samples"]))))
        self._indented(table)

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Show names and values, one line each."""
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column()
        table.add_column(overflow="fold")
        for name, value in facts.items():
            table.add_row(text((name, "dim")), text(str(value)))
        self._indented(table)

    def verbatim(self, *lines: str, style: str = "dim") -> None:
        """Show lines as they are, unwrapped, so that they can be copied."""
        for line in lines:
            self.console.print(text((f"    {line}", style)), soft_wrap=True)

    def _indented(self, what: RenderableType) -> None:
        self.console.print(Padding(what, (0, 0, 0, 2), expand=False))


def _table(*names: str) -> Table:
    return Table(*names, box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")


def _placed(samples: Sequence[Any], places: Sequence[Mapping[str, Any] | None]) -> Iterator[str]:
    """Yield samples, each with the object and the row that it is from where that is known."""
    for sample, place in zip_longest(samples, stored(places)):
        shown = "null" if sample is None else str(sample)
        yield f"{shown} in {place.in_words}" if place else shown
