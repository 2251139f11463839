"""A value of a JSON line is the text that the line has, a number too, on every path that a row can take."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.table_names import LINE
from etl.sources import json_reader
from etl.sources.json_syntax import is_halved, is_object
from etl.sources.line_regex import PRESENT
from etl.sources.plain_json import SEPARATOR, is_taken_out, plain_pattern, taken_out
from etl.sources.provenance import BROKEN
from tests.spark.lake import Lake
from tests.spark.test_quarantine import make_warning
from tests.spark.test_replay import quarantined_rows

LONG = "1234567.123456789012345678901234567890123"
NUMBERS = (
    *("1.10", "-0", "0", "-0.0", "1e400", "-1E+2", "1e-7", "12345678.90", "0.1234567890123456789", LONG),
    *("9" * 40, "9" * 2000, "1e999999999999", f"0.{'0' * 400}1"),
)
TEXTS = {
    "12, 3.50 and -1": "12, 3.50 and -1",
    '\\"1\\": 2': '"1": 2',
    "\\\\": "\\",
    '\\\\\\"7': '\\"7',
    "caf\\u00e9 \\uD83D\\ude00": "café 😀",
    "\\\\ud83d": "\\ud83d",
    "{1, [2": "{1, [2",
    "x" * 60_000: "x" * 60_000,
    "\\n" * 30_000: "\n" * 30_000,
    "": "",
}
LINES: dict[str, Any] = {
    **{f'{{"a": {number}, "b": 1}}': (number, "1") for number in NUMBERS},
    **{f'{{"b":2.0,"a":"{raw}"}}': (text, "2.0") for raw, text in TEXTS.items()},
    ' \t{ "a" : true , "b" : false } ': ("true", "false"),
    '{"a":null}': (None, None),
    "{}": (None, None),
    '{"\\u0061": 1.50}': ("1.50", None),
    **dict.fromkeys(
        (
            '{"a": 01}',
            '{"a": +1}',
            '{"a": .5}',
            '{"a": 1.}',
            '{"a": 1e}',
            '{"a": - 1}',
            '{"a": 1 2}',
            '{"a": NaN}',
            '{"a": Infinity}',
            '{"a": True}',
            '{"a": "\\x41"}',
            '{"a": "\t"}',
            "{'a': 1}",
            "{a: 1}",
            '{"a": 1,}',
            '{,"a": 1}',
            '{"a" 1}',
            '{"a": {"b": 1}}',
            '{"a": [1]}',
            '{"a": 1} 2',
            '{"a": 1}{"a": 1}',
            '[{"a": 1}]',
            '{"a": 1',
            '"a"',
            "1",
            '{"a": 1, "a": 1}',
            '{"a": 1, "\\u0061": 1}',
            '{"c": 1}',
            '{"A": 1}',
            '{"a": "\\ud83d"}',
            '{"a": "\\ude00\\ud83d"}',
            '{"\\ud83d": 1}',
        )
    ),
}


KEYS = {"a": "a", "b": "b"}
READINGS: dict[str, Callable[[DataFrame], DataFrame]] = {
    "parsed": lambda frame: json_reader.parse_texts(frame, KEYS),
    "taken out where it is plain": lambda frame: json_reader.take_texts(frame, KEYS, plain_pattern(KEYS)),
}


def parse_lines(spark: Any, texts: list[str], reading: str = "parsed") -> list[Any]:
    frame = spark.createDataFrame([(number, text) for number, text in enumerate(texts)], f"at int, {LINE} string")
    halved = F.col(BROKEN) & json_reader.is_halved()
    return READINGS[reading](frame.coalesce(1)).withColumn("halved", halved).orderBy("at").collect()


@pytest.mark.parametrize("reading", READINGS)
def test_a_value_is_the_text_that_its_line_has(spark: Any, reading: str) -> None:
    rows = parse_lines(spark, list(LINES), reading)
    assert {row[LINE]: None if row[BROKEN] else (row["a"], row["b"]) for row in rows} == LINES
    assert {row[LINE] for row in rows if row["halved"]} == {
        text for text in LINES if "\\ud83d" in text.replace("\\\\", "")
    }


def test_a_line_of_very_many_keys_that_must_be_there_is_plain_on_a_thread_of_spark(spark: Any) -> None:
    keys = {f"k{number}": f"k{number}" for number in range(1500)}
    pattern = plain_pattern(keys, [pair for name in keys for pair in ((name, PRESENT), (name, "^[a-z]+[0-9]*$"))])
    line = json.dumps({key: f"v{number}" if number % 2 else "v" for number, key in enumerate(keys)})
    frame = spark.createDataFrame([(line,)], f"{LINE} string").repartition(1)  # not by the optimizer, on the driver
    taken = frame.select(is_taken_out(taken_out(pattern, len(keys))).alias("plain"), taken_out(pattern, len(keys)))
    [(plain, values)] = taken.collect()
    assert plain
    assert values.split(SEPARATOR)[1:] == [f"v{number}" if number % 2 else "v" for number in range(len(keys))]


def test_python_takes_the_same_lines_for_objects_as_spark() -> None:
    """`sluice profile` proves lines by the same patterns."""
    # What its keys are is told elsewhere.
    strange = {'{"a": 1, "a": 1}', '{"a": 1, "\\u0061": 1}', '{"c": 1}', '{"A": 1}'}
    assert {text for text in LINES if is_object(text)} == {text for text, value in LINES.items() if value} | strange
    assert {text for text in LINES if is_halved(text)} == {
        '{"a": "\\ud83d"}',
        '{"a": "\\ude00\\ud83d"}',
        '{"\\ud83d": 1}',
    }


@pytest.fixture
def trades(lake: Lake) -> Lake:
    """The shipped trades, from JSON lines; a price has 12 decimals, and a region is any text."""
    for stage in ("input", "output"):
        suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=f"contracts/{stage}.json")["Body"].read())
        if stage == "input":
            suite["meta"]["format"] = "jsonl"
        for column in suite["meta"]["columns"]:
            if column["name"] in ("unit_price", "total_amount") and stage == "output":
                column["type"] = "decimal(32,12)"
        suite["expectations"] = [
            expectation
            for expectation in suite["expectations"]
            if not {"region", "unit_price", "total_amount"} & {*map(str, expectation["kwargs"].values())}
        ]
        lake.put_key(f"contracts/{stage}.json", json.dumps(suite).encode())
    return lake


def sale_line(number: int, price: str = "1.00", region: str = '"EU"', quantity: str = "1") -> str:
    return (
        f'{{"transaction_id": "TXN{number}", "customer_id": "CUST1", "product_id": "PROD1", "quantity": {quantity}, '
        f'"unit_price": {price}, "transaction_date": "2025-01-01", "region": {region}}}'
    )


def test_numbers_are_published_as_the_file_has_them(trades: Lake) -> None:
    exact, large = "1234567.123456789012", "12345678901234567890.123456789012"
    trades.put_files(
        a__jsonl="\n".join(
            [sale_line(1, exact, "1.10"), sale_line(2, large, "1e400"), sale_line(3, "12345678.90", "-0")]
        ).encode()
    )
    verdict = trades.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    published = [(row["unit_price"], row["region"]) for row in trades.rows()]
    assert published == [(Decimal(exact), "1.10"), (Decimal(large), "1e400"), (Decimal("12345678.90"), "-0")]


@pytest.mark.long
def test_a_sample_is_the_text_of_the_file(trades: Lake) -> None:
    prices = ("12345678901234567890123.5", "1.1234567890123", "1E+2", "1e400", "1e-2000000000")
    trades.put_files(a__jsonl="\n".join(sale_line(number, price) for number, price in enumerate(prices)).encode())
    trades.put_files(
        b__jsonl=sale_line(9, quantity="4294967298").encode(), c__jsonl=sale_line(10, quantity="2.0").encode()
    )
    broken = {result.rule.rpartition(".cast.")[2]: result for result in trades.run().broken}
    assert set(broken["unit_price"].samples) == set(prices)
    assert set(broken["quantity"].samples) == {"4294967298", "2.0"}


@pytest.mark.long
def test_a_row_that_was_set_aside_keeps_its_numbers_through_a_replay(trades: Lake) -> None:
    make_warning(trades, "output", "trades.quantity.range")
    first, second = sale_line(1, "1.123456789012", "1.10", "0"), sale_line(2, "2.123456789012", "1e400", "0")
    trades.put_files(a__jsonl="\n".join([first, second, sale_line(3)]).encode())
    verdict = trades.run()
    assert verdict.rows_quarantined == 2, verdict.message
    name = f"lake.{trades.database}.trades_quarantine"
    sources_by_row = {row["row"]: row["source"] for row in trades.spark.table(name).orderBy("source").collect()}
    assert list(sources_by_row.values()) == [first, second]
    rows = {text: row for row, text in sources_by_row.items()}
    outer = json.dumps({"row": rows[first], "mended": first.replace('"quantity": 0', '"quantity": 2')})
    trades.put_key("mended.jsonl", outer.encode())
    assert trades.run(replay=verdict.run_id, mended=f"s3://{trades.bucket}/mended.jsonl").rows_published == 1
    assert (trades.rows()[0]["unit_price"], trades.rows()[0]["region"]) == (Decimal("1.123456789012"), "1.10")
    [remaining_row] = quarantined_rows(trades)
    assert remaining_row["row"] != rows[second]
    again = trades.spark.table(name).where(F.col("row") == remaining_row["row"]).select("source").collect()
    assert [row["source"] for row in again] == [second]


MENDED = {
    "a number that would round": ('{"row": "@", "mended": {"unit_price": 1.10}}', "no JSON object of two texts"),
    "half a pair": ('{"row": "@", "mended": "{\\"region\\": \\"\\ud83d\\"}"}', "no JSON object of two texts"),
    "half a pair in the row": ('{"row": "@", "mended": "{\\"region\\": \\"\\\\ud83d\\"}"}', "trades.structure.text"),
}


@pytest.mark.long
def test_mended_rows_are_read_as_strictly_as_a_file(trades: Lake) -> None:
    make_warning(trades, "output", "trades.quantity.range")
    trades.put_files(a__jsonl="\n".join([sale_line(1, quantity="0"), sale_line(2)]).encode())
    run = trades.run().run_id
    [quarantined_row] = quarantined_rows(trades)

    for line, message in MENDED.values():
        trades.put_key("mended.jsonl", line.replace("@", quarantined_row["row"]).encode())
        verdict = trades.run(replay=run, mended=f"s3://{trades.bucket}/mended.jsonl")
        assert (verdict.state, message in verdict.message) == ("FAILED", True), verdict.message
    assert len(trades.rows()) == 1
