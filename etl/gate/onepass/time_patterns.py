"""Regular expressions that are enough for a text to be a time of a format: what they match, `datetime.strptime` reads.

It reads more than they match: 29 February, and numbers without all of their digits. Of what does not match nothing is known.
"""

import re

NUMBERS = {
    "%Y": "[1-9][0-9]{3}",
    "%y": "[0-9]{2}",
    "%m": "(?:0[1-9]|1[0-2])",
    "%d": "(?:0[1-9]|1[0-9]|2[0-8])",
    "%H": "(?:[01][0-9]|2[0-3])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
    "%f": "[0-9]{6}",
}
DAYS_OF = {
    "(?:0[13578]|1[02])": "(?:0[1-9]|[12][0-9]|3[01])",
    "(?:0[469]|11)": "(?:0[1-9]|[12][0-9]|30)",
    "02": NUMBERS["%d"],
}
TOKEN = re.compile(r"%m(?P<to_day>[^%]*)%d|%d(?P<to_month>[^%]*)%m|(?P<number>%.)|(?P<literal>[ -$&-~])")


def sufficient_pattern(form: str) -> str | None:
    """Return a pattern, from `^` to `$`, whose every match is a time of the form; None where a directive is not known."""
    tokens = list(TOKEN.finditer(form))
    parts = [_token_pattern(token) for token in tokens]
    if "".join(token[0] for token in tokens) != form or None in parts:
        return None
    return f"^{''.join(map(str, parts))}$"


def _token_pattern(token: re.Match[str]) -> str | None:
    if token["number"]:
        return NUMBERS.get(token[0])
    if token["literal"]:
        return re.escape(token[0])
    between = re.escape(token["to_day"] or token["to_month"] or "")
    month_first = token["to_day"] is not None
    dates = [(month, days) if month_first else (days, month) for month, days in DAYS_OF.items()]
    return f"(?:{'|'.join(between.join(both) for both in dates)})"
