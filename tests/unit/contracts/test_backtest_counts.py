"""What a backtest counts, from rows that are already judged."""

import pytest

from etl.contract.loading import contract_of
from sluice.contracts.backtest.outcome import DAY, FILE
from sluice.contracts.backtest.report import BacktestReport
from sluice.contracts.backtest.row_outcomes import ASIDE, HEADER, PUBLISHED, REFUSED, ContractRules
from tests.lake.mutations import Suite
from tests.unit.contracts.backtest_rows import (
    FARE,
    HALF,
    NOTED,
    SHARE,
    WARNED,
    Rows,
    make_report,
    make_rule,
    make_terms,
)


def rows_by_fate(backtest_report: BacktestReport) -> dict[str, int]:
    return {fate: backtest_report.changed.count_rows(fate) for fate in (PUBLISHED, ASIDE, REFUSED)}


def test_a_critical_rule_refuses_a_row_and_its_file_a_warning_sets_aside_an_info_neither() -> None:
    file_rows: list[Rows] = [
        ("a", None, None, {"trips.fare"}, 2),
        ("b", None, None, {"trips.stops"}, 3),
        ("c", None, None, {"trips.note"}, 4),
    ]
    backtest_report = make_report(*file_rows, now=make_terms(FARE, WARNED, NOTED))
    assert rows_by_fate(backtest_report) == {PUBLISHED: 4, ASIDE: 3, REFUSED: 2}
    assert list(backtest_report.changed.refused_units(FILE)) == ["a"]
    assert backtest_report.changed.broken == {"trips.fare": 2, "trips.stops": 3, "trips.note": 4}


@pytest.mark.parametrize(("stage", "expected"), [("output", ASIDE), ("input", REFUSED)])
def test_a_row_that_a_warning_sets_aside_is_not_seen_by_the_outputs_critical_rules_but_by_the_inputs(
    stage: str, expected: str
) -> None:
    backtest_report = make_report(
        ("a", None, None, {"trips.fare", "trips.stops"}, 1), now=make_terms(FARE, WARNED, stage=stage)
    )
    assert rows_by_fate(backtest_report)[expected] == 1
    assert ("trips.fare" in backtest_report.changed.broken) == (expected == REFUSED)


@pytest.mark.parametrize("stage", ["input", "output"])
def test_a_row_that_breaks_only_a_warning_is_set_aside_at_either_stage(stage: str) -> None:
    backtest_report = make_report(("a", None, None, {"trips.stops"}, 1), now=make_terms(FARE, WARNED, stage=stage))
    assert rows_by_fate(backtest_report) == {PUBLISHED: 0, ASIDE: 1, REFUSED: 0}


def test_what_no_suite_states_is_critical_and_comes_before_the_outputs_warnings() -> None:
    backtest_report = make_report(("a", None, None, {"trips.structure.cast.fare"}, 1), now=make_terms(WARNED))
    assert rows_by_fate(backtest_report)[REFUSED] == 1
    assert backtest_report.counts[0].severity == "critical"


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
    backtest_report = make_report(
        ("a", None, None, marks, 2),
        ("a", None, None, set(), 8),
        now=make_terms(*rules),
        failing={FILE: {"a": frozenset(failing)}},
    )
    assert {fate: rows for fate, rows in rows_by_fate(backtest_report).items() if rows} == expected
    assert dict(backtest_report.changed.broken) == (dict.fromkeys(failing, 2))


def test_a_rule_on_all_rows_refuses_the_file_and_no_row() -> None:
    backtest_report = make_report(
        ("a", "2025-01-01", set(), set(), 3),
        now=make_terms(),
        was=make_terms(),
        failing={FILE: {"a": frozenset({"trips.rows"})}},
    )
    assert rows_by_fate(backtest_report)[REFUSED] == 0
    assert backtest_report.changed.refused_units(FILE)["a"].broken == {"trips.rows": 1}
    assert backtest_report.newly_refused(FILE) == ["a"]
    assert backtest_report.newly_refused(DAY) == []
    assert backtest_report.refuses_more


@pytest.mark.parametrize(("most", "refused"), [(0.5, []), (0.4, ["a"]), (0, ["a"])])
def test_a_file_of_which_too_many_rows_are_set_aside_is_refused(most: float, refused: list[str]) -> None:
    now = make_terms(WARNED)
    suite = {**now.contract.suite, "meta": {**now.contract.suite["meta"], "max_quarantined": most}}
    rows: list[Rows] = [("a", None, None, {"trips.stops"}, 5), ("a", None, None, set(), 5), ("b", None, None, set(), 1)]
    backtest_report = make_report(*rows, now=ContractRules(contract_of(suite)))
    assert list(backtest_report.changed.refused_units(FILE)) == refused
    assert ("trips.structure.quarantined.output" in backtest_report.changed.broken) == bool(refused)


@pytest.mark.parametrize(("times", "broken"), [(1, False), (2, True), (0, True)])
def test_a_files_header_stands_once_and_is_no_row(times: int, broken: bool) -> None:
    header: list[Rows] = [("a", "day", None, {HEADER}, times)] if times else []
    backtest_report = make_report(*header, ("a", "2025-01-01", None, set(), 1), now=make_terms(), headers=1)
    assert (backtest_report.rows, list(backtest_report.changed.units[DAY])) == (1, ["2025-01-01"])
    assert ("trips.structure.header" in backtest_report.changed.broken) == broken


