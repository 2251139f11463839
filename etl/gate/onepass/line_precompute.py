"""What is computed of a line once, beside its columns: typed values, and whether one look proves it plain."""

from collections.abc import Collection
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract, Rule
from etl.contract.types import ColumnType
from etl.contract.value_forms import plain_text_form
from etl.gate.onepass.time_patterns import sufficient_pattern
from etl.sources.casting import cast_to_declared
from etl.sources.compiled_parts import MANY_COLUMNS, codegen_barrier
from etl.sources.csv_syntax import CsvSyntax
from etl.sources.line_regex import PRESENT, LineRegex, is_plain
from etl.sources.plain_json import STRINGS, json_line_regex
from etl.sources.plain_rows import TEXTS, row_regex

TYPED = "_typed_"
MATCH_REGEX, NOT_NULL = "expect_column_values_to_match_regex", "expect_column_values_to_not_be_null"
MATCH_STRFTIME = "expect_column_values_to_match_strftime_format"


@dataclass(frozen=True)
class LinePrecompute:
    """What stands beside the lines of a contract.

    Attributes:
        types: of the text columns that are typed.
        line_regex: what proves a line plain.
        is_apart: whether the reader has its columns compiled apart from its lines already.
    """

    types: dict[str, ColumnType]
    line_regex: LineRegex
    is_apart: bool = False

    @classmethod
    def for_contracts(cls, contract: Contract, output: Contract) -> "LinePrecompute":
        """Return what the rules of the input take more than once, or take a regular expression each for.

        `output` declares the types of the columns.
        """
        declared = {column.name: column.type for column in output.columns}
        text = [column.name for column in contract.columns if column.type.is_text]
        types = {name: declared[name] for name in text if name in declared and not declared[name].is_text}
        forms = [(name, form) for name, type_ in types.items() if (form := type_.plain_form)]
        if contract.format.is_columnar:
            return cls(types, row_regex(contract, forms, required_patterns(contract, TEXTS)))
        if not contract.format.is_text:
            return cls(types, LineRegex())
        is_csv, contract = contract.format.is_positional, contract.as_file_contents()
        syntax = CsvSyntax.from_dialect(contract.dialect) if is_csv else STRINGS
        forms = [(name, form) for name, form in forms if name in contract.names]
        read_forms = [(column.name, form) for column in contract.input_columns if (form := plain_text_form(column))]
        # A form that matches what is plain alone leaves no line in doubt for a value.
        plain_forms = [(name, form) for name, form in read_forms if is_plain(form, syntax)]
        patterns = [*plain_forms, *required_patterns(contract, syntax)]
        if not is_csv:
            return cls(types, json_line_regex(contract, forms, patterns))
        nulls = contract.dialect.null_values
        line_regex = LineRegex.from_patterns(contract.names, [*forms, *patterns], syntax, nulls)
        return cls(types, line_regex, is_apart=not contract.dialect.takes_whole_files)

    def add_columns(self, lines: DataFrame) -> DataFrame:
        """Return the lines with it."""
        typed_columns = {f"{TYPED}{name}": cast_to_declared(name, declared) for name, declared in self.types.items()}
        if typed_columns and len(lines.columns) > MANY_COLUMNS and not self.is_apart:
            lines = codegen_barrier(lines)
        return lines.withColumns(typed_columns) if typed_columns else lines

    def typed_value(self, name: str) -> Column:
        """Return the typed value of a column; one that is not typed has its own."""
        return F.col(f"{TYPED}{name}" if name in self.types else name)

    def proves_pattern(self, column: str, pattern: str) -> bool:
        """Say whether a plain line's value of the column matches a pattern, or is there (`PRESENT`)."""
        return (column, pattern) in self.line_regex.patterns


def required_patterns(contract: Contract, syntax: CsvSyntax) -> list[tuple[str, str]]:
    """Return what each column's values must match, and which must be there."""
    has_markers = bool(contract.dialect.null_values)
    nullable = {column.name for column in contract.input_columns if has_markers or column.null_values}
    in_lines = {*contract.names}
    rules = [rule for rule in contract.rules if rule.columns and rule.columns[0] in in_lines]
    patterns = ((rule.columns[0], _required_pattern(rule, syntax)) for rule in rules)
    return [
        (name, pattern)
        for name, pattern in patterns
        # A text that stands for null is there in the line.
        if pattern is not None and not (pattern == PRESENT and name in nullable)
    ]


def _required_pattern(rule: Rule, syntax: CsvSyntax) -> str | None:
    """Return what is enough for the rule's column to match; None for other rules, and such as rows of a good day may break."""
    if rule.severity.quarantines_rows or rule.kwargs.get("mostly", 1) != 1 or "row_condition" in rule.kwargs:
        return None
    if rule.type == MATCH_REGEX:
        return rule.kwargs["regex"] if is_plain(rule.kwargs["regex"], syntax) else None
    if rule.type == MATCH_STRFTIME:
        return sufficient_pattern(rule.kwargs["strftime_format"])
    return PRESENT if rule.type == NOT_NULL else None


def typed_column_names(columns: Collection[str]) -> list[str]:
    """Return those of a frame's columns that are typed values."""
    return [name for name in columns if name.startswith(TYPED)]
