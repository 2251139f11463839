"""Spark SQL as one would write it by hand: one query of counts a stage, and one for the key."""

from typing import Any

from pyspark.sql import DataFrame

from bench.peers import gates
from bench.rules import Plain, of_kind, plain
from etl.contract.model import Contract
from etl.iceberg.schema import literal


def judge(frame: DataFrame, contract: Contract, parameters: dict[str, Any]) -> set[str]:
    """Return the rules that the queries find broken."""
    rules = plain(contract, parameters)
    frame.createOrReplaceTempView("day")
    counted = [rule for rule in rules if rule.kind not in {"rows", "unique"}]
    counts = ", ".join(["count(*) AS rows", *(f"count_if({breaks(rule)}) AS r{at}" for at, rule in enumerate(counted))])
    found = frame.sparkSession.sql(f"SELECT {counts} FROM day").collect()[0]  # noqa: S608
    broken = {rule.rule for at, rule in enumerate(counted) if found[f"r{at}"]}
    broken |= {rule.rule for rule in of_kind(rules, "rows") if not _within(found["rows"], *rule.values)}
    return broken | {rule.rule for rule in of_kind(rules, "unique") if _is_twice(frame, rule)}


def _is_twice(frame: DataFrame, rule: Plain) -> bool:
    key = ", ".join(f"`{name}`" for name in rule.columns)
    there = " AND ".join(f"`{name}` IS NOT NULL" for name in rule.columns)
    twice = f"SELECT 1 FROM day WHERE {there} GROUP BY {key} HAVING count(*) > 1 LIMIT 1"  # noqa: S608
    return bool(frame.sparkSession.sql(twice).collect())


def breaks(rule: Plain) -> str:
    """Return the condition that holds for a row that breaks the rule; nulls break only `present`."""
    column = f"`{rule.columns[0]}`"
    if rule.kind == "present":
        return f"{column} IS NULL"
    if rule.kind == "pattern":
        return f"NOT {column} RLIKE {literal(rule.values[0])}"
    if rule.kind == "set":
        return f"{column} NOT IN ({', '.join(map(_literal, rule.values))})"
    what = f"length({column})" if rule.kind == "length" else column
    low, high = rule.values
    ends = [f"{what} < {_literal(low)}"] * (low is not None) + [f"{what} > {_literal(high)}"] * (high is not None)
    return " OR ".join(ends)


def _literal(value: Any) -> str:
    return repr(value) if isinstance(value, int | float) else literal(str(value))


def _within(rows: int, low: int | None, high: int | None) -> bool:
    return (low is None or rows >= low) and (high is None or rows <= high)


HOW = "one query of `count_if` a stage, one `GROUP BY ... HAVING` for the key"
VARIANTS = gates("spark-sql", "Spark SQL by hand", HOW, judge)
