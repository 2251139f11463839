"""Each field of a result says how two of them become one; a field that says nothing is refused."""

from dataclasses import dataclass, field, fields
from typing import Annotated, Any

import pytest

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.merging import LARGEST, OF_RUN, SUM, UNION, begin_part, merge_parts, merge_rules
from etl.results.rule_result import RuleResult, merge_results
from etl.results.rule_state import RuleState
from etl.results.verdict import Verdict


@dataclass
class Figures:
    """A result of four fields."""

    name: Annotated[str, OF_RUN]
    rows: Annotated[int, SUM] = 0
    attempts: Annotated[int, LARGEST] = 0
    keys: Annotated[list[str], UNION] = field(default_factory=list[str])


@pytest.mark.parametrize("model", [Verdict, RuleResult])
def test_each_field_of_a_result_has_a_merge_rule(model: type[Any]) -> None:
    assert list(merge_rules(model)) == [model_field.name for model_field in fields(model)]


def test_a_field_without_a_merge_rule_is_refused_by_name() -> None:
    @dataclass
    class Forgetful(Verdict):
        """A verdict with a field that nobody said how to merge."""

        bytes_read: int = 0

    with pytest.raises(TypeError, match=r"Forgetful\.bytes_read has no merge rule"):
        begin_part(Forgetful("trips", "jr_1", "job", "now"))


def test_parts_begin_with_what_is_the_runs_and_their_own_is_merged_by_rule() -> None:
    run = Figures("a", 9, 1, ["x"])
    assert begin_part(run) == Figures("a", 0, 1, [])
    parts = [Figures("b", 2, 3, ["y", "z"]), Figures("c", 5, 2, ["z"])]
    assert merge_parts(begin_part(run), parts) == Figures("a", 7, 3, ["y", "z"])


def rule_in(state: RuleState, rows: int | None = None, observed: str | None = None, broken: int = 0) -> RuleResult:
    return RuleResult("trips.rows", Stage.INPUT, Severity.CRITICAL, state, broken, rows_judged=rows, observed=observed)


HELD, BROKEN = RuleState.HELD, RuleState.BROKEN


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        (rule_in(HELD, 5, "2"), rule_in(HELD, 4, "7"), rule_in(HELD, 9)),
        (rule_in(HELD, 5, "2"), rule_in(HELD, 4, "2"), rule_in(HELD, 9, "2")),
        (rule_in(HELD, 5), rule_in(BROKEN, 4, None, 3), rule_in(BROKEN, 9, None, 3)),
        (rule_in(BROKEN, 5, "2", 1), rule_in(BROKEN, 4, "7", 1), rule_in(BROKEN, 9, None, 2)),
        (rule_in(HELD, 5, "2"), rule_in(RuleState.ERROR), rule_in(RuleState.ERROR)),
        (rule_in(RuleState.NOT_EVALUATED), rule_in(HELD, 5, "2"), rule_in(HELD, 5, "2")),
        (rule_in(HELD, 5), rule_in(HELD), rule_in(HELD, 5)),
    ],
)
def test_a_rule_of_parts_was_held_against_the_rows_of_all_and_what_one_part_shows_is_not_the_wholes(
    first: RuleResult, second: RuleResult, merged: RuleResult
) -> None:
    assert merge_results(first, second) == merged
