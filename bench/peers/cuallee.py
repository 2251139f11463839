"""cuallee: row rules observed in a count, uniqueness in a second query."""

from functools import partial
from importlib import import_module
from typing import Any

from pyspark.sql import DataFrame

from bench.peers import gate_variants
from bench.rules import PlainRule, plain_rules, rules_of_kind
from etl.contract.model import Contract


def judge_frame(frame: DataFrame, contract: Contract, parameters: dict[str, Any]) -> set[str]:
    """Return the rules that the library finds broken; it has none on the number of rows, but tells that number."""
    from cuallee import Check, CheckLevel  # noqa: PLC0415  # pyright: ignore

    rules = plain_rules(contract, parameters)
    check: Any = Check(CheckLevel.ERROR, contract.stage)
    by_key: dict[str, str] = {}
    for rule in rules:
        earlier_keys = set(check.keys)
        _add_check(check, rule)
        by_key |= {key: rule.rule for key in check.keys if key not in earlier_keys}
    check.validate(frame)
    broken = {by_key[rule.key] for rule in check.rules if rule.status != "PASS"}
    return broken | {rule.rule for rule in rules_of_kind(rules, "rows") if not _is_within(check.rows, *rule.values)}


def _add_check(check: Any, rule: PlainRule) -> None:
    column = rule.columns[0] if rule.columns else ""
    match rule.kind:
        case "present":
            check.is_complete(column)
        case "pattern":
            check.has_pattern(column, rule.values[0])
        case "set":
            check.is_contained_in(column, rule.values)
        case "unique":
            check.is_unique(column) if len(rule.columns) == 1 else check.are_unique(list(rule.columns))
        case "range" if None not in rule.values:
            check.is_between(column, rule.values)
        case "range" | "length":  # its one-sided checks take numbers only
            check.satisfies(column, _bounds_condition(f"length({column})" if rule.kind == "length" else column, rule))


def _bounds_condition(expression: str, rule: PlainRule) -> str:
    low, high = (None if end is None else f"'{end}'" for end in rule.values)
    return " AND ".join(
        [f"{expression} >= {low}"] * (low is not None) + [f"{expression} <= {high}"] * (high is not None)
    )


def _is_within(rows: int, low: int | None, high: int | None) -> bool:
    return (low is None or rows >= low) and (high is None or rows <= high)


HOW = "one `Check` a stage; a null breaks its pattern, set and range rules too"
LIBRARY = partial(import_module, "cuallee.pyspark_validation")
VARIANTS = gate_variants("cuallee", "cuallee", HOW, judge_frame, libraries=LIBRARY, package="cuallee")
