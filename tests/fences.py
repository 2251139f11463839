"""The fenced blocks of the pages: the language of each, and how a shell block is held."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from components.settings.lake_folder import ROOT
from sluice.lake_template.update_check import ANSWERS


class Hold(StrEnum):
    """How the commands of a shell block are held; the value is the block's info string.

    Attributes:
        RUN: they run in `make test`, in a set-up clone with `.venv/bin` on the PATH.
        LONG: they run there in `make test-long`.
        EMULATOR: a test of the page runs them against an emulator.
        ACCOUNT: they need an account, the Pulumi CLI or GitHub: their words are parsed by the programs' own parsers.
        SESSION: a terminal with what it printed; the words behind its `$` are parsed likewise.
    """

    RUN = "sh"
    LONG = "sh long"
    EMULATOR = "sh emulator"
    ACCOUNT = "sh account"
    SESSION = "console"


LANGUAGES = frozenset({"json", "mermaid", "python", "sql", "text", "toml", "yaml"})
"""What a block may be that is no shell's."""
PROGRAMS = r"\.venv/bin/\S+|aws|bash|cd|curl|export|gh|git|make|npm|pip|pulumi|pytest|python3?|sh|sluice|uv"
COMMAND = re.compile(rf"\s*(\$ .*|({PROGRAMS})( [\w./-].*)?)")
"""A line that a reader would type."""


def _pages() -> dict[str, str]:
    """Return the text of each page by its path in the repository."""
    folders = ("*.md", "docs/**/*.md", "expectations/**/*.md", ".github/**/*.md", "bench/**/*.md")
    users_own = {ROOT / "README.md"} if (ROOT / ANSWERS).exists() else set[Path]()  # a lake's first page is its user's
    paths = sorted({path for pattern in folders for path in ROOT.glob(pattern)} - users_own)
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


PAGES = _pages()


class Fence(NamedTuple):
    """A fenced block: its page, the line that opens it, its info string, and its lines without their indentation."""

    page: str
    line: int
    info: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands, as messages name it."""
        return f"{self.page}:{self.line}"


def read_fences(page: str, text: str) -> Iterator[Fence]:
    """Yield the fenced blocks of a page (CommonMark 4.5); one that is not closed ends with the page."""
    opening, start, lines = None, 0, list[str]()
    for number, line in enumerate([*text.splitlines(), None], 1):
        if opening is None:
            opening = re.match(r"(?P<indent>[ >]*)(?P<marks>`{3,}|~{3,})\s*(?P<info>[^`]*)$", line or "")
            start, lines = number, []
        elif line is None or re.fullmatch(rf"[ >]*{opening['marks']}{opening['marks'][0]}*\s*", line):
            yield Fence(page, start, opening["info"].strip(), "".join(lines))
            opening = None
        else:
            lines.append(line.removeprefix(opening["indent"]) + "\n")


def fences_of(page: str, *holds: Hold) -> list[Fence]:
    """Return the blocks of a page that are held in one of these ways, in their order."""
    return [fence for fence in read_fences(page, PAGES[page]) if fence.info in holds]


def fence_fault(fence: Fence) -> str:
    """Return what is wrong with a block's info string, "" where nothing is."""
    if fence.info in set(Hold):
        return ""
    if fence.info not in LANGUAGES:
        kinds = ", ".join([*Hold, *sorted(LANGUAGES)])
        return f"{fence.place}: a block of {fence.info or 'nothing'!r}; it may be {kinds}"
    hidden = [line.strip() for line in fence.text.splitlines() if COMMAND.fullmatch(line)]
    is_plain = fence.info in ("text", "sql")
    return (
        f"{fence.place}: {fence.info} holds the command {hidden[0]!r}: say how it is held"
        if hidden and is_plain
        else ""
    )
