"""Tables of findings and changes: for a terminal, as Markdown, as JSON."""

import json
import sys
from typing import Any


def as_json(plain: Any) -> str:
    """Return plain data as JSON."""
    return json.dumps(plain, indent=2, ensure_ascii=False)


def cell(text: str) -> str:
    """Return a text as a cell of a Markdown table, where only code and pipes could be misread."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("*", "\\*")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *(tuple(map(cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


class Page:
    """Lines for a terminal, coloured where it is one."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415  a tenth of a second that --json need not wait for

        self._console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)

    def line(self, *parts: tuple[str, str] | str) -> None:
        """Print one line of parts, each a text or a text and its style."""
        from rich.text import Text  # noqa: PLC0415

        self._console.print(Text.assemble(*parts))
