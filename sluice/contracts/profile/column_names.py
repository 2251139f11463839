"""Plain names of columns, from what a file calls them."""

import re
import unicodedata
from collections.abc import Sequence

from etl.contract.columns import COLUMN_NAME

PLAIN = re.compile(r"[a-z][a-z0-9_]*")
MOST_LETTERS = 64
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
LETTERS = {
    "ß": "ss",
    "æ": "ae",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "œ": "oe",
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "%": " pct ",
    "€": " eur ",
}
EMPTY_FIRST = "index"  # what pandas and R leave without a name


def plain_names(names: Sequence[str]) -> list[str]:
    """Return a plain name for each: small letters, digits and underscores; one that is there already gets a number."""
    taken: set[str] = {name for name in names if PLAIN.fullmatch(name)}
    seen: set[str] = set()
    plain: list[str] = []
    for position, name in enumerate(names, 1):
        if PLAIN.fullmatch(name) and name not in seen:
            plain.append(name)
        else:
            plain.append(_free_name(_plain_name(name, position), taken | seen))
        seen.add(plain[-1])
    return plain


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _plain_name(name: str, position: int) -> str:
    if not name.strip():
        return EMPTY_FIRST if position == 1 else f"column_{position}"
    text = CAMEL.sub("_", name)
    text = "".join(LETTERS.get(letter, letter) for letter in text.lower())
    text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    plain = re.sub(r"[^a-z0-9]+", "_", text).strip("_")[:MOST_LETTERS].strip("_")
    if not plain:
        return name if re.fullmatch(COLUMN_NAME, name) and any(map(str.isalpha, name)) else f"column_{position}"
    return plain if plain[0].isalpha() else f"column_{plain}"
