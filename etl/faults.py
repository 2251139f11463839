"""What is wrong with a contract, as the person reads it who mends it."""

import reprlib
from dataclasses import dataclass
from typing import Any

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 80
_short.maxlevel = 3


@dataclass(frozen=True)
class Fault:
    """One fault of a suite: what was found, what to do, and the id of the rule it is about, None for the suite's own."""

    found: str
    remedy: str
    rule: str | None = None

    def __str__(self) -> str:
        about = f"rule {self.rule}: " if self.rule else ""
        return f"{about}{self.found}; {self.remedy}"


def shown(value: Any) -> str:
    """Return a value as messages quote it: short, however long or deep it is."""
    return _short.repr(value)
