"""A rule of a run as one line of the results: what became of it, over how many rows, and what was observed."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from pydantic import TypeAdapter

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.rule_result import RuleResult
from etl.results.rule_state import Evaluation, RuleState
from etl.results.schema_settings import SCHEMA_SETTINGS
from etl.results.verdict import Verdict
from etl.runtime.arguments import RunKind

VERSION = 1  # a field more is none of another version, a new meaning is


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule's outcome in a run that has ended."""

    __pydantic_config__ = SCHEMA_SETTINGS

    version: Literal[1]
    """Of this form; a field more does not change it, another meaning of one does."""
    dataset: str
    """The dataset's name."""
    run_id: str
    """Glue's id of the run."""
    kind: RunKind
    """What kind of run: "run" for what arrived, "replay" and "rerun" for what an operator took through the gate again,
    "withdraw" where an object's rows left."""
    run_date: date
    """The day that people know the run by."""
    started: str
    """When the run began, UTC, as ISO text; the line lies under the day of it."""
    rule: str
    """The rule's stable id."""
    stage: Stage
    """Where the rule is judged."""
    severity: Severity
    """What breaking it does to a run."""
    state: RuleState
    """What became of it."""
    way: Evaluation
    """Who judged it: "observed" where the pass that wrote the rows did, "computed" where a pass of its own did."""
    rows_judged: int | None
    """Rows of its stage that it was held against, whether or not it has a condition; objects, for a rule about objects;
    groups, for a sum. Null where it was not judged, or where nobody counted."""
    rows_broken: int
    """Rows that broke it; objects, for a rule about objects; 1 for a rule about the whole. A key's rule counts rows of
    earlier runs too."""
    observed: str | None
    """What was observed of the whole as text, also where the rule held; masked where it is a value about a person. Null for
    a rule about rows, and where objects went through the gate one by one and their values differ."""


@cache
def rule_line_adapter() -> TypeAdapter[RuleLine]:
    """Return what reads and writes lines and gives their schema."""
    return TypeAdapter(RuleLine)


def rule_lines(verdict: Verdict, run_date: str) -> list[RuleLine]:
    """Return a line for each rule of a run that has ended; `run_date` is the day that people know it by, as ISO text."""
    return [_rule_line(verdict, date.fromisoformat(run_date), result) for result in verdict.rules]


def _rule_line(verdict: Verdict, run_date: date, result: RuleResult) -> RuleLine:
    return RuleLine(
        version=VERSION,
        dataset=verdict.dataset,
        run_id=verdict.run_id,
        kind=verdict.kind,
        run_date=run_date,
        started=verdict.started,
        rule=result.rule,
        stage=result.stage,
        severity=result.severity,
        state=result.state,
        way=result.way,
        rows_judged=result.rows_judged,
        rows_broken=result.unexpected,
        observed=result.observed,
    )
