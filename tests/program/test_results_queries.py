"""The saved queries on the results of runs answer what was counted by hand, over lines that the job's own code wrote."""

from datetime import UTC, datetime

import pytest

from sluice.program.docs_part import replace_part
from sluice.program.graph import Graph
from tests.program.results_month import BEGIN, END, PAGE, STACK, ResultsLake, Row, render_answers, write_month


@pytest.fixture(scope="module")
def lake(graphs: dict[str, Graph], tmp_path_factory: pytest.TempPathFactory) -> ResultsLake:
    folder = tmp_path_factory.mktemp("results")
    write_month(folder)
    return ResultsLake(graphs[STACK], folder)


def columns(rows: list[Row], *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_the_rule_that_breaks_most_is_named_first_and_a_replays_rows_count_once(lake: ResultsLake) -> None:
    answer = lake.answer("results-broken-rules")
    names = ("rule", "severity", "runs_broken", "runs_judged", "rows_broken", "last_broken")
    assert columns(answer, *names) == [
        ("trades.customer_id.known", "warning", 2, 4, 58, "2026-01-30"),
        ("trades.quantity.range", "warning", 2, 4, 6, "2026-01-28"),
        ("buyers.name.present", "critical", 1, 1, 100, "2026-01-31"),
        ("buyers.email.format", "warning", 1, 1, 20, "2026-01-31"),
        ("trades.amount.positive", "critical", 1, 4, 3, "2026-01-28"),
    ]


def test_the_share_set_aside_is_of_the_days_rows_and_of_each_rule(lake: ResultsLake) -> None:
    """A bad run set nothing aside, a run that published parts did; of an older run only the number is known."""
    answer = lake.answer("results-set-aside")
    names = ("dataset", "run_date", "rule", "rows_broken", "rows_set_aside", "rows_read", "share")
    assert columns(answer, *names) == [
        ("buyers", "2026-01-31", "buyers.email.format", 20, 20, 200, 0.1),
        ("buyers", "2026-01-30", None, None, 5, 100, 0.05),
        ("trades", "2026-01-30", "trades.customer_id.known", 50, 50, 500, 0.1),
        ("trades", "2026-01-27", "trades.customer_id.known", 8, 10, 1000, 0.008),
        ("trades", "2026-01-27", "trades.quantity.range", 4, 10, 1000, 0.004),
    ]


def test_a_day_whose_second_run_was_good_is_good(lake: ResultsLake) -> None:
    """Days without a run, or whose run had nothing to read, are neither good nor bad."""
    answer = lake.answer("results-pass-rate")
    names = ("dataset", "run_count", "good_runs", "share_of_runs", "day_count", "good_days", "share_of_days")
    assert columns(answer, *names) == [("buyers", 3, 1, 0.3333, 2, 1, 0.5), ("trades", 4, 3, 0.75, 3, 3, 1.0)]


def test_a_day_is_late_by_the_hours_that_readers_had_older_data_than_allowed(lake: ResultsLake) -> None:
    """04:05 on the 27th to 10:05 on the 28th are 30 hours of 26; a day that is missing makes the next one late."""
    answer = lake.answer("results-lateness")
    assert columns(answer, "dataset", "run_date", "hours_after_midnight", "hours_old", "hours_late") == [
        ("buyers", "2026-01-31", 5.0, 25.0, 0.0),
        ("trades", "2026-01-31", None, None, None),
        ("buyers", "2026-01-30", 4.0, None, None),
        ("trades", "2026-01-30", 4.1, 42.0, 16.0),
        ("trades", "2026-01-28", 10.1, 30.0, 4.0),
        ("trades", "2026-01-27", 4.1, None, None),
    ]
    assert answer[4]["published_at"] == datetime(2026, 1, 28, 10, 5, 30, tzinfo=UTC)


def test_what_it_cost_is_by_kind_and_says_of_how_many_runs_it_is_unknown(lake: ResultsLake) -> None:
    """The trades' 720 + 540 + 720 + 720 + 180 seconds are 0.8 hours at 0.308 USD."""
    answer = lake.answer("results-cost")
    names = ("dataset", "kind", "run_count", "runs_unknown", "dpu_hours", "usd", "usd_of_failed")
    assert columns(answer, *names) == [
        ("trades", "run", 5, 0, 0.8, 0.25, 0.05),
        ("buyers", "run", 3, 2, 0.25, 0.08, 0.08),
        ("trades", "replay", 1, 0, 0.1, 0.03, 0.0),
    ]


def test_a_rule_that_was_not_judged_says_how_often_and_when_it_was_last(lake: ResultsLake) -> None:
    answer = lake.answer("results-not-evaluated")
    names = ("rule", "severity", "runs_not_evaluated", "runs_in_error", "run_count", "last_judged")
    assert columns(answer, *names) == [("trades.row_count.usual", "critical", 3, 0, 4, "2026-01-30")]


def test_files_that_the_others_pass_over_are_named(lake: ResultsLake) -> None:
    answer = lake.answer("results-unreadable")
    assert [(row["path"].rpartition("/")[2], row["dataset"], row["version"]) for row in answer] == [
        ("jr_b4.jsonl", "buyers", 2),
        ("jr_b3.jsonl", "buyers", None),
    ]


def test_only_datasets_of_the_stack_are_looked_for(lake: ResultsLake) -> None:
    rows = lake.database.sql("SELECT DISTINCT dataset FROM results_runs ORDER BY dataset").fetchall()
    assert rows == [("buyers",), ("trades",)]


def test_every_query_on_results_is_asked_here_and_the_page_shows_its_answer(lake: ResultsLake) -> None:
    page = PAGE.read_text(encoding="utf-8")
    lines = render_answers(lake)
    assert sum(line.startswith("`results-") for line in lines) == 7
    assert replace_part(page, BEGIN, END, lines) == page, "make answers"
