"""Whether a text looks like a value of a type, in any country's way of writing it."""

import re

NUMBER_LIKE = re.compile(
    r"[-+]?[$€£¥₹]?\s?(\d+|\d{1,3}(?P<group>[.,' \u00a0\u202f])\d{3}((?P=group)\d{3})*)?([.,]\d+)?([eE][-+]?\d+)?\s?[%€$£]?"
)
DATE_LIKE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))"
    r"([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s?(Z|[AaPp][Mm]|[-+]\d{2}:?\d{2})?)?"
)
FLAG_LIKE = re.compile(r"true|false|yes|no|[yn]", re.IGNORECASE)


def looks_typed(text: str) -> bool:
    """Say whether a text is written as a number, a day, a time or a flag."""
    return looks_measured(text) or FLAG_LIKE.fullmatch(text.strip()) is not None


def looks_measured(text: str) -> bool:
    """Say whether a text is written as a number, a day or a time, as few names are."""
    bare = text.strip()
    return any(map(str.isdigit, bare)) and bool(NUMBER_LIKE.fullmatch(bare) or DATE_LIKE.fullmatch(bare))
