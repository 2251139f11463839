"""Rows as one contract judges them: each with the rules that it breaks and the value that broke them."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract, Rule
from etl.contract.sample_values import MASK, MAX_SAMPLE_LENGTH
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.contract.table_names import LINE, OBJECT, ORDINAL
from etl.contract.types import Family
from etl.datasets import transform_of
from etl.gate.element_rules import judged_columns
from etl.gate.onepass.row_conditions import violation_columns
from etl.gate.quarantine_routing import warning_conditions as judged_by
from etl.gate.structure import StructureRules
from etl.sources import readers
from etl.sources.casting import OUT_OF_RANGE, cast_to_declared, columns_beside_texts
from etl.sources.line_faults import LineFaults
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, HEADER, PROVENANCE
from etl.storage.raw_objects import RawObject
from sluice.contracts.backtest import files
from sluice.contracts.backtest.contract_pair import ContractPair
from sluice.contracts.backtest.files import file_name
from sluice.contracts.backtest.row_outcomes import HEADER as IS_HEADER
from sluice.contracts.backtest.row_outcomes import ContractRules

DAY, BROKE, SOUND = "_day", "_broke", "_sound"
JUDGEMENT_COLUMNS = (OBJECT, LINE, DAY, BROKE, SOUND)
Parameters = dict[str, Any]
Marks = dict[str, tuple[Column, Column]]
"""By rule: the value to show, and where a row breaks it."""


@dataclass(frozen=True)
class JudgedRows:
    """Given rows as a contract judges them.

    Attributes:
        contract_rules: the contract's rules.
        frame: its columns, and of each row `_object`, `_line` (a digest), `_day`, `_broke` (an array of rule and value),
            `_sound` (whether the rules beyond structure saw it).
        faults: by file, the rule of structure for which a file is refused unread, and what it showed.
        headers: how often a file has its header.
    """

    contract_rules: ContractRules
    frame: DataFrame
    faults: dict[str, tuple[str, str]]
    headers: int


def judge_files(
    spark: SparkSession, raw_objects: list[RawObject], pair: ContractPair, day: str | None, parameters: Parameters
) -> JudgedRows:
    """Read raw files as a run does, and judge them by the pair's suite: the input's as text, the output's transformed."""
    input_contract = pair.input_contract
    contract_rules = ContractRules(pair.contract, input_contract.structure)
    preflights = files.preflight_files(spark, raw_objects, input_contract)
    readable = [preflight for preflight in preflights if not preflight.fault]
    raw_rows = (
        readers.read_objects(spark, files.DISK, readable, input_contract, LineRegex(), files.STREAMS)
        if readable
        else _empty_frame(spark, input_contract)
    )
    raw_rows = LineFaults(input_contract, pair.output_contract).set_aside(raw_rows)
    judge = _judge_text if pair.contract.stage is Stage.INPUT else _judge_published
    faults = {
        file_name(preflight.object.key): _file_fault(preflight, input_contract)
        for preflight in preflights
        if preflight.fault
    }
    return JudgedRows(
        contract_rules,
        judge(raw_rows, contract_rules, pair, day, parameters),
        faults,
        sum(len(preflight.lead) for preflight in readable) // max(1, len(readable)),
    )


def _file_fault(look: FilePreflight, contract: Contract) -> tuple[str, str]:
    """Return the rule that a file breaks, and what it showed."""
    key = look.object.key
    name, detail = file_name(key), look.detail.removeprefix(f"{key}: ")
    return f"{contract.dataset}.structure.{look.fault}", f"{name}: {detail}"


def _empty_frame(spark: SparkSession, contract: Contract) -> DataFrame:
    """Return no rows, in the shape that a reader gives them."""
    added_types = {LINE: "string", BROKEN: "boolean", HEADER: "boolean", ORDINAL: "bigint"} | dict.fromkeys(
        PROVENANCE, "string"
    )
    types = {column.name: column.type for column in contract.columns} | added_types
    types |= {f"{OUT_OF_RANGE}{name}": "string" for name in columns_beside_texts(contract)}
    return spark.range(0).select(*(F.lit(None).cast(column_type).alias(name) for name, column_type in types.items()))


def _structure_marks(pair: ContractPair) -> Marks:
    personal = pair.input_contract.pii
    marks: Marks = {IS_HEADER: (F.lit(None), F.col(HEADER))}
    for rule_name, (column, mark) in StructureRules(pair.input_contract, pair.output_contract).gate_marks.items():
        masked = (
            bool(personal) or pair.input_contract.masking.hides_lines
            if column == LINE
            else column.removeprefix(OUT_OF_RANGE) in personal
        )
        marks[f"{pair.input_contract.dataset}.structure.{rule_name}"] = sample_column(F.col(column), masked), mark
    return marks


def _is_delete(pair: ContractPair) -> Column:
    """Return where a line is a delete of a load of changes, which no rule of a suite judges."""
    is_delete = LineFaults(pair.input_contract, pair.output_contract).is_delete
    return F.lit(False) if is_delete is None else is_delete


