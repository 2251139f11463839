r"""A contract's globs as regular expressions of JSONata, which state machines match keys by.

Step Functions reads them as Java does, the emulator as Python does, so they keep to what both read alike. JSONata's parser
takes a bracket for a group's even where it is escaped: what is no letter or digit is written by its number, `\x5b`.
`$` would match before a last line break; that nothing follows is said by a look ahead.
"""

import re
from collections.abc import Iterable, Iterator

from etl.contract.file_glob import TOKEN

WILDCARDS = {"**/": r"(?:[^\x2f]+\x2f)*", "**": r"[\s\S]*", "*": r"[^\x2f]*", "?": r"[^\x2f]"}
NOTHING_FOLLOWS = r"(?![\s\S])"
HIDDEN_NAME = r"/\x2f[_\x2e]|\x2e_COPYING_(?![\s\S])/"
"""Finds a key with a name that Spark overlooks, as `etl.storage.raw_objects` does."""
MARKER = r"/(\x2f|_\x24folder\x24)(?![\s\S])/"
"""Finds the key of what stands for a folder, where its object is empty."""


def key_regex(globs: Iterable[str]) -> str:
    """Return a regular expression, with its slashes, of the whole keys that one of some globs without braces takes."""
    alternatives = "|".join("".join(map(_token_regex, _tokens_of(glob))) for glob in globs)
    return f"/^(?:{alternatives}){NOTHING_FOLLOWS}/"


def _tokens_of(glob: str) -> Iterator[str]:
    for token in TOKEN.finditer(glob):
        yield token[0]


def _token_regex(token: str) -> str:
    if token in WILDCARDS:
        return WILDCARDS[token]
    if not token.startswith("["):
        return _escape(token)
    negated = token[1] == "!"
    members = "".join(_members_of(token[2 if negated else 1 : -1]))
    return rf"(?!\x2f)[{'^' if negated else ''}{members}]"


def _members_of(text: str) -> Iterator[str]:
    """Yield what a set in brackets holds, characters and ranges, as Python reads it."""
    position = 0
    while position < len(text):
        is_range = text[position + 1 : position + 2] == "-" and position + 2 < len(text)
        if is_range:
            yield f"{_escape(text[position])}-{_escape(text[position + 2])}"
        else:
            yield _escape(text[position])
        position += 3 if is_range else 1


def _escape(character: str) -> str:
    return character if re.fullmatch(r"[A-Za-z0-9]|[^\x00-\x7f]", character) else rf"\x{ord(character):02x}"
