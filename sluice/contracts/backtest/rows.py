"""Rows as one contract judges them: each with the rules that it breaks and the value that broke them."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract, Rule
from etl.contract.sample_values import LONGEST_SAMPLE, MASK
from etl.contract.table_names import LINE, OBJECT, ORDINAL
from etl.datasets import transform_of
from etl.gate.onepass.row_conditions import breaks
from etl.gate.quarantine_routing import conditions as judged_by
from etl.gate.structure import Structure
from etl.sources import readers
from etl.sources.casting import BEYOND, dates, typed
from etl.sources.line_regex import Plain
from etl.sources.preflight import Look
from etl.sources.provenance import BROKEN, HEADER, PROVENANCE
from etl.storage.raw_objects import RawObject
from sluice.contracts.backtest import files
from sluice.contracts.backtest.contract_pair import Pair
from sluice.contracts.backtest.files import name_of
from sluice.contracts.backtest.row_outcomes import HEADER as IS_HEADER
from sluice.contracts.backtest.row_outcomes import Terms

DAY, BROKE, SOUND = "_day", "_broke", "_sound"
OWN = (OBJECT, LINE, DAY, BROKE, SOUND)
Parameters = dict[str, Any]
Marks = dict[str, tuple[Column, Column]]
"""By rule: the value to show, and where a row breaks it."""


@dataclass(frozen=True)
class Judged:
    """Given rows as a contract judges them.

    Attributes:
        terms: the contract's rules.
        frame: its columns, and of each row `_object`, `_line` (a digest), `_day`, `_broke` (an array of rule and value),
            `_sound` (whether the rules beyond structure saw it).
        faults: by file, the rule of structure for which a file is refused unread, and what it showed.
        headers: how often a file has its header.
    """

    terms: Terms
    frame: DataFrame
    faults: dict[str, tuple[str, str]]
    headers: int


def of_files(
    spark: SparkSession, found: list[RawObject], pair: Pair, day: str | None, parameters: Parameters
) -> Judged:
    """Read raw files as a run does, and judge them by the pair's suite: the input's as text, the output's transformed."""
    given, terms = pair.given, Terms(pair.contract)
    looks = files.looks(spark, found, given)
    sound = [one for one in looks if not one.fault]
    read = readers.read(spark, files.DISK, sound, given, Plain()) if sound else _nothing(spark, given)
    judge = _as_text if pair.contract.stage == "input" else _as_published
    faults = {name_of(one.object.key): _fault(one, given) for one in looks if one.fault}
    return Judged(terms, judge(read, terms, pair, day, parameters), faults, int(given.format == "csv"))


def _fault(look: Look, contract: Contract) -> tuple[str, str]:
    """Return the rule that a file breaks, and what it showed."""
    key = look.object.key
    name, detail = name_of(key), look.detail.removeprefix(f"{key}: ")
    return f"{contract.dataset}.structure.{look.fault}", f"{name}: {detail}"


def _nothing(spark: SparkSession, contract: Contract) -> DataFrame:
    """Return no rows, in the shape that a reader gives them."""
    own = {LINE: "string", BROKEN: "boolean", HEADER: "boolean", ORDINAL: "bigint"} | dict.fromkeys(
        PROVENANCE, "string"
    )
    types = {column.name: column.type for column in contract.columns} | own
    types |= {f"{BEYOND}{name}": "string" for name in dates(contract)}
    return spark.range(0).select(*(F.lit(None).cast(of).alias(name) for name, of in types.items()))


def _structure(pair: Pair) -> Marks:
    personal = pair.given.pii
    marks: Marks = {IS_HEADER: (F.lit(None), F.col(HEADER))}
    for what, (column, mark) in Structure(pair.given, pair.published).marks.items():
        masked = bool(personal) if column == LINE else column.removeprefix(BEYOND) in personal
        marks[f"{pair.given.dataset}.structure.{what}"] = shown(F.col(column), masked), mark
    return marks


