"""Rules as SQL that counts what breaks them: 0 where a rule holds. `{object}` stands for the table, as the standard has it.

It is SQL that DuckDB, Trino and Athena, PostgreSQL and Redshift, Snowflake and Spark read alike. What they write differently,
such as a search by a regular expression, and what no query of one table can know, has none: None.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from etl.contract.json_values import is_list, is_object
from etl.contract.model import Rule
from etl.contract.query_text import BATCH, QUERY, substitute_batch
from etl.contract.run_parameters import RUN_DATE, RUN_TIME, parameter_name
from etl.contract.types import ColumnType, Family

Types = Mapping[str, ColumnType]
TABLE = "{object}"
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FIGURES = {
    "expect_column_sum_to_be_between": "SUM({column})",
    "expect_column_mean_to_be_between": "AVG({column})",
    "expect_column_min_to_be_between": "MIN({column})",
    "expect_column_max_to_be_between": "MAX({column})",
    "expect_column_unique_value_count_to_be_between": "COUNT(DISTINCT {column})",
    "expect_column_proportion_of_non_null_values_to_be_between": "1.0 * COUNT({column}) / NULLIF(COUNT(*), 0)",
    "expect_column_proportion_of_unique_values_to_be_between": "1.0 * COUNT(DISTINCT {column}) / NULLIF(COUNT({column}), 0)",
    "expect_table_row_count_to_be_between": "COUNT(*)",
}
"""Figures of the table, by the rule that bounds them."""
COMPARISONS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class NoSql(Exception):
    """A rule that these databases do not all say alike."""


def count_query(rule: Rule, types: Types) -> str | None:
    """Return a query whose answer is 0 where the rule holds; None where there is none. `types` are the declared columns'."""
    if rule.history or any(name not in types for name in rule.columns):
        return None
    try:
        return _query(rule, types)
    except NoSql:
        return None


def _query(rule: Rule, types: Types) -> str:
    where = _condition(rule.kwargs.get("row_condition"), types)
    if rule.type == QUERY_RULE:
        query = rule.kwargs[QUERY]
        if "{" in query.replace(BATCH, ""):
            raise NoSql
        return f"SELECT COUNT(*) FROM ({substitute_batch(query, TABLE)}) AS broken_rows"  # noqa: S608  it is not run here
    if figure := FIGURES.get(rule.type):
        return _figure_query(rule, types, figure, where)
    if rule.type in ("expect_column_values_to_be_unique", "expect_column_distinct_values_to_contain_set"):
        return _distinct_query(rule, types, where)
    broken = _broken_rows(rule, types)
    mostly = Decimal(str(rule.kwargs.get("mostly", 1)))
    if mostly == 1:
        conditions = [f"({part})" if where else part for part in (where, broken) if part]
        return f"SELECT COUNT(*) FROM {TABLE} WHERE {' AND '.join(conditions)}"  # noqa: S608
    return _share_query(rule, broken, 1 - mostly, where)


QUERY_RULE = "unexpected_rows_expectation"


def _share_query(rule: Rule, broken: str, share: Decimal, where: str) -> str:
    """Return a query of how many rows more break a rule than may."""
    if "column" not in rule.kwargs:
        raise NoSql
    judged = "*" if "null" in rule.type else _name(rule.kwargs["column"])
    allowed = f"CEIL(SUM(CASE WHEN {broken} THEN 1 ELSE 0 END) - {share} * COUNT({judged}))"
    return f"SELECT GREATEST(COALESCE({allowed}, 0), 0) FROM {TABLE}{_clause(where)}"  # noqa: S608


def _figure_query(rule: Rule, types: Types, figure: str, where: str) -> str:
    column = rule.kwargs.get("column", "")
    family = types[column].family if column and figure.startswith(("MIN", "MAX")) else Family.NUMBER
    value = figure.format(column=_name(column)) if column else figure
    outside = _outside("figure", rule.kwargs, family)
    inner = f"SELECT {value} AS figure FROM {TABLE}{_clause(where)}"  # noqa: S608
    return f"SELECT COUNT(*) FROM ({inner}) AS figures WHERE {outside}"  # noqa: S608


def _distinct_query(rule: Rule, types: Types, where: str) -> str:
    column = _name(rule.kwargs["column"])
    if "value_set" not in rule.kwargs:
        if rule.kwargs.get("mostly", 1) != 1:
            raise NoSql
        return f"SELECT COUNT({column}) - COUNT(DISTINCT {column}) FROM {TABLE}{_clause(where)}"  # noqa: S608
    values = rule.kwargs["value_set"]
    among = f"{column} IN ({_literals(values, types[rule.kwargs['column']].family)})"
    both = f"({where}) AND {among}" if where else among
    return f"SELECT {len(set(values))} - COUNT(DISTINCT {column}) FROM {TABLE} WHERE {both}"  # noqa: S608


