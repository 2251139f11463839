"""What all options have in common: a type that reads values and describes itself, and the base of the models.

The engine hands over text at the top of a stack's configuration, and YAML's own values inside a mapping. Each type takes both.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from components.settings.quoting import quote_value


class OptionType(ABC):
    """Stands in an option's annotation: `workers: Annotated[int, Whole(2, 299)]`.

    A subclass says what it takes and reads a value. The annotated type is what reading returns.
    """

    yaml_type: ClassVar[Literal["string", "integer", "boolean", "array", "object"]]
    """What `Pulumi.yaml` calls the type."""

    @abstractmethod
    def describe(self) -> str:
        """Return what the option takes, in words that follow "takes" in a message."""

    @abstractmethod
    def parse(self, value: object, earlier: Mapping[str, Any]) -> object:
        """Return the value as the program uses it; `earlier` are the options before it that are right.

        Raises:
            ValueError: with what the option takes.
        """

    def show(self, value: object) -> str:
        """Return a wrong value as a message shows it."""
        return quote_value(value)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic read a value by `parse` alone."""

        def validate(value: object, info: ValidationInfo) -> object:
            try:
                return self.parse(value, info.data)
            except ValueError as fault:
                raise PydanticCustomError("refused", "{takes}", {"takes": str(fault)}) from None

        return core_schema.with_info_plain_validator_function(validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the type as JSON Schema names it: `Pulumi.yaml` uses the same words."""
        return {"type": self.yaml_type}


class Options(BaseModel):
    """Options by name, read once and never changed.

    Each has a default, which stands in for a wrong value while the other options are checked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    title: ClassVar[str] = ""
    """What `docs/options.md` calls the group."""
    of_one_dataset: ClassVar[frozenset[str]] = frozenset()
    """Options that only the entry of a dataset takes: no value of the stack stands behind them."""

    @classmethod
    def is_of_stack(cls, key: str) -> bool:
        """Whether the stack has a value of the option, which the engine hands over in any case."""
        return key in cls.model_fields and key not in cls.of_one_dataset

    @classmethod
    def type_of(cls, key: str) -> OptionType | None:
        """Return the type of an option, None where there is no such option."""
        metadata = cls.model_fields[key].metadata if key in cls.model_fields else ()
        return next((item for item in metadata if isinstance(item, OptionType)), None)
