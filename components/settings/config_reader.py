"""The stack's configuration as the engine hands it over: texts, checked key by key, every fault kept."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pulumi

from components.settings import cron
from etl.contract.faults import likely

LONGEST_QUOTED = 80
"""Characters of a value that a message holds."""


class BadConfiguration(pulumi.RunError):
    """A key of the stack's configuration holds what it does not take; raised before any resource is declared.

    The message has a line for each fault: the key, its value and what it takes.
    """


class Answers:
    """Values by key; `path` is how the keys are called in messages.

    A method that meets a wrong value keeps the fault and returns a harmless stand-in, so that one run names all faults.
    """

    def __init__(self, given: Mapping[str, Any], path: str = "sluice:", faults: list[str] | None = None) -> None:
        self.given, self.path = dict(given), path
        self.faults: list[str] = [] if faults is None else faults
        self.own: Mapping[str, Any] = self.given
        self.outer_path = path

    def below(self, path: str, own: Mapping[str, Any]) -> "Answers":
        """The same values with some of one's own over them, which messages call by their longer path."""
        inner = Answers({**self.given, **own}, f"{self.path}{path}", self.faults)
        inner.own, inner.outer_path = own, self.path
        return inner

    def refuse(self, key: str, takes: str) -> None:
        shown = f"is {quoted(self.given[key])}" if key in self.given else "is not set"
        self.faults.append(f"{self.path if key in self.own else self.outer_path}{key} {shown}: takes {takes}")

    def allow_only_own(self, known: set[str]) -> None:
        """Refuse keys that nobody reads: the engine lets them pass without a word."""
        for key in sorted(set(self.own) - known):
            self.refuse(key, f"nothing, no such key; there are {', '.join(sorted(known))}{likely(key, known)}")

    def text(self, key: str, pattern: str, takes: str) -> str:
        value = self.given.get(key)
        if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII):
            return value
        self.refuse(key, takes)
        return ""

    def cron(self, key: str, or_nothing: bool = False) -> str:
        """A schedule as AWS writes it, six fields in UTC."""
        value = self.given.get(key)
        takes = "a schedule of six fields in UTC as AWS writes it, such as cron(0 6 * * ? *)"
        takes += ", or nothing" if or_nothing else ""
        if or_nothing and value == "":
            return ""
        try:
            if isinstance(value, str) and cron.values(value):
                return value
        except ValueError as fault:
            takes += f"; {fault}"
        self.refuse(key, takes)
        return ""

    def choice(self, key: str, *allowed: str) -> str:
        return self.text(key, "|".join(map(re.escape, allowed)), " or ".join(allowed))

    def whole(self, key: str, low: int, high: int) -> int:
        """A number from `low` to `high`; at the top the engine hands it over as text, within a mapping as a number."""
        value = self.given.get(key)
        written = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if re.fullmatch(r"\d{1,9}", written, re.ASCII) and low <= int(written) <= high:
            return int(written)
        self.refuse(key, f"a whole number from {low} to {high}")
        return low

    def one_of(self, key: str, allowed: tuple[int, ...]) -> int:
        if str(self.given.get(key)) not in map(str, allowed):
            self.refuse(key, f"one of {', '.join(map(str, allowed))}")
            return allowed[0]
        return int(self.given[key])

    def flag(self, key: str) -> bool:
        value = self.given.get(key)
        if value is True or value is False:
            return value
        return self.text(key, "true|false", "true or false") == "true"

    def members(self, key: str) -> dict[str, dict[str, Any]]:
        """A mapping of names to mappings in the order of the names: the engine hands over JSON with sorted keys.

        A wrong entry counts as one without values, so that what refers to it is no fault.
        """
        value, takes = self.given.get(key), "a mapping with an entry for each dataset, such as sales: {}"
        try:
            value = json.loads(value) if isinstance(value, str) else value
        except ValueError as fault:
            takes += f"; as JSON it ends at {fault}" if str(value).lstrip()[:1] in ("{", "[") else ""
        if not isinstance(value, dict) or not value:
            shown = f"is {kind(value)}" if key in self.given else "is not set"
            self.faults.append(f"{self.path}{key} {shown}: takes {takes}")
            return {}
        for name, entry in value.items():
            if not isinstance(entry, dict):
                own = "a mapping of its own values, such as {} where it takes the stack's"
                self.faults.append(f"{self.path}{key}.{name} is {kind(entry)}: takes {own}")
        return {name: entry if isinstance(entry, dict) else {} for name, entry in sorted(value.items())}


def kind(value: Any) -> str:
    """Return what a value is where something of another kind was wanted: a list, a mapping, or a plain value itself."""
    if not isinstance(value, dict | list):
        return quoted(value)
    return f"{'a' if value else 'an empty'} {'mapping' if isinstance(value, dict) else 'list'}"


def quoted(value: Any) -> str:
    """Return a value as JSON; one that is too long for a message by its size and its beginning, never cut within JSON."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= LONGEST_QUOTED:
        return text
    if isinstance(value, str):
        return f"a text of {len(value)} characters that begins with {json.dumps(value[:40], ensure_ascii=False)}"
    return f"a list of {len(value)}" if isinstance(value, list) else f"a mapping of {len(value)}"
