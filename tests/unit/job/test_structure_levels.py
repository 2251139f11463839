"""`meta.structure`: what a suite may say, and what lint, diff, docs, the stack and an operator's commands make of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.settings.contracts import suite_may_quarantine
from etl.contract.loading import contract_of, parse_suite
from etl.contract.masking import Masking
from etl.contract.model import Contract
from etl.contract.severity import Severity
from etl.contract.structure_levels import ALL_CRITICAL
from sluice.cli.errors import WrongUse
from sluice.contracts.backtest.row_outcomes import ContractRules
from sluice.contracts.diff.meta_changes import meta_changes
from sluice.contracts.lint.lint import check_contract
from sluice.operations import quarantined_rows
from sluice.operations.mending import mended_rows
from sluice.operations.mending.shown_rows import ShownRows
from sluice.site.rule_texts import group_rules
from tests.lake import LAKE

WARNINGS = {"row": "warning", "cast": "warning"}


def make_suite(stage: str = "input", **meta: Any) -> dict[str, Any]:
    suite = json.loads((LAKE / "expectations" / "trades" / f"{stage}.json").read_text())
    suite["meta"] |= meta
    return suite


def make_contract(stage: str = "input", **meta: Any) -> Contract:
    return contract_of(make_suite(stage, **meta))


@pytest.mark.parametrize(
    ("meta", "problem", "remedy"),
    [
        ({"structure": "warning"}, "meta.structure is 'warning'", 'write an object such as {"row": "warning"}'),
        ({"structure": {"row": "info"}}, "meta.structure.row is 'info'", "critical or warning"),
        ({"structure": {"header": "warning"}}, "meta.structure.header is unknown", "it may have cast, row, text"),
        (
            {"structure": {"row": "warning"}, "format": "parquet"},
            "meta.structure.row stands in an input of parquet, where only a broken file has rows that are none",
            "drop it",
        ),
    ],
)
def test_a_level_that_means_nothing_is_refused(meta: dict[str, Any], problem: str, remedy: str) -> None:
    _, faults = parse_suite(json.dumps(make_suite(**meta)))
    assert any(problem in fault.problem and remedy in fault.remedy for fault in faults), list(map(str, faults))


def test_lines_alone_may_go_aside_and_by_default_none_do() -> None:
    levels = make_contract(structure=WARNINGS).structure
    assert make_contract().structure == ALL_CRITICAL
    rules = ("row", "text", "cast.quantity", "header", "rows", "finite.price", "transform")
    assert [rule for rule in rules if levels.severity_of(rule) is Severity.WARNING] == ["row", "cast.quantity"]


def test_lint_says_where_a_level_does_nothing() -> None:
    def quarantine_findings(**meta: Any) -> list[str]:
        contract = make_contract(**meta)
        return [finding.found for finding in check_contract(contract) if finding.kind == "quarantine"]

    [message] = quarantine_findings(structure=WARNINGS)
    assert message.startswith("meta.structure has row as warning, but max_quarantined is 0")
    assert quarantine_findings(structure=WARNINGS, max_quarantined=0.1) == []
    assert quarantine_findings() == []
    assert len(quarantine_findings(max_quarantined=0.1)) == 1


def test_diff_tells_a_loosened_level_from_a_tightened_one() -> None:
    old, new = make_contract(structure={"row": "warning"}), make_contract(structure={"cast": "warning"})
    changes = {change.subject: (change.words, change.how) for change in meta_changes(old, new)}
    assert changes == {
        "structure row": ("warning → critical", "tightened"),
        "structure cast": ("critical → warning", "loosened"),
    }


def test_a_page_has_the_severity_of_each_rule_on_lines() -> None:
    contract, published = make_contract(structure=WARNINGS, max_quarantined=0.1), make_contract("output")
    lines = {line.id: line for group in group_rules(contract, contract, published) for line in group.lines}
    severities = {rule: str(lines[f"trades.structure.{rule}"].severity) for rule in ("row", "text", "cast.quantity")}
    assert severities == {"row": "warning", "text": "critical", "cast.quantity": "warning"}
    assert lines["trades.structure.quarantined.input"].words == "at most 10 % of the rows are set aside"


def test_the_alarm_of_rows_aside_is_there_where_a_line_may_go_aside() -> None:
    assert suite_may_quarantine(make_suite(structure=WARNINGS, max_quarantined=0.1))
    assert not suite_may_quarantine(make_suite(structure=WARNINGS))
    assert not suite_may_quarantine(make_suite(structure={"row": "critical"}, max_quarantined=0.1))


ROW, CAST, TEXT = (f"trades.structure.{rule}" for rule in ("row", "cast.quantity", "text"))
RANGE = "trades.quantity.range"


@pytest.mark.parametrize(
    ("stage", "broken", "fate", "judged", "counted"),
    [
        ("input", {ROW}, "set aside", False, True),
        ("input", {CAST}, "set aside", False, True),
        ("input", {TEXT}, "refused", True, True),
        ("input", {CAST, TEXT}, "refused", False, True),
        ("output", {CAST}, "set aside", False, False),
        ("output", {TEXT}, "refused", False, False),
        ("output", {CAST, TEXT}, "refused", False, False),
        ("output", {RANGE}, "refused", True, True),
    ],
)
def test_a_backtest_sets_aside_what_a_run_does(
    stage: str, broken: set[str], fate: str, judged: bool, counted: bool
) -> None:
    rules = ContractRules(make_contract(stage), make_contract(structure=WARNINGS).structure)
    assert rules.row_fate(frozenset(broken), frozenset())[0] == fate
    assert rules.judges_row(frozenset(broken)) is judged
    assert rules.counts_as_quarantined(frozenset(broken)) is counted


def write_rows(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_an_operator_writes_what_a_line_means_and_leaves_others_as_they_are(tmp_path: Path) -> None:
    shown = ShownRows({"a": None, "b": None, "c": {"x": "1"}}, ("x",), {"a": "2,3"})
    file = write_rows(tmp_path / "rows", {"row": "a", "source": {"x": "2"}, "raw": "2,3"}, {"row": "b", "source": None})
    assert mended_rows.read_mended_rows(file, shown).sources == {"a": {"x": "2"}}


@pytest.mark.parametrize("row", [{"row": "c", "source": None}, {"row": "a"}, {"row": "a", "source": "2"}])
def test_a_mended_row_has_an_object_as_source(tmp_path: Path, row: dict[str, Any]) -> None:
    shown = ShownRows({"a": None, "c": {"x": "1"}}, ("x",))
    with pytest.raises(WrongUse, match="line 1: write"):
        mended_rows.read_mended_rows(write_rows(tmp_path / "rows", row), shown)


@pytest.mark.parametrize(
    ("masking", "shown"),
    [
        (Masking(), "a,b"),
        (Masking(frozenset({"name"})), "masked"),
        (Masking(hides_lines=True), "masked"),
    ],
)
def test_a_raw_line_is_shown_where_nobody_can_be_in_it(masking: Masking, shown: str) -> None:
    mask: Callable[..., Any] = quarantined_rows.mask_raw
    assert (mask("a,b", masking) == "a,b") is (shown == "a,b")
    assert mask(None, masking) is None
    assert quarantined_rows.parse_source(None) is None
