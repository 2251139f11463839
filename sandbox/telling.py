"""How the sandbox talks: steps with their seconds, and tables of rows and of broken rules."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

STATES = {"SUCCEEDED": "bold green", "OK": "green", "FAILED": "bold red", "ALARM": "bold red"}
WIDEST_SAMPLE = 60


class Telling:
    """Writes to one stream; what moves while it works is drawn only on a terminal."""

    def __init__(self, *, aside: bool = False) -> None:
        """Write to stdout, or to stderr where stdout belongs to a machine (`aside`)."""
        for stream in (sys.stdout, sys.stderr):
            getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
        self.console = Console(stderr=aside, highlight=False)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Show that `doing` goes on, and how many seconds it took."""
        began = time.monotonic()
        columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
        with Progress(*columns, console=self.console, transient=True) as progress:
            progress.add_task(doing)
            yield
        self.console.print(Text(f"  {doing} "), Text(f"{time.monotonic() - began:.1f} s", style="cyan"))

    def heading(self, text: str) -> None:
        """Open a chapter."""
        self.console.print()
        self.console.rule(Text(text, style="bold"), align="left")

    def say(self, *parts: str) -> None:
        """Write a line; states are coloured."""
        line = Text("  ")
        for part in parts:
            line.append(part, style=STATES.get(part, ""))
        self.console.print(line)

    def rows(self, rows: Sequence[dict[str, Any]]) -> None:
        """Show rows, one line each."""
        if not rows:
            return self.say("no rows")
        table = Table(*rows[0], box=None, padding=(0, 2, 0, 0), header_style="dim")
        for row in rows:
            table.add_row(*(Text("" if value is None else str(value)) for value in row.values()))
        return self._indented(table)

    def violations(self, violations: Sequence[dict[str, Any]]) -> None:
        """Show the broken rules: which, how often, with which values, and why the rule is there."""
        table = Table("rule", "broken by", "for example", "why", box=None, padding=(0, 2, 0, 0), header_style="dim")
        for rule in violations:
            count = "" if rule["unexpected"] is None else f"{rule['unexpected']}"
            samples = ", ".join("null" if value is None else str(value) for value in rule["samples"])
            shown = samples if len(samples) <= WIDEST_SAMPLE else f"{samples[:WIDEST_SAMPLE]}..."
            table.add_row(Text(rule["rule"], style="red"), count, Text(shown), Text(rule.get("why", "")))
        self._indented(table)

    def file(self, text: str) -> None:
        """Show a file's text as it is."""
        for line in text.splitlines():
            self.console.print(Text(f"    {line}", style="dim"))

    def code(self, *lines: str) -> None:
        """Show what to type, unwrapped, so that it can be copied."""
        for line in lines:
            self.console.print(Text(f"    {line}", style="cyan"), soft_wrap=True)

    def _indented(self, table: Table) -> None:
        grid = Table.grid(padding=(0, 0, 0, 2))
        grid.add_row("", table)
        self.console.print(grid)
