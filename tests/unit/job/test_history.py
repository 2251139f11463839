"""What earlier runs make of a bound, and what becomes of the rules that use it: arithmetic over lines, without Spark."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from etl.contract.history import HistoryBound, HistoryFigure, HistoryMetric, HistoryUnit
from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.contract.results_layout import RUNS, run_key
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.errors import RuleInError
from etl.history.bound_words import describe_bound
from etl.history.earlier_results import RunPlace
from etl.history.resolution import ResolvedHistory, any_bounded, exemption_of
from etl.history.run_values import earlier_values, value_of_day
from etl.results.contract_failures import not_evaluated_note, record_and_raise
from etl.results.result_lines import render_lines
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.run_line import RunFigures, RunLine, run_line, run_line_adapter
from etl.results.used_bound import AcceptedHistory, UsedBound
from etl.results.verdict import RunState, Verdict
from etl.runtime.arguments import RunKind, parse_arguments
from tests.lake.examples import suite_of
from tests.unit.job.run_reports import Bucket, ended_run
from tests.unit.job.test_arguments import command_line

OUTPUT = Stage.OUTPUT
TODAY = date(2026, 11, 29)  # a Sunday
ROWS = "expect_table_row_count_to_be_between"
PLACE = RunPlace("assets", "trips", "jr_now", TODAY, TODAY)


def line_of(day: str, rows: float | None = 100, number: int = 1, started: str = "", **fields: Any) -> RunLine:
    """Return the line of an ordinary run of a day; `rows` is its row count."""
    metrics = {"output": {"row_count": rows, "fare.sum": rows}}
    begun = f"{started or day}T06:00:0{number}+00:00"
    line_fields = {"state": RunState.SUCCEEDED, "rows_published": 9, "metrics": metrics, **fields}
    return run_line(Verdict("trips", f"jr_{day}_{number}", "job", begun, **line_fields), RunFigures(day))


def days_before(number: int, rows: Any = None) -> list[RunLine]:
    """Return runs of so many days before today, oldest first, with 100, 101, ... rows."""
    days = [(TODAY - timedelta(days=number - index)).isoformat() for index in range(number)]
    return [line_of(day, (rows or [*range(100, 100 + number)])[index]) for index, day in enumerate(days)]


def bound_of(**changes: Any) -> HistoryBound:
    return HistoryBound(**{"metric": HistoryMetric.ROW_COUNT, **changes})


def values_of(lines: list[RunLine], bound: HistoryBound | None = None, today: date = TODAY) -> list[float]:
    return [value.value for value in earlier_values(bound or bound_of(), OUTPUT, lines, today)]


def contract_with(bounds: dict[str, Any], kind: str = ROWS, severity: str = "critical", **kwargs: Any) -> Contract:
    rule = {"type": kind, "kwargs": kwargs or {"min_value": {"$PARAMETER": next(iter(bounds))}}, "severity": severity}
    suite = suite_of(rule | {"meta": {"rule": "trips.rows.usual", "why": "Half a day is a broken source."}})
    suite["meta"]["history"] = bounds
    return contract_of(suite)


BOUND = {"$PARAMETER": "bound"}
LOW = {"rows_low": {"metric": "row_count", "times": 0.5}}


def resolve(contract: Contract, lines: list[RunLine], place: RunPlace = PLACE) -> ResolvedHistory:
    bucket = Bucket()
    for line in lines:
        key = run_key(RUNS, "trips", line.started[:10], line.run_id)
        bucket.objects[key] = render_lines(run_line_adapter(), [line])
    return ResolvedHistory.from_results(bucket, place, (contract,))


@pytest.mark.parametrize(
    "line",
    {
        "a failed run": line_of("2026-11-20", state=RunState.FAILED),
        "a replay": line_of("2026-11-20", kind=RunKind.REPLAY),
        "a rerun": line_of("2026-11-20", kind=RunKind.RERUN),
        "a correction": line_of("2026-11-20", corrected=["trips/a.csv"]),
        "isolated parts": line_of("2026-11-20", isolated=True),
        "nothing published": line_of("2026-11-20", rows_published=0),
        "the same day": line_of("2026-11-29"),
        "a day that is yet to come": line_of("2026-11-30"),
        "a run before metrics": line_of("2026-11-20", metrics={}),
        "another metric": line_of("2026-11-20", metrics={"output": {"rides": 5}}),
        "another stage": line_of("2026-11-20", metrics={"input": {"row_count": 5}}),
        "no value": line_of("2026-11-20", None),
    }.values(),
)
def test_only_ordinary_runs_of_earlier_days_with_a_value_count(line: RunLine) -> None:
    assert values_of([line, line_of("2026-11-21", 7)]) == [7]


def test_the_last_runs_count_by_their_day_and_not_by_when_they_ran() -> None:
    backfilled = line_of("2026-11-01", 1, started="2026-11-28")
    assert values_of([*days_before(3), backfilled], bound_of(last=3)) == [100, 101, 102]
    assert values_of([*days_before(3), backfilled], bound_of(last=4)) == [1, 100, 101, 102]


def test_a_day_is_held_against_the_days_before_it_whenever_it_runs() -> None:
    assert values_of(days_before(5), today=TODAY - timedelta(days=3)) == [100, 101]


def test_gaps_are_no_values_and_weekdays_look_further_back() -> None:
    sundays = [line_of((TODAY - timedelta(days=7 * week)).isoformat(), week) for week in (5, 4, 2, 1)]
    bound = bound_of(same_weekday=True, last=3)
    assert values_of([*days_before(6), *sundays], bound) == [4, 2, 1]


def test_two_runs_of_a_day_are_two_values_unless_the_day_is_the_unit() -> None:
    lines = [line_of("2026-11-20", 10), line_of("2026-11-20", 30, 2), line_of("2026-11-21", 5)]
    assert values_of(lines) == [10, 30, 5]
    assert values_of(lines, bound_of(per=HistoryUnit.DAY)) == [40, 5]


@pytest.mark.parametrize(("metric", "value"), [("sum", 40), ("minimum", 10), ("maximum", 30)])
def test_a_days_runs_make_one_value(metric: str, value: float) -> None:
    named = {f"fare.{metric}": 10}
    lines = [
        line_of("2026-11-20", metrics={"output": named}),
        line_of("2026-11-20", number=2, metrics={"output": {f"fare.{metric}": 30}}),
        line_of("2026-11-20", number=3, metrics={"output": {f"fare.{metric}": None}}),
    ]
    bound = bound_of(metric=HistoryMetric(metric), column="fare", per=HistoryUnit.DAY)
    [day] = earlier_values(bound, OUTPUT, lines, TODAY)
    assert (day.value, len(day.run_ids)) == (value, 3)


def test_a_day_one_of_whose_runs_lacks_the_metric_is_no_value() -> None:
    lines = [line_of("2026-11-20", 10), line_of("2026-11-20", number=2, metrics={})]
    assert values_of(lines, bound_of(per=HistoryUnit.DAY)) == []


def test_what_a_day_has_already_is_not_expected_again() -> None:
    lines = [*days_before(5, [100] * 5), line_of("2026-11-29", 30), line_of("2026-11-29", 10, 2)]
    bounds = {"rows_low": {**LOW["rows_low"], "per": "day"}}
    history = resolve(contract_with(bounds), lines)
    assert history.parameters == {"rows_low": 10}
    assert "at least half of it is expected: 10 after the 40 of earlier runs of this day." in words_of(history, bounds)
    assert resolve(contract_with(LOW), lines).parameters == {"rows_low": 50}
    more = [*lines, line_of("2026-11-29", 90, 3)]
    assert resolve(contract_with(bounds), more).parameters == {"rows_low": 0}
    most = contract_with({"high": {**bounds["rows_low"], "times": 1}}, max_value={"$PARAMETER": "high"})
    assert resolve(most, more).parameters == {"high": -30}


def words_of(history: ResolvedHistory, bounds: dict[str, Any], argument: str = "min_value") -> str:
    [(name, used)] = history.bounds.items()
    return describe_bound(contract_with(bounds).history[name], used, argument)


def test_a_bound_is_given_to_the_rules_that_use_it_and_the_verdict_has_its_runs() -> None:
    contract, lines = contract_with(LOW), days_before(14)
    history = resolve(contract, lines)
    assert history.parameters == {"rows_low": 54}  # half of 106.5 is 53.25
    [used] = history.bounds.values()
    assert (used.figure, used.values, used.first_date, used.last_date) == (106.5, 14, "2026-11-15", "2026-11-28")
    assert used.runs == tuple(line.run_id for line in lines)
    judged = history.judged_contract(contract)
    assert [rule.rule for rule in judged.rules] == [rule.rule for rule in contract.rules]
    assert next(rule.why for rule in judged.rules if rule.rule == "trips.rows.usual") == (
        "Half a day is a broken source. The last 14 runs, 2026-11-15 to 2026-11-28, had a median of 106.5 rows; "
        "at least half of it is expected: 54."
    )
    assert history.unjudged_results(contract) == []


@pytest.mark.parametrize("number", [0, 1, 4])
def test_a_rule_with_too_few_runs_is_not_evaluated_and_says_how_many_there_are(number: int) -> None:
    contract = contract_with(LOW)
    history = resolve(contract, days_before(number))
    assert history.parameters == {}
    judged = {rule.rule for rule in history.judged_contract(contract).rules}
    assert {rule.rule for rule in contract.rules} - judged == {"trips.rows.usual"}
    [result] = history.unjudged_results(contract)
    assert (result.state, result.samples) == (RuleState.NOT_EVALUATED, (f"{number} of 5 runs",))
    verdict = Verdict("trips", "jr_1", "job", "now", rules=[result])
    assert not_evaluated_note(verdict) == f". 1 rule not evaluated: trips.rows.usual ({number} of 5 runs)"


def test_a_renamed_metric_begins_anew_and_a_renamed_bound_does_not() -> None:
    lines = days_before(9)
    assert resolve(contract_with({"other": LOW["rows_low"]}), lines).bounds["other"].values == 9
    renamed = {"fares": {"metric": "sum", "column": "fare_cents"}}
    contract = contract_with({"fares": {"metric": "sum", "column": "fare"}})
    assert resolve(contract, lines).bounds["fares"].values == 9
    assert (
        resolve(replace(contract, history=contract_with(renamed).history), lines).bounds["fares"].why == "0 of 5 runs"
    )


@pytest.mark.parametrize(
    ("bounds", "kwargs", "value"),
    [
        ({"metric": "row_count", "times": 0.501}, {"min_value": BOUND}, 51),
        ({"metric": "row_count", "times": 0.501}, {"min_value": BOUND, "strict_min": True}, 50),
        ({"metric": "row_count", "times": 1.501}, {"max_value": BOUND}, 150),
        ({"metric": "row_count", "times": 1.501}, {"max_value": BOUND, "strict_max": True}, 151),
        ({"metric": "row_count", "times": 1.1}, {"min_value": BOUND}, 110),
        ({"metric": "row_count", "times": 0.07}, {"min_value": BOUND}, 7),
        ({"metric": "row_count", "of": "mean", "deviations": -9}, {"min_value": BOUND}, 0),
        ({"metric": "sum", "column": "fare", "times": 0.501}, {"min_value": BOUND}, pytest.approx(50.1)),
    ],
)
def test_a_bound_of_a_count_is_the_whole_number_by_which_the_same_counts_pass(
    bounds: dict[str, Any], kwargs: dict[str, Any], value: Any
) -> None:
    contract = contract_with({"bound": bounds}, **kwargs)
    spread = [[100] * 6, [50, 150] * 3][bounds.get("of") == "mean"]
    assert resolve(contract, days_before(6, spread)).parameters == {"bound": value}


def test_a_share_of_nulls_bounds_the_share_of_values() -> None:
    bounds = {"nulls_high": {"metric": "null_share", "column": "fare", "times": 2}}
    kind = "expect_column_proportion_of_non_null_values_to_be_between"
    contract = contract_with(bounds, kind, column="fare", min_value={"$PARAMETER": "nulls_high"})
    lines = [replace(line, metrics={"output": {"fare.null_share": 0.1}}) for line in days_before(5)]
    history = resolve(contract, lines)
    assert history.parameters == {"nulls_high": pytest.approx(0.8)}
    assert words_of(history, bounds).endswith(
        "a median share of nulls in fare of 0.1; at most twice that is expected: 0.2."
    )


def test_what_is_no_number_is_no_bound() -> None:
    contract = contract_with({"low": {"metric": "sum", "column": "fare", "times": 1e308}})
    [used] = resolve(contract, days_before(5)).bounds.values()
    assert (used.value, used.why) == (None, "its figure is too large for a number")


def test_a_corrupt_file_is_named_and_passed_over() -> None:
    bucket, contract = Bucket(), contract_with(LOW)
    for line in days_before(5):
        bucket.objects[f"results/runs/dataset=trips/day={line.started[:10]}/{line.run_id}.jsonl"] = render_lines(
            run_line_adapter(), [line]
        )
    bucket.objects["results/runs/dataset=trips/day=2026-11-27/jr_bad.jsonl"] = b"{"
    history = ResolvedHistory.from_results(bucket, PLACE, (contract,))
    assert history.parameters == {"rows_low": 51}
    assert [file.partition(": ")[0] for file in history.unreadable] == [
        "s3://assets/results/runs/dataset=trips/day=2026-11-27/jr_bad.jsonl"
    ]
    verdict = Verdict("trips", "jr_1", "job", "now", unreadable_results=[*history.unreadable])
    assert "passed over: s3://assets/results/" in not_evaluated_note(verdict)


class Refusing(Bucket):
    """A bucket that may not be listed."""

    def get_paginator(self, _: str) -> Any:
        """Refuse.

        Raises:
            ClientError: always.
        """
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "ListObjectsV2")


@pytest.mark.parametrize("severity", ["critical", "info"])
def test_results_that_cannot_be_read_leave_the_rule_in_error_and_the_run_failed(severity: str) -> None:
    contract = contract_with(LOW, severity=severity)
    history = ResolvedHistory.from_results(Refusing(), PLACE, (contract,))
    [result] = history.unjudged_results(contract)
    assert result.state is RuleState.ERROR
    with pytest.raises(
        RuleInError, match=r"trips.rows.usual \(the results of earlier runs could not be read from s3://ass"
    ):
        record_and_raise(Verdict("trips", "jr_1", "job", "now"), [result], "s3://verdict")
    assert all(rule.rule != "trips.rows.usual" for rule in history.judged_contract(contract).rules)


def test_bounds_that_cross_leave_the_rule_in_error_and_the_others_judged() -> None:
    contract = contract_with(LOW, min_value={"$PARAMETER": "rows_low"}, max_value=50)
    history = resolve(contract, days_before(14))
    [result] = history.unjudged_results(contract)
    assert result.state is RuleState.ERROR
    assert result.samples == ("min_value is 54 and above max_value 50, with the bounds that earlier runs give",)
    assert len(history.judged_contract(contract).rules) == len(contract.rules) - 1
    assert resolve(contract_with(LOW, min_value={"$PARAMETER": "rows_low"}, max_value=54), days_before(14)).parameters


def test_without_a_bound_nothing_is_read() -> None:
    contract = contract_of(suite_of())
    history = ResolvedHistory.from_results(Refusing(), PLACE, (contract,))
    assert (history.bounds, history.judged_contract(contract)) == ({}, contract)


def test_a_weekly_dataset_is_read_as_far_back_as_its_runs_lie() -> None:
    weekly = [line_of((TODAY - timedelta(days=7 * week)).isoformat()) for week in range(1, 20)]
    assert resolve(contract_with(LOW), weekly).bounds["rows_low"].values == 14


def test_a_run_is_none_of_its_own_history_and_clocks_may_be_a_day_ahead() -> None:
    own_line = replace(line_of("2026-11-28"), run_id="jr_now")
    ahead = line_of("2026-11-28", number=2, started="2026-11-30")
    assert resolve(contract_with(LOW), [own_line, ahead]).bounds["rows_low"].runs == (ahead.run_id,)


@pytest.mark.parametrize(
    ("words", "corrected", "is_part", "why"),
    [
        ((), [], False, ""),
        (("--replay", "jr_1"), [], False, "a replay is no day"),
        (("--rerun", '["trips/a.csv"]'), ["trips/a.csv"], False, "a rerun is no day"),
        ((), ["trips/a.csv"], False, "it corrects 1 object, and a correction is no day"),
        ((), [], True, "objects that are judged alone are no day"),
        (("--accept-history", "Christmas", "--accepted-by", "mia"), [], False, "accepted by mia: Christmas"),
        (("--accept-history", "Christmas"), [], True, "accepted by an operator: Christmas"),
    ],
)
def test_a_run_that_is_no_ordinary_day_is_held_to_no_history(
    words: tuple[str, ...], corrected: list[str], is_part: bool, why: str
) -> None:
    arguments = parse_arguments([*command_line(), *words])
    assert exemption_of(arguments, corrected, is_part) == why
    contract = contract_with(LOW)
    [result] = ResolvedHistory.without_values((contract,), why or "?").unjudged_results(contract)
    assert (result.state, result.samples) == (RuleState.NOT_EVALUATED, (why or "?",))


def test_a_broken_rule_of_history_is_told_from_others() -> None:
    contract = contract_with(LOW)
    results = [RuleResult(rule.rule, contract.stage, rule.severity, RuleState.BROKEN) for rule in contract.rules]
    assert any_bounded(results, (contract,))
    assert not any_bounded([result for result in results if result.rule != "trips.rows.usual"], (contract,))


def test_people_are_told_what_the_runs_before_had_and_how_a_right_day_passes() -> None:
    contract = contract_with(LOW)
    judged = resolve(contract, days_before(14, [9_700] * 14)).judged_contract(contract)
    rule = next(rule for rule in judged.rules if rule.rule == "trips.rows.usual")
    broken = RuleResult(rule.rule, OUTPUT, rule.severity, RuleState.BROKEN, 1, ("2400",), rule.why)
    message = Bucket().tell(replace(ended_run(broken), contracts=(contract,)))
    assert "trips.rows.usual broke (observed '2400')" in message.email
    assert "had a median of 9,700 rows; at least half of it is expected: 4,850." in message.email
    assert 'let it pass: sluice start trades --accept-history "WHY" --stack dev' in message.email
    other = RuleResult("trips.city.known", OUTPUT, rule.severity, RuleState.BROKEN, 1)
    assert "--accept-history" not in Bucket().tell(replace(ended_run(other), contracts=(contract,))).email


def test_the_end_of_a_bad_day_says_who_accepted_its_history_and_why() -> None:
    bucket, why = Bucket(), "Christmas: half the shops are closed"
    bucket.tell(ended_run(RuleResult("trips.rows.usual", OUTPUT, Severity.CRITICAL, RuleState.BROKEN, 1)))
    good = bucket.tell(ended_run(accepted_history=AcceptedHistory(why, "mia")))
    assert f"mia let it pass though it is unlike the runs before: {why}" in good.email


@pytest.mark.parametrize(
    ("bound", "argument", "words"),
    [
        ({"times": 0.5}, "min_value", "had a median of 9,700 rows; at least half of it is expected: 4,850."),
        ({"times": 2}, "max_value", "had a median of 9,700 rows; at most twice that is expected: 4,850."),
        ({"of": HistoryFigure.MINIMUM}, "min_value", "had a minimum of 9,700 rows; at least that is expected: 4,850."),
        (
            {"of": HistoryFigure.MEAN, "deviations": -3, "metric": HistoryMetric.SUM, "column": "fare"},
            "min_value",
            "had a mean sum of fare of 9,700; at least 3 standard deviations below that is expected: 4,850.",
        ),
        (
            {"of": HistoryFigure.MAXIMUM, "times": 1.5, "metric": HistoryMetric.DISTINCT_COUNT, "column": "city"},
            "max_value",
            "had a maximum of 9,700 different values in city; at most 1.5 times that is expected: 4,850.",
        ),
    ],
)
def test_a_bound_is_told_in_words(bound: dict[str, Any], argument: str, words: str) -> None:
    line_fields: dict[str, Any] = {"first_date": "2026-11-27", "last_date": "2026-11-28", "at_least": 5}
    used = UsedBound(name="b", stage=OUTPUT, metric="m", value=4850, figure=9700.0, values=14, **line_fields)
    assert describe_bound(bound_of(**bound), used, argument) == f"The last 14 runs, 2026-11-27 to 2026-11-28, {words}"


def test_weekdays_and_days_are_named() -> None:
    used = UsedBound(
        name="b",
        stage=OUTPUT,
        metric="m",
        value=1,
        figure=1,
        values=1,
        at_least=1,
        first_date="2026-11-28",
        last_date="2026-11-28",
    )
    bound = bound_of(same_weekday=True, per=HistoryUnit.DAY)
    assert describe_bound(bound, used, "min_value").startswith("The last Saturday day, 2026-11-28, had")


def test_a_verdict_with_bounds_is_plain_json() -> None:
    verdict = Verdict(
        "trips", "jr_1", "job", "now", bounds=[*resolve(contract_with(LOW), days_before(5)).bounds.values()]
    )
    [bound] = json.loads(json.dumps(verdict.as_json()))["bounds"]
    assert (bound["name"], bound["value"], bound["values"], len(bound["runs"])) == ("rows_low", 51, 5, 5)
    assert value_of_day(bound_of(), OUTPUT, [], TODAY) is None
