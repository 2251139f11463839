"""Lint looks at files and folders, names lines, and answers at once; of the shipped contracts it says nothing."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT
from sluice.cli.errors import WrongUse
from sluice.contracts.lint.lint import lint_suites
from tests.lake.mutations import QUANTITY, change_column, change_kwargs
from tests.unit.contracts.conftest import Write


def test_the_shipped_contracts_leave_nothing_to_say() -> None:
    report = lint_suites([])
    assert report.findings == []
    assert report.suites >= 2
    assert report.rules > 20


def test_a_finding_names_the_line_of_its_rule(write: Write) -> None:
    folder = write(change_kwargs(QUANTITY, mostly=0))
    (finding,) = lint_suites([str(folder / "expectations")]).findings
    lines = (folder / "expectations/trades/output.json").read_text().splitlines()
    assert QUANTITY in lines[finding.line - 1]


def test_a_fault_of_a_column_names_its_line(write: Write) -> None:
    folder = write(change_column(4, type="money"))
    (finding,) = lint_suites([str(folder / "expectations")]).findings
    lines = (folder / "expectations/trades/output.json").read_text().splitlines()
    assert '"unit_price"' in lines[finding.line - 1]


def test_a_dataset_without_its_other_half_is_told(write: Write) -> None:
    folder = write() / "expectations/trades"
    (folder / "input.json").unlink()
    (folder / "inputs.json").write_text("{")
    kinds_and_texts = {(finding.kind, finding.found) for finding in lint_suites([str(folder)]).findings}
    assert ("pair", "there is no input.json beside it, and a dataset has both") in kinds_and_texts
    assert ("file", "it is neither input.json nor output.json, so nothing loads it") in kinds_and_texts


def test_a_file_that_is_no_text_is_told(write: Write) -> None:
    file = write() / "expectations/trades/output.json"
    file.write_bytes(b"\xff\xfe{")
    assert "it is no UTF-8" in lint_suites([str(file)]).findings[0].found


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_a_path_without_suites_is_wrong_use(path: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"name a suite file|holds no suite"):
        lint_suites([str(tmp_path / path)])


def test_it_answers_within_three_seconds_of_processor_and_imports_neither_spark_nor_great_expectations() -> None:
    script = (
        "import sys; from sluice.cli.app import main; code = main(['lint']);"
        "heavy = {'pyspark', 'great_expectations', 'pandas', 'pulumi'} & set(sys.modules);"
        "assert not heavy, heavy; sys.exit(code)"
    )
    processor_before = _processor_seconds()
    completed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "no findings in" in completed.stdout
    assert _processor_seconds() - processor_before < 3


def _processor_seconds() -> float:
    # Not the clock: a busy machine makes nobody's command slower.
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime
