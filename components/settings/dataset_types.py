"""The types of options that name datasets: a list of them, and the mapping with an entry for each."""

import json
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from components.settings.json_values import parse_json
from components.settings.option_types import OptionType
from components.settings.quoting import describe_kind, quote_value
from etl.contract.json_values import is_list, is_object


class DatasetNames(OptionType):
    """A list of datasets; that it names each once is checked apart, so that its other faults are told too."""

    yaml_type = "array"

    @override
    def describe(self) -> str:
        return "a list of datasets, such as [shoppers, goods]"

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> tuple[str, ...]:
        if not is_list(value) or not all(isinstance(name, str) for name in value):
            raise ValueError(self.describe())
        return tuple(map(str, value))


class ListedDatasets(DatasetNames):
    """The same at the top of a stack's configuration, where the engine hands a list over as JSON."""

    @override
    def show(self, value: object) -> str:
        return quote_value(parse_json(value))

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> tuple[str, ...]:
        return super().parse(parse_json(value), earlier)


class DatasetEntries(OptionType):
    """A mapping with an entry for each dataset, in the order of the names: the engine hands over JSON with sorted keys."""

    yaml_type = "object"

    @override
    def describe(self) -> str:
        return "a mapping with an entry for each dataset, such as orders: {}"

    @override
    def show(self, value: object) -> str:
        return describe_kind(parse_json(value))

    @override
    def parse(self, value: object, earlier: Mapping[str, Any]) -> dict[str, Any]:
        try:
            entries = json.loads(value) if isinstance(value, str) else value
        except ValueError as fault:
            is_json = str(value).lstrip()[:1] in ("{", "[")
            raise ValueError(self.describe() + (f"; as JSON it ends at {fault}" if is_json else "")) from None
        if not is_object(entries) or not entries:
            raise ValueError(self.describe())
        return dict(sorted(entries.items()))
