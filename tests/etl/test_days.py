"""Whole days through the pipeline."""

from decimal import Decimal

from tests.etl.lake import GOOD, Lake, day


def test_a_good_day_is_published_with_totals_and_provenance(lake: Lake) -> None:
    lake.put(a__csv=day(GOOD, "TXN002,CUST101,PROD002,1,49.99,2025-01-15,US-WEST"))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_read, verdict.rows_published) == ("SUCCEEDED", 2, 2), verdict.message
    first, second = lake.rows()
    assert first["total_amount"] == Decimal("59.98")
    assert first["_object"] == "sales/a.csv"
    assert second["region"] == "US-WEST"
