"""Rows as frames of a stage, and what breaks on them: row by row by the rules' own conditions, and as the gate says."""

import base64
import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract, Rule
from etl.contract.table_names import LINE, OBJECT, VERSION
from etl.contract.vocabulary import UNIQUE_TYPES, VOCABULARY
from etl.gate import checks
from etl.gate.onepass.row_conditions import violation_columns
from etl.results.rule_result import RuleResult
from etl.sources.casting import OUT_OF_RANGE, columns_beside_texts
from etl.sources.provenance import BROKEN, HEADER
from sluice.contracts.prove.nested_values import as_plain_data

Row = dict[str, Any]
RULES = "_rules"


def judges_rows(rule: Rule) -> bool:
    """Say whether one row alone can break a rule, whatever the others are."""
    return VOCABULARY[rule.type].judges.is_row and rule.type not in UNIQUE_TYPES


@dataclass(frozen=True)
class ContractBench:
    """Where frames of one contract are made and judged; `parameters` are what a run would give."""

    spark: SparkSession
    contract: Contract
    parameters: dict[str, Any]

    @property
    def row_rules(self) -> list[Rule]:
        """The rules that one row alone can break."""
        return [rule for rule in self.contract.rules if judges_rows(rule)]

    def build_frame(self, rows: list[Row]) -> DataFrame:
        """Return rows as a frame of the contract's columns; `_object` holds each row's place in the list."""
        columns = [f"`{column.name}`: {column.type}" for column in self.contract.columns]
        schema = f"array<struct<{', '.join([*columns, f'{OBJECT}: string', f'{VERSION}: string'])}>>"
        named = [
            {column.name: as_plain_data(row[column.name], column.type) for column in self.contract.columns}
            for row in rows
        ]
        located = [{**row, OBJECT: str(index), VERSION: "1"} for index, row in enumerate(named)]
        text = json.dumps(located, default=json_text)
        # createDataFrame would ask a Python worker for the rows at every job: half a second each.
        return self.spark.range(0, 1, 1, 1).select(F.inline(F.from_json(F.lit(text), schema, {"mode": "FAILFAST"})))

    @cached_property
    def conditions(self) -> dict[str, Column]:
        """Where a row breaks each of the row rules; by columns' names, so of any frame that has them."""
        return violation_columns(self.build_frame([]), self.row_rules, self.parameters)

    def broken_results(self, frame: DataFrame, rules: list[Rule]) -> dict[str, RuleResult]:
        """Return what the gate reports, by rule."""
        return {
            result.rule: result
            for result in checks.check_frame(frame, self.contract, rules, self.parameters)
            if result.broken
        }


def json_text(value: Any) -> str:
    """Return a value that JSON has no form of as Spark reads it."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def add_reader_columns(frame: DataFrame, contract: Contract) -> DataFrame:
    """Add what a reader adds to sound rows: the line, and that it is neither broken nor a header."""
    line = F.concat_ws(",", *(F.col(name).cast("string") for name in contract.names))
    # A frame of values holds no text that is none.
    beyond = {f"{OUT_OF_RANGE}{name}": F.lit(None).cast("string") for name in columns_beside_texts(contract)}
    return frame.withColumns({LINE: line, BROKEN: F.lit(False), HEADER: F.lit(False), **beyond})


def broken_by_row(frame: DataFrame, conditions: dict[str, Column]) -> dict[int, frozenset[str]]:
    """Return the ids of the conditions that are true of each row, by its place; one pass over the frame."""
    rules_by_row: dict[int, frozenset[str]] = defaultdict(frozenset)
    for row in add_broken_rules(frame, conditions).select(OBJECT, RULES).collect():
        rules_by_row[int(row[OBJECT])] = frozenset(row[RULES])
    return rules_by_row


def add_broken_rules(frame: DataFrame, conditions: dict[str, Column]) -> DataFrame:
    """Add `_rules`, the ids of the conditions that are true of a row."""
    marks = [F.when(condition, F.lit(rule)) for rule, condition in conditions.items()]
    ids = F.array_compact(F.array(*marks)) if marks else F.array().cast("array<string>")
    return frame.withColumn(RULES, ids)
