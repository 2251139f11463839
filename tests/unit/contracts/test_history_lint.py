"""Lint says of bounds from earlier runs where files start these runs, and which good days would break."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings.config_reader import BadConfiguration
from components.settings.stack_settings import parse_settings
from sluice.contracts.lint.lint import LintReport, lint_suites
from sluice.program.graph import stack_config
from tests.lake import LAKE
from tests.lake.histories import HIGH, LOW, usual_rule, with_history, with_rows_low
from tests.lake.mutations import Change
from tests.unit.contracts.conftest import Write

Lint = Callable[..., LintReport]
BETWEEN = "expect_column_values_to_be_between"
BY_FILES = {"trades": {"start": "arrival"}}


@pytest.fixture
def lint(write: Write) -> Lint:
    """Lint the output of trades, changed, in a lake with a stack that has these datasets."""

    def lint_lake(change: Change, datasets: Any = None, **options: Any) -> LintReport:
        lake = write(change)
        config = {f"sluice:{key}": value for key, value in {"datasets": datasets or {"trades": {}}, **options}.items()}
        (lake / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))
        return lint_suites([str(lake / "expectations/trades")])

    return lint_lake


def problems(report: LintReport, kind: str) -> list[str]:
    return [finding.found for finding in (*report.findings, *report.warnings) if finding.kind == kind]


@pytest.mark.parametrize(
    ("datasets", "options"),
    [(BY_FILES, {}), ({"trades": {}}, {"start": "arrival"}), ({"trades": None}, {"start": "arrival"})],
)
def test_a_bound_that_counts_runs_is_refused_where_files_start_them(datasets: Any, options: Any, lint: Lint) -> None:
    report = lint(with_rows_low(), datasets, **options)
    (finding,) = [finding for finding in report.findings if finding.kind == "history"]
    assert "a run is no day, and meta.history counts runs for rows_low (Pulumi.test.yaml)" in finding.found
    assert '"per": "day"' in finding.remedy
    line = Path(finding.file).read_text().splitlines()[finding.line - 1]
    assert '"rows_low"' in line


@pytest.mark.parametrize(
    ("change", "datasets", "options"),
    [
        (with_rows_low(per="day"), BY_FILES, {}),
        (with_rows_low(), {"trades": {}}, {}),
        (with_rows_low(), {"trades": {"start": "schedule"}}, {"start": "arrival"}),
        (with_rows_low(), {"goods": {"start": "arrival"}}, {}),
        (dict, BY_FILES, {}),
    ],
)
def test_a_day_that_is_a_run_or_a_bound_of_days_is_fine(
    change: Change, datasets: Any, options: Any, lint: Lint
) -> None:
    assert problems(lint(change, datasets, **options), "history") == []


def test_a_stack_file_that_cannot_be_read_is_left_to_the_preview(lint: Lint, write: Write) -> None:
    lint(with_rows_low())
    (write(with_rows_low()) / "Pulumi.broken.yaml").write_text("config: [")
    assert problems(lint(with_rows_low()), "history") == []


def test_what_is_built_from_tables_is_started_by_the_files_of_these(tmp_path: Path) -> None:
    shutil.copytree(LAKE / "expectations", tmp_path / "expectations")
    path = tmp_path / "expectations/trades_daily/output.json"
    suite = json.loads(path.read_text())
    rule = {**usual_rule("rows"), "kwargs": {"min_value": {"$PARAMETER": "low"}}}
    with_history({**rule, "meta": {**rule["meta"], "rule": "trades_daily.rows.low"}}, low=LOW)(suite)
    path.write_text(json.dumps(suite, indent=1))
    datasets = {**dict.fromkeys(("buyers", "goods", "trades_daily")), "trades": {"start": "arrival"}}
    (tmp_path / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": {"sluice:datasets": datasets}}))
    report = lint_suites([str(tmp_path / "expectations/trades_daily")])
    assert len(problems(report, "history")) == 1


def test_a_preview_refuses_the_same(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    lake = write(with_rows_low())
    for name in ("buyers", "goods"):
        shutil.copytree(LAKE / "expectations" / name, lake / "expectations" / name)
    shutil.copytree(LAKE / "etl", lake / "etl")
    monkeypatch.setattr("components.settings.contracts.lake_folder", lambda: lake)
    config = {
        key.removeprefix("sluice:"): value for key, value in stack_config("dev").items() if key.startswith("sluice:")
    }
    datasets = {"buyers": {}, "goods": {}, "trades": {}}
    parse_settings({**config, "datasets": datasets}, "dev", "eu-west-1")
    with pytest.raises(BadConfiguration, match=r"datasets\.trades: takes bounds of days.*rows_low: write") as refused:
        parse_settings({**config, "datasets": {**datasets, "trades": {"start": "arrival"}}}, "dev", "eu-west-1")
    assert "files start its runs (start: arrival), so a run is no day" in str(refused.value)


FALSE_ALARMS: dict[str, tuple[Change, str]] = {
    "a lower bound of days where files start runs": (with_rows_low(per="day"), "the first part of a day breaks it"),
    "a least value of days that may not be higher": (
        with_history(
            usual_rule("units", BETWEEN, column="quantity", max_value="high"),
            high={"metric": "minimum", "column": "quantity", "per": "day", "times": 2},
        ),
        "the first part of a day breaks it",
    ),
    "the median itself": (with_rows_low(times=1, per="day"), "about every other day breaks it"),
    "the mean itself as an upper bound": (
        with_history(usual_rule("rows.high", max_value="high"), high={**HIGH, "of": "mean", "times": 1, "per": "day"}),
        "about every other day breaks it",
    ),
    "the greatest as a lower bound": (
        with_rows_low(of="max", times=1, per="day"),
        "every day breaks it that is no record",
    ),
    "the share of nulls, which a lower bound keeps from rising": (
        with_history(
            usual_rule(
                "nulls",
                "expect_column_proportion_of_non_null_values_to_be_between",
                column="region",
                min_value="nulls",
            ),
            nulls={"metric": "null_share", "column": "region"},
        ),
        "about every other day breaks it",
    ),
}


@pytest.mark.parametrize(("change", "problem"), FALSE_ALARMS.values(), ids=FALSE_ALARMS)
def test_a_bound_that_good_days_break_is_warned_of(change: Change, problem: str, lint: Lint) -> None:
    report = lint(change, BY_FILES)
    (warning,) = [warning for warning in report.warnings if warning.kind == "false-alarm"]
    assert problem in warning.found


@pytest.mark.parametrize(
    ("change", "datasets"),
    [
        (with_rows_low(per="day"), {"trades": {}}),
        (with_rows_low(), {"trades": {}}),
        (with_history(usual_rule("rows.high", max_value="high"), high={**HIGH, "per": "day"}), BY_FILES),
        (with_history(usual_rule("rows.high", max_value="high"), high={**HIGH, "of": "max", "times": 1}), None),
        (with_rows_low(of="mean", deviations=-3, times=1), None),
    ],
)
def test_a_bound_that_good_days_keep_is_not(change: Change, datasets: Any, lint: Lint) -> None:
    assert problems(lint(change, datasets), "false-alarm") == []


def test_a_bound_that_needs_more_weeks_than_a_run_looks_back_is_never_judged(lint: Lint) -> None:
    report = lint(with_rows_low(last=100, at_least=58))
    (finding,) = [finding for finding in report.findings if finding.kind == "never-fails"]
    assert "needs 58 runs of a weekday, which are 406 days" in finding.found
    assert finding.remedy == "lower at_least to 57"
    assert problems(lint(with_rows_low(last=100, at_least=57)), "never-fails") == []
    assert problems(lint(with_rows_low(last=100, at_least=100, same_weekday=False)), "never-fails") == []
