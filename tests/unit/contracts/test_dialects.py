"""Lint says which dialects and sources mean nothing, and what to do."""

from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.validation.suite import faults_of
from tests.csv_contracts import csv_contract, csv_suite

TWO = ["a", {"name": "b"}]
FAULTS: dict[str, tuple[list[Any], dict[str, Any], str, str]] = {
    "two characters as delimiter": (
        TWO,
        {"dialect": {"delimiter": "||"}},
        "meta.dialect.delimiter is '||'",
        "one character",
    ),
    "a letter as delimiter": (TWO, {"dialect": {"delimiter": "x"}}, "meta.dialect.delimiter is 'x'", "one character"),
    "a word as quote": (TWO, {"dialect": {"quote": "quot"}}, "meta.dialect.quote is 'quot'", "one character"),
    "an unknown encoding": (
        TWO,
        {"dialect": {"encoding": "latin1"}},
        "meta.dialect.encoding is 'latin1'",
        "iso-8859-1",
    ),
    "an unknown key": (TWO, {"dialect": {"separator": ";"}}, "meta.dialect.separator is unknown", "delimiter"),
    "no object": (TWO, {"dialect": ";"}, "meta.dialect is ';'", '{"delimiter": ";"}'),
    "the quote as delimiter": (TWO, {"dialect": {"delimiter": "|", "quote": "|"}}, "as another mark", "of its own"),
    "a dialect of json": (TWO, {"format": "jsonl", "dialect": {"delimiter": ";"}}, "in an input of jsonl", "drop it"),
    "a header's match of json": (
        TWO,
        {"format": "jsonl", "header_match": "by_name"},
        "in an input of jsonl",
        "drop it",
    ),
    "a header's match without one": (
        TWO,
        {"dialect": {"header": False}, "header_match": "by_name"},
        "no header",
        "drop it",
    ),
    "names that differ in capitals": (
        ["a", {"name": "b", "source": "A"}],
        {"header_match": "by_name_ignore_case"},
        "2 columns are 'a' in the file",
        "of its own",
    ),
    "line ends without quotes": (
        TWO,
        {"dialect": {"quote": "", "multi_line": True}},
        "but no quote",
        "drop multi_line",
    ),
    "a comment of delimiters": (TWO, {"dialect": {"delimiter": "|", "comment": "|"}}, "as comment", "of its own"),
    "a negative number of lines": (
        TWO,
        {"dialect": {"skip_rows": -1}},
        "meta.dialect.skip_rows is -1",
        "from 0 to 1000",
    ),
    "nulls that are no list": (TWO, {"dialect": {"null_values": "NA"}}, "null_values is 'NA'", '["NA"]'),
    "a position below a header": (["a", {"name": "b", "source": 2}], {}, "the file has a header", '"header": false'),
    "a name without a header": (
        ["a", {"name": "b", "source": "B"}],
        {"dialect": {"header": False}},
        "the file has no header",
        "position",
    ),
    "some positions": (
        ["a", {"name": "b", "source": 2}],
        {"dialect": {"header": False}},
        "the positions 2",
        "from 1 to 2",
    ),
    "one name twice": (["a", {"name": "b", "source": "a"}], {}, "2 columns are 'a' in the file", "of its own"),
    "an object as source": (["a", {"name": "b", "source": {"x": 1}}], {}, "column 'b' has source", "position"),
    "a position in parquet": (
        ["a", {"name": "b", "source": 2}],
        {"format": "parquet"},
        "the source 2 in an input of parquet",
        "write the name",
    ),
    "no name in orc": (["a", {"name": "b", "source": ""}], {"format": "orc"}, "whose columns have names", "the name"),
    "a key of two columns": (
        ["a", {"name": "b", "source": "a"}],
        {"format": "jsonl"},
        "2 columns are 'a' in the file",
        "of its own",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_means_nothing_is_refused_with_what_to_do(name: str) -> None:
    columns, meta, problem, remedy = FAULTS[name]
    [fault] = faults_of(csv_suite(columns, **meta))
    assert problem in fault.problem
    assert remedy in fault.remedy


def test_what_files_call_columns_is_kept_and_stored_rows_have_the_contracts_names() -> None:
    contract = csv_contract(
        [{"name": "index", "source": ""}, {"name": "price", "source": "Unit Price (EUR)"}], dialect={"delimiter": "\t"}
    )
    assert [getattr(column, "source", None) for column in contract.columns] == ["", "Unit Price (EUR)"]
    stored = contract.as_stored_rows()
    assert (stored.format, stored.dialect.delimiter, stored.names) == ("jsonl", ",", ["index", "price"])
    assert {type(column).__name__ for column in stored.columns} == {"ColumnSpec"}


def test_a_suite_without_a_dialect_reads_commas_in_utf_8_below_a_header() -> None:
    dialect = contract_of(csv_suite(TWO)).dialect
    assert (dialect.delimiter, dialect.quote, dialect.escape, dialect.header, dialect.encoding) == (
        ",",
        '"',
        "",
        True,
        "utf-8",
    )
