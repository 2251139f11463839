"""Columns that come from folders of an object's key: read in each format, typed, judged, set aside and replayed."""

import json
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
from etl.contract.model import Contract
from etl.contract.table_names import LINE
from etl.contract.validation.suite import faults_of
from etl.gate.structure import StructureRules, is_data_row
from etl.results.verdict import Verdict
from etl.sources import readers
from etl.sources.line_regex import LineRegex
from sluice.contracts.backtest import files
from sluice.contracts.prove.proof import prove_rules
from tests.csv_contracts import csv_contract
from tests.spark.lake import TODAY, Lake, csv_bytes
from tests.spark.test_quarantine import set_aside
from tests.unit.job.test_avro import avro_file, schema_of
from tests.unit.job.test_excel import excel_file

COLUMNS: list[Any] = [
    {"name": "day", "type": "date", "format": "yyyyMMdd", "source": {"folder": "dt"}},
    {"name": "id"},
    {"name": "n", "type": "int", "source": {"folder": "n"}},
    {"name": "city", "source": {"folder": "city"}},
]
FOLDERS = {
    "dt=20250131/n=7/city=S%C3%A3o%20Paulo%3A1": (date(2025, 1, 31), 7, "São Paulo:1", []),
    "a/dt=20250230/n=x/city=__HIVE_DEFAULT_PARTITION__": (None, None, None, ["cast.day", "cast.n"]),
    "n=__HIVE_DEFAULT_PARTITION__/city=b/dt=20250301": (date(2025, 3, 1), None, "b", []),
}
TABLE = pa.table({"id": ["1"]})
FORMATS: dict[str, dict[str, Any]] = {
    "csv": {},
    "lines": {"format": "jsonl"},
    "array": {"format": "jsonl", "records": "array"},
    "parquet": {"format": "parquet"},
    "orc": {"format": "orc"},
    "avro": {"format": "avro"},
    "excel": {"format": "excel"},
}
BODIES = {
    "csv": b"id\n1\n",
    "lines": b'{"id": "1"}\n',
    "array": b'[{"id": "1"}]',
    "avro": avro_file([{"id": "1"}], schema_of({"id": "string"})),
    "excel": excel_file([["id"], ["1"]]),
}


