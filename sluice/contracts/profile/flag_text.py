"""Flags in any spelling: yes and no, ja and nein, t and f, and 0 and 1 where the column's name says that it is one."""

import re
from collections.abc import Callable, Sequence

from etl.contract.types import ColumnType, TypeKind
from sluice.contracts.profile.column_reading import ColumnReading, Options

# The text of true, then that of false, in small letters.
WORDS = (
    *(
        ("true", "false"),
        ("yes", "no"),
        ("on", "off"),
        ("ja", "nein"),
        ("ja", "nee"),
        ("ja", "nej"),
        ("wahr", "falsch"),
    ),
    *(("oui", "non"), ("vrai", "faux"), ("si", "no"), ("sí", "no"), ("sì", "no"), ("vero", "falso")),
    *(("verdadero", "falso"), ("sim", "não"), ("sim", "nao"), ("tak", "nie"), ("ano", "ne"), ("igen", "nem")),
    *(("kyllä", "ei"), ("да", "нет")),
)
LETTERS = (("y", "n"), ("t", "f"), ("j", "n"), ("o", "n"))
DIGITS = ("1", "0")
NAMED_LETTERS = ("s", "n")  # sides, sizes and seasons have them too
NAMED = re.compile(
    r"(^|_)(is|has|was|are|can|did|does|should|allow|allows|flag|flags|active|enabled|disabled|deleted|paid|verified|valid|"
    r"confirmed|approved|visible|hidden|public|private|available|archived|optin|opt_in|subscribed|accepts|taxable|bool|boolean|"
    r"yn|ind|indicator|true|aktiv|actif|activo)(_|$)"
)
PLAIN = {"true", "false"}


def read_flags(name: str, values: Sequence[str]) -> ColumnReading | None:
    """Return how different texts are read as flags; None where they are none. `name` is the column's plain name."""
    by_word = {value: value.strip().lower() for value in values}
    for true_word, false_word in _pairs(name):
        words = {*by_word.values()}
        if words == {true_word, false_word} or (
            len(words) == 1 and words <= {true_word, false_word} and _says_alone(words, name)
        ):
            return ColumnReading(ColumnType(TypeKind.BOOLEAN), _options(by_word, true_word, false_word))
    return None


def _pairs(name: str) -> list[tuple[str, str]]:
    return [*WORDS, *LETTERS, *([DIGITS, NAMED_LETTERS] if NAMED.search(name) else [])]


def _says_alone(words: set[str], name: str) -> bool:
    """Say whether one value without its other is a flag's: true is, and N may be a code."""
    return bool(words & PLAIN) or (bool(NAMED.search(name)) and not words & {*DIGITS})


def _options(by_word: dict[str, str], true_word: str, false_word: str) -> Options:
    if {*by_word} <= PLAIN:
        return {}
    return {
        "true_values": _spellings(by_word, true_word),
        "false_values": _spellings(by_word, false_word),
    }


def _spellings(by_word: dict[str, str], word: str) -> list[str]:
    """Return the spellings of the sample first, then those that are as likely."""
    seen = [value for value, lower in by_word.items() if lower == word]
    styles = {_style(value) for value in by_word}
    return [
        *dict.fromkeys(
            [*sorted(seen), *(style(word) for style in (str.lower, str.title, str.upper) if style in styles)]
        )
    ]


def _style(spelling: str) -> Callable[[str], str]:
    value = spelling.strip()
    return str.lower if value.islower() or not value.isalpha() else str.upper if value.isupper() else str.title
