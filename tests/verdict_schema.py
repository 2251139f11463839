"""The published schema of verdicts, for whatever test has one at hand."""

import json
from typing import Any

from jsonschema import Draft202012Validator

from etl.contract.structure_rules import StructureRule
from etl.results.verdict import Verdict
from etl.results.verdict_file import parse_verdict
from sluice.contracts.schema.command import VERDICT_FILE

VALIDATOR: Any = Draft202012Validator(json.loads(VERDICT_FILE.read_text()))
_validated: set[tuple[Any, ...]] = set()


def schema_faults(content: Any) -> list[str]:
    """Return what the schema finds in a verdict file's content."""
    return [f"{fault.json_path}: {fault.message}" for fault in VALIDATOR.iter_errors(content)]


def unjudged_rules(verdict: Verdict) -> list[str]:
    """Return the rules of a run that published of which it says no number of rows though it judged them, or the other way."""
    if verdict.state.is_failure:
        return []
    return [
        result.rule
        for result in verdict.rules
        if (result.rows_judged is not None) != result.state.is_conclusive
        and result.rule != StructureRule.KEY.id_of(verdict.dataset)  # of all rows of the table, whom nobody counts
    ]


def check_verdict(verdict: Verdict) -> None:
    """Check that a run's verdict is read back as it is written, and holds the schema: the first of each shape."""
    content = json.loads(json.dumps(verdict.as_json()))
    assert parse_verdict(content) == verdict
    rules = frozenset((rule.state, rule.stage, bool(rule.samples), bool(rule.places)) for rule in verdict.rules)
    filled = frozenset(name for name, value in content.items() if value)
    if (shape := (verdict.state, verdict.kind, rules, filled)) not in _validated:
        _validated.add(shape)
        assert schema_faults(content) == []
