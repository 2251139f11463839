"""What a backtest counts, from rows that are already judged."""

import pytest

from etl.contract.model import contract_of
from sluice.contracts.backtest.outcome import DAY, FILE
from sluice.contracts.backtest.report import Report
from sluice.contracts.backtest.row_outcomes import ASIDE, HEADER, PUBLISHED, REFUSED, Terms
from tests.lake.mutations import Suite
from tests.unit.contracts.backtest_rows import FARE, HALF, NOTED, SHARE, WARNED, Rows, report, rule, terms


def fates(found: Report) -> dict[str, int]:
    return {fate: found.changed.rows(fate) for fate in (PUBLISHED, ASIDE, REFUSED)}


def test_a_critical_rule_refuses_a_row_and_its_file_a_warning_sets_aside_an_info_neither() -> None:
    given: list[Rows] = [
        ("a", None, None, {"trips.fare"}, 2),
        ("b", None, None, {"trips.stops"}, 3),
        ("c", None, None, {"trips.note"}, 4),
    ]
    found = report(*given, now=terms(FARE, WARNED, NOTED))
    assert fates(found) == {PUBLISHED: 4, ASIDE: 3, REFUSED: 2}
    assert list(found.changed.refused(FILE)) == ["a"]
    assert found.changed.broken == {"trips.fare": 2, "trips.stops": 3, "trips.note": 4}


@pytest.mark.parametrize(("stage", "expected"), [("output", ASIDE), ("input", REFUSED)])
def test_a_row_that_a_warning_sets_aside_is_not_seen_by_the_outputs_critical_rules_but_by_the_inputs(
    stage: str, expected: str
) -> None:
    found = report(("a", None, None, {"trips.fare", "trips.stops"}, 1), now=terms(FARE, WARNED, stage=stage))
    assert fates(found)[expected] == 1
    assert ("trips.fare" in found.changed.broken) == (expected == REFUSED)


@pytest.mark.parametrize("stage", ["input", "output"])
def test_a_row_that_breaks_only_a_warning_is_set_aside_at_either_stage(stage: str) -> None:
    found = report(("a", None, None, {"trips.stops"}, 1), now=terms(FARE, WARNED, stage=stage))
    assert fates(found) == {PUBLISHED: 0, ASIDE: 1, REFUSED: 0}


def test_what_no_suite_states_is_critical_and_comes_before_the_outputs_warnings() -> None:
    found = report(("a", None, None, {"trips.structure.cast.fare"}, 1), now=terms(WARNED))
    assert fates(found)[REFUSED] == 1
    assert found.counts[0].severity == "critical"


@pytest.mark.parametrize(
    ("rules", "marks", "failing", "expected"),
    [
        ([SHARE], {"trips.share"}, set(), {PUBLISHED: 10}),
        ([SHARE], {"trips.share"}, {"trips.share"}, {PUBLISHED: 8, REFUSED: 2}),
        ([HALF], {"trips.half"}, set(), {PUBLISHED: 10}),
        ([HALF], {"trips.half"}, {"trips.half"}, {PUBLISHED: 8, ASIDE: 2}),
    ],
)
def test_a_rule_with_mostly_counts_only_where_it_fails(
    rules: list[Suite], marks: set[str], failing: set[str], expected: dict[str, int]
) -> None:
    found = report(
        ("a", None, None, marks, 2),
        ("a", None, None, set(), 8),
        now=terms(*rules),
        failing={FILE: {"a": frozenset(failing)}},
    )
    assert {fate: rows for fate, rows in fates(found).items() if rows} == expected
    assert dict(found.changed.broken) == (dict.fromkeys(failing, 2))


def test_a_rule_on_all_rows_refuses_the_file_and_no_row() -> None:
    found = report(
        ("a", "2025-01-01", set(), set(), 3), now=terms(), was=terms(), failing={FILE: {"a": frozenset({"trips.rows"})}}
    )
    assert fates(found)[REFUSED] == 0
    assert found.changed.refused(FILE)["a"].broken == {"trips.rows": 1}
    assert found.newly_refused(FILE) == ["a"]
    assert found.newly_refused(DAY) == []
    assert found.refuses_more


@pytest.mark.parametrize(("most", "refused"), [(0.5, []), (0.4, ["a"]), (0, ["a"])])
def test_a_file_of_which_too_many_rows_are_set_aside_is_refused(most: float, refused: list[str]) -> None:
    now = terms(WARNED)
    suite = {**now.contract.suite, "meta": {**now.contract.suite["meta"], "max_quarantined": most}}
    rows: list[Rows] = [("a", None, None, {"trips.stops"}, 5), ("a", None, None, set(), 5), ("b", None, None, set(), 1)]
    found = report(*rows, now=Terms(contract_of(suite)))
    assert list(found.changed.refused(FILE)) == refused
    assert ("trips.structure.quarantined.output" in found.changed.broken) == bool(refused)


