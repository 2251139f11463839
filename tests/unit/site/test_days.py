"""What a day, a rule and a table's age come to, of the lines that the results have."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from etl.contract.sample_values import MASK
from etl.results.rule_line import RuleLine, rule_line_adapter
from etl.results.rule_state import RuleState
from etl.results.run_line import RunLine, run_line_adapter
from sluice.day_results.day_states import DayState, list_days, summarise_day
from sluice.day_results.outcomes import Tone
from sluice.site.calendar_months import calendar_months
from sluice.site.contract_marks import contract_marks
from sluice.site.freshness import freshness_of
from sluice.site.personal_values import PersonalValues
from sluice.site.rule_history import rule_histories
from sluice.site.run_costs import monthly_costs, sum_costs
from tests.made_results.made_lake import load_contracts

DAY = date(2026, 3, 2)


def make_run(hour: int = 5, day: date = DAY, **changed: Any) -> RunLine:
    """Return a good run's line, changed."""
    started = f"{day}T{hour:02}:00:00+00:00"
    line: dict[str, Any] = {
        **{"version": 1, "dataset": "trades", "run_id": f"jr_{day}_{hour}", "kind": "run", "run_date": f"{day}"},
        **{"started": started, "state": "SUCCEEDED", "nothing_unread": False, "rows_read": 10, "rows_published": 10},
        **{"rows_quarantined": 0, "rows_replaced": 0, "objects": 1, "bytes": 9, "seconds": 1.0, "dpu_seconds": 3600},
        **{"published_at": started, "freshness_hours": 26, "contracts": {}, "broken": []},
    }
    return run_line_adapter().validate_python({**line, **changed})


def make_rule(state: RuleState = RuleState.HELD, observed: str | None = None, rule: str = "trades.x") -> RuleLine:
    broken = 3 if state is RuleState.BROKEN else 0
    line: dict[str, Any] = {
        **{"version": 1, "dataset": "trades", "run_id": "jr", "kind": "run", "run_date": f"{DAY}", "rule": rule},
        **{"started": f"{DAY}T05:00", "stage": "output", "severity": "critical", "state": state, "way": "observed"},
        **{"rows_judged": 10, "rows_broken": broken, "observed": observed},
    }
    return rule_line_adapter().validate_python(line)


FAILED: dict[str, Any] = {"state": "FAILED", "rows_published": 0}
NOTHING: dict[str, Any] = {"nothing_unread": True, "rows_published": 0}


@pytest.mark.parametrize(
    ("runs", "state"),
    [
        ([], DayState.NONE),
        ([{}], DayState.GOOD),
        ([{"rows_quarantined": 2}], DayState.ASIDE),
        ([FAILED], DayState.BAD),
        ([NOTHING], DayState.QUIET),
        ([{}, NOTHING], DayState.GOOD),
        ([FAILED, NOTHING], DayState.BAD),
        ([FAILED, {}], DayState.MENDED),
        ([{}, FAILED], DayState.BAD),
        ([{}, {"rows_quarantined": 1}], DayState.ASIDE),
        ([{}, {"kind": "replay", **FAILED}], DayState.GOOD),
        ([{"kind": "replay", **FAILED}], DayState.BAD),
        ([FAILED, {"kind": "rerun"}], DayState.MENDED),
    ],
)
def test_the_last_run_that_read_something_decides_what_a_day_came_to(
    runs: list[dict[str, Any]], state: DayState
) -> None:
    day = summarise_day(DAY, [make_run(hour, **changed) for hour, changed in enumerate(runs)])
    assert (day.state, day.runs) == (state, len(runs))


def test_the_rows_of_two_runs_of_a_day_add_up() -> None:
    day = summarise_day(DAY, [make_run(5), make_run(6, rows_published=5, rows_quarantined=2)])
    assert (day.rows_published, day.rows_quarantined) == (15, 2)


