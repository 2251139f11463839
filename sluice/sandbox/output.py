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

from etl.results.row_origin import parse_origins
from etl.wording import clean_text
from sluice.console import make_console, styled_text

STATE_STYLES = {"SUCCEEDED": "bold green", "OK": "green", "FAILED": "bold red", "ALARM": "bold red"}
WIDEST_SAMPLE = 60


class SandboxConsole:
    """Writes to one stream; what moves while it works is drawn only on a terminal."""

    def __init__(self, *, to_stderr: bool = False) -> None:
        """Write to stdout, or to stderr where stdout belongs to a machine (`to_stderr`)."""
        for stream in (sys.stdout, sys.stderr):
            getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
        self.rich_console = make_console(stderr=to_stderr)

    @contextmanager
    def time_step(self, description: str) -> Iterator[None]:
        """Show that `description` goes on, and how many seconds it took."""
        started_at = time.monotonic()
        columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
        with Progress(
            *columns, console=self.rich_console, transient=True, disable=not self.rich_console.is_terminal
        ) as progress:
            progress.add_task(clean_text(description))
            if not self.rich_console.is_terminal:
                self.print_paragraph(f"{description} ...")
            yield
        self._print_indented(styled_text(f"{description}: ", (f"{time.monotonic() - started_at:.1f} s", "cyan")))

    def print_heading(self, heading: str) -> None:
        """Open a chapter."""
        self.rich_console.print("", styled_text((heading, "bold")), sep="\n")

    def print_paragraph(self, *parts: str) -> None:
        """Write a paragraph; states are coloured."""
        self._print_indented(styled_text(*((part, STATE_STYLES.get(part, "")) for part in parts), lines=True))

    def print_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Show rows, one line each."""
        if not rows:
            return self.print_paragraph("(no rows)")
        table = _new_table(*(name.replace("_", "_\n") for name in rows[0]))
        for row in rows:
            table.add_row(*(styled_text("" if value is None else str(value)) for value in row.values()))
        return self._print_indented(table)

    def print_violations(self, violations: Sequence[Mapping[str, Any]]) -> None:
        """Show the broken rules: which, by how many values, with which, and why the rule is there."""
        table = _new_table("rule", "broken\nby", "for example", "why it is there")
        table.columns[0].no_wrap = True
        for result in violations:
            count = "" if result["unexpected"] is None else str(result["unexpected"])
            samples = ", ".join(_samples_with_places(result["samples"], result.get("places", ())))
            sample_text = samples if len(samples) <= WIDEST_SAMPLE else f"{samples[:WIDEST_SAMPLE]}..."
            table.add_row(
                styled_text((result["rule"], "red")),
                count,
                styled_text(sample_text),
                styled_text(result.get("why") or ""),
            )
        self._print_indented(table)

    def print_rule_errors(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Show the rules that could not be judged: which, and what the engine said."""
        table = _new_table("rule", "could not be judged")
        table.columns[0].no_wrap = True
        for result in rules:
            table.add_row(styled_text((result["rule"], "red")), styled_text(", ".join(map(str, result["samples"]))))
        self._print_indented(table)

    def print_facts(self, facts: Mapping[str, Any]) -> None:
        """Show names and values, one line each."""
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column()
        table.add_column(overflow="fold")
        for name, value in facts.items():
            table.add_row(styled_text((name, "dim")), styled_text(str(value)))
        self._print_indented(table)

    def print_verbatim(self, *lines: str, style: str = "dim") -> None:
        """Show lines as they are, unwrapped, so that they can be copied."""
        for line in lines:
            self.rich_console.print(styled_text((f"    {line}", style)), soft_wrap=True)

    def _print_indented(self, renderable: RenderableType) -> None:
        self.rich_console.print(Padding(renderable, (0, 0, 0, 2), expand=False))


def _new_table(*names: str) -> Table:
    return Table(*names, box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")


def _samples_with_places(samples: Sequence[Any], places: Sequence[Mapping[str, Any] | None]) -> Iterator[str]:
    """Yield samples, each with the object and the row that it is from where that is known."""
    for sample, place in zip_longest(samples, parse_origins(places)):
        sample_text = "null" if sample is None else str(sample)
        yield f"{sample_text} in {place.in_words}" if place else sample_text
