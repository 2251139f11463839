"""pandera's own backend for Spark: a query a check, each stopped at the first row that breaks it."""

from functools import partial
from importlib import import_module
from typing import Any

from pyspark.sql import DataFrame

from bench.peers import gate_variants
from bench.rules import PlainRule, plain_rules, rules_of_kind
from etl.contract.model import Contract


def judge_frame(frame: DataFrame, contract: Contract, parameters: dict[str, Any]) -> set[str]:
    """Return the rules that the library finds broken; its report names them by each check's `error`."""
    import pandera.pyspark as pa  # noqa: PLC0415  # pyright: ignore

    rules = plain_rules(contract, parameters)
    [key] = [rule.columns for rule in rules_of_kind(rules, "unique")] or [None]
    columns: dict[str, Any] = {}
    for name in {column for rule in rules if rule.kind != "unique" for column in rule.columns}:
        column_rules = [rule for rule in rules if rule.columns == (name,)]
        checks = [_pandera_check(pa, rule) for rule in column_rules if rule.kind not in {"present", "unique"}]
        nullable = not rules_of_kind(column_rules, "present")
        columns[name] = pa.Column(frame.schema[name].dataType, checks, nullable=nullable)
    unique = list(key) if key else None
    report = pa.DataFrameSchema(columns, unique=unique).validate(frame)
    error_records = [record for kind in report.pandera.errors.values() for errors in kind.values() for record in errors]
    broken = {rule for record in error_records if (rule := _broken_rule(record, rules))}
    return broken | {rule.rule for rule in rules_of_kind(rules, "rows") if not _is_within(frame.count(), *rule.values)}


def _pandera_check(pa: Any, rule: PlainRule) -> Any:
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


def _broken_rule(record: dict[str, Any], rules: list[PlainRule]) -> str:
    if record["check"] == "not_nullable":
        return next(rule.rule for rule in rules_of_kind(rules, "present") if rule.columns == (record["column"],))
    named = [rule.rule for rule in rules if rule.rule in (record["check"], record["error"])]
    return next(iter(named or [rule.rule for rule in rules_of_kind(rules, "unique")]))


def _is_within(rows: int, low: int | None, high: int | None) -> bool:
    return (low is None or rows >= low) and (high is None or rows <= high)


HOW = "one `DataFrameSchema` a stage"
LIBRARY = partial(import_module, "pandera.pyspark")
VARIANTS = gate_variants("pandera", "pandera", HOW, judge_frame, keep=True, libraries=LIBRARY, package="pandera")
