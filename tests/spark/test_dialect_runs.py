"""Whole runs on files that are not the plain CSV: what is published, set aside, replayed and pointed to."""

import gzip
import json
from typing import Any

import pytest

from etl.results.verdict import Verdict
from tests.spark.lake import HEADER, Lake
from tests.spark.test_quarantine import make_warning, sale_line


def change_input(lake: Lake, sources: dict[str, Any] | None = None, **meta: Any) -> None:
    """Change the meta of the lake's input, and by column what its file calls it."""
    key = "contracts/input.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    suite["meta"] |= meta
    for column in suite["meta"]["columns"]:
        column.update({"source": sources[column["name"]]} if sources and column["name"] in sources else {})
    lake.put_key(key, json.dumps(suite).encode())


def broken_samples(verdict: Verdict) -> dict[str, list[tuple[Any, ...]]]:
    """Return by broken rule its samples, each with the row of its object."""
    return {
        result.rule.partition(".")[2]: [
            (sample, place and place.row) for sample, place in zip(result.samples, result.places, strict=True)
        ]
        for result in verdict.broken
    }


@pytest.mark.long
def test_a_file_of_windows_without_a_header_is_published_set_aside_and_replayed_and_its_rows_are_found(
    lake: Lake,
) -> None:
    change_input(lake, dialect={"delimiter": ";", "header": False, "encoding": "windows-1252"})
    make_warning(lake, "input", "trades.customer_id.format")

    def body(*lines: str) -> bytes:
        return "\r\n".join(line.replace(",", ";") for line in lines).encode("cp1252")

    lake.put_files(a__csv=body(sale_line(1, customer="CUST€"), "", sale_line(2, region="São"), sale_line(3)))
    assert broken_samples(lake.run()) == {"region.known": [("São", 3)]}
    lake.put_files(a__csv=body(sale_line(1, customer="CUST€"), sale_line(2), sale_line(3)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_read, verdict.rows_published) == ("SUCCEEDED", 3, 2), verdict.message
    [row] = lake.spark.sql(f"SELECT source FROM lake.{lake.database}.trades_quarantine").collect()
    assert json.loads(row["source"])["customer_id"] == "CUST€"
    assert lake.run(replay=verdict.run_id).rows_read == 1


@pytest.mark.long
def test_names_of_a_file_are_matched_by_source_and_shown_as_the_contract_has_them(lake: Lake) -> None:
    change_input(lake, {"transaction_id": "", "unit_price": "Unit Price (EUR)"})
    header = ",customer_id,product_id,quantity,Unit Price (EUR),transaction_date,region"
    lake.put_files(a__csv="\n".join([header, sale_line(1), sale_line(2, price="x"), ""]).encode())
    assert broken_samples(lake.run())["structure.cast.unit_price"] == [("x", 3)]
    lake.put_files(a__csv="\n".join([header, sale_line(1), sale_line(2), ""]).encode())
    assert lake.run().rows_published == 2


@pytest.mark.long
def test_values_of_several_lines_are_published_and_a_bad_row_has_the_number_of_its_first_line(lake: Lake) -> None:
    change_input(lake, dialect={"multi_line": True, "skip_footer": 1})
    make_warning(lake, "input", "trades.region.known")
    day = [HEADER, sale_line(1), sale_line(2, region='"US\n""EAST"'), sale_line(3, quantity='"x\ny"'), sale_line(4)]
    lake.put_key("trades/a.csv.gz", gzip.compress("\n".join([*day, "Total", ""]).encode()))
    verdict = lake.run()
    assert broken_samples(verdict)["structure.cast.quantity"] == [("x\ny", 5)], verdict.message
    day[3] = sale_line(3)
    lake.put_key("trades/a.csv.gz", gzip.compress("\n".join([*day, "Total", ""]).encode()))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_read, verdict.rows_published) == ("SUCCEEDED", 4, 3), verdict.message
    [row] = lake.spark.sql(f"SELECT source FROM lake.{lake.database}.trades_quarantine").collect()
    assert json.loads(row["source"])["region"] == 'US\n"EAST'
    lake.put_key("trades/b.csv", "\n".join([HEADER, sale_line(5), HEADER, sale_line(6), "Total"]).encode())
    assert broken_samples(lake.run()) == {"structure.header": [("trades/b.csv: the header stands 2 times", None)]}
