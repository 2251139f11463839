"""Words that messages share."""

from collections.abc import Sequence


def counted(number: int, noun: str, several: str = "") -> str:
    """Return a number with its noun: `1 object`, `2 objects`, `1,000 rows`; `several` where an s does not make it plural."""
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"


def listed(names: Sequence[str], most: int, separator: str = ", ") -> str:
    """Return the first `most` names for a sentence, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return separator.join(names[:most]) + more


def shortened(text: str, longest: int) -> str:
    """Return a text, cut off behind `longest` characters."""
    return text if len(text) <= longest else f"{text[:longest]}…"
