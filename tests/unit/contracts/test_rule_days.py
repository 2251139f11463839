"""What results of the last days say of rules that change, and how a pull request's comment is ordered."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.contract.results_layout import ResultKind, run_key
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.result_lines import render_lines
from etl.results.rule_line import RuleLine, rule_line_adapter
from etl.results.rule_state import Evaluation, RuleState
from etl.runtime.arguments import RunKind
from sluice.cli.app import main
from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS, Change, version_bump
from sluice.contracts.diff.diff import SuiteDiff
from sluice.contracts.diff.markdown_page import render_markdown
from sluice.contracts.diff.rule_days import read_rule_lines, rule_days
from tests.lake import LAKE

COUNT, SHIPPED = "trades.rows.count", json.loads((LAKE / "expectations/trades/output.json").read_text())
LINE = RuleLine(
    version=1,
    dataset="trades",
    run_id="jr_1",
    kind=RunKind.RUN,
    run_date=date(2026, 3, 1),
    started="2026-03-01T06:00:00Z",
    rule=COUNT,
    stage=Stage.OUTPUT,
    severity=Severity.CRITICAL,
    state=RuleState.HELD,
    way=Evaluation.OBSERVED,
    rows_judged=100,
    rows_broken=0,
    observed="100",
)


def contract_with(kind: str = "expect_table_row_count_to_be_between", **kwargs: object) -> Contract:
    """Return the tests' contract with one rule more, on the number of rows."""
    rule = {"type": kind, "kwargs": kwargs, "severity": "critical", "meta": {"rule": COUNT, "why": "x"}}
    return contract_of({**SHIPPED, "expectations": [*SHIPPED["expectations"], rule]})


def day_lines(*observed: str | None, **changes: Any) -> list[RuleLine]:
    return [
        replace(LINE, run_date=date(2026, 3, day), observed=text, **changes) for day, text in enumerate(observed, 1)
    ]


OLD = contract_with(min_value=10)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"min_value": 50}, ("2026-03-02 (49.5)",)),
        ({"min_value": 49.5}, ()),
        ({"min_value": 49.5, "strict_min": True}, ("2026-03-02 (49.5)",)),
        ({"max_value": 99}, ("2026-03-01 (100)",)),
        ({"max_value": 100, "strict_max": True}, ("2026-03-01 (100)",)),
        ({"min_value": {"$PARAMETER": "low"}}, None),
    ],
)
def test_a_new_bound_is_held_against_what_each_run_observed(bounds: dict[str, Any], expected: tuple[str, ...]) -> None:
    [days] = rule_days(OLD, contract_with(**bounds), [COUNT, COUNT, "unknown"], day_lines("100", "49.5"))
    assert (days.runs, days.broken, days.would_break) == (2, 0, expected)


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        (contract_with("expect_column_mean_to_be_between", column="quantity", min_value=50), day_lines("100")),
        (contract_with(min_value=50), day_lines("100", None)),
        (contract_with(min_value=50), day_lines("100", "***")),
        (None, day_lines("100")),
    ],
)
def test_what_results_do_not_tell_is_left_open(new: Contract | None, lines: list[RuleLine]) -> None:
    [days] = rule_days(OLD, new, [COUNT], lines)
    assert (days.runs, days.would_break) == (len(lines), None)


def test_runs_that_broke_a_rule_are_counted_and_those_that_did_not_judge_it_are_not() -> None:
    lines = day_lines("5", "6", state=RuleState.BROKEN, rows_broken=3) + day_lines("9", state=RuleState.NOT_EVALUATED)
    [days] = rule_days(OLD, contract_with(min_value=6), [COUNT], lines)
    assert (days.runs, days.broken, days.rows_broken, days.would_break) == (2, 2, 6, ("2026-03-01 (5)",))


def put_lines(place: Path, day: str, *lines: RuleLine, run: str = "jr_1") -> Path:
    file = place / run_key(ResultKind.RULES, "trades", day, run)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(render_lines(rule_line_adapter(), lines))
    return file


def test_the_last_fourteen_days_are_read_without_replays_and_corrupt_files_are_named(tmp_path: Path) -> None:
    assert read_rule_lines(tmp_path, "trades").lines == []
    put_lines(tmp_path, "2026-03-01", replace(LINE, run_id="too old"))
    put_lines(tmp_path, "2026-03-02", replace(LINE, run_id="first"))
    put_lines(tmp_path, "2026-03-15", replace(LINE, run_id="last"))
    put_lines(tmp_path, "2026-03-15", replace(LINE, kind=RunKind.REPLAY), run="jr_2")
    corrupt = put_lines(tmp_path, "2026-03-14")
    read = read_rule_lines(tmp_path, "trades")
    assert [line.run_id for line in read.lines] == ["first", "last"]
    assert read.unreadable == [f"{corrupt}: it is empty"]


def test_a_folder_without_results_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "HEAD", "--results", str(tmp_path)]) == 2
    assert "holds no results/rules/; copy it from the assets bucket" in capsys.readouterr().err


def test_a_comment_begins_with_what_breaks_somebody() -> None:
    changes = [
        Change("a", "", "reworded", DOCUMENTATION),
        Change("b", "", "loosened", LOOSENED),
        Change("c", "", "tightened", PRODUCERS),
        Change("d", "", "dropped", CONSUMERS),
    ]
    harmless = SuiteDiff("expectations/a/input.json", changes[:2], version_bump("1.0.0", "1.1.0", changes[:2]))
    [days] = rule_days(OLD, contract_with(min_value=50), [COUNT], day_lines("100", *["1"] * 7))
    breaking = SuiteDiff("expectations/b/output.json", changes, version_bump("1.0.0", "2.0.0", changes), days=(days,))
    page = render_markdown([harmless, breaking], ("abc", "def"))
    assert "**2 changes can break what others build on.**" in page
    heads = [line for line in page.splitlines() if line.startswith("#### ")]
    assert heads == ["#### `expectations/b/output.json`", "#### `expectations/a/input.json`"]
    assert [line.split("|")[2].strip() for line in page.splitlines() if line.startswith(("| b", "| l", "| d"))] == [
        *("`d`", "`c`", "`b`", "`a`"),
        *("`b`", "`a`"),
    ]
    shown = ", ".join(f"`2026-03-0{day} (1)`" for day in range(2, 7))
    assert f"| `{COUNT}` | 8 | 0 | 0 | 7: {shown} and 2 more |" in page


def test_without_a_breaking_change_none_is_announced() -> None:
    assert "can break" not in render_markdown([SuiteDiff("expectations/a/input.json", [])], ("abc", "def"))
