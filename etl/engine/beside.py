"""What is computed of a line once, beside its columns: typed values, and whether one look proves it plain."""

from collections.abc import Collection
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.casting import typed
from etl.columns import plain_form
from etl.contract import Contract
from etl.engine.plain import Plain
from etl.sources import LINE

TYPED, PLAIN = "_typed_", "_plain"
PATTERN = "expect_column_values_to_match_regex"


@dataclass(frozen=True)
class Beside:
    """What stands beside the lines of a contract: `types` of the text columns that are typed, and what proves a line plain."""

    types: dict[str, str]
    plain: Plain

    @classmethod
    def of(cls, contract: Contract, output: Contract) -> "Beside":
        """Return what the rules of both contracts take more than once, or take a regular expression each for."""
        declared = {column.name: column.type for column in output.columns}
        text = [column.name for column in contract.columns if column.type == "string"]
        types = {name: declared[name] for name in text if declared.get(name, "string") != "string"}
        forms = [(name, form) for name, type_ in types.items() if (form := plain_form(type_))]
        rules = [(rule.columns[0], str(rule.kwargs["regex"])) for rule in contract.rules if rule.type == PATTERN]
        return cls(types, Plain.of(contract.names, [*forms, *rules] if contract.format == "csv" else []))

    def on(self, lines: DataFrame) -> DataFrame:
        """Return the lines with it."""
        own = {f"{TYPED}{name}": typed(name, declared) for name, declared in self.types.items()}
        if self.plain.pattern:
            own[PLAIN] = F.col(LINE).rlike(self.plain.pattern)
        return lines.withColumns(own) if own else lines

    def value(self, name: str) -> Column:
        """Return the typed value of a column; one that is not typed has its own."""
        return F.col(f"{TYPED}{name}" if name in self.types else name)

    def unless_plain(self, column: str, pattern: str, mark: Column) -> Column:
        """Return a mark of values that do not match, not looked at where the whole line is known to."""
        return ~F.col(PLAIN) & mark if (column, pattern) in self.plain.patterns else mark

    def no_text(self, mark: Column) -> Column:
        """Return a mark of what is no text, not looked at in a plain line."""
        return ~F.col(PLAIN) & mark if self.plain.pattern else mark


def carried(columns: Collection[str]) -> list[str]:
    """Return those of a frame's columns that are typed values."""
    return [name for name in columns if name.startswith(TYPED)]
