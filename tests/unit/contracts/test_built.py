"""Contracts of a dataset that is built from tables are held against each other and against those of its sources."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from etl.contract.loading import contract_of, parse_suite
from etl.contract.validation.pair import find_disagreements
from sluice.contracts.diff.meta_changes import meta_changes
from sluice.contracts.lint.lint import lint_suites
from tests.lake import LAKE

Meta = dict[str, Any]
Change = Callable[[Meta, Meta], object]


def load_suites() -> tuple[dict[str, Any], dict[str, Any]]:
    folder = LAKE / "expectations" / "trades_daily"
    input_suite, published = (json.loads((folder / f"{stage}.json").read_text()) for stage in ("input", "output"))
    return input_suite, published


WRONG: dict[str, tuple[Change, str]] = {
    "no sources": (lambda given, _: given.pop("sources"), "meta.sources is missing"),
    "sources beside files": (
        lambda given, _: given.update(format="parquet"),
        "meta.sources stands in an input of files",
    ),
    "a day that is no date": (
        lambda given, _: given.update(day="region"),
        "meta.day is 'region'; name the column of type",
    ),
    "two with days": (
        lambda given, _: given["sources"][1].update(day="product_id"),
        "has not just one source with a day",
    ),
    "a key that is not read": (
        lambda given, _: given["sources"][1].update(on="id"),
        "a source's on is 'id'; name one of its",
    ),
    "itself": (
        lambda given, _: given["sources"][0].update(dataset="trades_daily"),
        "a source's dataset is trades_daily itself",
    ),
    "twice": (lambda given, _: given["sources"].append(given["sources"][0]), "names 'trades' 2 times"),
    "poison": (lambda given, _: given.update(on_poison="isolate"), "which no object can poison"),
    "an unknown source": (
        lambda given, _: given["sources"][1].update(dataset="catalogue"),
        "source 'catalogue' has no contract that loads: catalogue/output.json",
    ),
    "an unknown column": (
        lambda given, _: given["sources"][1]["columns"].append("colour"),
        "source 'goods' publishes no column 'colour'; it has product_id, name",
    ),
    "a key that the days lack": (
        lambda given, _: given["sources"][0]["columns"].remove("product_id"),
        "source 'goods' is found by 'product_id', which 'trades' is not read for",
    ),
    "a conflict": (
        lambda _, published: published.update(on_conflict="replace"),
        "meta.on_conflict is replace, but a day",
    ),
    "no key": (
        lambda _, published: published.update(key=[]),
        "meta.key is [], but a day that is built from tables is built again by its key; name the key's columns, 'day' among",
    ),
    "copies": (lambda given, _: given.update(copies="allow"), "meta.copies stands in an input of tables"),
    "files": (lambda given, _: given.update(files="*.csv"), "meta.files stands in an input of tables"),
    "a sum of text": (
        lambda _, published: published["reconciles"][0]["sums"].update(category="region"),
        "a reconciliation sums 'category', which is string",
    ),
    "a sum of nothing": (
        lambda _, published: published["reconciles"][0]["sums"].update(average_order="price"),
        "meta.reconciles names 'price', which is no column of source 'trades'",
    ),
    "sums of another": (
        lambda _, published: published["reconciles"][0].update(dataset="goods"),
        "meta.reconciles names 'goods', which is not the source whose days are built",
    ),
    "no object": (lambda _, published: published.update(reconciles=[1]), "meta.reconciles holds 1"),
    "parts of days that leave": (
        lambda _, published: published.update(
            columns=[*published["columns"], {"name": "built_on", "type": "date", "description": "when"}],
            keep_days={"column": "built_on", "days": 9},
        ),
        "meta.keep_days goes by 'built_on', but this dataset is built day by day of 'day'; name 'day'",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_lint_finds(what: str, tmp_path: Path) -> None:
    shutil.copytree(LAKE / "expectations", tmp_path / "expectations")
    input_suite, published = load_suites()
    change, expected = WRONG[what]
    change(input_suite["meta"], published["meta"])
    for suite in (input_suite, published):
        file = tmp_path / "expectations" / "trades_daily" / f"{suite['name'].partition('.')[2]}.json"
        file.write_text(json.dumps(suite))
    messages = [f"{finding.found}; {finding.remedy}" for finding in lint_suites([str(file.parent)]).findings]
    assert any(expected in message for message in messages), messages


def test_a_key_without_the_day_is_found() -> None:
    input_contract, published = map(contract_of, load_suites())
    assert list(find_disagreements(input_contract, published)) == []
    [disagreement] = find_disagreements(input_contract, replace(published, key=("region", "category")))
    assert str(disagreement) == "meta.key lacks 'day', the input's day; add it: a day is built again by itself"


def test_no_row_of_it_may_be_set_aside(tmp_path: Path) -> None:
    shutil.copytree(LAKE / "expectations", tmp_path / "expectations")
    file = tmp_path / "expectations" / "trades_daily" / "output.json"
    text = file.read_text().replace('"max_quarantined"', "").replace('"severity": "critical"', '"severity": "warning"')
    rules = json.loads(text)
    rules["expectations"][0]["severity"] = "critical"
    rules["meta"]["max_quarantined"] = 0.5
    file.write_text(json.dumps(rules))
    findings = [finding for finding in lint_suites([str(file)]).findings if "cannot be set aside" in finding.found]
    assert [finding.rule for finding in findings] == ["trades_daily.region.kept"]


def test_what_changes_in_sources_and_sums_is_told() -> None:
    (input_suite, output_suite), (later, more) = load_suites(), load_suites()
    later["meta"]["sources"][1]["columns"].append("name")
    del more["meta"]["reconciles"][0]["sums"]["units"]
    words_by_subject = {
        change.subject: change.words for change in meta_changes(contract_of(input_suite), contract_of(later))
    }
    assert words_by_subject.keys() == {"sources"}
    assert words_by_subject["sources"].endswith("; goods (product_id, category, name)")
    lost = list(meta_changes(contract_of(output_suite), contract_of(more)))
    assert [(change.subject, change.how) for change in lost] == [("reconciles units", "removed")]


def test_the_shipped_contracts_load_with_what_they_are_built_from() -> None:
    suite, faults = parse_suite((LAKE / "expectations" / "trades_daily" / "input.json").read_text())
    assert faults == []
    contract = contract_of(suite)
    assert [(source.dataset, source.day, source.on) for source in contract.sources] == [
        ("trades", "transaction_date", ""),
        ("goods", "", "product_id"),
    ]
