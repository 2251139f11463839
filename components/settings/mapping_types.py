"""The types of options that are mappings: entries by name, and until when and why a dataset is muted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from typing_extensions import override

from components.settings.json_values import parse_json
from components.settings.option_types import OptionType
from components.settings.quoting import describe_kind
from etl.contract.json_values import is_object

LONGEST_REASON = 200
"""Characters of why a dataset is muted."""
TIMESTAMP = r"T00:00:00(\.0+)?Z"
"""What YAML makes of a date without quotes."""


@dataclass(frozen=True)
class Entries(OptionType):
    """A mapping with an entry for each name, in the order of the names; entries are read apart, so that all faults are told."""

    description: str

    yaml_type = "object"

    @override
    def describe(self) -> str:
        return self.description

    @override
    def show(self, value: object) -> str:
        return describe_kind(parse_json(value))

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> dict[str, Any]:
        entries = parse_json(value)
        if not is_object(entries):
            raise ValueError(self.describe())
        return dict(sorted(entries.items()))


class MutedUntil(OptionType):
    """`until`, a day, and `why`; that the day is neither past nor far is checked apart."""

    yaml_type = "object"

    @override
    def describe(self) -> str:
        return 'a mapping such as {until: "2026-12-05", why: the source moves}'

    @override
    def show(self, value: object) -> str:
        return describe_kind(value)

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> dict[str, str]:
        if value == {}:
            return {}
        if not is_object(value) or set(value) != {"until", "why"}:
            raise ValueError(self.describe())
        return {"until": _read_day(value["until"]), "why": _read_reason(value["why"])}


def _read_day(value: object) -> str:
    day = re.sub(rf"{TIMESTAMP}$", "", value) if isinstance(value, str) else ""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day, re.ASCII):
            return date.fromisoformat(day).isoformat()
    except ValueError:
        pass
    raise ValueError("until, a day such as 2026-12-05")


def _read_reason(value: object) -> str:
    if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= LONGEST_REASON:
        return value.strip()
    raise ValueError(f"why, a line of at most {LONGEST_REASON} characters")
