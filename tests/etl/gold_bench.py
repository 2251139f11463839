"""How long gold takes to build a day again, against all days: `make gold-speed`, GOLD_ROWS rows a day (default 15000).

No test of `make test`: it takes minutes. The silver lies as compaction leaves it, a file for each region and month.
"""

import os
import time
from typing import Any

import pytest
from pyspark.sql import DataFrame

from etl.clients import Clients
from etl.datasets import sales_daily
from tests.etl.gold import Gold, sale
from tests.etl.lake import Lake
from tests.etl.test_once import files_read

DAYS, ROWS = 365, int(os.environ.get("GOLD_ROWS", "15000"))
TIMES = 1
REGIONS = "array('US-EAST', 'US-WEST', 'EU-WEST', 'EU-CENTRAL', 'AP-SOUTH')"


@pytest.fixture
def year(aws: Clients, spark: Any) -> Gold:
    """A year of sales, each day's spread over regions, products and customers."""
    gold = Gold.beside(Lake(aws, spark))
    gold.stock(**{f"PROD{number}": f"category {number % 8}" for number in range(100)})
    gold.declare(gold.sales)
    gold.sql(
        f"""INSERT INTO SALES SELECT concat('TXN', id), concat('CUST', id * 7919 % 20000), concat('PROD', id % 101), 1,
        cast(id % 9000 / 100 + 1 AS decimal(10,2)), date_add(date'2025-01-01', cast(id div {ROWS} AS int)),
        element_at({REGIONS}, cast(id % 5 + 1 AS int)), cast(id % 9000 / 100 + 1 AS decimal(10,2)), 'a', 'v', 'r'
        FROM range({DAYS * ROWS})"""
    )
    return gold


def test_a_day_of_a_year_takes_less_than_a_tenth(year: Gold, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    derive = sales_daily.derive

    def watched(sales: DataFrame, products: DataFrame) -> DataFrame:
        read.append(files_read(sales.limit(1)))
        return derive(sales, products)

    _timed(year, DAYS)  # warms up what runs for the first time in a process
    taken: dict[str, list[float]] = {"all": [], "one": []}
    for number in range(TIMES):
        version = f'"version": "1.0.{number + 1}"'.encode()
        body = year.daily.aws.s3.get_object(Bucket=year.daily.bucket, Key="contracts/input.json")["Body"].read()
        old = f'"version": "1.0.{number}"'.encode()
        year.daily.put_key("contracts/input.json", body.replace(old, version))
        taken["all"].append(_timed(year, DAYS))
        year.sell(sale(10**9 + number, f"2025-06-1{number}"))
        taken["one"].append(_timed(year, 1))
    every, one = (min(times) for times in taken.values())
    monkeypatch.setattr(sales_daily, "derive", watched)
    year.sell(sale(10**9 + 9, "2025-06-20"))
    _timed(year, 1)
    files = len(year.sql("SELECT file_path FROM SALES.files"))
    print(
        f"\n{DAYS} days of {ROWS} sales: all days {every:.1f} s, one day {one:.1f} s ({one / every:.1%}); one day reads "
        f"{read[0]} of {files} files"
    )
    assert one < every / 10
    assert read[0] < files / 10


def _timed(year: Gold, days: int) -> float:
    began = time.monotonic()
    verdict = year.run()
    assert (verdict.state, len(verdict.objects)) == ("SUCCEEDED", days), verdict.message
    taken = time.monotonic() - began
    print(f"\n{days} days: {taken:.1f} s", flush=True)
    return taken
