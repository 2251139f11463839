"""What a line of a text file is, and a field of CSV: one definition for the gate, its first look and `sluice profile`.

The patterns mean the same to Java's compiler and to Python's.
"""

import re

LINE_END = re.compile("\r\n|\n|\r")  # what Spark's text reader splits at
# By ranges of one kind each: Java looks a run of ASCII up in one comparison a character, a joint class in dozens.
FURTHER = "\t\u00a0-\u2027\u202a-\ufefe\uff00-\ufffc\ufffe-\U0010ffff"
RUNS = rf"(?:[ -~]++|[{FURTHER}\n\r]++)*+"
TEXT = rf"\A{RUNS}\z"
"""Text: no control characters but tab and line ends, no separators of lines, no byte-order mark, no replacement character."""
# One quoted or bare field; possessive, since Java's matcher would otherwise use a stack frame for each repetition.
BETWEEN, OPEN = r'[^"\x00\x01]*+(?:""[^"\x00\x01]*+)*+', r'[^",\x00\x01]'
FIELD = f'(?:"{BETWEEN}"|{OPEN}*+)'
_TEXT, _FIELD = re.compile(RUNS), re.compile(f'(?:"({BETWEEN})"|({OPEN}*+))(,|\\Z)')


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


def split_fields(line: str) -> list[str | None] | None:
    """Take a line of CSV apart by RFC 4180, an empty field as None; None where it is no record."""
    if '"' not in line:
        return None if "\x00" in line or "\x01" in line else [value or None for value in line.split(",")]
    values: list[str | None] = []
    start, end = 0, ","
    while end:
        field = _FIELD.match(line, start)
        if field is None:
            return None
        quoted, bare, end = field.groups()
        values.append((bare if quoted is None else quoted.replace('""', '"')) or None)
        start = field.end()
    return values
