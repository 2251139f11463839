"""The line by which GitHub asks a dataset's owner to review a change of its contract."""

import re
from pathlib import Path

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in its order; the first file that is there counts."""
HANDLE = r"@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?"


def is_handle(text: str) -> bool:
    """Whether a text is a person or a team of GitHub, such as `@shop/trades-data`."""
    return re.fullmatch(HANDLE, text, re.ASCII) is not None


def code_owners_file(lake: Path) -> Path:
    """Return the file that GitHub takes in a lake, or the place for it."""
    return next((lake / place for place in PLACES if (lake / place).is_file()), lake / PLACES[0])


def add_owner(text: str, dataset: str, handle: str) -> str:
    """Return a CODEOWNERS file with a last line for a dataset's contracts; the last line that matches counts."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    ended = text if not text or text.endswith("\n") else text + line_end
    return f"{ended}/expectations/{dataset}/ {handle}{line_end}"
