"""Spark SQL as one would write it by hand: one query of counts a stage, and one for the key."""

from typing import Any

from pyspark.sql import DataFrame

from bench.peers import gate_variants
from bench.rules import PlainRule, plain_rules, rules_of_kind
from etl.contract.model import Contract
from etl.iceberg.schema import quote_literal


def judge_frame(frame: DataFrame, contract: Contract, parameters: dict[str, Any]) -> set[str]:
    """Return the rules that the queries find broken."""
    rules = plain_rules(contract, parameters)
    frame.createOrReplaceTempView("day")
    counted = [rule for rule in rules if rule.kind not in {"rows", "unique"}]
    counts = ", ".join(
        [
            "count(*) AS rows",
            *(f"count_if({violation_condition(rule)}) AS r{number}" for number, rule in enumerate(counted)),
        ]
    )
    counts_row = frame.sparkSession.sql(f"SELECT {counts} FROM day").collect()[0]  # noqa: S608
    broken = {rule.rule for number, rule in enumerate(counted) if counts_row[f"r{number}"]}
    broken |= {rule.rule for rule in rules_of_kind(rules, "rows") if not _is_within(counts_row["rows"], *rule.values)}
    return broken | {rule.rule for rule in rules_of_kind(rules, "unique") if _is_twice(frame, rule)}


def _is_twice(frame: DataFrame, rule: PlainRule) -> bool:
    key = ", ".join(f"`{name}`" for name in rule.columns)
    is_present = " AND ".join(f"`{name}` IS NOT NULL" for name in rule.columns)
    twice = f"SELECT 1 FROM day WHERE {is_present} GROUP BY {key} HAVING count(*) > 1 LIMIT 1"  # noqa: S608
    return bool(frame.sparkSession.sql(twice).collect())


def violation_condition(rule: PlainRule) -> str:
    """Return the condition that holds for a row that breaks the rule; nulls break only `present`."""
    column = f"`{rule.columns[0]}`"
    if rule.kind == "present":
        return f"{column} IS NULL"
    if rule.kind == "pattern":
        return f"NOT {column} RLIKE {quote_literal(rule.values[0])}"
    if rule.kind == "set":
        return f"{column} NOT IN ({', '.join(map(_sql_literal, rule.values))})"
    expression = f"length({column})" if rule.kind == "length" else column
    low, high = rule.values
    ends = [f"{expression} < {_sql_literal(low)}"] * (low is not None) + [f"{expression} > {_sql_literal(high)}"] * (
        high is not None
    )
    return " OR ".join(ends)


def _sql_literal(value: Any) -> str:
    return repr(value) if isinstance(value, int | float) else quote_literal(str(value))


def _is_within(rows: int, low: int | None, high: int | None) -> bool:
    return (low is None or rows >= low) and (high is None or rows <= high)


HOW = "one query of `count_if` a stage, one `GROUP BY ... HAVING` for the key"
VARIANTS = gate_variants("spark-sql", "Spark SQL by hand", HOW, judge_frame)
