"""What the tools write with: clean text for a terminal, and rich's console."""

import sys
from typing import TYPE_CHECKING, Any

from etl.wording import clean_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Part = str | tuple[str, str]


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

    return Terminal(highlight=False, **options)


def print_error(text: object, *, lines: bool = False) -> None:
    """Write what went wrong on stderr."""
    print(clean_text(str(text), lines=lines), file=sys.stderr, flush=True)
