"""The days and contracts that the benchmark is run on."""

import csv
from pathlib import Path

import pytest

from bench import days, dirty
from bench.lake import RUN_DATE, Suites
from bench.suites import SET_ASIDE, lenient_suites, with_rules
from bench.wanted import ORDERS_LAKE
from etl.contract.loading import parse_contract

ORDERS = ORDERS_LAKE / "expectations" / "orders"
SUITES = Suites("orders", *((ORDERS / f"{stage}.json").read_text() for stage in ("input", "output")))
RULES = [parse_contract(SUITES.input, "input"), parse_contract(SUITES.output, "output")]


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as source:
        return list(csv.DictReader(source))


def test_a_day_is_the_same_each_time_and_has_a_key_of_its_own_in_each_row(tmp_path):
    [first], [second] = (days.write_orders(2000, tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    day_rows = read_rows(first)
    assert list(day_rows[0]) == RULES[0].names
    assert len({row["transaction_id"] for row in day_rows}) == len(day_rows) == 2000


def test_a_day_has_the_share_of_bad_rows_that_was_asked_for(tmp_path):
    day_rows = read_rows(days.write_orders(3000, tmp_path, bad=0.05)[0])
    assert sum(row["customer_id"].startswith(days.STRANGE) for row in day_rows) == 150


def test_a_large_day_is_several_files_each_with_its_header(tmp_path, monkeypatch):
    monkeypatch.setattr(days, "PER_FILE", 500)
    files = days.write_orders(1200, tmp_path)
    assert [len(read_rows(file)) for file in files] == [500, 500, 200]
    assert len({row["transaction_id"] for file in files for row in read_rows(file)}) == 1200


def test_dirty_days_break_each_rule_that_can_be_broken_from_outside_in_a_row_of_its_own(tmp_path):
    [clean] = days.write_orders(2000, tmp_path)
    input_day, output_day = dirty.write_dirty_days(clean, (RULES[0], RULES[1]), {"run_date": RUN_DATE}, tmp_path)
    whole = read_rows(clean)[: dirty.ROWS]
    changed = [
        {name: value for name, value in row.items() if value != before[name]}
        for row, before in zip(read_rows(input_day), whole, strict=True)
    ]
    assert [row for row in changed if row] == [
        {"quantity": ""},
        {"transaction_date": ""},
        {"transaction_id": "?"},
        {"customer_id": "?"},
        {"product_id": "?"},
        {"unit_price": "?"},
        {"region": "?"},
    ]
    broken = read_rows(output_day)
    assert [broken[1]["quantity"], broken[2]["unit_price"], broken[3]["transaction_date"]] == [
        "0",
        "0.00",
        "2026-02-01",
    ]
    assert broken[4] == broken[0]


def test_each_of_eleven_days_has_one_fault(tmp_path):
    [clean] = days.write_orders(50, tmp_path)
    written = dirty.write_single_faults(clean, (RULES[0], RULES[1]), {"run_date": RUN_DATE}, tmp_path)
    whole = read_rows(clean)
    assert len(written) == 11
    for day in written:
        differing = [row for row, before in zip(read_rows(day), whole, strict=True) if row != before]
        assert len(differing) == 1


@pytest.mark.parametrize("number", [10, 28, 41, 200])
def test_contracts_of_so_many_rules_load_and_no_two_rules_are_alike(number):
    suites = with_rules(SUITES, number)
    rules = [rule for text in (suites.input, suites.output) for rule in parse_contract(text, "made").rules]
    assert len(rules) == number
    assert len({(rule.type, str(rule.kwargs)) for rule in parse_contract(suites.output, "made").rules}) >= number - 13


def test_contracts_of_a_number_that_cannot_be_made_are_refused():
    with pytest.raises(ValueError, match="not of 12"):
        with_rules(SUITES, 12)


def test_by_the_lenient_contract_a_strange_shopper_is_set_aside():
    contract = parse_contract(lenient_suites(SUITES).input, "lenient")
    assert {rule.rule for rule in contract.rules if rule.severity == "warning"} == {SET_ASIDE}
    assert contract.max_quarantined == 1
