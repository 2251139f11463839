"""`load`, `unique_within` and `keep_days` of an output: what a suite may say of them, and what it means."""

import copy
import json
from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.loads import LoadKind
from etl.contract.validation.pair import find_disagreements
from etl.contract.validation.suite import faults_of
from sluice.contracts.diff.load_changes import load_changes
from tests.lake import LAKE

OUTPUT = json.loads((LAKE / "expectations/trades/output.json").read_text())
INPUT = json.loads((LAKE / "expectations/trades/input.json").read_text())
CHANGES = {"kind": "changes", "operation": "region", "order": ["transaction_date"]}
DATED = {"column": "transaction_date", "days": 30}


def output_with(**meta: Any) -> dict[str, Any]:
    suite = copy.deepcopy(OUTPUT)
    suite["meta"] |= meta
    return suite


@pytest.mark.parametrize(
    ("meta", "kind"),
    [
        ({}, LoadKind.APPEND),
        ({"on_conflict": "refuse"}, LoadKind.APPEND),
        ({"on_conflict": "replace"}, LoadKind.UPSERT),
        ({"load": "append"}, LoadKind.APPEND),
        ({"load": "append", "on_conflict": "refuse"}, LoadKind.APPEND),
        ({"load": "upsert"}, LoadKind.UPSERT),
        ({"load": "upsert", "on_conflict": "replace"}, LoadKind.UPSERT),
        ({"load": {"kind": "upsert"}}, LoadKind.UPSERT),
        ({"load": {"kind": "snapshot"}}, LoadKind.SNAPSHOT),
        ({"load": CHANGES}, LoadKind.CHANGES),
    ],
)
def test_a_load_is_what_it_says_or_what_on_conflict_meant(meta: dict[str, Any], kind: LoadKind) -> None:
    suite = output_with(**meta)
    assert faults_of(suite) == []
    assert contract_of(suite).loading.kind is kind


@pytest.mark.parametrize(
    ("meta", "problem", "remedy"),
    [
        ({"load": "snapsot"}, "meta.load is 'snapsot'", 'write "append"'),
        ({"load": 7}, "meta.load is 7", 'write "append"'),
        ({"load": {"of": "file"}}, "the kind of meta.load is None", 'write "append"'),
        ({"load": {"kind": "snapshot", "of": "fold"}}, "meta.load.of is 'fold'", "did you mean 'folder'?"),
        ({"load": {"kind": "snapshot", "max_gone": 2}}, "meta.load.max_gone is 2", "a share from 0 to 1"),
        ({"load": {"kind": "snapshot", "order": ["region"]}}, "is snapshot, which has no order", "drop it"),
        ({"load": {**CHANGES, "of": "file"}}, "is changes, which has no of", "drop it"),
        ({"load": {**CHANGES, "oder": []}}, "meta.load.oder is unknown", "did you mean 'order'?"),
        (
            {"load": "upsert", "on_conflict": "refuse"},
            "which means append, but meta.load is upsert",
            "drop on_conflict",
        ),
        ({"load": CHANGES, "on_conflict": "replace"}, "means upsert, but meta.load is changes", "drop on_conflict"),
        ({"load": {"kind": "snapshot"}, "key": []}, "is snapshot, but meta.key is []", "name the columns"),
        ({"load": {"kind": "changes", "order": ["region"]}}, "names no operation", "name the input column"),
        ({"load": {"kind": "changes", "operation": "op"}}, "names no order", "list the published columns"),
        ({"load": {**CHANGES, "order": ["nope"]}}, "order names 'nope', which is not declared", "meta.columns has"),
        (
            {"load": {**CHANGES, "order": ["transaction_id"]}},
            "'transaction_id', which is of the key",
            "by which they differ",
        ),
        ({"load": {**CHANGES, "insert": ["I", "D"]}}, "'D' as two of insert, update and delete", "mean one of them"),
        ({"load": {**CHANGES, "tombstone_days": 0}}, "meta.load.tombstone_days is 0", "whole days from 1"),
        ({"unique_within": {"column": "region", "days": 3}}, "'region', which is string", "name a date or time"),
        ({"unique_within": DATED, "load": "upsert"}, "rows here take the place of others", '"load": "append"'),
        ({"unique_within": DATED, "on_conflict": "replace"}, "rows here take the place of others", '"load": "append"'),
        (
            {"keep_days": {"column": "nope", "days": 3}},
            "keep_days names 'nope', which is not declared",
            "meta.columns has",
        ),
        ({"keep_days": {"column": "quantity", "days": 3}}, "'quantity', which is int and no date", "name a date"),
        ({"keep_days": 3}, "meta.keep_days is 3", "write an object such as"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(meta: dict[str, Any], problem: str, remedy: str) -> None:
    matching = [fault for fault in faults_of(output_with(**meta)) if problem in fault.problem]
    assert [remedy in fault.remedy for fault in matching] == [True]


def disagreements(input_meta: dict[str, Any], **output_meta: Any) -> list[str]:
    suite = copy.deepcopy(INPUT)
    suite["meta"] |= input_meta
    return [str(fault) for fault in find_disagreements(contract_of(suite), contract_of(output_with(**output_meta)))]


def test_what_rows_do_must_stand_in_a_text_of_the_input() -> None:
    assert disagreements({}, load=CHANGES) == []
    assert "'op', which is no column of the input" in disagreements({}, load={**CHANGES, "operation": "op"})[0]


def test_of_a_snapshot_no_object_can_be_isolated() -> None:
    assert "meta.on_poison is isolate" in disagreements({"on_poison": "isolate"}, load={"kind": "snapshot"})[0]
    assert disagreements({"on_poison": "isolate"}, load="upsert") == []


@pytest.mark.parametrize(
    ("old", "new", "words", "label"),
    [
        ({}, {"load": "append"}, "", ""),
        ({"on_conflict": "replace"}, {"load": "upsert"}, "", ""),
        ({}, {"load": "upsert"}, "append → upsert", "loosened"),
        ({"load": "upsert"}, {}, "upsert → append", "breaking for consumers"),
        ({}, {"keep_days": DATED}, "without a bound → 30 days of transaction_date", "breaking for consumers"),
        ({}, {"unique_within": DATED}, "without a bound → 30 days of transaction_date", "breaking for consumers"),
    ],
)
def test_a_difference_says_for_whom_it_is(old: dict[str, Any], new: dict[str, Any], words: str, label: str) -> None:
    changes = [*load_changes(contract_of(output_with(**old)), contract_of(output_with(**new)))]
    assert [(change.words, str(change.label)) for change in changes] == ([(words, label)] if words else [])
