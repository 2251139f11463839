"""Words that messages share, and what is taken out of them before a terminal has them."""

import json
import unicodedata
from collections.abc import Sequence

# Unicode's general categories of what a terminal would obey or not show. Cc: control characters, among them the escape that
# begins a terminal's commands. Cf: what turns the direction of writing, or is not seen. Cs: halves of characters. Zl and Zp:
# ends of lines and paragraphs.
UNCLEAN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def count_noun(number: int, noun: str, several: str = "") -> str:
    """Return a number with its noun: `1 object`, `2 objects`, `1,000 rows`; `several` where an s does not make it plural."""
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"


def join_names(names: Sequence[str], most: int, separator: str = ", ", number: int = 0) -> str:
    """Return the first `most` names for a sentence, and how many more there are; `number` in all, where not all are given."""
    omitted = max(number, len(names)) - most
    more = f" and {omitted:,} more" if omitted > 0 else ""
    return separator.join(names[:most]) + more


def shorten_text(text: str, longest: int) -> str:
    """Return a text, cut off behind `longest` characters."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def clean_text(text: str, *, lines: bool = False) -> str:
    """Return a text as a terminal may have it: what it would obey, or not show, is written as JSON escapes it.

    `lines` keeps ends of lines and tabs: for a text of several lines, in which a value cannot pass for a line of ours.
    """
    if text.isascii() and text.isprintable():
        return text
    allowed = "\n\t" if lines else ""
    return "".join(
        letter if letter in allowed or not _is_unclean(letter) else json.dumps(letter)[1:-1] for letter in text
    )


def _is_unclean(letter: str) -> bool:
    return unicodedata.category(letter) in UNCLEAN
