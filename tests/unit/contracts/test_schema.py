"""The schema says of a suite what strict loading says, as far as a schema can, and is the library's."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contract.validation.suite import faults_of
from etl.contract.vocabulary import VOCABULARY
from sluice.contracts.schema.reference_page import PAGE, render_page
from sluice.contracts.schema.suite_schema import FILE, build_schema, render_schema
from sluice.contracts.suite_files import find_suites, suite_file
from tests.lake.examples import EXAMPLES, suite_of
from tests.lake.mutations import (
    KEY,
    QUANTITY,
    REGION,
    ROWS,
    TRADES,
    Change,
    change_column,
    change_field,
    change_kwargs,
    change_meta,
    change_rule_meta,
    remove_path,
)

jsonschema = pytest.importorskip("jsonschema")
VALIDATOR: Any = jsonschema.Draft7Validator(json.loads(FILE.read_text()))


def is_refused(suite: Any) -> bool:
    return not VALIDATOR.is_valid(suite)


def test_the_file_is_what_the_library_says() -> None:
    assert FILE.read_text() == render_schema(), "stale: run sluice schema --write"


def test_the_page_of_keys_is_what_the_model_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "stale: run sluice schema --write"


def test_it_is_a_schema_itself() -> None:
    drafts = jsonschema.Draft7Validator
    assert [fault.message for fault in drafts(drafts.META_SCHEMA).iter_errors(build_schema())] == []


def test_the_shipped_suites_hold_it() -> None:
    suites = [suite_file(path).suite for path in find_suites([])]
    assert len(suites) > 1
    assert [suite["name"] for suite in suites if is_refused(suite)] == []


def test_every_expectation_is_explained() -> None:
    kinds = build_schema()["definitions"]["expectation"]["properties"]["type"]
    assert len(kinds["enum"]) == len(kinds["enumDescriptions"]) == len(VOCABULARY)
    assert all(len(about) > 20 for about in kinds["enumDescriptions"])


def example_suite(kind: str, **changed: Any) -> dict[str, Any]:
    meta = {"rule": "trips.example", "why": "An example."}
    return suite_of({"type": kind, "kwargs": {**EXAMPLES[kind], **changed}, "meta": meta})


@pytest.mark.parametrize("kind", VOCABULARY)
def test_it_takes_an_example_of_each_expectation_and_no_argument_more(kind: str) -> None:
    assert not is_refused(example_suite(kind))
    assert is_refused(example_suite(kind, depth=1))


FAULTS: dict[str, Change] = {
    "no suite's key": lambda suite: suite.update(data_asset=1),
    "a name without stage": lambda suite: suite.update(name="trades"),
    "an empty suite": lambda suite: suite.update(expectations=[]),
    "an unknown meta": change_meta(colour="red"),
    "an input's meta": change_meta(format="csv"),
    "a version that is none": change_meta(version="1.0"),
    "no owner": remove_path("meta", "owner"),
    "no key": remove_path("meta", "key"),
    "hours beyond the watch": change_meta(freshness_hours=169),
    "an unknown column type": change_column(3, type="number"),
    "too many digits": change_column(4, type="decimal(39,2)"),
    "a column of our own": change_column(1, name="_object"),
    "pii as text": change_column(1, pii="yes"),
    "an unknown type": change_field(QUANTITY, type="expect_joy"),
    "an unknown severity": change_field(QUANTITY, severity="fatal"),
    "a warning that judges no row": change_field(ROWS, severity="warning"),
    "an id without dataset": change_rule_meta(QUANTITY, rule="quantity"),
    "no why": change_rule_meta(KEY, why=""),
    "no bounds": change_kwargs(QUANTITY, min_value=None, max_value=None),
    "a bound as text": change_kwargs(QUANTITY, min_value="1"),
    "half a row": change_kwargs(ROWS, min_value=1.5),
    "strictness as text": change_kwargs(QUANTITY, strict_min="yes"),
    "an empty set": change_kwargs(REGION, value_set=[]),
    "mostly above 1": change_kwargs(QUANTITY, mostly=1.01),
    "no set": remove_path("expectations", 13, "kwargs", "value_set"),
    "a parameter that no name can be": change_kwargs(QUANTITY, max_value={"$PARAMETER": "Rows"}),
    "a day for a count": change_kwargs(ROWS, min_value={"$PARAMETER": "run_date"}),
    "a history's unknown key": change_meta(history={"rows_low": {"metric": "row_count", "timess": 2}}),
    "a history's unknown metric": change_meta(history={"rows_low": {"metric": "rows"}}),
    "a history's name": change_meta(history={"Rows": {"metric": "row_count"}}),
    "a condition as text": change_kwargs(QUANTITY, row_condition="quantity > 1"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_it_refuses_what_a_schema_can_see(what: str) -> None:
    suite = copy.deepcopy(TRADES["output"])
    FAULTS[what](suite)
    assert is_refused(suite)


ODD = [
    None,
    True,
    0,
    1,
    0.5,
    2.5,
    -1,
    "",
    "a",
    "%",
    "2025-01-31",
    [],
    ["a"],
    ["a", "b"],
    [["a", 1]],
    {},
    "any",
    "never",
]


@given(st.sampled_from(sorted(VOCABULARY)), st.data())
@settings(max_examples=200, deadline=None)
def test_what_loads_it_takes(kind: str, data: st.DataObject) -> None:
    argument = data.draw(st.sampled_from(sorted(VOCABULARY[kind].arguments)))
    suite = example_suite(kind, **{argument: data.draw(st.sampled_from(ODD))})
    assert faults_of(suite) or not is_refused(suite)


def test_a_suite_may_name_the_schema_for_its_editor() -> None:
    suite = copy.deepcopy(TRADES["output"])
    assert not is_refused({"$schema": "../schema.json", **suite})
    assert is_refused({"$schema": 7, **suite})
    assert is_refused({"$shema": "../schema.json", **suite})
