"""Lint warns of a suite whose owner has no handle in CODEOWNERS, and fails nothing for it."""

import json
import shutil
from pathlib import Path

import pytest

from sluice.cli.app import main
from sluice.contracts.lint.lint import LintReport, lint_suites
from tests.lake import LAKE
from tests.unit.contracts.conftest import Write


@pytest.fixture
def lake(write: Write) -> Path:
    """A lake with the contracts of trades and nobody who is asked."""
    folder = write()
    (folder / "etl/datasets").mkdir(parents=True)
    (folder / ".github").mkdir()
    return folder


def lint_with(lake: Path, codeowners: str, place: str = ".github/CODEOWNERS") -> LintReport:
    (lake / place).write_text(codeowners)
    return lint_suites([str(lake / "expectations/trades")])


def test_each_suite_of_an_owner_without_a_handle_has_a_warning_on_the_owners_line(lake: Path) -> None:
    report = lint_suites([str(lake / "expectations/trades")])
    assert [(Path(warning.file).name, warning.kind) for warning in report.warnings] == [
        ("input.json", "owner"),
        ("output.json", "owner"),
    ]
    lines = (lake / "expectations/trades/output.json").read_text().splitlines()
    assert '"owner": "trades-data"' in lines[report.warnings[1].line - 1]
    assert "its owner 'trades-data' has no handle" in report.warnings[1].found
    assert "`/expectations/trades/ @organisation/team`" in report.warnings[1].remedy


@pytest.mark.parametrize(
    ("codeowners", "warned"),
    [
        ("/expectations/trades/ @shop/trades-data\n", set()),
        ("expectations/trades/** @ann ops@example.com # both\n", set()),
        ("/expectations/trades/output.json @shop/trades-data\n", {"input.json"}),
        ("* @shop/all\n/expectations/ @shop/all\n", {"input.json", "output.json"}),
        ("# /expectations/trades/ @shop/trades-data\n", {"input.json", "output.json"}),
        ("/expectations/trades/ trades-data\n", {"input.json", "output.json"}),
        ("/expectations/trades/ @a\n/expectations/trades/input.json\n", {"input.json"}),
        ("/expectations/trades_daily/ @a\n", {"input.json", "output.json"}),
        ("", {"input.json", "output.json"}),
    ],
)
def test_the_last_line_for_the_dataset_or_the_file_counts_and_none_for_all_of_them(
    codeowners: str, warned: set[str], lake: Path
) -> None:
    assert {Path(warning.file).name for warning in lint_with(lake, codeowners).warnings} == warned


@pytest.mark.parametrize("place", ["CODEOWNERS", ".github/CODEOWNERS"])
def test_it_is_looked_for_where_github_looks(place: str, lake: Path) -> None:
    assert lint_with(lake, "/expectations/trades/ @a\n", place).warnings == []


def test_suites_outside_a_lake_have_nobody_who_is_asked(write: Write) -> None:
    assert lint_suites([str(write() / "expectations")]).warnings == []


def test_a_warning_fails_nothing_and_every_form_has_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("expectations", "etl"):
        shutil.copytree(LAKE / folder, tmp_path / folder)
    folder = str(tmp_path / "expectations/goods")
    assert main(["lint", folder]) == 0
    assert "no findings and 2 warnings in 2 suites" in capsys.readouterr().out
    assert main(["lint", folder, "--markdown"]) == 0
    assert "catalogue-data" in capsys.readouterr().out
    assert main(["lint", folder, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["findings"], [warning["kind"] for warning in printed["warnings"]]) == ([], ["owner", "owner"])
    for form, mark in (("junit", "<system-out>"), ("github", "::warning file=")):
        assert main(["lint", folder, "--format", form]) == 0
        assert mark in capsys.readouterr().out
