"""What is computed of a line once, beside its columns: typed values, and whether one look proves it plain."""

from collections.abc import Collection
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract, Rule
from etl.contract.types import plain_form
from etl.gate.onepass.observations import apart
from etl.gate.onepass.time_patterns import enough
from etl.sources.casting import typed
from etl.sources.line_regex import PRESENT, Plain, is_plain

TYPED = "_typed_"
MANY = 20  # columns of the lines, a dozen of the contract among them: about 300 bytes of compiled code each
PATTERN, THERE = "expect_column_values_to_match_regex", "expect_column_values_to_not_be_null"
TIME = "expect_column_values_to_match_strftime_format"


@dataclass(frozen=True)
class Beside:
    """What stands beside the lines of a contract: `types` of the text columns that are typed, and what proves a line plain."""

    types: dict[str, str]
    plain: Plain

    @classmethod
    def of(cls, contract: Contract, output: Contract, handed: Collection[str]) -> "Beside":
        """Return what the rules of both contracts take more than once, or take a regular expression each for.

        `handed` are the text columns that the transform hands on: what the output asks of them it asks of the line.
        """
        declared = {column.name: column.type for column in output.columns}
        text = [column.name for column in contract.columns if column.type == "string"]
        types = {name: declared[name] for name in text if declared.get(name, "string") != "string"}
        forms = [(name, form) for name, type_ in types.items() if (form := plain_form(type_))]
        later = [(name, pattern) for name, pattern in patterns(output) if name in handed]
        known = [*forms, *patterns(contract), *later]
        return cls(types, Plain.of(contract.names, known if contract.format == "csv" else []))

    def on(self, lines: DataFrame) -> DataFrame:
        """Return the lines with it."""
        own = {f"{TYPED}{name}": typed(name, declared) for name, declared in self.types.items()}
        return (apart(lines) if len(lines.columns) > MANY else lines).withColumns(own) if own else lines

    def value(self, name: str) -> Column:
        """Return the typed value of a column; one that is not typed has its own."""
        return F.col(f"{TYPED}{name}" if name in self.types else name)

    def proves(self, column: str, pattern: str) -> bool:
        """Say whether a plain line's value of the column matches a pattern, or is there (`PRESENT`)."""
        return (column, pattern) in self.plain.patterns


def patterns(contract: Contract) -> list[tuple[str, str]]:
    """Return what each column's values must match, and which must be there."""
    return [(rule.columns[0], pattern) for rule in contract.rules if (pattern := _pattern(rule)) is not None]


def _pattern(rule: Rule) -> str | None:
    """Return what is enough for the rule's column to match; None for other rules, and such as rows of a good day may break."""
    if rule.severity == "warning" or rule.kwargs.get("mostly", 1) != 1 or "row_condition" in rule.kwargs:
        return None
    if rule.type == PATTERN:
        return rule.kwargs["regex"] if is_plain(rule.kwargs["regex"]) else None
    if rule.type == TIME:
        return enough(rule.kwargs["strftime_format"])
    return PRESENT if rule.type == THERE else None


def carried(columns: Collection[str]) -> list[str]:
    """Return those of a frame's columns that are typed values."""
    return [name for name in columns if name.startswith(TYPED)]
