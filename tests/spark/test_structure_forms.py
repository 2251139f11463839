"""Records that go aside in files that one task reads whole and in files with types: raw, replayed, or isolated."""

import io
import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.loading import contract_of
from etl.contract.table_names import RAW_TEXT, RULES
from etl.contract.validation.suite import faults_of
from etl.gate.lines_aside import lines_aside
from etl.sources import readers
from etl.sources.line_faults import LineFaults
from etl.sources.line_regex import LineRegex
from sluice.contracts.backtest import files
from sluice.contracts.prove.avro_files import avro_body
from sluice.contracts.prove.raw_texts import RawText
from tests.csv_contracts import csv_contract
from tests.lake import LAKE
from tests.spark.lake import GOOD, Lake, csv_bytes
from tests.spark.lake import HEADER as CONTRACT_HEADER
from tests.spark.test_quarantine import set_aside
from tests.spark.test_replay import put_mended_rows, transaction_ids
from tests.spark.test_structure_levels import HEADER, LEVELS, change_input, csv_line, raw_by_rules, sale

STORED = CONTRACT_HEADER.split(",")
"""The columns in the contract's order."""
FREE = sale(4, unit_price="1.00 EUR")
CONTROL = sale(5, product_id="PROD\x07")
FEW = "US-EAST,2025-01-01"
Form = tuple[dict[str, Any], bytes, dict[str, list[str]]]


def csv_form(encoding: str, *others: str, **dialect: Any) -> Form:
    lines = [csv_line(sale(1)), FEW, csv_line(CONTROL), csv_line(FREE), *others]
    broken = {FEW: ["row"], csv_line(CONTROL): ["text"], csv_line(FREE): ["cast.unit_price"]}
    content = "\n".join([HEADER, *lines, ""]).encode(encoding)
    meta = {"dialect": {"encoding": encoding, **dialect}, "header_match": "by_name", "structure": LEVELS}
    return meta, content, broken | {line: ["row"] for line in others if not line.startswith("TOTAL")}


def json_form(records: str, head: str, between: str, tail: str, indent: int | None = None) -> Form:
    unknown, no_object = sale(2) | {"colour": "red"}, "[1, 2]"
    texts = [json.dumps(record, indent=indent) for record in (sale(1), unknown, CONTROL, FREE)] + [no_object]
    broken = dict(zip(texts[1:], (["row"], ["text"], ["cast.unit_price"], ["row"]), strict=True))
    content = f"{head}{between.join(texts)}{tail}".encode()
    return {"format": "jsonl", "records": records, "structure": LEVELS}, content, broken


DAY = {"transaction_date": {"type": "date"}}
BEYOND = "+10000-01-01"
TYPED_ROWS = [sale(1), CONTROL, FREE, sale(6, transaction_date=BEYOND)]


def typed_form(name: str, content: bytes, beyond: str) -> Form:
    def text(row: dict[str, str]) -> str:
        return json.dumps({column: row[column] for column in STORED}, separators=(",", ":"))

    broken = {text(CONTROL): ["text"], text(FREE): ["cast.unit_price"]}
    broken |= {text(sale(6, transaction_date=beyond)): ["cast.transaction_date"]}
    return {"format": name, "structure": {"text": "warning", "cast": "warning"}}, content, broken


def columnar_form(name: str, write: Callable[[pa.Table, Any], Any]) -> Form:
    numbers = [2932897 if row["transaction_date"] == BEYOND else 20089 for row in TYPED_ROWS]  # days since 1970
    table, sink = pa.Table.from_pylist(TYPED_ROWS), io.BytesIO()
    place = table.column_names.index("transaction_date")
    write(table.set_column(place, "transaction_date", pa.array(numbers, pa.int32()).cast(pa.date32())), sink)
    return typed_form(name, sink.getvalue(), BEYOND)


def avro_form() -> Form:
    rows = [
        row | {"transaction_date": RawText(BEYOND) if row["transaction_date"] == BEYOND else date(2025, 1, 1)}
        for row in TYPED_ROWS
    ]
    return typed_form(
        "avro",
        avro_body(rows, csv_contract([{"name": name, **DAY.get(name, {})} for name in STORED])),
        "2932897 days since 1970-01-01",
    )


FORMS: dict[str, Callable[[], Form]] = {
    "multi_line": lambda: csv_form("utf-8", 'x,"a\nb",y', multi_line=True),
    "utf-16": lambda: csv_form("utf-16"),
    "a footer": lambda: csv_form("utf-8", "TOTAL,9", skip_footer=1),
    "array": lambda: json_form("array", "[", ",\n", "]"),
    "objects": lambda: json_form("objects", "", "\n", "\n", 1),
    "path": lambda: json_form("data.items", '{"n": 5, "data": {"items": [', ", ", "]}}"),
    "parquet": lambda: columnar_form("parquet", parquet.write_table),
    "orc": lambda: columnar_form("orc", orc.write_table),
    "avro": avro_form,
}


