"""A contract's rules as quality rules of the Open Data Contract Standard 3.1, and what of them its properties can state.

A rule becomes a metric of the standard's library where that metric says exactly the same, else a query (`sql`) that counts
what breaks it, beside its expectation as a custom property. Any other keeps its whole expectation as `custom`, for the engine
`greatExpectations`, or for `sluice` where it judges each element of a list or has a bound from earlier runs.
"""

from dataclasses import asdict
from enum import StrEnum
from typing import Any, assert_never

from etl.contract.column_paths import has_elements
from etl.contract.history import HistoryBound
from etl.contract.model import ColumnSpec, Rule
from etl.contract.types import Family
from sluice.contracts.export.odcs_metrics import (
    Plain,
    count_bounds,
    holds_everywhere,
    metric_expectation,
    standard_metric,
)
from sluice.contracts.export.odcs_sql import Types, count_query
from sluice.contracts.rule_words import in_words

BETWEEN = "expect_column_values_to_be_between"
LENGTHS = "expect_column_value_lengths_to_be_between"
LENGTH = "expect_column_value_lengths_to_equal"
EXPECTATION = "expectation"
"""The custom property of a rule that has it as the contract does, where its metric or query does not say all of that."""


def quality_rule(rule: Rule, types: Types) -> Plain:
    """Return a rule as a quality rule: its id as name, its sentence, its reason as the impact of breaking it.

    `types` are those of the declared columns.
    """
    head = {"name": rule.rule, "description": f"{in_words(rule)}.", "businessImpact": rule.why}
    check = rule_check(rule, types)
    custom_properties = _custom_properties(rule, check)
    tail = {"severity": str(rule.severity), **({"customProperties": custom_properties} if custom_properties else {})}
    return {**head, **check, **tail}


def runs_elsewhere(rule: Rule, types: Types) -> bool:
    """Say whether another tool can judge a rule: by a metric of the standard, or by SQL."""
    return "implementation" not in rule_check(rule, types)


def rule_check(rule: Rule, types: Types) -> Plain:
    """Return what of a quality rule demands something: its metric, its query or its implementation."""
    if metric := standard_metric(rule):
        return metric
    if query := count_query(rule, types):
        return {"type": "sql", "query": query, "mustBe": 0}
    return _custom_rule(rule)


def _custom_properties(rule: Rule, check: Plain) -> list[Plain]:
    expectation = {"type": rule.type, "kwargs": rule.kwargs}
    column = rule.columns[0] if len(rule.columns) == 1 else None
    is_said = "implementation" in check or metric_expectation(check, column) == expectation
    values = {EXPECTATION: None if is_said else expectation, "counterexample": rule.counterexample}
    return [{"property": name, "value": value} for name, value in values.items() if value]


def states_rule(rule: Rule, kind: str) -> bool:
    """Say whether a rule of this kind holds of every row, or the run fails: then a property may state it."""
    return rule.type == kind and rule.severity.stops_run and holds_everywhere(rule)


def type_options(column: ColumnSpec, rules: list[Rule]) -> Plain:
    """Return what the standard knows of a column's values: whether times are moments, and bounds that hold of every row."""
    bounds: Plain = {"timezone": column.type.family is Family.INSTANT} if column.type.family.is_time else {}
    for rule in rules:
        if states_rule(rule, BETWEEN):
            bounds |= _value_bounds(rule, column.type.family)
        elif column.type.is_text and states_rule(rule, LENGTHS):
            low, high = count_bounds(rule)
            bounds |= {name: end for name, end in (("minLength", low), ("maxLength", high)) if end is not None}
        elif column.type.is_text and states_rule(rule, LENGTH):
            bounds |= {"minLength": rule.kwargs["value"], "maxLength": rule.kwargs["value"]}
    return bounds


def _value_bounds(rule: Rule, family: Family) -> Plain:
    bounds: Plain = {}
    for end in ("min", "max"):
        value = rule.kwargs.get(f"{end}_value")
        if _is_standard_bound(value, family):
            bounds[f"exclusive{end.title()}imum" if rule.kwargs.get(f"strict_{end}") else f"{end}imum"] = value
    return bounds


def _is_standard_bound(value: Any, family: Family) -> bool:
    """Say whether the standard's properties can state a bound: a value of the family, and no parameter of a run."""
    match family:
        case Family.NUMBER:
            return isinstance(value, int | float)
        case Family.DATE | Family.INSTANT | Family.LOCAL_TIME:
            return isinstance(value, str)
        case Family.TEXT | Family.BOOLEAN | Family.BINARY | Family.NESTED:
            return False
        case _:
            assert_never(family)


def _custom_rule(rule: Rule) -> Plain:
    is_ours = rule.history or any(map(has_elements, rule.columns))
    history = {"history": {name: _bound_options(bound) for name, bound in rule.history.items()}} if rule.history else {}
    return {
        "type": "custom",
        "engine": "sluice" if is_ours else "greatExpectations",
        "implementation": {"type": rule.type, "kwargs": rule.kwargs, **history},
    }


def _bound_options(bound: HistoryBound) -> Plain:
    """Return a bound from earlier runs as plain data."""
    return {key: str(value) if isinstance(value, StrEnum) else value for key, value in asdict(bound).items()}