@pytest.mark.parametrize(("times", "broken"), [(1, False), (2, True), (0, True)])
def test_a_files_header_stands_once_and_is_no_row(times: int, broken: bool) -> None:
    header: list[Rows] = [("a", "day", None, {HEADER}, times)] if times else []
    found = report(*header, ("a", "2025-01-01", None, set(), 1), now=terms(), headers=1)
    assert (found.rows, list(found.changed.units[DAY])) == (1, ["2025-01-01"])
    assert ("trips.structure.header" in found.changed.broken) == broken


def test_a_file_of_only_a_header_is_refused() -> None:
    found = report(("a", None, None, {HEADER}, 1), now=terms(), headers=1)
    assert found.changed.refused(FILE)["a"].critical == ("trips.structure.rows",)


def test_rows_of_a_file_that_only_the_published_contract_reads_are_newly_refused() -> None:
    rows: list[Rows] = [("a", "2025-01-01", {HEADER}, None, 1), ("a", "2025-01-01", set(), None, 7)]
    found = report(*rows, now=terms(), was=terms(), headers=1, faults={"a": "trips.structure.header"})
    assert (found.rows, found.newly) == (7, 7)
    assert found.changed.refused(FILE)["a"].broken == {"trips.structure.header": 7}
    assert list(found.changed.refused(DAY)) == ["2025-01-01"]


def test_a_file_that_no_contract_reads_is_refused_with_no_rows() -> None:
    found = report(now=terms(), faults={"a": "trips.structure.gzip"})
    assert found.rows == 0
    assert found.changed.refused(FILE)["a"].broken == {"trips.structure.gzip": 1}


def test_as_many_rows_refused_as_before_are_more_where_they_are_others() -> None:
    rows: list[Rows] = [("a", None, {"trips.fare"}, set(), 3), ("a", None, set(), {"trips.fare"}, 3)]
    found = report(*rows, now=terms(FARE), was=terms(FARE))
    assert (found.newly, found.no_longer, found.refuses_more) == (3, 3, True)
    assert (found.counts[0].published, found.counts[0].changed) == (3, 3)
    assert found.newly_refused(FILE) == []


def test_to_refuse_the_same_or_less_is_not_more() -> None:
    rows: list[Rows] = [("a", None, {"trips.fare"}, {"trips.fare"}, 3), ("b", None, {"trips.fare"}, set(), 3)]
    found = report(*rows, now=terms(FARE), was=terms(FARE))
    assert (found.newly, found.no_longer, found.refuses_more) == (0, 3, False)


def test_without_a_published_contract_whatever_is_refused_is_more() -> None:
    assert report(("a", None, None, {"trips.fare"}, 1), now=terms(FARE)).refuses_more
    assert not report(("a", None, None, set(), 1), now=terms(FARE)).refuses_more


def test_rows_without_a_day_are_of_no_day_but_of_their_file() -> None:
    found = report(("a", None, set(), {"trips.fare"}, 1), now=terms(FARE), was=terms(FARE))
    assert found.changed.units[DAY] == {}
    assert list(found.changed.refused(FILE)) == ["a"]


def test_a_rule_that_one_contract_does_not_have_has_no_count_there() -> None:
    rows: list[Rows] = [("a", None, {"trips.fare"}, {"trips.stops"}, 2)]
    found = report(*rows, now=terms(WARNED), was=terms(FARE))
    told = {one.rule: (one.published, one.changed, one.severity) for one in found.counts}
    assert told == {"trips.stops": (None, 2, "warning"), "trips.fare": (2, None, "critical")}


def test_rules_that_compare_with_other_datasets_are_told_and_not_judged() -> None:
    pair = {"column_A": "city", "column_B": "known_city"}
    query = "select * from {batch} where known_city is null"
    references = [{"name": "known_city", "column": "city", "dataset": "cities", "key": "city"}]
    now = terms(
        rule("city", "expect_column_pair_values_to_be_equal", "warning", **pair),
        rule("any", "unexpected_rows_expectation", unexpected_rows_query=query),
        FARE,
        references=references,
    )
    assert now.unevaluated == ["trips.city", "trips.any"]
    assert [one.rule for one in now.rules] == ["trips.rows", "trips.key", "trips.fare"]


@pytest.mark.parametrize(("on_conflict", "of_runs"), [("refuse", False), ("replace", True)])
def test_a_key_whose_newer_row_wins_has_to_be_unique_in_a_run_only(on_conflict: str, of_runs: bool) -> None:
    assert ("trips.key" in [one.rule for one in terms(on_conflict=on_conflict).of_runs]) == of_runs


def test_rules_of_runs_are_those_that_a_row_alone_cannot_break_and_the_key_is_none_of_them() -> None:
    now = terms(FARE, SHARE, rule("city", "expect_column_values_to_be_unique"))
    assert [one.rule for one in now.of_runs] == ["trips.rows", "trips.share", "trips.city"]
    assert [one.rule for one in now.of_rows] == ["trips.key", "trips.fare", "trips.share", "trips.city"]
