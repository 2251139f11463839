"""The exit codes of every command, in one table."""

from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """How a command ended; `meaning` is what help and pages say of it."""

    meaning: str

    DONE = 0, "done"
    AT_FAULT = 1, "data or a contract is at fault"
    WRONG_USE = 2, "wrong use, nothing was changed"
    OTHER_FAULT = 3, "AWS, the network or a bug"
    INTERRUPTED = 130, "ended by Ctrl-C"

    def __new__(cls, code: int, meaning: str) -> Self:
        """Return the member whose value is the code alone."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member
