"""The shape that all texts of a column share, as a regular expression: of codes and identifiers, not of prose."""

import re
from collections.abc import Iterator

# Pattern, and what a reader calls it; none of them says anything of a single value.
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
KNOWN = {
    EMAIL: "an e-mail address",
    r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$": "a UUID",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?$": "a time",
    r"^\+?[0-9][0-9 ()/.-]{5,}[0-9]$": "a telephone number",
}
RUNS = re.compile(r"(?P<upper>[A-Z]+)|(?P<lower>[a-z]+)|(?P<digit>[0-9]+)|(?P<other>.)", re.DOTALL)
CLASSES = {"upper": "[A-Z]", "lower": "[a-z]", "digit": "[0-9]"}
SPECIAL = re.compile(r"([\\.^$|?*+()\[\]{}])")
JOINTS = set("-_./:#")
SHORT = 3  # letters of a code that keep their number, as a country's do


def known_shape(values: list[str]) -> str | None:
    """Return the pattern of a well-known form that all texts have, None where they have none."""
    fitting = (pattern for pattern in KNOWN if values and all(map(re.compile(pattern).search, values)))
    return next(fitting, None)


def common_shape(values: list[str]) -> str | None:
    """Return the pattern of a code that all the different texts have, such as `^TXN[0-9]+$`; None where they have none."""
    if len(values) < 2:
        return None
    columns = _run_columns(values)
    if columns is None or not _is_code(columns):
        return None
    digits = sum(kind == "digit" for kind, _ in columns)
    return f"^{''.join(_part_pattern(kind, texts, digits) for kind, texts in columns)}$"


def _run_columns(values: list[str]) -> list[tuple[str, set[str]]] | None:
    """Return the runs that all texts have in the same order, each with its kind and different texts."""
    first_runs = list(_text_runs(values[0]))
    columns: list[tuple[str, set[str]]] = [(kind, {text}) for kind, text in first_runs]
    for value in values[1:]:
        runs = list(_text_runs(value))
        if [kind for kind, _ in runs] != [kind for kind, _ in first_runs]:
            return None
        for (_, texts), (_, text) in zip(columns, runs, strict=True):
            texts.add(text)
    return columns


def _text_runs(value: str) -> Iterator[tuple[str, str]]:
    for match in RUNS.finditer(value):
        yield str(match.lastgroup), match[0]


def _is_code(columns: list[tuple[str, set[str]]]) -> bool:
    kinds = {kind for kind, _ in columns}
    joints = all(len(texts) == 1 and texts <= JOINTS for kind, texts in columns if kind == "other")
    # Words of small letters are prose, whatever shape a few of them share.
    return joints and ("digit" in kinds or kinds <= {"upper", "other"})


def _part_pattern(kind: str, texts: set[str], digits: int) -> str:
    if len(texts) == 1 and kind != "digit":
        return SPECIAL.sub(r"\\\1", next(iter(texts)))
    lengths = {len(text) for text in texts}
    # A number grows; several in one code are its parts, which keep their length.
    fixed = digits > 1 if kind == "digit" else max(lengths) <= SHORT
    return CLASSES[kind] + (f"{{{max(lengths)}}}" if fixed and len(lengths) == 1 else "+")
