"""What is wrong with a contract, as the person reads it who mends it."""

import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 80
_short.maxlevel = 3


@dataclass(frozen=True)
class Fault:
    """One fault of a suite: what was found, what to do, and the id of the rule it is about, None for the suite's own."""

    problem: str
    remedy: str
    rule: str | None = None

    def __str__(self) -> str:
        about = f"rule {self.rule}: " if self.rule else ""
        return f"{about}{self.problem}; {self.remedy}"


def short_repr(value: Any) -> str:
    """Return a value as messages quote it: short, however long or deep it is."""
    return _short.repr(value)


def did_you_mean(name: Any, names: Iterable[str]) -> str:
    """Return the question whether the name that is most alike was meant, for a remedy to begin with; "" where none is."""
    by_lower_case = {candidate.lower(): candidate for candidate in names if candidate != name}
    alike = get_close_matches(name.lower(), by_lower_case, n=1) if isinstance(name, str) else []
    return f"did you mean {by_lower_case[alike[0]]!r}? " if alike else ""


def did_you_mean_ending(name: Any, names: Iterable[str]) -> str:
    """Return the same question as the end of a sentence."""
    return f"; {question.strip()}" if (question := did_you_mean(name, names)) else ""
