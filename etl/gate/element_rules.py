"""Rules about the elements of lists, such as `lines[].quantity`: a row holds one where each of its elements does.

Great Expectations judges columns. So it gets a column that has a row's first element that breaks the rule, null where none
does; of a rule against null a column that is null where an element is. Whether an element breaks a rule is told here, as the
library tells it of a value.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from hashlib import md5
from operator import and_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.column_paths import EACH, has_elements, root_of, steps_of, types_within
from etl.contract.model import Rule
from etl.gate.library_arguments import library_arguments

NOT_NULL = "expect_column_values_to_not_be_null"


def is_element_rule(rule: Rule) -> bool:
    """Say whether a rule is about the elements of a list."""
    return len(rule.columns) == 1 and has_elements(rule.columns[0])


def element_key(rule: Rule) -> tuple[str, str, None]:
    """Return the key of the observation whether a row breaks a rule about elements."""
    return ("elements", rule.rule, None)


def frame_types(frame: DataFrame) -> dict[str, str]:
    """Return the types of a frame's columns, and by path of what is within them."""
    types = dict(frame.dtypes)
    return {**types, **types_within(types)}


def elements_at(path: str) -> Column:
    """Return the elements that a path leads to as one list, null where there is none."""
    column, is_list = F.col(f"`{root_of(path)}`"), False
    for step in steps_of(path):
        if step != EACH:
            column = column.getField(step)  # of a list: a list of its elements' fields
        elif is_list:
            column = F.flatten(F.filter(column, lambda inner: inner.isNotNull()))
        else:
            is_list = True
    return column


def breaks_rule(frame: DataFrame, rule: Rule, parameters: Mapping[str, Any]) -> Column:
    """Return where a row of a frame has an element that breaks a rule; never null."""
    kwargs = _arguments(frame, rule, parameters)
    broken = F.exists(elements_at(rule.columns[0]), lambda element: _is_broken(rule.type, kwargs, element))
    return F.coalesce(broken, F.lit(False))


def first_broken(frame: DataFrame, rule: Rule, parameters: Mapping[str, Any]) -> Column:
    """Return a row's first element that breaks a rule; of a rule against null, true where no element is null."""
    if rule.type == NOT_NULL:
        return F.when(~breaks_rule(frame, rule, parameters), F.lit(True))
    kwargs = _arguments(frame, rule, parameters)
    return F.get(F.filter(elements_at(rule.columns[0]), lambda element: _is_broken(rule.type, kwargs, element)), 0)


def judged_columns(frame: DataFrame, rule: Rule, parameters: Mapping[str, Any]) -> list[Column]:
    """Return what a rule judges of a row: values of columns, or the first element that breaks it."""
    if is_element_rule(rule):
        return [first_broken(frame, rule, parameters)]
    return [F.col(".".join(f"`{part}`" for part in path.split("."))) for path in rule.columns]


def with_broken_elements(
    frame: DataFrame, rules: Sequence[Rule], parameters: Mapping[str, Any]
) -> tuple[DataFrame, dict[str, str]]:
    """Return a frame with a column for each rule about elements, which the library can judge; its name by the rule's id."""
    chosen = [rule for rule in rules if is_element_rule(rule)]
    names = {rule.rule: _elements_name(rule) for rule in chosen}
    columns = {names[rule.rule]: first_broken(frame, rule, parameters) for rule in chosen}
    return (frame.withColumns(columns) if columns else frame), names


def _elements_name(rule: Rule) -> str:
    """Return the same name for a rule whatever others are judged with it: numbers are kept by it (`recording_metrics`)."""
    return f"_elements_{md5(rule.rule.encode(), usedforsecurity=False).hexdigest()[:16]}"


def _arguments(frame: DataFrame, rule: Rule, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's arguments as the library compares values with them."""
    kwargs = library_arguments(rule.type, rule.kwargs, lambda: frame_types(frame))
    return {
        name: parameters[value["$PARAMETER"]] if isinstance(value, dict) and "$PARAMETER" in value else value
        for name, value in kwargs.items()
    }


def _is_broken(kind: str, kwargs: Mapping[str, Any], element: Column) -> Column:
    """Return where an element breaks an expectation; one that is null breaks that against null alone."""
    match kind:
        case "expect_column_values_to_not_be_null":
            return element.isNull()
        case "expect_column_values_to_be_between":
            holds = _is_within(element, kwargs)
        case "expect_column_value_lengths_to_be_between":
            holds = _is_within(F.length(element), kwargs)
        case "expect_column_value_lengths_to_equal":
            holds = F.length(element) == kwargs["value"]
        case "expect_column_values_to_be_in_set":
            holds = element.isin(kwargs["value_set"])
        case "expect_column_values_to_match_regex":
            holds = element.rlike(kwargs["regex"])
        case _:
            raise ValueError(f"{kind} judges no elements of a list")
    return element.isNotNull() & ~F.coalesce(holds, F.lit(False))


def _is_within(value: Column, kwargs: Mapping[str, Any]) -> Column:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    parts: list[Column] = []
    if low is not None:
        parts.append(value > F.lit(low) if kwargs.get("strict_min") else value >= F.lit(low))
    if high is not None:
        parts.append(value < F.lit(high) if kwargs.get("strict_max") else value <= F.lit(high))
    return reduce(and_, parts)
