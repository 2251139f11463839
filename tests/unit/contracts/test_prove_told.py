"""What prove proposes and how it tells what it found, without Spark."""

import re
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from etl.contract.model import Rule
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.contract.types import ColumnType
from sluice.cli.app import main
from sluice.contracts.prove.command import print_reports, render_markdown, reports_json
from sluice.contracts.prove.pattern_texts import matching_texts
from sluice.contracts.prove.report import Proof, ProofReport
from sluice.contracts.prove.values import raw_texts, value_pool

PARAMETERS = {"run_date": "2026-01-31"}
BITING_PROOF = Proof("trips.rows", Stage.INPUT, "no rows", ("trips.key",))
GUARDING_PROOF = Proof(
    "trips.city", Stage.OUTPUT, "a transform that makes city = null", no_file="it guards the transform"
)
UNPROVEN = Proof("trips.seats", Stage.OUTPUT, why="no generated fault trips it")


def make_rule(kind: str, **kwargs: object) -> Rule:
    return Rule("trips.x", kind, {"column": "x", **kwargs}, Severity.CRITICAL, "An example.")


@pytest.mark.parametrize(
    "pattern",
    ["^TXN[0-9]+$", r"^[^@\s]+@[^@\s]+\.[^@\s]+$", r"^-?\d+(\.\d{1,2})?$", "^(?:a|bc)*+[A-Z]{2}$", "^[^a-z]..$"],
)
def test_texts_of_a_pattern_are_taken_by_it_and_differ(pattern: str) -> None:
    texts = matching_texts(pattern, 20, Random(1))
    assert len(set(texts)) == len(texts) > 10
    assert [text for text in texts if not re.search(pattern, text)] == []


def test_a_pattern_beyond_us_gives_no_text() -> None:
    assert matching_texts(r"\p{InGreek}+(", 5, Random(1)) == []


@pytest.mark.parametrize("declared", ["int", "bigint", "decimal(10,2)", "decimal(38,0)", "date"])
def test_a_pool_lies_within_its_type_and_holds_both_sides_of_each_bound(declared: str) -> None:
    column_type = ColumnType(declared)
    low, high = ("2025-01-01", PARAMETERS["run_date"]) if declared == "date" else (1, 60)
    values = value_pool(column_type, [make_rule("expect_x", min_value=low, max_value=high)], PARAMETERS, 10)
    *inner_values, last = values
    ends = column_type.limits
    assert last is None
    assert ends
    assert all(ends[0] <= value <= ends[1] for value in inner_values)
    sides = (date(2024, 12, 31), date(2026, 2, 1)) if declared == "date" else (0, 61)
    assert set(sides) <= set(inner_values) or {Decimal("0.99"), Decimal("60.01")} <= set(inner_values)


def test_a_bound_outside_the_type_adds_no_value() -> None:
    values = value_pool(ColumnType("int"), [make_rule("expect_x", min_value=-3e9, max_value=3e9)], PARAMETERS, 5)
    assert max(value for value in values if value is not None) == 2**31 - 1


def test_typed_values_as_raw_text_come_with_some_that_the_type_does_not_have() -> None:
    assert raw_texts(ColumnType("boolean"), [True, None]) == ["true", "true.5", "many"]


def test_each_form_tells_what_does_not_bite(capsys: pytest.CaptureFixture[str]) -> None:
    reports = [
        ProofReport("trips", [BITING_PROOF, UNPROVEN, GUARDING_PROOF], 1.0),
        ProofReport("trails", [], 1.0, "no generated day keeps both contracts"),
    ]
    print_reports(reports)
    terminal, page = capsys.readouterr().out, render_markdown(reports)
    for text in (terminal, page):
        assert "2 of 3 rules bite, 1 of them on nothing that a file can hold; no valid day of trails" in text
        assert "it guards the transform" in text
        assert "no generated fault trips it" in text
        assert "no generated day keeps both contracts" in text
        assert "trips.key" in text
    assert "✗ trips.seats" in terminal
    assert "| `trips.rows` | input | `no rows` | `trips.key` |" in page
    as_json = reports_json(reports)
    assert as_json["held"] is False


def test_proofs_are_needed_to_hold() -> None:
    assert not ProofReport("trips", [], 1.0).all_proven
    assert ProofReport("trips", [BITING_PROOF], 1.0).all_proven


def test_a_dataset_that_does_not_exist_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "trails"]) == 2
    assert "'trails' is no dataset with input.json and output.json; name one of buyers" in capsys.readouterr().err
