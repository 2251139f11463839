"""Lines that break a rule of structure that is a warning: what the quarantine keeps of them, and what a verdict says."""

import json
from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.masking import Masking
from etl.contract.model import Contract
from etl.contract.sample_values import MAX_SAMPLES
from etl.contract.table_names import FILE_HEADER, LINE, RAW_TEXT, RULES
from etl.gate.quarantine_routing import QuarantineSummary
from etl.results.rule_result import RuleResult
from etl.results.structure_rules import structure_result
from etl.sources.line_faults import ASIDE, LineFaults
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import PLACE, rows_where
from etl.sources.replay import IS_RAW


def lines_aside(lines: DataFrame, contract: Contract, preflights: Sequence[FilePreflight]) -> DataFrame:
    """Return the lines that warnings on structure set aside, with `_rules` and what the quarantine keeps of them.

    A line has its text as RAW_TEXT, with the header of its file. A row of a replay that was read from `source` has that.

    Args:
        lines: as `LineFaults.set_aside` marks them.
        contract: what they were read by.
        preflights: what the objects showed that they are from.
    """
    is_raw = F.coalesce(IS_RAW, F.lit(False)) if IS_RAW in lines.columns else F.lit(True)
    header = F.col(FILE_HEADER) if FILE_HEADER in lines.columns else _header_of(contract, preflights)
    # Bytes that are no characters would make a text that others cannot read.
    text = F.call_function("make_valid_utf8", F.col(LINE))
    aside = rows_where(lines, F.col(ASIDE).isNotNull())
    return aside.withColumns(
        {RULES: F.col(ASIDE), RAW_TEXT: F.when(is_raw, text), FILE_HEADER: F.when(is_raw, header)}
    ).withColumn(LINE, F.when(~is_raw, F.col(LINE)))


def _header_of(contract: Contract, preflights: Sequence[FilePreflight]) -> Column:
    """Return the header of a line's object, null where it has none."""
    if not (contract.format.is_positional and contract.dialect.header):
        return F.lit(None).cast("string")
    headers = [preflight.lead[-1] for preflight in preflights]
    # As one literal: a call for each of thousands of texts takes seconds.
    return F.get(F.from_json(F.lit(json.dumps(headers)), "array<string>"), F.col(PLACE))


def summarize_lines(aside: DataFrame, faults: LineFaults, masking: Masking) -> QuarantineSummary:
    """Count the lines of `lines_aside` by what they broke: one pass, and a short one a broken rule for its samples."""
    counts = aside.groupBy(RULES).count().collect()
    combinations = {tuple(row[RULES]): row["count"] for row in counts}
    samples = {faults.id_of(rule): _sample_texts(aside, faults, rule, masking) for rule in faults.warnings}
    broken = {rule for combination in combinations for rule in combination}
    return QuarantineSummary(combinations, {rule: texts for rule, texts in samples.items() if rule in broken})


def _sample_texts(aside: DataFrame, faults: LineFaults, rule: str, masking: Masking) -> tuple[str | None, ...]:
    column = faults.shown_column(rule)
    broken = aside.where(F.array_contains(RULES, faults.id_of(rule)))
    shown = F.coalesce(RAW_TEXT, LINE) if column == LINE else F.col(f"`{column}`")
    values = [row[0] for row in broken.select(shown).limit(MAX_SAMPLES).collect()]
    _, _, name = rule.partition(".")
    return masking.mask_samples(values, [name]) if name else masking.mask_lines(values)


def warning_results(faults: LineFaults, quarantined: QuarantineSummary) -> list[RuleResult]:
    """Return the result of each warning on structure."""
    counts = quarantined.count_by_rule()
    return [
        replace(
            structure_result(faults.contract.dataset, rule, counts[rule_id], quarantined.samples.get(rule_id, ())),
            severity=faults.contract.structure.severity_of(rule),
            way=quarantined.way,
        )
        for rule in faults.warnings
        for rule_id in [faults.id_of(rule)]
    ]
