"""pandera's own backend for Spark: a query a check, each stopped at the first row that breaks it."""

from functools import partial
from importlib import import_module
from typing import Any

from pyspark.sql import DataFrame

from bench.peers import gates
from bench.rules import Plain, of_kind, plain
from etl.contract.model import Contract


def judge(frame: DataFrame, contract: Contract, parameters: dict[str, Any]) -> set[str]:
    """Return the rules that the library finds broken; its report names them by each check's `error`."""
    import pandera.pyspark as pa  # noqa: PLC0415  # pyright: ignore

    rules = plain(contract, parameters)
    [key] = [rule.columns for rule in of_kind(rules, "unique")] or [None]
    columns: dict[str, Any] = {}
    for name in {column for rule in rules if rule.kind != "unique" for column in rule.columns}:
        own = [rule for rule in rules if rule.columns == (name,)]
        checks = [_check(pa, rule) for rule in own if rule.kind not in {"present", "unique"}]
        nullable = not of_kind(own, "present")
        columns[name] = pa.Column(frame.schema[name].dataType, checks, nullable=nullable)
    unique = list(key) if key else None
    found = pa.DataFrameSchema(columns, unique=unique).validate(frame)
    told = [one for kind in found.pandera.errors.values() for errors in kind.values() for one in errors]
    broken = {rule for one in told if (rule := _rule(one, rules))}
    return broken | {rule.rule for rule in of_kind(rules, "rows") if not _within(frame.count(), *rule.values)}


def _check(pa: Any, rule: Plain) -> Any:
    if rule.kind == "pattern":
        return pa.Check.str_matches(rule.values[0], error=rule.rule)
    if rule.kind == "set":
        return pa.Check.isin(rule.values, error=rule.rule)
    if rule.kind == "length":
        return pa.Check.str_length(*rule.values, error=rule.rule)
    low, high = rule.values
    if low is None or high is None:
        return pa.Check.le(high, error=rule.rule) if low is None else pa.Check.ge(low, error=rule.rule)
    return pa.Check.in_range(low, high, error=rule.rule)


def _rule(told: dict[str, Any], rules: list[Plain]) -> str:
    if told["check"] == "not_nullable":
        return next(rule.rule for rule in of_kind(rules, "present") if rule.columns == (told["column"],))
    named = [rule.rule for rule in rules if rule.rule in (told["check"], told["error"])]
    return next(iter(named or [rule.rule for rule in of_kind(rules, "unique")]))


def _within(rows: int, low: int | None, high: int | None) -> bool:
    return (low is None or rows >= low) and (high is None or rows <= high)


HOW = "one `DataFrameSchema` a stage"
LIBRARY = partial(import_module, "pandera.pyspark")
VARIANTS = gates("pandera", "pandera", HOW, judge, keep=True, libraries=LIBRARY, package="pandera")
