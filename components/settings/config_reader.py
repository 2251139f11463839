"""The stack's configuration as the engine hands it over: read by the model of options, every fault kept."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import pulumi
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.settings.json_values import parse_json
from components.settings.option_types import Options
from components.settings.project_name import option_key
from components.settings.quoting import HIDDEN_VALUE, quote_value, without_secrets
from etl.contract.faults import did_you_mean_ending

Model = TypeVar("Model", bound=Options)


class BadConfiguration(pulumi.RunError):
    """A key of the stack's configuration holds what it does not take; raised before any resource is declared.

    The message has a line for each fault: the key, its value and what it takes.
    """


class StackConfig:
    """Values by key, as text or as YAML has them, and the faults that were met in them.

    `secret_keys` are those that the stack's file keeps encrypted: no message holds their values. `wrong_keys` are options
    that a default stands in for. `hidden_values` are those that no message holds, of the keys of which not all is secret:
    these are `read_apart`.
    """

    def __init__(self, values: Mapping[str, Any], secret_keys: Collection[str] = ()) -> None:
        self.values, self.secret_keys = dict(values), frozenset(secret_keys)
        self.own_keys = frozenset(self.values)
        self.path = self.outer_path = option_key("")
        self.faults: list[str] = []
        self.hidden_values: list[Any] = []
        self.wrong_keys: set[str] = set()
        self.read_apart: set[str] = set()

    def entry_of(self, dataset: str, own_values: Mapping[str, Any]) -> "StackConfig":
        """Return the same values under a dataset's own, which messages call by their longer path."""
        entry = StackConfig({**self.values, **own_values})
        entry.own_keys = frozenset(own_values)
        own_secrets = entry.own_keys if "datasets" in self.secret_keys else frozenset[str]()
        entry.secret_keys = own_secrets | (self.secret_keys - entry.own_keys)
        entry.path, entry.faults = f"{self.path}datasets.{dataset}.", self.faults
        return entry

    def read(self, model: type[Model], left_to_datasets: Collection[str] = ()) -> Model:
        """Return the options of a model; a wrong or missing value is kept as a fault, and the default stands in for it.

        `left_to_datasets` are those whose faults count where a dataset takes them.
        """
        # None is what no option takes: the engine hands every default over, so an option without a value is a fault.
        unset = dict.fromkeys(key for key in model.model_fields if model.is_of_stack(key))
        values = unset | {k: value for k, value in self.values.items() if k in self.own_keys or k in unset}
        wrong = _refused(model, values)
        self.wrong_keys |= wrong.keys()
        for key in (key for key in wrong if key not in left_to_datasets):
            option_type = model.type_of(key)
            # what is wrong within a value would tell parts of it
            takes = option_type.describe() if option_type and key in self.secret_keys else wrong[key]
            self.add_fault(key, takes, option_type.show if option_type else quote_value)
        return model.model_validate({key: value for key, value in values.items() if key not in wrong})

    def add_fault(self, key: str, takes: str, show: Callable[[Any], str] = quote_value) -> None:
        """Keep a fault of one key: its path, its value and what it takes."""
        path = f"{self.path if key in self.own_keys else self.outer_path}{key}"
        shown = HIDDEN_VALUE if key in self.secret_keys else show(self.values[key]) if key in self.values else ""
        self.faults.append(f"{path} {f'is {shown}' if shown else 'is not set'}: takes {takes}")

    def refuse_repeats(self, key: str, names: Sequence[str]) -> None:
        """Keep a fault where a list names a dataset twice; what it names is checked all the same."""
        if len(set(names)) < len(names):
            self.add_fault(key, "each dataset once", lambda value: quote_value(parse_json(value)))

    def raise_faults(self) -> None:
        """Raise BadConfiguration with every fault, each once, where there is one."""
        if self.faults:
            message = "\n  ".join(["the configuration is refused:", *dict.fromkeys(self.faults)])
            hidden = [self.values.get(key) for key in self.secret_keys - self.read_apart]
            raise BadConfiguration(without_secrets(message, [*hidden, *self.hidden_values]))


def _refused(model: type[Options], values: Mapping[str, Any]) -> dict[str, str]:
    """Return what each key takes whose value the model refuses; one that nobody reads takes nothing."""
    try:
        model.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        return {str(fault["loc"][0]): _takes(model, fault) for fault in faults}
    return {}


def _takes(model: type[Options], fault: ErrorDetails) -> str:
    if fault["type"] != "extra_forbidden":
        return fault["msg"]
    key, known_keys = fault["loc"][0], model.model_fields
    return f"nothing, no such key; there are {', '.join(sorted(known_keys))}{did_you_mean_ending(key, known_keys)}"
