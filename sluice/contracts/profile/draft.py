"""A draft of both suites of a dataset from a sample: what it shows, with placeholders for what only a person knows."""

import re
from collections.abc import Iterator
from typing import Any

from etl.contract.stage import SUITE_STAGES, Stage, SuiteStage
from etl.contract.types import ColumnType, published_type
from sluice.contracts.lint.lint import PLACEHOLDER
from sluice.contracts.profile.column import ColumnProfile
from sluice.contracts.profile.csv_dialect import dialect_entries
from sluice.contracts.profile.primary_key import KeyCandidate, key_of
from sluice.contracts.profile.rules import (
    Evidence,
    Rule,
    form_rules,
    key_rule,
    presence_rule,
    range_rules,
    row_count_rule,
)
from sluice.contracts.profile.sample import Sample

Suite = dict[str, Any]
VERSION = "0.1.0"
KEYLESS = (
    "no columns that are named as a key tell each row from another, so rows have none; name the key where there is one"
)
FRESHNESS = 26  # a file a day, and two hours for it to be late


def draft_suites(dataset: str, sample: Sample, columns: list[ColumnProfile]) -> dict[SuiteStage, Suite]:
    """Return the input and the output suite by stage, both marked as drafts."""
    prefixes = dict(zip((column.name for column in columns), _rule_prefixes(dataset, columns), strict=True))
    evidence = Evidence(sample.file, sample.rows)
    key = key_of(sample, columns)
    stage_meta = {
        Stage.INPUT: {"format": sample.format, **_file_meta(sample)},
        Stage.OUTPUT: {"key": list(key.columns), "freshness_hours": FRESHNESS},
    }
    doubts = _doubts(sample, columns, key)
    last_rules = {Stage.INPUT: [], Stage.OUTPUT: [*_key_rules(dataset, key, prefixes, evidence)]}
    return {
        stage: {
            "name": f"{dataset}.{stage}",
            "meta": _suite_meta(stage, columns, stage_meta[stage], doubts[stage]),
            "expectations": [*_suite_rules(dataset, stage, columns, prefixes, evidence, key), *last_rules[stage]],
        }
        for stage in SUITE_STAGES
    }


def _file_meta(sample: Sample) -> dict[str, Any]:
    """Return what the input's meta says of how files are written, as far as it differs from the defaults."""
    dialect = dialect_entries(sample.dialect) if sample.dialect else {}
    extra = "ignore" if sample.ignores_columns else ""
    first_row = sample.first_row if sample.first_row > 1 else 0
    sheet = {"sheet": sample.sheet, "first_row": first_row}
    entries = {"files": sample.files, "dialect": dialect, "records": sample.records, **sheet, "extra_columns": extra}
    return {name: value for name, value in entries.items() if value}


def _key_rules(dataset: str, key: KeyCandidate, prefixes: dict[str, str], evidence: Evidence) -> Iterator[Rule]:
    if key.columns:
        single = prefixes[key.columns[0]] if len(key.columns) == 1 else f"{dataset}.key"
        yield key_rule(key, single, evidence)


def _doubts(sample: Sample, columns: list[ColumnProfile], key: KeyCandidate) -> dict[SuiteStage, list[str]]:
    """Return what a person has to decide, by the suite that it stands in."""
    of_columns = [f"{column.name}: {doubt}" for column in columns for doubt in column.doubts]
    return {Stage.INPUT: [*sample.doubts, *of_columns], Stage.OUTPUT: [] if key.columns else [KEYLESS]}


def _suite_meta(
    stage: SuiteStage, columns: list[ColumnProfile], stage_meta: dict[str, Any], doubts: list[str]
) -> dict[str, Any]:
    placeholders = {
        "draft": True,
        **({"doubts": doubts} if doubts else {}),
        "version": VERSION,
        "owner": PLACEHOLDER,
        "description": PLACEHOLDER,
    }
    if stage is Stage.INPUT:
        return {**placeholders, **stage_meta, "columns": [_input_entry(column) for column in columns]}
    return {
        **placeholders,
        "columns": [_column_entry(column, published_type(column.declared)) for column in columns],
        **stage_meta,
    }


def _input_entry(column: ColumnProfile) -> dict[str, Any]:
    entry = _column_entry(column, column.file_type)
    source = {} if column.source is None else {"source": column.source}
    if isinstance(column.source, dict):
        entry.pop("pii", None)  # keys are shown wherever an object is named
    return {"name": entry.pop("name"), **source, **entry, **column.options}


def _column_entry(column: ColumnProfile, kind: ColumnType) -> dict[str, Any]:
    marks = {"pii": bool(column.personal), "non_finite": column.non_finite}
    entry = {"name": column.name, "type": kind, "description": PLACEHOLDER}
    return {**entry, **{mark: True for mark, holds in marks.items() if holds}}


def _suite_rules(  # noqa: PLR0913  what a rule is made of
    dataset: str,
    stage: SuiteStage,
    columns: list[ColumnProfile],
    prefixes: dict[str, str],
    evidence: Evidence,
    key: KeyCandidate,
) -> Iterator[Rule]:
    yield row_count_rule(f"{dataset}.{stage}", evidence)
    for column in columns:
        in_key = column.name in key.columns
        yield presence_rule(column, prefixes[column.name], stage, evidence, in_key=in_key)
    for column in columns:
        prefix = prefixes[column.name]
        if stage is Stage.INPUT and column.declared.is_text:
            yield from form_rules(column, prefix, evidence)
        # Values are bounded where they first have their type; before that their cast is the gate's own rule.
        elif (stage is Stage.OUTPUT) is column.file_type.is_text and column.declared.family.is_ordered:
            yield from range_rules(column, prefix, evidence)


def _rule_prefixes(dataset: str, columns: list[ColumnProfile]) -> Iterator[str]:
    """Yield how the ids of each column's rules start; two never start alike, and none is one of the gate's own."""
    taken = {"structure"}
    for column in columns:
        plain = re.sub(r"[^a-z0-9]+", "_", column.name.lower()).strip("_") or "column"
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{plain}_{number}"
        taken.add(name)
        yield f"{dataset}.{name}"
