"""What the tools write with: clean text for a terminal, rich's console, and how wide both are."""

import shutil
import sys
from typing import TYPE_CHECKING, Any

from etl.wording import clean_text
from sluice.word_wrap import line_spans, wrap_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Part = str | tuple[str, str]
DEFAULT_COLUMNS, FEWEST_COLUMNS = 80, 20
CONTINUED = 2  # blanks before what a line continues with


def output_columns() -> int:
    """Return how wide what is printed may be: COLUMNS, else the terminal's own width, and 80 where there is none."""
    return max(shutil.get_terminal_size((DEFAULT_COLUMNS, 24)).columns, FEWEST_COLUMNS)


def styled_text(*parts: Part, lines: bool = False) -> "Text":
    """Return parts, each a text or a text and its style, for rich, cleaned; `lines` as `clean` has it."""
    from rich.text import Text  # noqa: PLC0415  a tenth of a second that --json need not wait for

    styled = ((part, "") if isinstance(part, str) else part for part in parts)
    return Text.assemble(*((clean_text(part_text, lines=lines), style) for part_text, style in styled))


def make_console(**options: Any) -> "Console":
    """Return rich's console, whose closed pipe is left to `sluice.cli.errors`: by itself rich ends with the
    code of a refusal.
    """
    from rich.console import Console  # noqa: PLC0415  a tenth of a second that --json need not wait for

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            raise BrokenPipeError

    return Terminal(**{"highlight": False, "width": output_columns(), **options})


def print_parts(console: "Console", *parts: Part, hang: int | None = None) -> None:
    """Print one line of parts, broken between words where it is wider than the console.

    Args:
        console: where it goes.
        parts: each a text or a text and its style.
        hang: blanks before what it continues with; by default two more than the line begins with.
    """
    print_text(console, styled_text(*parts), hang)


def print_text(console: "Console", text: "Text", hang: int | None = None) -> None:
    """Print a line of rich's, as `print_parts` does."""
    indent = len(text.plain) - len(text.plain.lstrip(" ")) + CONTINUED if hang is None else hang
    for prefix, (start, end) in line_spans(text.plain, console.width, indent):
        console.print(styled_text(prefix) + text[start:end], soft_wrap=True)


def print_lines(*lines: str) -> None:
    """Print lines on stdout, each broken between words where it is wider than the output."""
    for line in lines:
        print("\n".join(wrap_output(line)), flush=True)


def wrap_output(text: str) -> list[str]:
    """Return the lines of a text, each cleaned and broken between words where it is wider than the output."""
    columns = output_columns()
    return [part for line in text.split("\n") for part in wrap_line(clean_text(line, lines=True), columns, CONTINUED)]


def print_error(text: object, *, lines: bool = False) -> None:
    """Write what went wrong on stderr."""
    print("\n".join(wrap_output(clean_text(str(text), lines=lines))), file=sys.stderr, flush=True)
