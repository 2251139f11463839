"""The contract that nobody tuned the gate to, and its day."""

import csv
from datetime import datetime
from pathlib import Path

from bench import wide
from etl.contract.loading import parse_contract

RULES = [parse_contract((wide.CONTRACTS / f"{stage}.json").read_text(), stage) for stage in ("input", "output")]


def rows(files: list[Path]) -> list[dict[str, str]]:
    return [row for file in files for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]


def test_it_has_16_columns_of_all_types_under_43_rules():
    assert [len(contract.columns) for contract in RULES] == [16, 16]
    assert sum(len(contract.rules) for contract in RULES) == 43
    assert {column.type for column in RULES[1].columns} == {
        "string",
        "int",
        "bigint",
        "decimal(10,2)",
        "date",
        "boolean",
    }


def test_its_day_is_the_same_each_time(tmp_path):
    first, second = (wide.order_lines(400, tmp_path / name) for name in ("a", "b"))
    assert len(first) == 4
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_its_texts_have_quotes_commas_and_accents(tmp_path):
    made = rows(wide.order_lines(400, tmp_path))
    assert list(made[0]) == RULES[0].names
    assert len({(row["order_id"], row["line_number"]) for row in made}) == len(made) == 400
    texts = [row[name] for row in made for name in ("customer", "street", "city", "note")]
    for odd in ('"', ",", "é", "ł"):
        assert sum(odd in text for text in texts) > 20, odd
    assert all(datetime.strptime(row["placed_at"], "%Y-%m-%dT%H:%M:%S") for row in made)