def _as_text(read: DataFrame, terms: Terms, pair: Pair, day: str | None, parameters: Parameters) -> DataFrame:
    sound = ~F.col(BROKEN) & ~F.col(HEADER)
    marks = _structure(pair) | of_rules(read, terms, parameters, sound)
    types = {column.name: column.type for column in pair.published.columns}
    given = {column.name: column.type for column in pair.given.columns}
    dated = types.get(day or "") == "date"
    of_day = F.lit(None) if day not in given else typed(day, "date", given[day]) if dated else F.col(day)
    return read.select(
        *pair.given.names,
        OBJECT,
        F.md5(LINE).alias(LINE),
        of_day.cast("string").alias(DAY),
        broke(marks).alias(BROKE),
        sound.alias(SOUND),
    )


def _as_published(read: DataFrame, terms: Terms, pair: Pair, day: str | None, parameters: Parameters) -> DataFrame:
    """Type and transform the rows as the pipeline does; what structure refuses is judged by nothing else."""
    types = {column.name: column.type for column in pair.published.columns}
    given = {column.name: column.type for column in pair.given.columns}
    marked = read.withColumn(BROKE, broke(_structure(pair)))
    shared = [typed(name, types[name], given[name]).alias(name) for name in given if name in types]
    carried = (F.md5(LINE).alias(LINE), ORDINAL, BROKE, (F.size(BROKE) == 0).alias(SOUND), *PROVENANCE)
    derived = transform_of(pair.contract.dataset)(marked.select(*shared, *carried))
    return judged(derived, terms, day, parameters)


def judged(frame: DataFrame, terms: Terms, day: str | None, parameters: Parameters) -> DataFrame:
    """Judge typed rows, which have `_broke` of structure and `_sound`, by the output's rules."""
    marks = of_rules(frame, terms, parameters, F.col(SOUND))
    of_day = F.col(day).cast("string") if day in terms.contract.names else F.lit(None).cast("string")
    return frame.withColumns({BROKE: F.concat(BROKE, broke(marks)), DAY: of_day}).select(*terms.contract.names, *OWN)


def of_rules(frame: DataFrame, terms: Terms, parameters: Parameters, sound: Column) -> Marks:
    """Return where a sound row breaks which of the contract's rules.

    A value that must be unique in a run has another row beside it in the same file; in all that is given, a key's.

    Raises:
        Unjudged: the engine takes some of the rules not at all.
    """
    conditions = judged_by(frame, terms.contract, terms.of_rows, parameters)
    columns = {rule.rule: [*rule.columns, OBJECT] for rule in terms.of_rows if terms.is_unique_in_runs(rule)}
    kind = "expect_compound_columns_to_be_unique"
    within = [
        Rule(rule, kind, {"column_list": names, "ignore_row_if": "never"}, "", "") for rule, names in columns.items()
    ]
    for rule, condition in breaks(frame, within, parameters).items():
        conditions[rule] = conditions[rule] & condition  # the rule's own says which nulls count
    return {rule.rule: (_value(rule, terms.contract), sound & conditions[rule.rule]) for rule in terms.of_rows}


def _value(rule: Rule, contract: Contract) -> Column:
    masked = bool(contract.pii & set(rule.columns))
    if len(rule.columns) == 1:
        return shown(F.col(rule.columns[0]), masked)
    texts = [F.coalesce(F.col(name).cast("string"), F.lit("null")) for name in rule.columns]
    return shown(F.concat_ws(", ", *texts), masked)


def shown(value: Column, masked: bool) -> Column:
    """Return a value as samples have it: short, and masked where it is about a person."""
    # One more than may be shown, so that what is cut off is told.
    return F.when(value.isNotNull(), F.lit(MASK) if masked else value.cast("string").substr(1, LONGEST_SAMPLE + 1))


def broke(marks: Marks) -> Column:
    """Return the rules that a row breaks, as an array of rule and value."""
    ends = [
        F.when(mark, F.struct(F.lit(rule).alias("rule"), value.cast("string").alias("value")))
        for rule, (value, mark) in marks.items()
    ]
    empty = F.array().cast("array<struct<rule: string, value: string>>")
    return F.array_compact(F.array(*ends)).cast("array<struct<rule: string, value: string>>") if ends else empty