def _broken_rows(rule: Rule, types: Types) -> str:  # noqa: PLR0911  one for each expectation
    """Return the condition of rows that break a rule on single rows; of a null it is not true where the rule ignores it."""
    kwargs = rule.kwargs
    column, family = _name(kwargs.get("column", "")), types[rule.columns[0]].family if rule.columns else Family.TEXT
    match rule.type:
        case "expect_column_values_to_not_be_null":
            return f"{column} IS NULL"
        case "expect_column_values_to_be_null":
            return f"{column} IS NOT NULL"
        case "expect_column_values_to_be_between":
            return _outside(column, kwargs, family)
        case "expect_column_values_to_be_in_set" | "expect_column_distinct_values_to_be_in_set":
            return f"{column} NOT IN ({_literals(kwargs['value_set'], family)})"
        case "expect_column_values_to_not_be_in_set":
            return f"{column} IN ({_literals(kwargs['value_set'], family)})"
        case "expect_column_value_lengths_to_be_between" if family is Family.TEXT:
            return _outside(f"CHAR_LENGTH({column})", kwargs, Family.NUMBER)
        case "expect_column_value_lengths_to_equal" if family is Family.TEXT:
            return f"CHAR_LENGTH({column}) <> {kwargs['value']}"
        case "expect_column_pair_values_to_be_equal" | "expect_column_pair_values_a_to_be_greater_than_b":
            return _broken_pair(rule)
        case "expect_multicolumn_sum_to_equal":
            return _broken_sum(kwargs)
        case _:
            raise NoSql


def _broken_pair(rule: Rule) -> str:
    left, right = _name(rule.kwargs["column_A"]), _name(rule.kwargs["column_B"])
    if rule.type.endswith("greater_than_b"):
        return f"{left} {'<' if rule.kwargs.get('or_equal') else '<='} {right}"
    if rule.kwargs.get("ignore_row_if") == "either_value_is_missing":
        return f"{left} <> {right}"
    one_missing = f"({left} IS NULL AND {right} IS NOT NULL) OR ({left} IS NOT NULL AND {right} IS NULL)"
    return f"{left} <> {right} OR {one_missing}"


def _broken_sum(kwargs: Mapping[str, Any]) -> str:
    names = [_name(name) for name in kwargs["column_list"]]
    differs = (
        f"{' + '.join(f'COALESCE({name}, 0)' for name in names)} <> {_literal(kwargs['sum_total'], Family.NUMBER)}"
    )
    present = [f"{name} IS NOT NULL" for name in names]
    match kwargs.get("ignore_row_if", "all_values_are_missing"):
        case "never":
            return differs
        case "any_value_is_missing":
            return " AND ".join([differs, *present])
        case _:
            return f"{differs} AND ({' OR '.join(present)})"


def _outside(value: str, kwargs: Mapping[str, Any], family: Family) -> str:
    bounds = [
        f"{value} {sign}{'=' if kwargs.get(f'strict_{end}') else ''} {_literal(kwargs[f'{end}_value'], family)}"
        for end, sign in (("min", "<"), ("max", ">"))
        if kwargs.get(f"{end}_value") is not None
    ]
    return " OR ".join(bounds)


def _condition(condition: Any, types: Types) -> str:
    """Return a row condition as SQL, "" of none."""
    if condition is None:
        return ""
    if not is_object(condition):
        raise NoSql
    match condition["type"]:
        case "and" | "or":
            parts = [f"({_condition(part, types)})" for part in condition["conditions"]]
            return f" {condition['type'].upper()} ".join(parts)
        case "nullity":
            return f"{_name(condition['column']['name'])} IS {'' if condition['is_null'] else 'NOT '}NULL"
        case _:
            return _comparison(condition, types)


def _comparison(condition: Mapping[str, Any], types: Types) -> str:
    name, operator, value = condition["column"]["name"], condition["operator"], condition["parameter"]
    if name not in types:
        raise NoSql
    family = types[name].family
    if is_list(value):
        return f"{_name(name)} {'IN' if operator == 'IN' else 'NOT IN'} ({_literals(value, family)})"
    return f"{_name(name)} {COMPARISONS[operator]} {_literal(value, family)}"


def _clause(where: str) -> str:
    return f" WHERE {where}" if where else ""


def _name(column: str) -> str:
    return column if PLAIN_NAME.fullmatch(column) else '"' + column.replace('"', '""') + '"'


def _literals(values: list[Any], family: Family) -> str:
    return ", ".join(_literal(value, family) for value in values)


def _literal(value: Any, family: Family) -> str:
    """Return a value of a suite as SQL; the day of the run is the day of the query.

    Raises:
        NoSql: it has no one literal, or stands for the start of a run beside a time without a zone.
    """
    if parameter := parameter_name(value):
        if (parameter, family) in CLOCKS:
            return CLOCKS[parameter, family]
        raise NoSql
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float) and family is Family.NUMBER:
        return f"{Decimal(str(value)):f}"
    if not isinstance(value, str) or "{" in value or "\\" in value:
        raise NoSql
    quoted = "'" + value.replace("'", "''") + "'"
    match family:
        case Family.TEXT:
            return quoted
        case Family.DATE:
            return f"DATE {quoted}"
        case Family.NUMBER | Family.BOOLEAN | Family.BINARY | Family.NESTED | Family.INSTANT | Family.LOCAL_TIME:
            raise NoSql


CLOCKS = {(RUN_DATE, Family.DATE): "CURRENT_DATE", (RUN_TIME, Family.INSTANT): "CURRENT_TIMESTAMP"}
"""What stands in SQL for what a run gives."""