def _judge_text(
    raw_rows: DataFrame, contract_rules: ContractRules, pair: ContractPair, day: str | None, parameters: Parameters
) -> DataFrame:
    sound = ~F.col(BROKEN) & ~F.col(HEADER) & ~_is_delete(pair)
    marks = _structure_marks(pair) | rule_marks(raw_rows, contract_rules, parameters, sound)
    types = {column.name: column.type for column in pair.output_contract.columns}
    raw_types = {column.name: column.type for column in pair.input_contract.columns}
    declared = types.get(day or "")
    is_dated = declared is not None and declared.family is Family.DATE
    of_day = (
        F.lit(None)
        if day not in raw_types
        else cast_to_declared(day, declared, raw_types[day])
        if declared and is_dated
        else F.col(day)
    )
    return raw_rows.select(
        *pair.input_contract.names,
        OBJECT,
        F.md5(LINE).alias(LINE),
        of_day.cast("string").alias(DAY),
        broken_array(marks).alias(BROKE),
        sound.alias(SOUND),
    )


def _judge_published(
    raw_rows: DataFrame, contract_rules: ContractRules, pair: ContractPair, day: str | None, parameters: Parameters
) -> DataFrame:
    """Type and transform the rows as the pipeline does; what structure refuses is judged by nothing else."""
    types = {column.name: column.type for column in pair.output_contract.columns}
    raw_types = {column.name: column.type for column in pair.input_contract.columns}
    marked = raw_rows.withColumn(BROKE, broken_array(_structure_marks(pair)))
    shared = [cast_to_declared(name, types[name], raw_types[name]).alias(name) for name in raw_types if name in types]
    sound = (F.size(BROKE) == 0) & ~_is_delete(pair)
    carried = (F.md5(LINE).alias(LINE), ORDINAL, BROKE, sound.alias(SOUND), *PROVENANCE)
    derived = transform_of(pair.output_contract.transform_module)(marked.select(*shared, *carried))
    return judge_typed_rows(derived, contract_rules, day, parameters)


def judge_typed_rows(
    frame: DataFrame, contract_rules: ContractRules, day: str | None, parameters: Parameters
) -> DataFrame:
    """Judge typed rows, which have `_broke` of structure and `_sound`, by the output's rules."""
    marks = rule_marks(frame, contract_rules, parameters, F.col(SOUND))
    of_day = F.col(day).cast("string") if day in contract_rules.contract.names else F.lit(None).cast("string")
    return frame.withColumns({BROKE: F.concat(BROKE, broken_array(marks)), DAY: of_day}).select(
        *contract_rules.contract.names, *JUDGEMENT_COLUMNS
    )


def rule_marks(frame: DataFrame, contract_rules: ContractRules, parameters: Parameters, sound: Column) -> Marks:
    """Return where a sound row breaks which of the contract's rules.

    A value that must be unique in a run has another row beside it in the same file; in all that is given, a key's.

    Raises:
        Unjudged: the engine takes some of the rules not at all.
    """
    conditions = judged_by(frame, contract_rules.contract, contract_rules.row_rules, parameters)
    columns = {
        rule.rule: [*rule.columns, OBJECT]
        for rule in contract_rules.row_rules
        if contract_rules.is_unique_in_runs(rule)
    }
    kind = "expect_compound_columns_to_be_unique"
    unique_in_file = [
        Rule(rule, kind, {"column_list": names, "ignore_row_if": "never"}, Severity.INFO, "")
        for rule, names in columns.items()
    ]
    for rule, condition in violation_columns(frame, unique_in_file, parameters).items():
        conditions[rule] = conditions[rule] & condition  # the rule's own says which nulls count
    return {
        rule.rule: (_sample_value(frame, rule, contract_rules.contract, parameters), sound & conditions[rule.rule])
        for rule in contract_rules.row_rules
    }


def _sample_value(frame: DataFrame, rule: Rule, contract: Contract, parameters: Parameters) -> Column:
    masked = bool(contract.pii & set(rule.roots))
    judged = judged_columns(frame, rule, parameters)
    if len(judged) == 1:
        return sample_column(judged[0], masked)
    texts = [F.coalesce(column.cast("string"), F.lit("null")) for column in judged]
    return sample_column(F.concat_ws(", ", *texts), masked)


def sample_column(value: Column, masked: bool) -> Column:
    """Return a value as samples have it: short, and masked where it is about a person."""
    # One more than may be shown, so that what is cut off is told.
    return F.when(value.isNotNull(), F.lit(MASK) if masked else value.cast("string").substr(1, MAX_SAMPLE_LENGTH + 1))


def broken_array(marks: Marks) -> Column:
    """Return the rules that a row breaks, as an array of rule and value."""
    structs = [
        F.when(mark, F.struct(F.lit(rule).alias("rule"), value.cast("string").alias("value")))
        for rule, (value, mark) in marks.items()
    ]
    empty = F.array().cast("array<struct<rule: string, value: string>>")
    return F.array_compact(F.array(*structs)).cast("array<struct<rule: string, value: string>>") if structs else empty
