"""A line of JSON that is plain: what one regular expression takes out of it is what a parser of JSON reads."""

import json
import random
import re
from typing import Any

import pytest

from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.sources.json_syntax import is_object
from etl.sources.line_regex import PRESENT
from etl.sources.plain_json import GROUPS, key_order, plain_pattern, takes_plain_lines
from etl.sources.text_lines import is_text

FORMS = [("id", PRESENT), ("id", "^R-[0-9]{3}$"), ("price", r"^-?[0-9]+(\.[0-9]{1,2}0*)?$"), ("paid", "^(true|false)$")]
KEYS = {"id": "id", "price": "unit price", "paid": "paid", "note": "note"}
PATTERN = re.compile(plain_pattern(KEYS, FORMS).removesuffix(r"\z"))
PLAIN = {
    '{"id":"R-001","unit price":1.50,"paid":true,"note":"x"}': ("R-001", "1.50", "true", "x"),
    '{"id": "R-001", "unit price": "7", "paid": "false", "note": "a, {b} é 😀"}': (
        "R-001",
        "7",
        "false",
        "a, {b} é 😀",
    ),
    '{ "id":"R-001","unit price":-1,"note":null }': ("R-001", "-1", None, None),
    '{"id":"R-001","note":1e400}': ("R-001", None, None, "1e400"),
    '{"id":"R-001"}': ("R-001", None, None, None),
    '{"id":"R-001","note":""}': ("R-001", None, None, ""),
    r'{"id":"R-001","note":"said \"no\" \\ \/ \n \u00e4 \ud83d\ude00"}': (
        "R-001",
        None,
        None,
        'said "no" \\ / \n ä 😀',
    ),
}
IN_DOUBT = (
    *('{"unit price":1}', '{"id":null}', '{"id":"R-01"}', '{"id":"R-001","unit price":1.555}', '{"id":"R-001",}', "{}"),
    *('{"id":"R-001","unit price":01}', '{"id":"R-001","id":"R-001"}', '{"paid":true,"id":"R-001"}', '["R-001"]', ""),
    *('{"id":"R-001","other":1}', '{"id":"R-001"} 1', '{"id":"R-001","paid":1}', '{"id":"R-001","paid":"\\u0074rue"}'),
    *('{"id":"R-001","note":"\t"}', '{"id":"R-001","note":"\ufffd"}', '{"id":"R-001","note":"\\ufffd"}'),
    *('{"id":"R-001","note":"\\u0000"}', '{"id":"R-001","note":"\\ud83d"}', '{"id":"R-001","note":"\\b"}'),
    *('{"id":"R-001","note":"\u2028"}', '{"id":"R-001","note":"\\u2028"}', '{"id":"R-001","note":"\\ufeff"}'),
    *(
        '{"id":"R-001","note":"\x00"}',
        '{"id":"R-001","note":tru}',
        '{"id":"R-001" "note":1}',
        '{"id":"R-001","note":{}}',
    ),
)
PIECES = [
    *'"\\,:{} \x001\t',
    "\\n",
    "\\u00e4",
    "\\ud83d",
    "\\u0001",
    "null",
    "true",
    "-1.50",
    '"id":',
    '"note":',
    '""',
    "é",
    ", ",
]


def taken_values(line: str) -> tuple[str | None, ...] | None:
    """Return what stands in a plain line by column, None for another line."""
    match = PATTERN.fullmatch(line)
    if match is None:
        return None
    groups = match.groups()
    values = [groups[place : place + GROUPS] for place in range(0, len(groups), GROUPS)]
    assert "" not in groups  # which stands for null
    return tuple(
        bare if text is None and empty is None else json.loads(f'"{text or ""}"') for empty, text, bare in values
    )


def parsed_values(line: str) -> tuple[str | None, ...]:
    pairs: list[tuple[str, Any]] = json.loads(line, object_pairs_hook=list, parse_int=str, parse_float=str)
    values = dict(pairs)
    assert len(values) == len(pairs)
    assert values.keys() <= {*KEYS.values()}
    return tuple(str(value).lower() if isinstance(value := values.get(key), bool) else value for key in KEYS.values())


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_gives_its_values(line: str) -> None:
    assert taken_values(line) == PLAIN[line] == parsed_values(line)


@pytest.mark.parametrize("line", IN_DOUBT)
def test_a_line_is_in_doubt_that_is_no_object_of_texts_and_forms_in_the_order_of_the_keys(line: str) -> None:
    assert taken_values(line) is None


def test_whatever_is_taken_for_plain_is_what_a_parser_reads() -> None:
    chosen = random.Random(0)
    plain = 0
    for _ in range(20_000):
        line = chosen.choice([*PLAIN])
        for _ in range(chosen.randint(1, 2)):
            start = chosen.randrange(len(line))
            line = line[:start] + chosen.choice(PIECES) + line[start + chosen.randint(0, 3) :]
        values = taken_values(line)
        if values is not None:
            plain += 1
            assert (values, is_object(line)) == (parsed_values(line), True), line
            by_name = dict(zip(KEYS, values, strict=True))
            assert all(is_text(value) for value in values if value is not None), line
            assert all(re.search(form, by_name[name] or "") for name, form in FORMS if by_name[name] is not None), line
            assert by_name["id"] is not None
    assert 500 < plain < 15_000


def contract_of(**meta: Any) -> Contract:
    columns = [
        {"name": name, "type": "string", "description": "One.", **({"source": key} if key != name else {})}
        for name, key in KEYS.items()
    ]
    about = {"version": "1.0.0", "owner": "a", "description": "One.", "format": "jsonl", "columns": columns}
    rows = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}, "severity": "critical"}
    rows["meta"] = {"rule": "trades.rows", "why": "A day has rows."}
    suite = {"name": "trades.input", "meta": {**about, **meta}, "expectations": [rows]}
    return parse_contract(json.dumps(suite), "input")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ('{"note":1,"id":2}\n{"id":2,"paid":1}\n', ("note", "id", "price", "paid")),
        ('{"id":1,"note":2}\n', ("id", "price", "paid", "note")),
        ('{"id":1,"note":2}\n{"note":1,"id":2}\n', ()),
        ('[[1]]\n{"id":1,"other":1}\nno\n', ()),
        ('{"unit price":1}\n{"note":1,"id":2', ("id", "price", "paid", "note")),
    ],
)
def test_the_order_of_keys_is_that_of_the_first_lines(text: str, order: tuple[str, ...]) -> None:
    assert key_order(text, False, contract_of()) == order


def test_lines_are_plain_where_they_are_flat_and_of_declared_keys() -> None:
    assert takes_plain_lines(contract_of())
    assert not takes_plain_lines(contract_of(extra_columns="ignore"))
    assert not takes_plain_lines(contract_of(records="array"))
    assert not takes_plain_lines(contract_of(format="csv"))
