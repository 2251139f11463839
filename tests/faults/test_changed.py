"""What a run works on is changed by somebody else while it works, or before."""

import pytest

from tests.faults.lake import FaultyLake
from tests.faults.proxy import Request
from tests.faults.steps import acting_at
from tests.faults.trades import ELSEWHERE, Sale


@pytest.mark.long
def test_an_object_that_is_overwritten_while_it_is_read_stops_the_run(faulty: FaultyLake) -> None:
    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
    new_trades = [Sale(1, quantity=2), Sale(3)]

    def overwrite_object(request: Request) -> None:
        if new_trades and request.is_of("s3", "GET", r"trades/a\.csv$"):
            new = new_trades[:]
            new_trades.clear()
            faulty.arrive_file("a", *new)

    faulty.proxy.after = overwrite_object
    verdict = faulty.run()
    faulty.proxy.after = None
    assert (verdict.state, new_trades) == ("FAILED", [])
    assert "trades/a.csv changed while being read, nothing was published" in verdict.message
    faulty.assert_model_holds()
    faulty.rerun_and_check()


def test_an_object_that_is_deleted_between_listing_and_reading_stops_the_run(faulty: FaultyLake) -> None:
    faulty.arrive_file("a", Sale(1))
    faulty.arrive_file("b", Sale(2))
    with acting_at("listed", lambda: faulty.delete_file("b")):
        verdict = faulty.run()
    assert verdict.state == "FAILED"
    assert "trades/b.csv changed while being read, nothing was published" in verdict.message
    faulty.assert_model_holds()
    faulty.rerun_and_check()


@pytest.mark.long
def test_a_column_that_somebody_adds_while_a_run_works_changes_nothing_and_stops_the_next_until_it_is_gone(
    faulty: FaultyLake,
) -> None:
    faulty.arrive_file("a", Sale(1))
    with acting_at("declared", lambda: faulty.spark.sql(f"ALTER TABLE {faulty.name} ADD COLUMNS (mood string)")):
        faulty.rerun_and_check()
    faulty.arrive_file("b", Sale(2))
    faulty.start_afresh()
    verdict = faulty.run()
    assert verdict.state == "FAILED"
    assert "column `mood` (string) is in the table, but not declared" in verdict.message
    faulty.assert_model_holds()
    faulty.spark.sql(f"ALTER TABLE {faulty.name} DROP COLUMN mood")
    faulty.rerun_and_check()


@pytest.mark.long
def test_a_table_that_is_dropped_while_a_run_works_stops_it_and_the_next_makes_it_again_from_the_raw_objects(
    faulty: FaultyLake,
) -> None:
    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
    faulty.rerun_and_check()
    faulty.arrive_file("b", Sale(3), Sale(4, region=ELSEWHERE))
    with acting_at("rows staged", lambda: faulty.direct.glue.delete_table(DatabaseName=faulty.database, Name="trades")):
        verdict = faulty.run()
    assert verdict.state == "FAILED"
    assert faulty.head().snapshot is None
    assert faulty.rerun_and_check().rows_published == 2
