"""The page and the schema of results are what the models say, and what a run writes holds the schema."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from etl.results.results_schema import render_results_schema
from sluice.contracts.schema import results_page
from sluice.contracts.schema.command import RESULTS_FILE
from sluice.program.message_samples import results_line, rule_result_line

VALIDATOR: Any = Draft202012Validator(json.loads(RESULTS_FILE.read_text()))
LINES = {"RunLine": json.loads(results_line()), "RuleLine": json.loads(rule_result_line())}


def test_the_schema_and_the_page_are_what_the_models_say() -> None:
    assert RESULTS_FILE.read_text() == render_results_schema(), "stale: run sluice schema --write"
    assert results_page.PAGE.read_text() == results_page.render_page(), "stale: run sluice schema --write"
    Draft202012Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("model", LINES)
def test_a_line_holds_the_schema_which_demands_and_explains_each_field(model: str) -> None:
    line, definition = LINES[model], VALIDATOR.schema["$defs"][model]
    assert [*VALIDATOR.iter_errors(line)] == []
    assert set(definition["required"]) == line.keys() == definition["properties"].keys()
    assert [name for name, field in definition["properties"].items() if len(field.get("description", "")) < 10] == []
    for name in line:
        assert [*VALIDATOR.iter_errors({key: value for key, value in line.items() if key != name})] != []


def test_a_line_of_a_later_version_breaks_the_schema() -> None:
    assert [*VALIDATOR.iter_errors({**LINES["RunLine"], "version": 2})] != []
    assert [*VALIDATOR.iter_errors({**LINES["RunLine"], "a later field": 2})] == []
