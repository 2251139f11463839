"""A draft of both suites of a dataset from a sample: what it shows, with placeholders for what only a person knows."""

import re
from collections.abc import Iterator
from typing import Any

from etl.contract.stage import SUITE_STAGES, Stage, SuiteStage
from etl.contract.types import ColumnType, published_type
from sluice.contracts.lint.lint import PLACEHOLDER
from sluice.contracts.profile.column import ColumnProfile
from sluice.contracts.profile.primary_key import key_of
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
FRESHNESS = 26  # a file a day, and two hours for it to be late


def draft_suites(dataset: str, sample: Sample, columns: list[ColumnProfile]) -> dict[SuiteStage, Suite]:
    """Return the input and the output suite by stage, both marked as drafts."""
    prefixes = dict(zip((column.name for column in columns), _rule_prefixes(dataset, columns), strict=True))
    evidence = Evidence(sample.file, sample.rows)
    key = key_of(sample, columns)
    single = prefixes[key.columns[0]] if len(key.columns) == 1 else f"{dataset}.key"
    stage_meta = {
        Stage.INPUT: {"format": sample.format},
        Stage.OUTPUT: {"key": list(key.columns), "freshness_hours": FRESHNESS},
    }
    last_rules = {Stage.INPUT: [], Stage.OUTPUT: [key_rule(key, single, evidence)]}
    return {
        stage: {
            "name": f"{dataset}.{stage}",
            "meta": _suite_meta(stage, columns, stage_meta[stage]),
            "expectations": [*_suite_rules(dataset, stage, columns, prefixes, evidence), *last_rules[stage]],
        }
        for stage in SUITE_STAGES
    }


def _suite_meta(stage: SuiteStage, columns: list[ColumnProfile], stage_meta: dict[str, Any]) -> dict[str, Any]:
    placeholders = {"draft": True, "version": VERSION, "owner": PLACEHOLDER, "description": PLACEHOLDER}
    listed = [
        _column_entry(column, column.file_type if stage is Stage.INPUT else published_type(column.declared))
        for column in columns
    ]
    if stage is Stage.INPUT:
        return {**placeholders, **stage_meta, "columns": listed}
    return {**placeholders, "columns": listed, **stage_meta}


def _column_entry(column: ColumnProfile, kind: ColumnType) -> dict[str, Any]:
    return {"name": column.name, "type": kind, "description": PLACEHOLDER, **({"pii": True} if column.personal else {})}


def _suite_rules(
    dataset: str, stage: SuiteStage, columns: list[ColumnProfile], prefixes: dict[str, str], evidence: Evidence
) -> Iterator[Rule]:
    yield row_count_rule(f"{dataset}.{stage}", evidence)
    for column in columns:
        yield presence_rule(column, prefixes[column.name], stage, evidence)
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
