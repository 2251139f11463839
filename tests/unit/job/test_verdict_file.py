"""The verdict's file: written and read by one model, whose schema is published; those of earlier versions are read too."""

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.errors import VerdictUnreadable
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.results.rule_state import OBSERVED, RuleState
from etl.results.verdict import ObjectVersion, RunState, SkippedObject, Verdict
from etl.results.verdict_file import ALWAYS_STORED, parse_verdict, render_verdict_schema
from etl.runtime.arguments import RunKind
from sluice.contracts.schema.command import VERDICT_FILE
from tests.verdict_schema import VALIDATOR, check_verdict, schema_faults

HELD = RuleResult("trips.rows", Stage.INPUT, Severity.CRITICAL, RuleState.HELD, way=OBSERVED)
BROKEN = RuleResult(
    "trips.seats.range",
    Stage.INPUT,
    Severity.CRITICAL,
    RuleState.BROKEN,
    2,
    ("0", None),
    "A seat.",
    places=(Origin("a", "1", 3),),
)
ERROR = HELD.as_error("the engine's words")
WAITING = RuleResult("trips.city.known", Stage.OUTPUT, Severity.WARNING, RuleState.NOT_EVALUATED)
READ = [ObjectVersion("trips/a.csv", "1"), ObjectVersion("trips/b.csv", "null")]
SKIPPED = SkippedObject("trips/c.csv", "1", "half of it", "ada", "2026-01-31T06:00:00+00:00")


def make_verdict(state: RunState, *rules: RuleResult, **fields: Any) -> Verdict:
    started = "2026-01-31T06:00:00+00:00"
    return Verdict("trips", "jr_1", "job", started, state, rules=[*rules], **fields)


VERDICTS = {
    "good": make_verdict(RunState.SUCCEEDED, HELD, objects=READ, rows_read=2, rows_published=2, snapshot_after="7"),
    "bad": make_verdict(RunState.FAILED, HELD, BROKEN, objects=READ, skipped=[SKIPPED], passed_over=["trips/_x"]),
    "isolated": make_verdict(RunState.FAILED, BROKEN, objects=READ, rows_published=1, snapshot_before="6"),
    "replay": make_verdict(RunState.SUCCEEDED, HELD, kind=RunKind.REPLAY, replay="jr_0", seconds=2.5, attempts=2),
    "in error": make_verdict(RunState.FAILED, ERROR, WAITING, data_docs="s3://assets/docs/trips/jr_1/"),
    "nothing unread": make_verdict(RunState.SUCCEEDED, nothing_unread=True, message="trips: nothing new"),
    "of tables": make_verdict(RunState.SUCCEEDED, HELD, sources={"fares": "42"}, rebuilt=["2025-01-02: fares"]),
}


def stored(verdict: Verdict) -> dict[str, Any]:
    return json.loads(json.dumps(verdict.as_json()))


def test_the_schemas_file_is_what_the_model_says() -> None:
    assert VERDICT_FILE.read_text() == render_verdict_schema(), "stale: run sluice schema --write"
    Draft202012Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("case", VERDICTS)
def test_a_verdict_holds_the_schema_and_is_read_back_as_it_was(case: str) -> None:
    check_verdict(VERDICTS[case])
    assert schema_faults(stored(VERDICTS[case])) == []


def test_the_schema_explains_each_field_and_demands_it() -> None:
    schemas = {name: schema for name, schema in VALIDATOR.schema["$defs"].items() if name in ("RuleResult", "Origin")}
    for name, schema in (schemas | {"Verdict": VALIDATOR.schema}).items():
        fields = schema["properties"]
        unexplained = [field for field, about in fields.items() if len(about.get("description", "")) < 10]
        assert (name, unexplained, set(schema["required"])) == (name, [], fields.keys())


@pytest.mark.parametrize(
    "changed",
    [{"version": 2}, {"state": "BROKEN"}, {"rules": [{"rule": "trips.rows"}]}, {"objects": ["a"]}],
)
def test_what_is_no_verdict_breaks_the_schema_and_is_not_read(changed: dict[str, Any]) -> None:
    content = stored(VERDICTS["bad"]) | changed
    assert schema_faults(content) != []
    with pytest.raises(VerdictUnreadable, match="no verdict"):
        parse_verdict(content)


@pytest.mark.parametrize("name", ALWAYS_STORED)
def test_a_file_without_what_each_verdict_has_is_none(name: str) -> None:
    content = stored(VERDICTS["good"])
    del content[name]
    with pytest.raises(VerdictUnreadable, match=f"no verdict: it has no {name}"):
        parse_verdict(content)


def test_what_is_wrong_with_a_file_is_said_without_its_values() -> None:
    content = stored(VERDICTS["bad"])
    content["rules"][1]["samples"] = [{"name": "Lovelace"}]
    with pytest.raises(VerdictUnreadable, match=r"rules\.1\.samples\.0: Input should be a valid string") as refused:
        parse_verdict(content)
    assert "Lovelace" not in str(refused.value)


@pytest.mark.parametrize("content", [None, 7, [], "text", {**stored(VERDICTS["good"]), "rules": [1]}])
def test_what_is_no_record_is_no_verdict(content: Any) -> None:
    with pytest.raises(VerdictUnreadable, match="no verdict"):
        parse_verdict(content)


def test_a_verdict_of_the_first_version_is_read() -> None:
    verdict = VERDICTS["isolated"]
    content = {name: value for name, value in stored(verdict).items() if name in (*ALWAYS_STORED, "snapshot_before")}
    fields = ("rule", "stage", "severity", "held", "unexpected", "samples", "why")
    content["rules"] = [{name: rule[name] for name in fields} for rule in content["rules"]]
    assert parse_verdict(content) == replace(verdict, rules=[replace(BROKEN, places=())])


def test_a_value_that_the_model_does_not_foresee_costs_no_verdict(recwarn: pytest.WarningsRecorder) -> None:
    odd: Any = ("Lovelace", 7, "\ud800")
    content = make_verdict(RunState.FAILED, replace(BROKEN, samples=odd)).as_json()
    assert (content["rules"][0]["samples"], recwarn.list) == ([*odd], [])
