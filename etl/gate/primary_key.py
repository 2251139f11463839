"""The primary key of a published table: every part of it is there, and a snapshot says which key its rows were proven by.

A unique rule leaves nulls out, and so does the look for keys of earlier runs: a row without its key was published again with
each file that had it. A head that names no key, or another one, is checked whole, once; the next snapshot names today's.
"""

import json
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.contract.loads import UniqueWithin
from etl.contract.masking import Masking
from etl.contract.sample_values import MAX_SAMPLES, format_samples
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.contract.structure_rules import StructureRule
from etl.contract.table_names import OBJECT
from etl.gate.key_conflicts import StagedRows
from etl.iceberg.current_snapshot import Head
from etl.results.rule_result import RuleResult
from etl.results.rule_state import COMPUTED, OBSERVED, RuleState

KEY_PROPERTY = "sluice.key"  # in a snapshot's summary: the key's columns, as a JSON list
BOUNDED_KEY_PROPERTY = "sluice.key-within"  # in its place where keys are looked for so far back only
WHY = (
    "Every part of the key must be there, or the row cannot be told from others: name columns that always have a value, or "
    "let a `warning` that they are not null set such rows aside."
)
WHY_WHOLE = (
    "The published rows were not proven by this key, and it does not tell these apart: name the earlier key again, or have "
    "the named objects read under today's contract (sluice rerun), or put corrected ones under their keys."
)


def key_summary(key: Sequence[str], unique_within: UniqueWithin | None = None) -> dict[str, str]:
    """Return what a snapshot says of the key that its rows were proven by."""
    return {BOUNDED_KEY_PROPERTY if unique_within else KEY_PROPERTY: json.dumps([*key])}


def is_proven(head: Head, key: Sequence[str], unique_within: UniqueWithin | None = None) -> bool:
    """Say whether the rows of a head are known to have this key, each once; a table without a row has.

    Where keys are looked for so far back only, rows that were proven by them within any days have it too.
    """
    if head.snapshot is None:
        return True
    names = (KEY_PROPERTY, BOUNDED_KEY_PROPERTY) if unique_within else (KEY_PROPERTY,)
    return any(_names_columns(head.summary.get(name, "null"), key) for name in names)


def _names_columns(text: str, key: Sequence[str]) -> bool:
    try:
        columns = json.loads(text)
    except ValueError:
        return False
    return isinstance(columns, list) and sorted(map(str, columns)) == sorted(key)


def is_null(key: Sequence[str]) -> Column:
    """Return where a part of the key is null."""
    return reduce(or_, (F.col(f"`{name}`").isNull() for name in key), F.lit(False))


def observed_result(dataset: str) -> RuleResult:
    """Return the result of a run that wrote no null into the key, as the pass that wrote showed."""
    return RuleResult(_rule_id(dataset), Stage.STRUCTURE, Severity.CRITICAL, RuleState.HELD, why=WHY, way=OBSERVED)


def check_run(dataset: str, staged: StagedRows, masking: Masking) -> RuleResult:
    """Return whether the rows of the run have every part of the key; takes a pass over their keys."""
    rows = staged.rows.where(is_null(staged.key))
    keyless = rows.select(*(f"`{name}`" for name in staged.key), OBJECT).limit(MAX_SAMPLES).collect()
    return _key_result(
        dataset,
        rows.count() if keyless else 0,
        [null_sample(row[:-1], row[OBJECT], staged.key, masking) for row in keyless],
        WHY,
    )


def check_table(dataset: str, staged: StagedRows, masking: Masking) -> RuleResult:
    """Return whether all rows of the branch have the key, each once; takes a pass over the table's keys."""
    key = [f"`{name}`" for name in staged.key]
    key_counts = staged.table.read_branch(staged.branch).groupBy(*key)
    key_counts = key_counts.agg(
        F.count(F.lit(1)).alias("_rows"), F.min(OBJECT).alias("_first"), F.max(OBJECT).alias("_last")
    )
    faulty = key_counts.where((F.col("_rows") > 1) | is_null(staged.key))
    samples = faulty.limit(MAX_SAMPLES).collect()
    rows = faulty.agg(F.sum("_rows")).collect()[0][0] if samples else 0
    return _key_result(dataset, rows, [_group_sample(row, staged.key, masking) for row in samples], WHY_WHOLE)


def null_sample(values: Sequence[Any], object_key: str, key: Sequence[str], masking: Masking) -> str:
    """Return what is shown of a row without a part of its key."""
    return f"{masking.mask_key(values, key)} in {object_key}"


def _group_sample(row: Any, key: Sequence[str], masking: Masking) -> str:
    objects = ", ".join(dict.fromkeys((str(row["_first"]), str(row["_last"]))))
    return f"{masking.mask_key(row[: len(key)], key)} in {row['_rows']} row{'s' * (row['_rows'] != 1)}: {objects}"


def _key_result(dataset: str, unexpected: int, samples: list[str], why: str) -> RuleResult:
    state = RuleState.from_outcome(not unexpected)
    return RuleResult(
        _rule_id(dataset),
        Stage.STRUCTURE,
        Severity.CRITICAL,
        state,
        unexpected,
        format_samples(samples),
        why,
        way=COMPUTED,
    )


def _rule_id(dataset: str) -> str:
    return StructureRule.KEY.id_of(dataset)