def test_a_calendar_has_each_day_once_in_the_column_of_its_weekday() -> None:
    days = list_days([make_run()], date(2026, 2, 25), date(2026, 4, 1))
    months = calendar_months(days)
    assert [month.name for month in months] == ["April 2026", "March 2026", "February 2026"]
    placed = [(place, day) for month in months for week in month.weeks for place, day in enumerate(week) if day]
    assert all(day.date.weekday() == place for place, day in placed)
    assert sorted(day.date for _, day in placed) == [day.date for day in days]
    assert all(len(week) == 7 for month in months for week in month.weeks)


def test_a_version_is_marked_where_it_is_first_seen_to_differ() -> None:
    versions = [{"input": "1.0.0"}, {}, {"input": "1.0.0", "output": "1.0.0"}, {"input": "1.1.0", "output": "2.0.0"}]
    runs = [make_run(day=DAY + timedelta(days=number), contracts=each) for number, each in enumerate(versions)]
    repair = make_run(day=DAY + timedelta(days=9), kind="replay", contracts={"input": "9.0.0"})
    [mark] = contract_marks([*runs, repair])
    assert (mark.date, mark.words) == (DAY + timedelta(days=3), "input 1.1.0, output 2.0.0")


def test_how_a_rule_fared_is_counted_by_state() -> None:
    personal = PersonalValues.from_contracts(load_contracts("trades"))
    lines = [make_rule(), make_rule(RuleState.BROKEN), make_rule(RuleState.ERROR), make_rule(RuleState.NOT_EVALUATED)]
    history = rule_histories(lines, [], personal)["trades.x"]
    assert set(history.counts.values()) == {1}
    assert [line.state for line in history.not_held] == [RuleState.BROKEN, RuleState.ERROR]
    assert (history.broken_dates, history.rows_broken) == ([DAY], 3)


def test_runs_of_before_there_were_lines_of_rules_say_what_broke() -> None:
    personal = PersonalValues.from_contracts(load_contracts("trades"))
    run = make_run(broken=[{"rule": "trades.y", "severity": "warning", "rows": 4}])
    assert rule_histories([], [run], personal)["trades.y"].rows_broken == 4
    assert "trades.y" not in rule_histories([make_rule()], [make_run(run_id="jr", broken=run.broken)], personal)


@pytest.mark.parametrize(("text", "number"), [("12.5", 12.5), ("-3", -3.0), ("nan", None), ("inf", None), ("x", None)])
def test_what_was_observed_is_drawn_where_it_is_a_number(text: str, number: float | None) -> None:
    personal = PersonalValues.from_contracts(load_contracts("trades"))
    history = rule_histories([make_rule(observed=text)], [], personal)["trades.x"]
    assert history.observed == ({DAY: number} if number is not None else {})


def test_what_was_observed_of_a_person_is_not_kept() -> None:
    buyers = PersonalValues.from_contracts(load_contracts("buyers"))
    lines = [make_rule(observed="12", rule="buyers.gone"), make_rule(observed="12", rule="buyers.email.format")]
    assert [history.observed for history in rule_histories(lines, [], buyers).values()] == [{}, {}]
    assert PersonalValues.from_contracts([]).mask_value("any.rule", "12") == MASK


def test_a_table_is_as_old_as_what_its_last_run_left() -> None:
    now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    late = freshness_of([make_run()], 26, now)
    assert (late.words, late.tone) == ("late: 28 h old, promised within 26 h", Tone.BAD)
    assert freshness_of([make_run()], 30, now).words == "fresh: 28 h old, within 30 h"
    assert freshness_of([make_run()], None, now).words == "28 h old, not watched"
    assert freshness_of([make_run(published_at=None)], 26, now).words == "nothing published, promised within 26 h"
    assert freshness_of([make_run(published_at="some day")], None, now).words == "nothing published"


def test_what_runs_cost_is_summed_and_what_is_not_known_is_counted() -> None:
    runs = [make_run(), make_run(6, dpu_seconds=None), make_run(day=date(2026, 4, 1))]
    assert [(month.name, month.runs, month.unknown) for month in monthly_costs(runs)] == [
        ("2026-04", 1, 0),
        ("2026-03", 2, 1),
    ]
    costs = sum_costs("all", runs)
    assert (costs.dpu_hours, round(costs.usd, 3)) == (2.0, 0.616)
    assert sum_costs("none", []).usd_per_million_rows is None
