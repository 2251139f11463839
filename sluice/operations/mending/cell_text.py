"""A value as the text of a spreadsheet's cell, and back.

An empty cell is null. An empty text is written as two quotes, because a CSV cannot tell it from null. `***` stands for the
row's own value. An apostrophe before such a text, and in a CSV before what a spreadsheet would run as a formula, says that
the text is meant as it stands.
"""

import json
import re
from typing import Any

from etl.contract.sample_values import MASK

EMPTY_TEXT = '""'
MAX_CELL_LENGTH = 32_767
"""Characters of a cell, in UTF-16 (Microsoft, Excel specifications and limits); Excel drops the rest of a longer text."""
SPECIAL = rf"(?:{EMPTY_TEXT}|{re.escape(MASK)})\Z"
FORMULA = r"\s*[=+\-@＝＋－＠]|[\t\r\n]"
"""What a spreadsheet may run (OWASP, CSV Injection); some pass over spaces before it."""
TYPED_GUARD = re.compile(rf"'*(?:{SPECIAL})")
UNTYPED_GUARD = re.compile(rf"'*(?:{SPECIAL}|{FORMULA})")
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no workbook can hold (XML 1.0, 2.2 Characters)."""


def plain_text(value: Any) -> str:
    """Return a value as text, "" for null; a list or an object as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cell_text(value: Any, guard: re.Pattern[str]) -> str:
    """Return the text of a value's cell; `***` of one that no cell can hold."""
    if value in ("", MASK):
        return value or EMPTY_TEXT
    text = plain_text(value)
    text = f"'{text}" if guard.match(text) else text
    return text if fits_cell(text) else MASK


def fits_cell(text: str) -> bool:
    """Say whether a spreadsheet can hold a text whole."""
    # An underscore may need seven characters in a workbook's file.
    return not NO_XML.search(text) and len(text.encode("utf-16-le")) // 2 + 6 * text.count("_x") <= MAX_CELL_LENGTH


def text_of_cell(text: str, guard: re.Pattern[str]) -> str | None:
    """Return the text that a cell means, None for null."""
    if text in ("", EMPTY_TEXT):
        return None if text == "" else ""
    return unguarded_text(text, guard)


def unguarded_text(text: str, guard: re.Pattern[str]) -> str:
    """Return a text without the apostrophe that says that it is meant as it stands."""
    return text[1:] if text.startswith("'") and guard.match(text) else text


def is_same_text(first: str, second: str) -> bool:
    """Say whether two texts are alike but for how their lines end, which no spreadsheet keeps."""
    return _with_line_feeds(first) == _with_line_feeds(second)


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
