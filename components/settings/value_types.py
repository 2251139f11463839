"""The types of single values: flags, numbers, texts and schedules."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from components.names import prefix_takes
from components.settings import cron
from components.settings.option_types import OptionType


class Flag(OptionType):
    """`true` or `false`."""

    yaml_type = "boolean"

    @override
    def describe(self) -> str:
        return "true or false"

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> bool:
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        raise ValueError(self.describe())


Bounds = tuple[int, int]


@dataclass(frozen=True)
class Whole(OptionType):
    """A whole number from `low` to `high`; `narrowed` gives closer bounds where options before it set them."""

    low: int
    high: int
    narrowed: Callable[[Mapping[str, Any]], Bounds] | None = None

    yaml_type = "integer"

    @override
    def describe(self) -> str:
        return _between(self.low, self.high)

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> int:
        low, high = self.narrowed(earlier) if self.narrowed else (self.low, self.high)
        digits = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if re.fullmatch(r"\d{1,9}", digits, re.ASCII) and low <= int(digits) <= high:
            return int(digits)
        raise ValueError(_between(low, high))


def _between(low: int, high: int) -> str:
    return f"a whole number from {low} to {high}"


@dataclass(frozen=True)
class OneOf(OptionType):
    """One of a few whole numbers."""

    allowed: tuple[int, ...]

    yaml_type = "integer"

    @override
    def describe(self) -> str:
        return f"one of {', '.join(map(str, self.allowed))}"

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> int:
        if isinstance(value, str | int) and str(value) in map(str, self.allowed):
            return int(value)
        raise ValueError(self.describe())


@dataclass(frozen=True)
class Text(OptionType):
    """A text that matches a pattern whole; `description` says in words what that is."""

    pattern: str
    description: str

    yaml_type = "string"

    @override
    def describe(self) -> str:
        return self.description

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> str:
        if isinstance(value, str) and re.fullmatch(self.pattern, value, re.ASCII):
            return value
        raise ValueError(self.describe())


def one_of_words(*words: str) -> Text:
    """Return the type of an option that takes one of a few words."""
    return Text("|".join(map(re.escape, words)), " or ".join(words))


class Prefix(OptionType):
    """The first part of every name (`components/names.py`)."""

    yaml_type = "string"

    @override
    def describe(self) -> str:
        return prefix_takes("")

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> str:
        text = value if isinstance(value, str) else ""
        if takes := prefix_takes(text):
            raise ValueError(takes)
        return text


@dataclass(frozen=True)
class Schedule(OptionType):
    """When something starts, as AWS writes it: six fields, in UTC."""

    or_nothing: bool = False

    yaml_type = "string"

    @override
    def describe(self) -> str:
        ending = ", or nothing" if self.or_nothing else ""
        return f"a schedule of six fields in UTC as AWS writes it, such as cron(0 6 * * ? *){ending}"

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> str:
        if self.or_nothing and value == "":
            return ""
        if not isinstance(value, str):
            raise ValueError(self.describe())
        try:
            cron.parse_schedule(value)
        except ValueError as fault:
            raise ValueError(f"{self.describe()}; {fault}") from None
        return value


class CheckedByStack(OptionType):
    """A text that only the stack's name and region can judge: a check of its own reads it (`boundary.check_boundary`)."""

    yaml_type = "string"

    @override
    def describe(self) -> str:
        return "the ARN of the stack's own boundary, or nothing"

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> str:
        return str(value)
