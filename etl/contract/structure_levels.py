"""`meta.structure` of an input of files: what a line does that is no row, holds no text, or whose value is none of its type."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self, assert_never

from pydantic import ConfigDict, Field, GetPydanticSchema

from etl.contract.field_kinds import STRICT
from etl.contract.severity import Severity


class StructureLevel(StrEnum):
    """What a line does that breaks a rule on the structure of lines.

    Members:
        CRITICAL: the run fails.
        WARNING: the line goes aside with its raw text.
    """

    CRITICAL = "critical"
    WARNING = "warning"

    @property
    def severity(self) -> Severity:
        """The severity of the rule."""
        match self:
            case StructureLevel.CRITICAL:
                return Severity.CRITICAL
            case StructureLevel.WARNING:
                return Severity.WARNING
            case _:
                assert_never(self)


Level = Annotated[StructureLevel, GetPydanticSchema(lambda _, handler: handler(StructureLevel))]


@dataclass(frozen=True, kw_only=True)
class StructureLevels:
    """The level of each rule of `structure` that a single line breaks; others are always critical."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    row: Annotated[
        Level, Field(description="of a line that is no well-formed row of the declared columns", examples=["warning"])
    ] = StructureLevel.CRITICAL
    text: Annotated[
        Level, Field(description="of a line with control characters, or bytes that are no text", examples=["warning"])
    ] = StructureLevel.CRITICAL
    cast: Annotated[
        Level, Field(description="of a line with a text that is no value of its column's type", examples=["warning"])
    ] = StructureLevel.CRITICAL

    def __post_init__(self) -> None:
        """Take a suite's texts too.

        Raises:
            ValueError: one of them is no level.
        """
        for rule in fields(self):
            object.__setattr__(self, rule.name, StructureLevel(getattr(self, rule.name)))

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Return what a suite has, or levels that are there already.

        Raises:
            TypeError: it has another key.
            ValueError: a level is none.
        """
        return value if isinstance(value, cls) else cls(**value)

    @property
    def levels(self) -> dict[str, StructureLevel]:
        """The level by the rule's name."""
        return {rule.name: getattr(self, rule.name) for rule in fields(self)}

    @property
    def warnings(self) -> tuple[str, ...]:
        """The rules whose lines go aside."""
        return tuple(rule for rule, level in self.levels.items() if level.severity.quarantines_rows)

    def severity_of(self, rule_name: str) -> Severity:
        """Return the severity of a structure rule, named as in its id: `row`, `cast.quantity`, `header`."""
        level = self.levels.get(rule_name.partition(".")[0], StructureLevel.CRITICAL)
        return level.severity


ALL_CRITICAL = StructureLevels()
"""Each line that breaks a rule of structure fails the run."""
