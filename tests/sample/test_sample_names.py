"""The sample belongs to the user: no code and no other test of ours names one of its datasets."""

import re
import subprocess
from pathlib import Path

import pytest

from sluice.contracts.lint.lint import lint_suites
from tests.sample import DATASETS

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"(?<![a-z0-9])(sales|customers|products|sales_daily)(?![a-z0-9])", re.IGNORECASE)
OURS = ("__main__.py", "bench", "components", "etl", "sluice", "review", "operate", "sandbox", "tests")
THE_SAMPLES = ("etl/datasets/", "sluice/sandbox/demo/", "sluice/program/stacks/", "tests/sample/")
"""What belongs to the sample, or tells of it."""


def files_of_ours() -> list[str]:
    """Return the paths of our files below the repository, as Git knows them."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *OURS]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [path for path in listed if path and not path.startswith(THE_SAMPLES) and (ROOT / path).is_file()]


def lines_naming_the_sample(text: str) -> list[str]:
    """Return the lines of a text that have one of the words."""
    return [line.strip() for line in text.splitlines() if NAME.search(line)]


def test_no_file_of_ours_names_a_dataset_of_the_sample() -> None:
    paths = files_of_ours()
    assert len(paths) > 400
    texts = {path: (ROOT / path).read_text(encoding="utf-8", errors="replace") for path in paths}
    naming = {path: lines[:3] for path, text in texts.items() if (lines := lines_naming_the_sample(f"{path}\n{text}"))}
    assert naming == {}


@pytest.mark.parametrize("line", ['"sales"', "load_sales_daily()", "the Products of", "raw/customers/", "sales-aside"])
def test_a_line_with_the_name_in_it_is_noticed(line: str) -> None:
    assert lines_naming_the_sample(f"x\n{line}\n") == [line]


@pytest.mark.parametrize("line", ["a salesperson", "customer_id", "itertools.product", "wholesales", "a sale"])
def test_a_word_that_is_no_datasets_name_is_none(line: str) -> None:
    assert lines_naming_the_sample(line) == []


def test_every_owner_of_the_sample_has_a_handle() -> None:
    report = lint_suites([str(ROOT / "expectations" / dataset) for dataset in DATASETS])
    assert (len(report.warnings), report.suites) == (0, 2 * len(DATASETS))
