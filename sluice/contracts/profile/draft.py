"""A draft of both suites of a dataset from a sample: what it shows, with placeholders for what only a person knows."""

import re
from collections.abc import Iterator
from typing import Any

from etl.contract.types import family
from sluice.contracts.lint.lint import PLACEHOLDER
from sluice.contracts.profile.column import Column
from sluice.contracts.profile.primary_key import key_of
from sluice.contracts.profile.rules import Evidence, Rule, form, presence, row_count, span, unique
from sluice.contracts.profile.sample import Sample
from sluice.contracts.suite_files import STAGES

Suite = dict[str, Any]
VERSION = "0.1.0"
FRESHNESS = 26  # a file a day, and two hours for it to be late


def draft(dataset: str, sample: Sample, columns: list[Column]) -> dict[str, Suite]:
    """Return the input and the output suite by stage, both marked as drafts."""
    prefixes = dict(zip((one.name for one in columns), _prefixes(dataset, columns), strict=True))
    evidence = Evidence(sample.file, sample.rows)
    key = key_of(sample, columns)
    single = prefixes[key.columns[0]] if len(key.columns) == 1 else f"{dataset}.key"
    own = {"input": {"format": sample.format}, "output": {"key": list(key.columns), "freshness_hours": FRESHNESS}}
    last = {"input": [], "output": [unique(key, single, evidence)]}
    return {
        stage: {
            "name": f"{dataset}.{stage}",
            "meta": _meta(stage, columns, own[stage]),
            "expectations": [*_rules(dataset, stage, columns, prefixes, evidence), *last[stage]],
        }
        for stage in STAGES
    }


def _meta(stage: str, columns: list[Column], own: dict[str, Any]) -> dict[str, Any]:
    first = {"draft": True, "version": VERSION, "owner": PLACEHOLDER, "description": PLACEHOLDER}
    listed = [_declared(one, one.given if stage == "input" else one.declared) for one in columns]
    if stage == "input":
        return {**first, **own, "columns": listed}
    return {**first, "columns": listed, **own}


def _declared(column: Column, kind: str) -> dict[str, Any]:
    return {"name": column.name, "type": kind, "description": PLACEHOLDER, **({"pii": True} if column.personal else {})}


def _rules(
    dataset: str, stage: str, columns: list[Column], prefixes: dict[str, str], evidence: Evidence
) -> Iterator[Rule]:
    yield row_count(f"{dataset}.{stage}", evidence)
    for column in columns:
        yield presence(column, prefixes[column.name], stage, evidence)
    for column in columns:
        prefix = prefixes[column.name]
        if stage == "input" and column.declared == "string":
            yield from form(column, prefix, evidence)
        # Values are bounded where they first have their type; before that their cast is the gate's own rule.
        elif (stage == "input") is (column.given != "string") and family(column.declared) in ("number", "date"):
            yield from span(column, prefix, evidence)


def _prefixes(dataset: str, columns: list[Column]) -> Iterator[str]:
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