def test_a_file_of_only_a_header_is_refused() -> None:
    backtest_report = make_report(("a", None, None, {HEADER}, 1), now=make_terms(), headers=1)
    assert backtest_report.changed.refused_units(FILE)["a"].critical == ("trips.structure.rows",)


def test_rows_of_a_file_that_only_the_published_contract_reads_are_newly_refused() -> None:
    rows: list[Rows] = [("a", "2025-01-01", {HEADER}, None, 1), ("a", "2025-01-01", set(), None, 7)]
    backtest_report = make_report(
        *rows, now=make_terms(), was=make_terms(), headers=1, faults={"a": "trips.structure.header"}
    )
    assert (backtest_report.rows, backtest_report.newly_refused_rows) == (7, 7)
    assert backtest_report.changed.refused_units(FILE)["a"].broken == {"trips.structure.header": 7}
    assert list(backtest_report.changed.refused_units(DAY)) == ["2025-01-01"]


def test_a_file_that_no_contract_reads_is_refused_with_no_rows() -> None:
    backtest_report = make_report(now=make_terms(), faults={"a": "trips.structure.gzip"})
    assert backtest_report.rows == 0
    assert backtest_report.changed.refused_units(FILE)["a"].broken == {"trips.structure.gzip": 1}


def test_as_many_rows_refused_as_before_are_more_where_they_are_others() -> None:
    rows: list[Rows] = [("a", None, {"trips.fare"}, set(), 3), ("a", None, set(), {"trips.fare"}, 3)]
    backtest_report = make_report(*rows, now=make_terms(FARE), was=make_terms(FARE))
    assert (
        backtest_report.newly_refused_rows,
        backtest_report.no_longer_refused_rows,
        backtest_report.refuses_more,
    ) == (3, 3, True)
    assert (backtest_report.counts[0].published, backtest_report.counts[0].changed) == (3, 3)
    assert backtest_report.newly_refused(FILE) == []


def test_to_refuse_the_same_or_less_is_not_more() -> None:
    rows: list[Rows] = [("a", None, {"trips.fare"}, {"trips.fare"}, 3), ("b", None, {"trips.fare"}, set(), 3)]
    backtest_report = make_report(*rows, now=make_terms(FARE), was=make_terms(FARE))
    assert (
        backtest_report.newly_refused_rows,
        backtest_report.no_longer_refused_rows,
        backtest_report.refuses_more,
    ) == (0, 3, False)


def test_without_a_published_contract_whatever_is_refused_is_more() -> None:
    assert make_report(("a", None, None, {"trips.fare"}, 1), now=make_terms(FARE)).refuses_more
    assert not make_report(("a", None, None, set(), 1), now=make_terms(FARE)).refuses_more


def test_rows_without_a_day_are_of_no_day_but_of_their_file() -> None:
    backtest_report = make_report(("a", None, set(), {"trips.fare"}, 1), now=make_terms(FARE), was=make_terms(FARE))
    assert backtest_report.changed.units[DAY] == {}
    assert list(backtest_report.changed.refused_units(FILE)) == ["a"]


def test_a_rule_that_one_contract_does_not_have_has_no_count_there() -> None:
    rows: list[Rows] = [("a", None, {"trips.fare"}, {"trips.stops"}, 2)]
    backtest_report = make_report(*rows, now=make_terms(WARNED), was=make_terms(FARE))
    counts_by_rule = {
        rule_count.rule: (rule_count.published, rule_count.changed, rule_count.severity)
        for rule_count in backtest_report.counts
    }
    assert counts_by_rule == {"trips.stops": (None, 2, "warning"), "trips.fare": (2, None, "critical")}


def test_rules_that_compare_with_other_datasets_are_told_and_not_judged() -> None:
    pair = {"column_A": "city", "column_B": "known_city"}
    query = "select * from {batch} where known_city is null"
    references = [{"name": "known_city", "column": "city", "dataset": "cities", "key": "city"}]
    now = make_terms(
        make_rule("city", "expect_column_pair_values_to_be_equal", "warning", **pair),
        make_rule("any", "unexpected_rows_expectation", unexpected_rows_query=query),
        FARE,
        references=references,
    )
    assert now.unevaluated == ["trips.city", "trips.any"]
    assert [judged_rule.rule for judged_rule in now.rules] == ["trips.rows", "trips.key", "trips.fare"]


@pytest.mark.parametrize(("on_conflict", "of_runs"), [("refuse", False), ("replace", True)])
def test_a_key_whose_newer_row_wins_has_to_be_unique_in_a_run_only(on_conflict: str, of_runs: bool) -> None:
    assert (
        "trips.key" in [judged_rule.rule for judged_rule in make_terms(on_conflict=on_conflict).run_rules]
    ) == of_runs


def test_rules_of_runs_are_those_that_a_row_alone_cannot_break_and_the_key_is_none_of_them() -> None:
    now = make_terms(FARE, SHARE, make_rule("city", "expect_column_values_to_be_unique"))
    assert [judged_rule.rule for judged_rule in now.run_rules] == ["trips.rows", "trips.share", "trips.city"]
    assert [judged_rule.rule for judged_rule in now.row_rules] == [
        "trips.key",
        "trips.fare",
        "trips.share",
        "trips.city",
    ]
