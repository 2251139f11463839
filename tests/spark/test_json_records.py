"""JSON whose records are not one a line, through the gate: published, set aside with their text, and refused whole."""

import gzip
import json
from typing import Any

import pytest

from tests.spark.lake import HEADER, Lake
from tests.spark.test_quarantine import make_warning, set_aside

NAMES = HEADER.split(",")
SALE = {"transaction_id": "", "customer_id": "CUST1", "product_id": "PROD1", "quantity": 1, "unit_price": 1}
SALE |= {"transaction_date": "2025-01-01", "region": "US-EAST"}


def sale(number: int, **changes: Any) -> str:
    """Return a sale as JSON on several lines, its price as it is written."""
    text = json.dumps({**SALE, "transaction_id": f"TXN{number}", **changes}, indent=1)
    return text.replace('"unit_price": 1', '"unit_price": 1.10')


def read_as(lake: Lake, records: str) -> None:
    place = "contracts/input.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read())
    suite["meta"] |= {"format": "jsonl", "records": records}
    lake.put_key(place, json.dumps(suite).encode())


FILES = {
    "array": "[{}]".format(",\n".join(map(sale, range(3)))),
    "objects": "\n".join(map(sale, range(3))),
    "data.items": '{{"count": 3, "data": {{"items": [{}]}}}}'.format(",".join(map(sale, range(3)))),
}


@pytest.mark.parametrize(
    "records", [form if form == "array" else pytest.param(form, marks=pytest.mark.long) for form in FILES]
)
def test_records_in_each_form_are_published_as_they_stand(lake: Lake, records: str) -> None:
    read_as(lake, records)
    lake.put_key("trades/day.json.gz", gzip.compress(FILES[records].encode()))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 3), verdict.message
    assert [(row["transaction_id"], str(row["unit_price"])) for row in lake.rows()] == [
        (f"TXN{number}", "1.10") for number in range(3)
    ]


@pytest.mark.long
def test_a_record_that_is_no_row_is_told_by_its_number_and_a_file_without_an_end_is_refused_whole(lake: Lake) -> None:
    read_as(lake, "array")
    faulty = sale(2).replace('"region"', '"transaction_id": "TXN9", "region"')
    lake.put_files(a__json=f"[{sale(1)}, {faulty}, 7]".encode())
    verdict = lake.run()
    [row] = verdict.broken
    assert (row.rule, row.unexpected) == ("trades.structure.row", 2)
    assert [(origin.object, origin.row) for origin in row.places if origin] == [
        ("trades/a.json", 2),
        ("trades/a.json", 3),
    ]
    lake.put_files(a__json=f"[{sale(1)}, {sale(2)}".encode(), b__json=FILES["objects"].encode())
    [form] = lake.run().broken
    assert (form.rule, form.samples) == (
        "trades.structure.format",
        (
            'trades/b.json: JSON objects on several lines, where the contract has an array of JSON; write "records": "objects" '
            "in the meta of the input",
        ),
    )
    lake.put_files(b__json=f"[{sale(3)}]".encode())
    [form] = lake.run().broken
    end = len(sale(1)) + len(sale(2)) + 4
    assert (form.rule, form.samples) == (
        "trades.structure.format",
        (f"trades/a.json: there is no ] at character {end}",),
    )


@pytest.mark.long
def test_a_record_on_several_lines_is_set_aside_whole_and_replayed(lake: Lake) -> None:
    read_as(lake, "objects")
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(a__json=f"{sale(1)}\n{sale(2, region='MARS')}".encode())
    verdict = lake.run()
    assert (verdict.rows_published, verdict.rows_quarantined) == (1, 1), verdict.message
    [row] = set_aside(lake)
    assert (row["source"], row["ordinal"]) == (sale(2, region="MARS"), 1)
    lake.put_key("mended.jsonl", json.dumps({"row": row["row"], "mended": sale(2)}).encode())
    replayed = lake.run(replay=verdict.run_id, mended=f"s3://{lake.bucket}/mended.jsonl")
    assert (replayed.state, replayed.rows_published) == ("SUCCEEDED", 1), replayed.message
