"""Tables of findings and changes: for a terminal, as Markdown, as JSON."""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from etl.wording import clean_text, shorten_text
from sluice.console import Part, make_console, print_parts

LONGEST_CODE = 1000  # characters of one value; a comment on GitHub has 65,536, and --json has all
PIPE = re.compile(r"(\\*)\|")


def as_json(plain: Any) -> str:
    """Return plain data as JSON."""
    return clean_text(json.dumps(plain, indent=2, ensure_ascii=False), lines=True)


def code_span(text: str) -> str:
    """Return what a contract or its data say as Markdown: a code span, in which nothing is a link, image, mention or HTML.

    Source: GitHub Flavored Markdown, code spans.
    """
    plain = shorten_text(clean_text(text), LONGEST_CODE)
    if not plain.strip():
        return ""
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    # One blank on each side is no part of the span, and keeps backticks and blanks of the text apart from the fence.
    pad = " " if plain[0] in "` " or plain[-1] in "` " else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]], plain_columns: Collection[str] = ()) -> str:
    """Return a Markdown table; the cells below the names in `plain_columns` are our words already, all others become code."""
    cells = [
        [_escape_cell(text if name in plain_columns else code_span(text)) for name, text in zip(head, row, strict=True)]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *cells))


def _escape_cell(text: str) -> str:
    """Return a text whose pipes end no cell: an odd number of backslashes stands before each, and one of them is not shown.

    So a pipe behind one backslash is shown behind two. Source: GitHub Flavored Markdown, tables.
    """
    return PIPE.sub(lambda bar: bar[1] + "\\" * (1 + len(bar[1]) % 2) + "|", text)


class TerminalPage:
    """Lines for a terminal, coloured where it is one, and broken between words where it is narrower."""

    def __init__(self) -> None:
        self._console = make_console()

    def print_line(self, *parts: Part, hang: int | None = None) -> None:
        """Print one line of parts, each a text or a text and its style; `hang` as `print_parts` has it."""
        print_parts(self._console, *parts, hang=hang)
