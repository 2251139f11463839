r"""What a JSON line is: one flat object by RFC 8259, proven as text before anything parses it.

The patterns mean the same to Java's compiler and to Python's. All their repetitions are possessive: Java's matcher would
otherwise use a stack frame for each.
"""

import re

SPACE = r"[ \t\n\r]*+"
# A pair of surrogates stands for one character; half of one is no text, and Java would write `?` for it.
PAIRED = r"[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}"
WHOLE = rf"(?:[0-9A-Ca-cE-Fe-f][0-9A-Fa-f]{{3}}|[Dd][0-7][0-9A-Fa-f]{{2}}|{PAIRED})"
NUMBER = r"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?+[0-9]++)?+"


def string_pattern(code: str) -> str:
    r"""Return the pattern of a string; `code` is what may follow `\u`."""
    plain = r'[^"\\\x00-\x1f]*+'
    return rf'"{plain}(?:\\(?:["\\/bfnrt]|u{code}){plain})*+"'


def _object_pattern(string: str) -> str:
    value = rf"(?:{string}|{NUMBER}|true|false|null)"
    pair = rf"{SPACE}{string}{SPACE}:{SPACE}{value}{SPACE}"
    return rf"{SPACE}\{{(?:{pair}(?:,{pair})*+|{SPACE})\}}{SPACE}"


OBJECT = _object_pattern(string_pattern(WHOLE))
"""One flat object, and nothing beside it."""
HALVED = _object_pattern(string_pattern("[0-9A-Fa-f]{4}"))
"""The same, but an escape may be half of a surrogate pair."""
BARE_NUMBER = rf'\G((?:[^"0-9-]++|{string_pattern("[0-9A-Fa-f]{4}")})*+)({NUMBER})'
"""In a line that OBJECT proved: the next number that stands bare, after what stands before it."""
QUOTED_NUMBER = '$1"$2"'
"""What to put in its place, so that a number is parsed as the text that it is."""


def is_object(line: str) -> bool:
    """Say whether a line is one flat object."""
    return re.fullmatch(OBJECT, line) is not None


def is_halved(line: str) -> bool:
    """Say whether a line would be one flat object, had it no half of a surrogate pair."""
    return not is_object(line) and re.fullmatch(HALVED, line) is not None
