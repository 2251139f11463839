"""A contract's rules in the few kinds that every peer has a check for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, assert_never

from etl.contract.model import Contract, Rule
from etl.contract.types import ColumnType, Family
from etl.contract.vocabulary import UNIQUE_TYPES

KINDS = {
    "expect_column_values_to_not_be_null": "present",
    "expect_column_values_to_match_regex": "pattern",
    "expect_column_values_to_be_in_set": "set",
    "expect_column_values_to_be_between": "range",
    "expect_column_value_lengths_to_be_between": "length",
    "expect_table_row_count_to_be_between": "rows",
    **dict.fromkeys(UNIQUE_TYPES, "unique"),
}
PLAIN_ARGUMENTS = {"column", "column_list", "regex", "value_set", "min_value", "max_value"}


@dataclass(frozen=True)
class PlainRule:
    """One rule: its id, kind and columns; `values` are the pattern, the set, or the two ends (None where open)."""

    rule: str
    kind: str
    columns: tuple[str, ...]
    values: tuple[Any, ...]


def plain_rules(contract: Contract, parameters: dict[str, Any]) -> list[PlainRule]:
    """Return the contract's rules, each plain.

    Raises:
        KeyError: `untranslatable_rules` names rules.
    """
    types = {column.name: column.type for column in contract.columns}
    return [_plain_rule(rule, types, parameters) for rule in contract.rules]


def untranslatable_rules(contract: Contract) -> list[str]:
    """Return the rules that are of no plain kind: a peer without the library's own engine is left out for them."""
    return [f"{rule.rule} ({rule.type})" for rule in contract.rules if not _is_plain(rule)]


def _is_plain(rule: Rule) -> bool:
    return rule.type in KINDS and not rule.kwargs.keys() - PLAIN_ARGUMENTS


def _plain_rule(rule: Rule, types: Mapping[str, ColumnType], parameters: dict[str, Any]) -> PlainRule:
    kwargs, kind = rule.kwargs, KINDS[rule.type]
    if kind == "pattern":
        return PlainRule(rule.rule, kind, rule.columns, (kwargs["regex"],))
    if kind == "set":
        return PlainRule(rule.rule, kind, rule.columns, tuple(kwargs["value_set"]))
    ends = [_resolve_parameter(kwargs.get(name), parameters) for name in ("min_value", "max_value")]
    if kind == "range":
        ends = [_range_end(types[rule.columns[0]].family, end) for end in ends]
    return PlainRule(rule.rule, kind, rule.columns, tuple(ends))


def _range_end(family: Family, end: Any) -> Any:
    """Return the end of a range as the peers compare it with values of a family."""
    match family:
        case Family.DATE:
            return end and date.fromisoformat(end)
        case (
            Family.TEXT
            | Family.NUMBER
            | Family.BOOLEAN
            | Family.INSTANT
            | Family.LOCAL_TIME
            | Family.BINARY
            | Family.NESTED
        ):
            return end
        case _:
            assert_never(family)


def _resolve_parameter(value: Any, parameters: dict[str, Any]) -> Any:
    return parameters[value["$PARAMETER"]] if isinstance(value, dict) else value


def rules_of_kind(rules: Iterable[PlainRule], *kinds: str) -> list[PlainRule]:
    """Return those of the rules that are of one of the kinds."""
    return [rule for rule in rules if rule.kind in kinds]