def columns_of(meta: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what columns declare in a form beside a name: days have a type where the format has types."""
    return DAY if "row" not in meta["structure"] else {}


def read_aside(spark: Any, folder: Path, form: str) -> DataFrame:
    """Return which records of a form go aside, with the rules."""
    meta, content, _ = FORMS[form]()
    suites = {
        stage: json.loads((LAKE / f"expectations/trades/{stage}.json").read_text()) for stage in ("input", "output")
    }
    suites["input"]["meta"] |= meta
    columns = suites["input"]["meta"]["columns"]
    suites["input"]["meta"]["columns"] = [column | columns_of(meta).get(column["name"], {}) for column in columns]
    assert not faults_of(suites["input"])
    contract, output = (contract_of(suites[stage]) for stage in ("input", "output"))
    (folder / f"{form}.csv").write_bytes(content)
    looks = files.preflight_files(spark, files.list_objects([folder / f"{form}.csv"]), contract)
    assert [look.fault for look in looks] == [None]
    frame = readers.read_objects(spark, files.DISK, looks, contract, LineRegex(), files.STREAMS)
    faults = LineFaults(contract, output)
    aside = lines_aside(faults.set_aside(frame), contract, looks)
    return aside.select(F.lit(form).alias("form"), RAW_TEXT, RULES)


@pytest.mark.parametrize(
    "forms",
    [
        ("multi_line", "array", "parquet"),
        pytest.param(
            [form for form in FORMS if form not in ("multi_line", "array", "parquet")], marks=pytest.mark.long
        ),
    ],
)
def test_broken_records_of_each_form_go_aside_with_their_raw_text(
    spark: Any, tmp_path: Path, forms: Sequence[str]
) -> None:
    aside = reduce(DataFrame.unionAll, [read_aside(spark, tmp_path, form) for form in forms])
    rows = [
        (form, raw, [rule.removeprefix("trades.structure.") for rule in rules]) for form, raw, rules in aside.collect()
    ]
    assert {form: {raw: rules for name, raw, rules in rows if name == form} for form in forms} == {
        form: FORMS[form]()[2] for form in forms
    }


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
def test_a_run_on_each_form_publishes_the_rest_and_a_replay_reads_raw_again(lake: Lake, form: str) -> None:
    meta, content, broken = FORMS[form]()
    change_input(lake, columns_of(meta), **meta, max_quarantined=1)
    lake.put_files(**{f"a__{meta.get('format', 'csv')}": content})
    verdict = lake.run()
    counts = (verdict.state, verdict.rows_read, verdict.rows_published, verdict.rows_quarantined)
    assert counts == ("SUCCEEDED", 1 + len(broken), 1, len(broken)), verdict.message
    assert raw_by_rules(lake, verdict.run_id) == broken

    if "row" in meta["structure"]:
        change_input(lake, {"unit_price": {"type": "decimal(10,2)", "strip": ["EUR"]}})
    rows = {row["raw"]: row["row"] for row in set_aside(lake)}
    control = next(raw for raw, rules in broken.items() if rules == ["text"])
    replayed = lake.run(replay=verdict.run_id, mended=put_mended_rows(lake, (rows[control], sale(5))))
    is_text = "row" in meta["structure"]
    assert transaction_ids(lake) == ["TXN1", *(["TXN4"] if is_text else []), "TXN5"], replayed.message
    prices = [raw for raw, rules in broken.items() if rules == ["cast.unit_price"]] if is_text else []
    remaining = {raw: rules for raw, rules in broken.items() if raw not in (control, *prices)}
    assert raw_by_rules(lake, replayed.run_id) == remaining


@pytest.mark.long
def test_an_isolated_object_takes_its_broken_lines_with_it_and_those_of_the_others_go_aside(lake: Lake) -> None:
    change_input(lake, structure={"row": "warning"}, on_poison="isolate", max_quarantined=1)
    strange = GOOD.replace("TXN001", "TXN003").replace("PROD001", "PROD\x07")
    lake.put_files(a__csv=csv_bytes(GOOD, FEW), b__csv=csv_bytes(GOOD.replace("TXN001", "TXN002"), FEW, strange))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_quarantined) == ("FAILED", 1, 1), verdict.message
    assert "trades/b.csv broke the contract and stays unread" in verdict.message
    assert ("trades.structure.text", 1) in [(result.rule, result.unexpected) for result in verdict.broken]
    assert transaction_ids(lake) == ["TXN001"]
    assert [(row["object"], row["raw"]) for row in set_aside(lake)] == [("trades/a.csv", FEW)]
