"""Keys of rows to forget, as people give them: read to the text that the job compares, refused by line and without a value."""

import json

import pytest

from etl.contract.loading import parse_contract
from sluice.cli.errors import WrongUse
from sluice.operations.forget_keys import ForgetKeys, key_columns, read_keys
from tests.lake import LAKE

VALUE = "s3cret"


def columns_of(*types: str) -> tuple:
    """The columns of a key: a text `id`, and, where types are named, one of each."""
    suite = json.loads((LAKE / "expectations" / "trades" / "output.json").read_text())
    contract = parse_contract(json.dumps(suite), "trades")
    by_type = {str(column.type): column for column in contract.columns}
    return tuple(by_type[name] for name in types)


TEXT, DAY, WHOLE = "string", "date", "int"


def read(text: str, *types: str) -> ForgetKeys:
    return read_keys(text.encode(), "keys.csv", columns_of(*types))


def header(*types: str) -> str:
    return ",".join(column.name for column in columns_of(*types))


def refusal(text: str | bytes, *types: str) -> str:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(WrongUse) as refused:
        read_keys(content, "keys.csv", columns_of(*types))
    message = str(refused.value)
    assert VALUE not in message
    assert "othing was done" in message
    return message


def test_the_key_of_a_contract_is_asked_for_in_its_order() -> None:
    contract = parse_contract((LAKE / "expectations" / "trades" / "output.json").read_text(), "trades")
    assert tuple(column.name for column in key_columns(contract)) == contract.key


def test_csv_and_json_lines_are_the_same_keys_each_once() -> None:
    name, day = (column.name for column in columns_of(TEXT, DAY))
    table = f'\ufeff{name},{day}\r\n"a,b",2025-01-17\r\n\r\nc,2025-01-18\r\n"a,b",2025-01-17\r\n'
    lines = [{name: "a,b", day: "2025-01-17"}, {day: "2025-01-18", name: "c"}, {name: "a,b", day: "2025-01-17"}]
    by_csv, by_json = read(table, TEXT, DAY), read("\n".join(map(json.dumps, lines)), TEXT, DAY)
    assert by_csv.keys == by_json.keys
    assert (by_csv.repeated, by_json.repeated) == (1, 1)
    assert [json.loads(line) for line in by_csv.as_json_lines().splitlines()] == lines[:2]


def test_columns_of_a_header_may_stand_in_another_order() -> None:
    name, day = (column.name for column in columns_of(TEXT, DAY))
    assert list(read(f"{day},{name}\n2025-01-17,a\n", TEXT, DAY).keys) == [("a", "2025-01-17")]


def test_numbers_of_json_are_the_text_that_they_are_written_as() -> None:
    (name,) = (column.name for column in columns_of(WHOLE))
    assert list(read(f'{{"{name}": 7}}\n{{"{name}": "8"}}\n', WHOLE).keys) == [("7",), ("8",)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{VALUE}\n", "line 1: is no header of the key's columns; write "),
        ("{header},more\na,b\n", "line 1: is no header"),
        (f"{{header}}\n{VALUE},b\n", "line 2: has 2 cells where the header has 1"),
        ('{header}\na\n""\n', "line 3: has no value for "),
        (f'{{header}}\n"a\nb"\n"{VALUE}\n', "is no CSV: a quote is not closed"),
        ("{header}\n", "keys.csv has no key; write the header "),
        ("", "keys.csv has no key"),
        (f'{{{{"{VALUE}": 1}}}}\n', "line 1: is no object of the key's columns alone; write an object of exactly "),
        (f'{{{{"{{header}}": null}}}}\n{{{{"{VALUE}\n', "line 2: is no JSON"),
        ('{{"{header}": null}}\n', "line 1: has no value for "),
        ('{{"{header}": ["a"]}}\n', "line 1: has no value for "),
    ],
)
def test_a_broken_file_is_refused_by_line_and_shows_no_value(text: str, words: str) -> None:
    assert words in refusal(text.format(header=header(TEXT)), TEXT)


def test_a_value_of_another_type_is_refused() -> None:
    assert f"line 2: has for {header(DAY)} what is no date as it is published" in refusal(
        f"{header(DAY)}\n{VALUE}\n", DAY
    )


def test_what_is_no_utf_8_is_named_by_its_line() -> None:
    assert "line 2: is no UTF-8; save the file as UTF-8" in refusal(f"{header(TEXT)}\n".encode() + b"\xff\n", TEXT)


def test_of_many_faults_the_first_ten_are_shown() -> None:
    message = refusal(f"{header(DAY)}\n" + f"{VALUE}\n" * 12, DAY)
    assert (message.count("line "), "and 2 more" in message) == (10, True)
