"""The stack's configuration as the engine hands it over: text, checked key by key, every fault kept."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pulumi


class BadConfiguration(pulumi.RunError):
    """A key of the stack's configuration holds what it does not take; raised before any resource is declared.

    The message has a line for each fault: the key, its value and what it takes.
    """


class Answers:
    """Values by key, from the texts of one mapping; `path` is how a key is called in messages.

    A method that reads a wrong value keeps the fault and returns a harmless stand-in, so that one run names all faults.
    """

    def __init__(self, given: Mapping[str, Any], path: str = "sluice:", faults: list[str] | None = None) -> None:
        self.given, self.path = dict(given), path
        self.faults: list[str] = [] if faults is None else faults

    def refuse(self, key: str, takes: str) -> None:
        value = self.given.get(key)
        shown = "is not set" if value is None else f"is {value if isinstance(value, str) else json.dumps(value)!s:.80}"
        self.faults.append(f"{self.path}{key} {shown}: takes {takes}")

    def text(self, key: str, pattern: str, takes: str) -> str:
        value = self.given.get(key)
        if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII):
            return value
        self.refuse(key, takes)
        return ""

    def choice(self, key: str, *allowed: str) -> str:
        return self.text(key, "|".join(map(re.escape, allowed)), " or ".join(allowed))

    def whole(self, key: str, low: int, high: int) -> int:
        """A number of `low` to `high`; the engine hands numbers over as text, a nested object has them as numbers."""
        value = self.given.get(key)
        written = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if re.fullmatch(r"\d{1,9}", written, re.ASCII) and low <= int(written) <= high:
            return int(written)
        self.refuse(key, f"a whole number from {low} to {high}")
        return low

    def flag(self, key: str) -> bool:
        value = self.given.get(key)
        if value in (True, False, "true", "false"):
            return value in (True, "true")
        self.refuse(key, "true or false")
        return False

    def members(self, key: str) -> dict[str, dict[str, Any]]:
        """A mapping of name to mapping, which the engine hands over as JSON."""
        value = self.given.get(key)
        try:
            value = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            value = None
        if isinstance(value, dict) and value and all(isinstance(entry, dict) for entry in value.values()):
            return value
        self.refuse(key, "a mapping with one entry for each dataset, such as sales: {}")
        return {}

    def below(self, path: str, own: Mapping[str, Any]) -> "Answers":
        """The same keys with some values of their own: faults in those are called by their longer path."""
        return Inner(self, path, own)

    def allow_only(self, known: set[str]) -> None:
        for key in sorted(set(self.given) - known):
            self.faults.append(f"{self.path}{key} is no key of this program: takes {', '.join(sorted(known))}")


class Inner(Answers):
    """A dataset's own values over the stack's."""

    def __init__(self, outer: Answers, path: str, own: Mapping[str, Any]) -> None:
        super().__init__({**outer.given, **own}, outer.path, outer.faults)
        self.own, self.own_path = own, f"{outer.path}{path}."

    def refuse(self, key: str, takes: str) -> None:
        kept, self.path = self.path, self.own_path if key in self.own else self.path
        super().refuse(key, takes)
        self.path = kept
