"""What `meta.history` must agree on with the suite that has it: columns, names, and the rules that use its bounds."""

import re
from collections.abc import Iterator
from typing import Any

from etl.contract.column_paths import root_of
from etl.contract.faults import Fault, did_you_mean, short_repr
from etl.contract.field_kinds import NAME
from etl.contract.history import DEFAULT_AT_LEAST, DEFAULT_LAST, HistoryFigure, HistoryMetric, HistoryUnit
from etl.contract.model import Contract
from etl.contract.run_parameters import BOUND_ARGUMENTS, PARAMETERS, is_strict, parameter_names
from etl.contract.types import Family, family_of
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.suite_paths import PlacedFault
from etl.contract.validation.values import FaultPairs
from etl.contract.vocabulary import VOCABULARY

KEY = "history"


def history_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong between a suite's bounds from earlier runs, its columns and its rules."""
    uses = _uses_by_name(sound)
    for name, bound in sound.meta.get(KEY, {}).items():
        for key, problem, remedy in (
            *_name_faults(name),
            *_column_faults(name, bound, sound),
            *_figure_faults(name, bound),
            *_usage_faults(name, uses.get(name, set())),
        ):
            yield PlacedFault(("meta", KEY, name, key), problem, remedy)


def _uses_by_name(sound: SoundSuite) -> dict[str, set[str]]:
    """Return the arguments that name a parameter, by its name; `strict min_value` where the bound itself is refused."""
    uses: dict[str, set[str]] = {}
    for rule in sound.rules:
        kwargs = rule.get("kwargs", {})
        for argument, name in parameter_names(kwargs).items():
            uses.setdefault(name, set()).add(f"strict {argument}" if is_strict(kwargs, argument) else argument)
    return uses


def _name_faults(name: str) -> Iterator[tuple[str, str, str]]:
    if name in PARAMETERS:
        yield "", f"meta.history names {name!r}, which each run gives already", "give the bound another name"
    elif not re.fullmatch(NAME, name):
        yield "", f"meta.history names {short_repr(name)}", "write a name such as rows_low, in lower case"


def _column_faults(name: str, bound: dict[str, Any], sound: SoundSuite) -> Iterator[tuple[str, str, str]]:
    metric, column = _metric_of(bound), bound.get("column", "")
    if metric is None:
        return
    place, columns = f"meta.{KEY}.{name}", f"meta.columns has {', '.join(sound.columns)}"
    if not metric.takes_column:
        if column:
            yield "column", f"{place} has metric {metric}, which is about no column", "drop column"
    elif not column:
        yield "column", f"{place} has metric {metric} and no column", f"add column; {columns}"
    elif column not in sound.columns:
        if root_of(column) in sound.columns and root_of(column) != column:
            remedy = "let the transform make a column of it"
            yield "column", f"{place}.column is {column!r}, and history is kept of whole columns", remedy
            return
        remedy = f"{did_you_mean(column, sound.columns)}{columns}"
        yield "column", f"{place}.column is {short_repr(column)}, which is not declared", remedy
    else:
        yield from _type_faults(place, metric, column, sound)


def _type_faults(place: str, metric: HistoryMetric, column: str, sound: SoundSuite) -> Iterator[tuple[str, str, str]]:
    declared, family = sound.columns[column], family_of(sound.columns[column])
    if metric.takes_numbers and family not in (None, Family.NUMBER):
        is_text = family is Family.TEXT
        remedy = "declare the bound in the output, where the column is typed" if is_text else "name a column of numbers"
        yield "column", f"{place} has metric {metric} of {column!r}, which is {declared}", remedy
    elif metric is HistoryMetric.DISTINCT_COUNT and family is Family.NESTED:
        remedy = "let the transform make a column of a value within it"
        yield "column", f"{place} has metric {metric} of {column!r}, which is {declared}", remedy
    if metric.shows_values and any(
        entry.get("name") == column and entry.get("pii") for entry in sound.entries("columns")
    ):
        yield "column", *_personal_fault(place, metric, column)


