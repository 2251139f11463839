"""Tables that fit a terminal: columns where they have room, else a block for each row. No cell is broken within a word."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from etl.wording import clean_text
from sluice.console import Part, make_console, print_parts
from sluice.word_wrap import WORD, cell_width, wrap_line

if TYPE_CHECKING:
    from rich.console import Console

GAP = "  "
FEWEST = 12  # columns that a text is broken into, before the table becomes blocks
Cells = Sequence[str]


def print_cells(
    head: Cells, rows: Sequence[Cells], console: "Console | None" = None, indent: str = "", styles: Cells = ()
) -> None:
    """Print rows below their head, within the console's width.

    Args:
        head: the columns' names; a line end in one says where it is broken when there is no room.
        rows: a text for each column.
        console: where they go, by default stdout.
        indent: what stands before each line.
        styles: of the first columns.
    """
    console = console or make_console()
    clean_rows = [[clean_text(cell) for cell in row] for row in rows]
    columns = console.width - len(indent)
    names = [name.replace("\n", "") for name in head]
    head = names if column_widths(names, clean_rows, columns) else head
    widths = column_widths(head, clean_rows, columns)
    if not widths:
        lines = [[line] for row in clean_rows for line in _block_lines(names, row, columns)]
    else:
        lines = list(_row_lines(head, widths, ["dim"] * len(head)))
        lines += [line for row in clean_rows for line in _row_lines(row, widths, styles)]
    for line in lines:
        print_parts(console, indent, *line)


def column_widths(head: Cells, rows: Sequence[Cells], columns: int) -> list[int]:
    """Return how wide each column is so that all fit; empty where they cannot be broken so far."""
    by_column = [[name, *(row[position] for row in rows)] for position, name in enumerate(head)]
    widths = [max(cell_width(line) for cell in cells for line in cell.split("\n")) for cells in by_column]
    least = [max(min(FEWEST, width), *map(_widest_word, cells)) for width, cells in zip(widths, by_column, strict=True)]
    room = columns - len(GAP) * (len(head) - 1)
    if sum(widths) > room and sum(least) > room:
        return []
    while sum(widths) > room:
        spare = [width - fewest for width, fewest in zip(widths, least, strict=True)]
        widths[spare.index(max(spare))] -= 1
    return widths


def _widest_word(text: str) -> int:
    return max((cell_width(word[0]) for word in WORD.finditer(text)), default=0)


def _row_lines(cells: Cells, widths: Sequence[int], styles: Cells) -> Iterator[list[Part]]:
    wrapped = [
        [part for line in cell.split("\n") for part in wrap_line(line, width)]
        for cell, width in zip(cells, widths, strict=True)
    ]
    for parts in zip_longest(*wrapped, fillvalue=""):
        last = max((position for position, part in enumerate(parts) if part), default=0)
        padded = [part + " " * (width - cell_width(part)) + GAP for part, width in zip(parts, widths, strict=True)]
        shown = [*padded[:last], parts[last]]
        yield [(part, style or "") for part, style in zip_longest(shown, styles[: len(shown)])]


def _block_lines(head: Cells, cells: Cells, columns: int) -> Iterator[str]:
    """Yield a row as a line for each cell that is not empty, its name before it; the first begins the block."""
    label = max(map(cell_width, head))
    filled = [(name, cell) for name, cell in zip(head, cells, strict=True) if cell]
    for position, (name, cell) in enumerate(filled):
        marker = "  " if position else "- "
        yield from wrap_line(f"{marker}{name:<{label}}{GAP}{cell}", columns, len(GAP))
