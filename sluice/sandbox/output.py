"""How the sandbox talks: steps with their seconds, and tables of rows, broken rules and messages."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from etl.results.row_origin import parse_origins
from etl.wording import clean_text, shorten_text
from sluice.console import make_console, print_parts, print_text, styled_text
from sluice.text_tables import print_cells
from sluice.word_wrap import copied_line

STATE_STYLES = {"SUCCEEDED": "bold green", "OK": "green", "FAILED": "bold red", "ALARM": "bold red"}
WIDEST_SAMPLE = 60
INDENT = "  "


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
        seconds = f"{time.monotonic() - started_at:.1f} s"
        print_parts(self.rich_console, f"{INDENT}{description}: ", (seconds, "cyan"))

    def print_heading(self, heading: str) -> None:
        """Open a chapter."""
        self.rich_console.print()
        print_parts(self.rich_console, (heading, "bold"))

    def print_paragraph(self, *parts: str) -> None:
        """Write a paragraph; states are coloured."""
        text = styled_text(*((part, STATE_STYLES.get(part, "")) for part in parts), lines=True)
        for line in text.split("\n", allow_blank=True):
            own_indent = len(line.plain) - len(line.plain.lstrip(" "))
            print_text(self.rich_console, styled_text(INDENT) + line, hang=own_indent + len(INDENT))

    def print_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Show rows, one line each where they fit."""
        if not rows:
            return self.print_paragraph("(no rows)")
        head = [name.replace("_", "_\n") for name in rows[0]]
        return self._print_table(
            head, [["" if value is None else str(value) for value in row.values()] for row in rows]
        )

    def print_violations(self, violations: Sequence[Mapping[str, Any]]) -> None:
        """Show the broken rules: which, by how many values, with which, and why the rule is there."""
        rows = [
            [
                result["rule"],
                "" if result["unexpected"] is None else str(result["unexpected"]),
                shorten_text(
                    ", ".join(_samples_with_places(result["samples"], result.get("places", ()))), WIDEST_SAMPLE
                ),
                result.get("why") or "",
            ]
            for result in violations
        ]
        self._print_table(["rule", "broken \nby", "for example", "why it is there"], rows, ["red"])

    def print_rule_errors(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Show the rules that could not be judged: which, and what the engine said."""
        rows = [[result["rule"], ", ".join(map(str, result["samples"]))] for result in rules]
        self._print_table(["rule", "could not be judged"], rows, ["red"])

    def print_facts(self, facts: Mapping[str, Any]) -> None:
        """Show names and values, one line each."""
        width = max(map(len, facts), default=0)
        for name, value in facts.items():
            print_parts(
                self.rich_console, INDENT, (f"{name:<{width}}  ", "dim"), str(value), hang=width + len(INDENT) + 2
            )

    def print_verbatim(self, *lines: str, style: str = "dim") -> None:
        """Show lines as they are, unwrapped, so that they can be copied."""
        for line in lines:
            self.rich_console.print(styled_text((copied_line(line), style)), soft_wrap=True)

    def _print_table(self, head: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str] = ()) -> None:
        print_cells(head, rows, self.rich_console, INDENT, styles)


def _samples_with_places(samples: Sequence[Any], places: Sequence[Mapping[str, Any] | None]) -> Iterator[str]:
    """Yield samples, each with the object and the row that it is from where that is known."""
    for sample, place in zip_longest(samples, parse_origins(places)):
        sample_text = "null" if sample is None else str(sample)
        yield f"{sample_text} in {place.in_words}" if place else sample_text
