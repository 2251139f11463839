"""The kinds of values that the keys of a suite hold: each says what it demands, and what a fault of it tells to do.

Two annotations carry this beside pydantic's own. `Remedy` words a fault of pydantic's: another JSON type, or no value.
`Demand` is a check of ours with its wording, and with what a JSON Schema can say of it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import (
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    Strict,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from etl.contract.json_values import is_share

STRICT = ConfigDict(extra="forbid")
"""Each object of a suite: an unknown key is a fault."""
MISSING = "missing"
"""As `found`: the fault says that the key is missing, whatever stands there."""
OURS = "contract_fault"
"""The type of pydantic's errors that have our own wording."""


@dataclass(frozen=True)
class Remedy:
    """How a fault of a key reads.

    Attributes:
        text: what to do. It may hold `{columns}` (the declared names), `{dataset}`, `{choices}` and `{likely}` (a question
            whether the choice that is most alike was meant).
        problem: what is wrong, with `{key}`, `{value}` and, of a column, `{name}`; "" for what its object says of any key.
        choices: what the value may be, where its type does not say it.
    """

    text: str
    problem: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Demand:
    """A check of a value that has the right JSON type.

    Attributes:
        holds: the check.
        text: what to do, as in `Remedy`; "" where the key's `Remedy` says it.
        problem: what is wrong, as in `Remedy`.
        schema: what a JSON Schema says of it.
    """

    holds: Callable[[Any], bool]
    text: str = ""
    problem: str = ""
    schema: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Run the check after the type's own."""
        return core_schema.no_info_after_validator_function(self.checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Add what the check means to the type's own schema."""
        return {**handler(schema), **self.schema}

    def checked(self, value: Any) -> Any:
        """Return the value.

        Raises:
            PydanticCustomError: the check does not hold.
        """
        if not self.holds(value):
            raise wrong_value(self.text, self.problem)
        return value


def wrong_value(text: str, problem: str = "") -> PydanticCustomError:
    """Return an error of ours for pydantic to collect, worded as in `Remedy`."""
    return PydanticCustomError(OURS, "it breaks the contract's model", {"text": text, "problem": problem})


def matching(pattern: str, text: str = "", problem: str = "", schema_pattern: str = "") -> Demand:
    """Return the demand that a whole text match a pattern; an editor's regular expressions may need another one."""
    schema = {"pattern": schema_pattern or f"^{pattern}$"}
    compiled = re.compile(pattern)
    return Demand(lambda value: compiled.fullmatch(value) is not None, text, problem, schema)


def _share(value: Any) -> Any:
    if not is_share(value):
        raise wrong_value("write a share from 0 to 1")
    return value


NAME = r"[a-z][a-z0-9_]*"
DATASET_LENGTH = 20
"""With the longest prefix, stack and suffix the name of a rule of EventBridge stays within 64 characters."""
DATASET_NAME = rf"[a-z][a-z0-9_]{{0,{DATASET_LENGTH - 1}}}"
AnyText = Annotated[str, Strict()]
FilledText = Annotated[AnyText, Demand(lambda text: bool(text.strip()), schema={"pattern": r"\S"})]
Text = Annotated[FilledText, Remedy("give it as text", MISSING)]
"""A text that says something; without one the key counts as missing."""
Flag = Annotated[bool, Strict()]
Count = Annotated[int, Strict()]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Share = Annotated[float, PlainValidator(_share), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
"""From 0 to 1. A whole number stays one, as messages and exports show it."""
Names = Annotated[tuple[FilledText, ...], Field(min_length=1, json_schema_extra={"uniqueItems": True})]
"""Names in an order, at least one. That they differ is a cross-check."""
Pairs = Annotated[dict[str, FilledText], Field(min_length=1)]
"""Columns here, and what another dataset calls them."""
Row = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}),
]
"""Values by column. That they fit the columns' types is a cross-check."""
