"""The stack's configuration as the engine hands it over: texts, checked key by key, every fault kept."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pulumi

from components.settings import cron
from etl.contract.faults import did_you_mean_ending

LONGEST_QUOTED = 80
"""Characters of a value that a message holds."""


class BadConfiguration(pulumi.RunError):
    """A key of the stack's configuration holds what it does not take; raised before any resource is declared.

    The message has a line for each fault: the key, its value and what it takes.
    """


class StackConfig:
    """Values by key; `path` is how the keys are called in messages.

    A method that meets a wrong value keeps the fault and returns a harmless stand-in, so that one run names all faults.
    """

    def __init__(self, values: Mapping[str, Any], path: str = "sluice:", faults: list[str] | None = None) -> None:
        self.values, self.path = dict(values), path
        self.faults: list[str] = [] if faults is None else faults
        self.own_values: Mapping[str, Any] = self.values
        self.outer_path = path

    def with_overrides(self, path: str, overrides: Mapping[str, Any]) -> "StackConfig":
        """The same values with some of one's own over them, which messages call by their longer path."""
        inner = StackConfig({**self.values, **overrides}, f"{self.path}{path}", self.faults)
        inner.own_values, inner.outer_path = overrides, self.path
        return inner

    def add_fault(self, key: str, takes: str) -> None:
        """Note that a key's value is wrong, with what it takes."""
        actual = f"is {quote_value(self.values[key])}" if key in self.values else "is not set"
        self.faults.append(f"{self.path if key in self.own_values else self.outer_path}{key} {actual}: takes {takes}")

    def refuse_unknown_keys(self, allowed_keys: set[str]) -> None:
        """Refuse keys that nobody reads: the engine lets them pass without a word."""
        for key in sorted(set(self.own_values) - allowed_keys):
            self.add_fault(
                key,
                f"nothing, no such key; there are {', '.join(sorted(allowed_keys))}{did_you_mean_ending(key, allowed_keys)}",
            )

    def read_text(self, key: str, pattern: str, takes: str) -> str:
        """Return a text that matches a pattern as a whole; "" and a fault where it does not."""
        value = self.values.get(key)
        if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII):
            return value
        self.add_fault(key, takes)
        return ""

    def read_cron(self, key: str, or_nothing: bool = False) -> str:
        """A schedule as AWS writes it, six fields in UTC."""
        value = self.values.get(key)
        takes = "a schedule of six fields in UTC as AWS writes it, such as cron(0 6 * * ? *)"
        takes += ", or nothing" if or_nothing else ""
        if or_nothing and value == "":
            return ""
        try:
            if isinstance(value, str) and cron.parse_schedule(value):
                return value
        except ValueError as fault:
            takes += f"; {fault}"
        self.add_fault(key, takes)
        return ""

    def read_choice(self, key: str, *allowed: str) -> str:
        """Return one of some words; "" and a fault where it is none."""
        return self.read_text(key, "|".join(map(re.escape, allowed)), " or ".join(allowed))

    def read_integer(self, key: str, low: int, high: int) -> int:
        """A number from `low` to `high`; at the top the engine hands it over as text, within a mapping as a number."""
        value = self.values.get(key)
        digits = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if re.fullmatch(r"\d{1,9}", digits, re.ASCII) and low <= int(digits) <= high:
            return int(digits)
        self.add_fault(key, f"a whole number from {low} to {high}")
        return low

    def read_one_of(self, key: str, allowed: tuple[int, ...]) -> int:
        """Return one of some numbers; the first, and a fault, where it is none."""
        if str(self.values.get(key)) not in map(str, allowed):
            self.add_fault(key, f"one of {', '.join(map(str, allowed))}")
            return allowed[0]
        return int(self.values[key])

    def read_flag(self, key: str) -> bool:
        """Return a flag, as YAML or as text; False and a fault where it is neither `true` nor `false`."""
        value = self.values.get(key)
        if value is True or value is False:
            return value
        return self.read_text(key, "true|false", "true or false") == "true"

    def read_members(self, key: str) -> dict[str, dict[str, Any]]:
        """A mapping of names to mappings in the order of the names: the engine hands over JSON with sorted keys.

        A wrong entry counts as one without values, so that what refers to it is no fault.
        """
        value, takes = self.values.get(key), "a mapping with an entry for each dataset, such as orders: {}"
        try:
            value = json.loads(value) if isinstance(value, str) else value
        except ValueError as fault:
            takes += f"; as JSON it ends at {fault}" if str(value).lstrip()[:1] in ("{", "[") else ""
        if not isinstance(value, dict) or not value:
            actual = f"is {describe_kind(value)}" if key in self.values else "is not set"
            self.faults.append(f"{self.path}{key} {actual}: takes {takes}")
            return {}
        for name, entry in value.items():
            if not isinstance(entry, dict):
                expected_form = "a mapping of its own values, such as {} where it takes the stack's"
                self.faults.append(f"{self.path}{key}.{name} is {describe_kind(entry)}: takes {expected_form}")
        return {name: entry if isinstance(entry, dict) else {} for name, entry in sorted(value.items())}


def describe_kind(value: Any) -> str:
    """Return what a value is where something of another kind was wanted: a list, a mapping, or a plain value itself."""
    if not isinstance(value, dict | list):
        return quote_value(value)
    return f"{'a' if value else 'an empty'} {'mapping' if isinstance(value, dict) else 'list'}"


def quote_value(value: Any) -> str:
    """Return a value as JSON; one that is too long for a message by its size and its beginning, never cut within JSON."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= LONGEST_QUOTED:
        return text
    if isinstance(value, str):
        return f"a text of {len(value)} characters that begins with {json.dumps(value[:40], ensure_ascii=False)}"
    return f"a list of {len(value)}" if isinstance(value, list) else f"a mapping of {len(value)}"
