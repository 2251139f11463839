"""Days that seeds draw, and days of keys in no order."""

import csv
from pathlib import Path

import numpy as np
import pytest

from bench import keys
from bench.drawn_day import DrawnDay
from etl.contract.loading import parse_contract
from etl.contract.stage import Stage

SEEDS = range(1, 31)


def test_a_seed_draws_8_to_40_columns_and_20_to_80_rules_that_make_a_contract() -> None:
    sizes = []
    for seed in SEEDS:
        day = DrawnDay(seed)
        contracts = [parse_contract(day.suites.input, "input"), parse_contract(day.suites.output, "output")]
        assert [len(contract.columns) for contract in contracts] == [len(day.columns)] * 2
        sizes.append((len(day.columns), sum(len(contract.rules) for contract in contracts)))
    assert all(8 <= columns <= 40 and 20 <= rules <= 80 for columns, rules in sizes)
    assert len(set(sizes)) == len(SEEDS)


def test_seeds_draw_most_of_the_vocabulary_quotes_commas_accents_and_nulls(tmp_path: Path) -> None:
    types, texts = set[str](), ""
    for seed in SEEDS:
        day = DrawnDay(seed)
        types |= {rule.type for rule in parse_contract(day.suites.output, "output").rules}
        types |= {rule.type for rule in parse_contract(day.suites.input, "input").rules}
        texts += day.write_files(8, tmp_path / f"{seed}")[0].read_text(encoding="utf-8")
    assert len(types) > 25
    assert all(part in texts for part in (", ", '""', "é", "ί", ",,"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_day_is_the_same_each_time_and_has_the_columns_of_its_contracts(tmp_path: Path, seed: int) -> None:
    first, second = (DrawnDay(seed).write_files(400, tmp_path / name) for name in ("a", "b"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
    rows = [row for file in first for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]
    assert [*rows[0]] == [column.name for column in DrawnDay(seed).columns]
    assert len({row["reference"] for row in rows}) == len(rows) == 400
    assert not any(None in row or None in row.values() for row in rows)


def test_keys_in_no_order_differ_and_their_contract_may_have_a_bound() -> None:
    texts = keys.key_texts(np.arange(2**33, 2**33 + 1000)).to_pylist()
    assert len(set(texts)) == 1000
    assert texts != sorted(texts)
    bounds = [
        parse_contract(keys.suites(is_bounded).output, Stage.OUTPUT).unique_within for is_bounded in (False, True)
    ]
    assert bounds[0] is None
    assert bounds[1] is not None
    assert bounds[1].days == keys.BOUND_DAYS
