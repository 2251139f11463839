"""The first page and the owners of this repository, which no lake of one's own has."""

import json
import re

import pytest

from sluice.program.bill.bill import monthly_bill
from sluice.program.graph import ROOT, run_program
from sluice.program.stack_files import load_stack_file
from tests.fences import PAGES
from tests.program.test_documents import links_of

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_the_readme_says_what_the_four_datasets_cost(stack: str) -> None:
    cost_section = README.partition("## What it costs")[2]
    names = ("trades", "buyers", "goods", "trades_daily")
    entries = {name: load_stack_file(stack)["sluice:datasets"][name] for name in names}
    month = sum(line.usd for line in monthly_bill(run_program(stack, changed={"sluice:datasets": json.dumps(entries)})))
    assert f"{month:.2f} for {stack}" in " ".join(cost_section.split())


@pytest.mark.parametrize("page", ["new-stack.md", "adding-a-dataset.md", "taking-down.md", "a-lake-of-ones-own.md"])
def test_a_page_on_a_change_of_the_lake_is_found_from_the_readme(page: str) -> None:
    assert f"docs/{page}" in links_of(ROOT / "README.md")


def test_it_names_the_emulator_that_is_left_to_the_real_cli() -> None:
    assert "`--empty`" in README


def test_its_commands_and_links_are_held_as_those_of_the_other_pages() -> None:
    assert "README.md" in PAGES


def test_somebody_reviews_whatever_has_no_owner_of_its_own() -> None:
    assert re.search(r"^\* @", (ROOT / ".github" / "CODEOWNERS").read_text(), re.MULTILINE)
