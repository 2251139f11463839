"""Gold over a year of trades: what a run reads to build one day of it again, by the metrics of all its scans."""

from typing import Any

import pytest

from etl.storage.clients import Clients
from tests.spark.gold import DAYS, GoldLake, sale_values
from tests.spark.lake import Lake
from tests.spark.scans import FILES, ROWS, ScanMetrics


@pytest.mark.long
def test_one_day_of_a_year_reads_no_more_than_the_files_of_its_month(aws: Clients, spark: Any) -> None:
    gold = GoldLake.from_lake(Lake(aws, spark))
    gold.insert_year_of_trades(5)
    first = gold.run()
    assert (first.state, len(first.objects)) == ("SUCCEEDED", DAYS), first.message
    gold.insert_trades(sale_values(10**9, "2025-06-20"))
    scans = ScanMetrics(spark)
    verdict = gold.run()
    assert [entry.key for entry in verdict.objects] == ["2025-06-20"], verdict.message
    files = scans.counts_by_table(FILES)
    # June's file of each of five regions and the new one: to list its days, to build, to hold the sums against.
    assert (len(files["trades"]) >= 3, set(files["trades"])) == (True, {6})
    # June's file, or the one that was staged.
    assert set(files["trades_daily"]) == {1}
    assert scans.counts_by_table(ROWS)["trades.changes"] == [1]
    file_counts = {
        lake.dataset: spark.table(f"{lake.job_arguments().table}.files").count() for lake in (gold.trades, gold.daily)
    }
    assert file_counts == {"trades": 61, "trades_daily": 13}