def write_file(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if name in BODIES:
        path.write_bytes(BODIES[name])
    else:
        (parquet if name == "parquet" else orc).write_table(TABLE, path)


def read_folders(spark: Any, folder: Path, name: str, contract: Contract) -> DataFrame:
    paths = [folder / place / f"x{contract.format.endings[0]}" for place in FOLDERS]
    for path in paths:
        write_file(path, name)
    looks = files.preflight_files(spark, files.list_objects(paths), contract)
    assert [look.detail for look in looks if look.fault] == []
    frame = readers.read_objects(spark, files.DISK, looks, contract, LineRegex(), files.STREAMS).where(is_data_row())
    marks = StructureRules(contract, contract).marks
    broken = F.array_compact(F.array(*(F.when(mark, F.lit(rule)) for rule, (_, mark) in marks.items())))
    return frame.select(F.lit(name).alias("name"), *contract.names, broken.alias("broken"), LINE)


@pytest.mark.parametrize(
    "names", [("csv", "parquet"), pytest.param(tuple(FORMATS), marks=pytest.mark.long)], ids=["some", "all"]
)
def test_formats_have_the_values_of_their_folders(spark: Any, tmp_path: Path, names: tuple[str, ...]) -> None:
    frames = [read_folders(spark, tmp_path / name, name, csv_contract(COLUMNS, **FORMATS[name])) for name in names]
    rows = reduce(DataFrame.union, frames).collect()
    read = {name: [tuple(row)[1:-1] for row in rows if row["name"] == name] for name in names}
    expected = [(day, "1", n, city, broken) for day, n, city, broken in FOLDERS.values()]
    assert {name: sorted(map(str, values)) for name, values in read.items()} == dict.fromkeys(
        names, sorted(map(str, expected))
    )


def test_a_key_without_the_folder_is_refused_with_the_key_in_the_message(spark: Any, tmp_path: Path) -> None:
    write_file(tmp_path / "dt=20250131/n=1/x.csv", "csv")
    raw_objects = files.list_objects([tmp_path / "dt=20250131/n=1/x.csv"])
    [look] = files.preflight_files(spark, raw_objects, csv_contract(COLUMNS))
    assert (look.fault, look.detail) == ("key", f"{raw_objects[0].key}: no folder city= in its key")


HEADER = "transaction_id,customer_id,product_id,unit_price"
TRADES = [f"TXN{number},CUST1,PROD1,1.00" for number in range(3)]


def declare_folders(suites: dict[str, Any]) -> None:
    """Let the day, the quantity and the region of trades come from folders; a region that is not known sets a row aside."""
    sources = {"transaction_date": "dt", "quantity": "quantity", "region": "region"}
    for column in suites["input"]["meta"]["columns"]:
        if column["name"] in sources:
            column["source"] = {"folder": sources[column["name"]]}
        if column["name"] == "transaction_date":
            column |= {"type": "date", "format": "yyyyMMdd"}
    rules = suites["input"]["expectations"]
    suites["input"]["expectations"] = [rule for rule in rules if "transaction_date" not in json.dumps(rule["kwargs"])]
    for rule in suites["input"]["expectations"]:
        if rule["meta"]["rule"] == "trades.region.known":
            rule["severity"] = "warning"
    suites["input"]["meta"]["max_quarantined"] = 1
    assert faults_of(suites["input"]) == []


def suites_of(lake: Lake) -> dict[str, Any]:
    places = {stage: f"contracts/{stage}.json" for stage in ("input", "output")}
    bodies = {stage: lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"] for stage, key in places.items()}
    suites = {stage: json.loads(body.read()) for stage, body in bodies.items()}
    declare_folders(suites)
    lake.put_key(places["input"], json.dumps(suites["input"]).encode())
    return suites


def run_folders(lake: Lake) -> tuple[Verdict, list[bytes]]:
    """Run on two objects, of which one has a region that is not known."""
    suites_of(lake)
    trades = [csv_bytes(trade, header=HEADER) for trade in TRADES]
    lake.put_key("trades/dt=20250131/quantity=2/region=US-EAST/a.csv", trades[0])
    lake.put_key("trades/dt=20250201/quantity=3/region=MA%20RS/a.csv", trades[1])
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_quarantined) == ("SUCCEEDED", 1, 1), verdict.message
    return verdict, trades


def test_values_of_folders_are_judged_and_published(lake: Lake) -> None:
    run_folders(lake)
    [row] = lake.rows()
    assert (row["transaction_date"], row["quantity"], row["region"]) == (date(2025, 1, 31), 2, "US-EAST")
    [aside] = set_aside(lake)
    assert json.loads(aside["source"])["region"] == "MA RS"


@pytest.mark.long
def test_values_of_folders_are_replayed_and_refused_where_they_are_none(lake: Lake) -> None:
    verdict, trades = run_folders(lake)
    [aside] = set_aside(lake)
    source = json.loads(aside["source"])
    assert (source["region"], source["transaction_date"], source["quantity"]) == ("MA RS", "2025-02-01", "3")
    mended = {"row": aside["row"], "mended": json.dumps({**source, "region": "US-WEST"})}
    lake.put_key("mended.jsonl", json.dumps(mended).encode())
    replayed = lake.run(replay=verdict.run_id, mended=f"s3://{lake.bucket}/mended.jsonl")
    assert (replayed.state, replayed.rows_published) == ("SUCCEEDED", 1), replayed.message
    assert (lake.rows()[1]["transaction_date"], lake.rows()[1]["region"]) == (date(2025, 2, 1), "US-WEST")
    lake.put_key("trades/dt=20250201/quantity=many/region=US-EAST/b.csv", trades[2])
    verdict = lake.run()
    broken = [rule for rule in verdict.rules if rule.rule == "trades.structure.cast.quantity"]
    assert [(rule.unexpected, rule.samples) for rule in broken] == [(1, ("many",))]
    lake.aws.s3.delete_object(Bucket=lake.bucket, Key="trades/dt=20250201/quantity=many/region=US-EAST/b.csv")
    lake.put_key("trades/dt=20250201/b.csv", trades[2])
    verdict = lake.run()
    assert "trades/dt=20250201/b.csv: no folder quantity= in its key" in verdict.message


@pytest.mark.long
def test_proofs_put_files_into_the_folders_that_rules_need(spark: Any, lake: Lake) -> None:
    suites = suites_of(lake)
    report = prove_rules(spark, contract_of(suites["input"]), contract_of(suites["output"]), TODAY)
    assert (report.refused, report.unproven) == ("", [])


@pytest.mark.long
def test_a_line_that_went_aside_is_replayed_with_the_folders_of_its_object(lake: Lake) -> None:
    suites = suites_of(lake)
    suites["input"]["meta"]["structure"] = {"cast": "warning"}
    rules = suites["input"]["expectations"]
    suites["input"]["expectations"] = [rule for rule in rules if rule["meta"]["rule"] != "trades.unit_price.decimals"]
    lake.put_key("contracts/input.json", json.dumps(suites["input"]).encode())
    body = csv_bytes(TRADES[0], 'TXN9,CUST1,PROD1,"2,50"', header=HEADER)
    lake.put_key("trades/dt=20250131/quantity=2/region=US-EAST/a.csv", body)
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_quarantined) == ("SUCCEEDED", 1, 1), verdict.message
    for column in suites["input"]["meta"]["columns"]:
        if column["name"] == "unit_price":
            column |= {"type": "decimal(10,2)", "decimal": ","}
    lake.put_key("contracts/input.json", json.dumps(suites["input"]).encode())
    replayed = lake.run(replay=verdict.run_id)
    assert (replayed.state, replayed.rows_published) == ("SUCCEEDED", 1), replayed.message
    [_, row] = lake.rows()
    assert (row["transaction_date"], row["quantity"], str(row["unit_price"])) == (date(2025, 1, 31), 2, "2.50")
