"""How lines are broken that are wider than a terminal: between words, and never within what is copied.

One rule for all that is printed. A word that is wider than a line, such as an id or a URI, stands whole on a line of its own. A
command in backticks is one word. A line of four blanks and a command is there to be copied, and stays as it is.
"""

import re
from collections.abc import Iterator

WORD = re.compile(r"(?:`[^`\n]*`|\S)+")
COPIED = "    "
COPIED_LINE = re.compile(rf"{COPIED}(?:sluice|aws|make|pulumi|cd) ")
WIDEST_HANG = 2
"""Half a line is the most that what continues it is set in by."""


def copied_line(command: str) -> str:
    """Return a command as a line of its own, which is never broken."""
    return f"{COPIED}{command}"


def wrap_line(line: str, columns: int, hang: int = 0) -> list[str]:
    """Return a line as lines of so many columns; `hang` are blanks before what it continues with, beyond its own."""
    indent = len(line) - len(line.lstrip(" ")) + hang
    return [f"{prefix}{line[start:end]}" for prefix, (start, end) in line_spans(line, columns, indent)]


def line_spans(line: str, columns: int, hang: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the parts of a line, each with the blanks before it and where in the line it begins and ends."""
    if COPIED_LINE.match(line) or cell_width(line) <= columns:
        yield "", (0, len(line))
        return
    start = end = 0
    prefix, later_prefix = "", " " * min(hang, columns // WIDEST_HANG)
    for word in WORD.finditer(line):
        if end and end > start and len(prefix) + cell_width(line[start : word.end()]) > columns:
            yield prefix, (start, end)
            start, prefix = word.start(), later_prefix
        end = word.end()
    yield prefix, (start, end)


def cell_width(text: str) -> int:
    """Return how many columns a terminal shows a text in: two for a character of East Asia, for instance."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415  few texts need it

    return cell_len(text)
