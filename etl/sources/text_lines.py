"""What a line of a text file is, and what is text: one definition for the gate, its preflight and `sluice profile`.

The patterns mean the same to Java's compiler and to Python's.
"""

import re

LINE_END = re.compile("\r\n|\n|\r")  # what Spark's text reader splits at
# By ranges of one kind each: Java looks a run of ASCII up in one comparison a character, a joint class in dozens.
FURTHER = "\t\u00a0-\u2027\u202a-\ufefe\uff00-\ufffc\ufffe-\U0010ffff"
RUNS = rf"(?:[ -~]++|[{FURTHER}\n\r]++)*+"
TEXT = rf"\A{RUNS}\z"
"""Text: no control characters but tab and line ends, no separators of lines, no byte-order mark, no replacement character."""
_TEXT = re.compile(RUNS)


def split_lines(text: str) -> list[str]:
    """Return the lines of a text; what follows the last line end is one only where something does."""
    *lines, last = LINE_END.split(text)
    return [*lines, last] if last else lines


def is_row(line: str, columns: int = 2) -> bool:
    """Say whether a line counts: in a CSV of one column each does, elsewhere one of nothing but spaces does not."""
    return columns == 1 or bool(line.strip(" "))


def is_text(value: str) -> bool:
    """Say whether a line, or a value that a line holds in escapes, is text as TEXT has it."""
    return (value.isascii() and value.isprintable()) or _TEXT.fullmatch(value) is not None