def _personal_fault(place: str, metric: HistoryMetric, column: str) -> tuple[str, str]:
    return (
        f"{place} has metric {metric} of {column!r}, whose values are about persons and would stand in the results",
        f"use {HistoryMetric.NULL_SHARE} or {HistoryMetric.DISTINCT_COUNT}, which tell no value",
    )


def _figure_faults(name: str, bound: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    place, metric = f"meta.{KEY}.{name}", _metric_of(bound)
    last, least = bound.get("last", DEFAULT_LAST), bound.get("at_least", DEFAULT_AT_LEAST)
    if least > last:
        yield "at_least", f"{place} asks for at least {least} runs of the last {last}", "raise last, or lower at_least"
    if bound.get("deviations") and bound.get("of", HistoryFigure.MEDIAN) != HistoryFigure.MEAN:
        figure = short_repr(bound.get("of", str(HistoryFigure.MEDIAN)))
        yield "deviations", f"{place} adds deviations to of {figure}", 'write "of": "mean", or drop deviations'
    if bound.get("per") == HistoryUnit.DAY and metric and not metric.has_days:
        remedy = 'drop per, and where a day has several runs, "start": "arrival", choose another metric'
        yield "per", f"{place} has metric {metric} per day, which the runs of a day do not tell", remedy


def _usage_faults(name: str, arguments: set[str]) -> Iterator[tuple[str, str, str]]:
    place = f"meta.{KEY}.{name}"
    if not arguments:
        use = f'write {{"$PARAMETER": "{name}"}} as min_value or max_value of a rule of this suite'
        yield "", f"{place} is a bound that no rule of the suite uses", f"{use}, or drop it"
    elif len(arguments) > 1:
        yield "", f"{place} is a {' and a '.join(sorted(arguments, key=_use_order))}", "declare a bound for each"


def _use_order(use: str) -> tuple[int, str]:
    """Return by what uses of a bound are listed: the lower bounds first."""
    return BOUND_ARGUMENTS.index(use.removeprefix("strict ")), use


def history_use_faults(rule: dict[str, Any], sound: SoundSuite) -> FaultPairs:
    """Yield why a rule cannot be bounded by what its arguments name in `meta.history`."""
    kind, kwargs = rule.get("type", ""), rule.get("kwargs", {})
    for argument, name in parameter_names(kwargs).items():
        bound = sound.meta.get(KEY, {}).get(name)
        metric = _metric_of(bound or {})
        if bound is None or metric is None or name in PARAMETERS:
            continue
        place, column = f"{argument} is {name}", bound.get("column", "")
        if kind not in metric.rule_types:
            yield f"{place}, a {metric}, which it does not compare with", f"it bounds {', '.join(metric.rule_types)}"
        elif metric.takes_column and kwargs.get("column") != column:
            yield (
                f"{place}, which is of {column!r}, and it judges {short_repr(kwargs.get('column'))}",
                "name one column",
            )
        elif kwargs.get("row_condition") is not None and not VOCABULARY[kind].judges.is_row:
            yield (
                f"{place}, which is of all rows, and row_condition takes some",
                "drop row_condition, or write a number",
            )


def history_pair_faults(input_contract: Contract, output_contract: Contract) -> Iterator[Fault]:
    """Yield what is wrong between the histories of a dataset's suites, and what is personal in either."""
    for name in sorted(input_contract.history.keys() & output_contract.history.keys()):
        yield Fault(
            f"meta.history of the input and of the output both name {name!r}, and a verdict tells bounds by name",
            "give one of them another name",
        )
    personal = {
        column.name for contract in (input_contract, output_contract) for column in contract.columns if column.pii
    }
    for contract in (input_contract, output_contract):
        marked = {column.name for column in contract.columns if column.pii}
        for name, bound in contract.history.items():
            if bound.metric.shows_values and bound.column in personal - marked:
                problem, remedy = _personal_fault(
                    f"meta.{KEY}.{name} of the {contract.stage}", bound.metric, bound.column
                )
                yield Fault(problem, remedy)


def _metric_of(bound: dict[str, Any]) -> HistoryMetric | None:
    metric = bound.get("metric")
    return HistoryMetric(metric) if metric in tuple(HistoryMetric) else None
