"""Gold over a year of sales: what a run reads to build one day of it again, by the metrics of all its scans."""

from typing import Any

import pytest

from etl.storage.clients import Clients
from tests.spark.gold import DAYS, Gold, sale
from tests.spark.lake import Lake
from tests.spark.scans import FILES, ROWS, Scans


@pytest.mark.long
def test_one_day_of_a_year_reads_no_more_than_the_files_of_its_month(aws: Clients, spark: Any) -> None:
    gold = Gold.beside(Lake(aws, spark))
    gold.sell_a_year(5)
    first = gold.run()
    assert (first.state, len(first.objects)) == ("SUCCEEDED", DAYS), first.message
    gold.sell(sale(10**9, "2025-06-20"))
    scans = Scans(spark)
    verdict = gold.run()
    assert [one["key"] for one in verdict.objects] == ["2025-06-20"], verdict.message
    files = scans.found(FILES)
    # June's file of each of five regions and the new one: to list its days, to build, to hold the sums against.
    assert (len(files["sales"]) >= 3, set(files["sales"])) == (True, {6})
    # June's file, or the one that was staged.
    assert set(files["sales_daily"]) == {1}
    assert scans.found(ROWS)["sales.changes"] == [1]
    there = {one.dataset: spark.table(f"{one.order().table}.files").count() for one in (gold.sales, gold.daily)}
    assert there == {"sales": 61, "sales_daily": 13}
