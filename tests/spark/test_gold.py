"""A dataset that is built from published tables: the days that changed and no others, gated and published as any other.

One story, told in order: each test stands on the one before.
"""

from importlib import import_module
from random import Random
from typing import Any

import pytest
from pyspark.sql import DataFrame

from etl.runtime.arguments import NO_PREFIX
from etl.sources.derived_source import Derived
from etl.storage.clients import Clients
from tests.spark.gold import GoldLake, held_by_rule, sale_values
from tests.spark.lake import Lake
from tests.spark.readers import QUERIES, query_lake
from tests.spark.test_once import files_read

trades_daily = import_module("etl.datasets.trades_daily")  # of the tests' own lake

RECONCILES = [f"trades_daily.structure.reconciles.{name}" for name in ("orders", "units", "revenue")]
derive = trades_daily.derive


@pytest.fixture(scope="module")
def gold(aws: Clients, spark: Any) -> GoldLake:
    return GoldLake.from_lake(Lake(aws, spark))


def test_before_its_sources_are_published_there_is_nothing_to_build(gold: GoldLake) -> None:
    verdict = gold.without_spark()
    assert verdict.nothing_unread
    assert verdict.message == "trades_daily: nothing to build from yet: trades, goods has no published table"


def test_a_dataset_of_files_that_is_told_of_none_is_refused(gold: GoldLake) -> None:
    verdict = gold.trades.run(raw=NO_PREFIX)
    assert (verdict.state, verdict.attempts) == ("FAILED", 0)
    assert verdict.message.startswith("trades: it is built from files, and the job was given no --raw")


def test_a_day_that_is_none_cannot_be_asked_for(gold: GoldLake) -> None:
    verdict = gold.run(rerun=("2025-13-01",))
    assert verdict.message == "trades_daily: 2025-13-01 is no day; name days such as 2025-01-15"


def test_the_first_run_builds_all_days(gold: GoldLake) -> None:
    gold.insert_goods(PROD1="tea", PROD2="cups")
    gold.insert_trades(
        sale_values(1, "2025-01-01"),
        sale_values(2, "2025-01-02"),
        sale_values(3, "2025-01-02", customer=2, amount="2.55"),
    )
    gold.insert_trades(sale_values(4, "2025-02-01", product=2, region="AP-SOUTH"))
    verdict = gold.run()
    assert (verdict.state, verdict.rows_read, verdict.rows_published) == ("SUCCEEDED", 3, 3), verdict.message
    assert verdict.rebuilt == ["all 3 days: it is built for the first time"]
    assert gold.rows() == gold.rebuild_from_scratch()
    assert {rule: held_by_rule(verdict)[rule] for rule in RECONCILES} == dict.fromkeys(RECONCILES, True)
    assert verdict.sources.keys() == {"trades", "goods"}


def test_the_saved_question_on_revenue_is_answered_from_it(gold: GoldLake) -> None:
    answer = query_lake(gold.daily, QUERIES["revenue"].replace("current_date", "DATE '2025-01-31'"))
    assert [(row["region"], str(row["day"]), row["orders"], str(row["revenue"])) for row in answer] == [
        ("AP-SOUTH", "2025-02-01", 1, "10.00"),
        ("US-EAST", "2025-01-02", 2, "12.55"),
    ]


def test_only_days_that_changed_are_built_again_and_only_their_files_are_read(
    gold: GoldLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: list[int] = []

    def record_files(trades: DataFrame, goods: DataFrame) -> DataFrame:
        files.append(files_read(trades))
        return derive(trades, goods)

    monkeypatch.setattr(trades_daily, "derive", record_files)
    gold.insert_trades(sale_values(5, "2025-01-02", product=9), sale_values(6, "2025-03-01", region="AP-SOUTH"))
    verdict = gold.run()
    assert [entry.key for entry in verdict.objects] == ["2025-01-02", "2025-03-01"], verdict.message
    assert verdict.corrected == ["2025-01-02"]
    assert verdict.rebuilt[0].startswith("2 days: trades changed since ")
    assert verdict.message == "trades_daily: 3 rows published from 2 days of trades, goods (2025-01-02, 2025-03-01)"
    # January's first file and the two new ones; not February's.
    assert files == [3]
    assert gold.rows() == gold.rebuild_from_scratch()
    assert [(str(row[1]), row[3]) for row in gold.rows() if row[2] == "unknown"] == [("2025-01-02", 1)]


def test_without_a_change_a_run_ends_well_without_spark(gold: GoldLake) -> None:
    before = gold.head
    verdict = gold.without_spark()
    assert (verdict.nothing_unread, verdict.message) == (True, "trades_daily: nothing changed in trades, goods")
    gold.run_sql("CALL lake.system.rewrite_data_files(table => 'TRADES', options => map('rewrite-all', 'true'))")
    assert gold.without_spark().nothing_unread
    assert gold.head == before


def test_a_change_of_what_is_not_read_builds_nothing(gold: GoldLake) -> None:
    before = gold.head
    gold.run_sql("UPDATE GOODS SET list_price = 2.00")
    verdict = gold.run()
    assert verdict.message == "trades_daily: nothing changed in what is read of trades, goods"
    assert (verdict.nothing_unread, gold.head) == (True, before)


def test_sums_that_are_not_the_sources_fail_the_run_and_leave_yesterdays(
    gold: GoldLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_trades(trades: DataFrame, goods: DataFrame) -> DataFrame:
        return derive(trades.join(goods.select("product_id"), "product_id"), goods)

    before, rows = gold.head, gold.rows()
    gold.insert_trades(sale_values(7, "2025-01-01", product=9, amount="0.01"))
    monkeypatch.setattr(trades_daily, "derive", lose_trades)
    verdict = gold.run()
    assert {result.rule for result in verdict.broken} == set(RECONCILES), verdict.message
    [revenue] = [result for result in verdict.broken if result.rule == RECONCILES[2]]
    assert (revenue.unexpected, revenue.samples) == (1, ("US-EAST, 2025-01-01: 10.00, and 10.01 in trades",))
    assert (verdict.state, gold.head, gold.rows()) == ("FAILED", before, rows)


@pytest.mark.long
def test_a_day_without_trades_any_more_loses_its_rows(gold: GoldLake) -> None:
    gold.run_sql("DELETE FROM TRADES WHERE transaction_date IN (date'2025-01-01', date'2025-02-01')")
    verdict = gold.run()
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 0), verdict.message
    assert {str(row[1]) for row in gold.rows()} == {"2025-01-02", "2025-03-01"}
    assert [result.rule for result in verdict.rules if not result.evaluated] == [
        "trades_daily.input.rows",
        "trades_daily.output.rows",
    ]
    assert gold.without_spark().nothing_unread


@pytest.mark.long
def test_a_change_in_the_catalogue_builds_the_days_on_which_it_was_sold(gold: GoldLake) -> None:
    gold.insert_goods(PROD9="pots", PROD8="unsold")
    verdict = gold.run()
    assert [entry.key for entry in verdict.objects] == ["2025-01-02"], verdict.message
    assert "unknown" not in {row[2] for row in gold.rows()}
    assert gold.rows() == gold.rebuild_from_scratch()


@pytest.mark.long
def test_a_source_that_was_rolled_back_builds_all_days(gold: GoldLake) -> None:
    [first] = gold.run_sql("SELECT snapshot_id FROM TRADES.snapshots ORDER BY committed_at LIMIT 1")
    gold.run_sql(f"CALL lake.system.rollback_to_snapshot('TRADES', {first[0]})")
    verdict = gold.run()
    assert verdict.rebuilt[0].startswith(
        f"all 3 days: trades stands at snapshot {first[0]}, which is not known to have"
    )
    assert {str(row[1]) for row in gold.rows()} == {"2025-01-01", "2025-01-02"}
    assert gold.rows() == gold.rebuild_from_scratch()


def test_days_that_are_built_again_equal_a_whole_build_after_any_edits(gold: GoldLake) -> None:
    chance = Random(8)
    for number in range(8):
        day, product = f"2025-01-0{chance.randint(1, 9)}", chance.randint(1, 9)
        edits = [
            f"INSERT INTO TRADES VALUES {sale_values(100 + number, day, product=product, amount='3.33')}",
            f"DELETE FROM TRADES WHERE transaction_date = date'{day}'",
            f"UPDATE TRADES SET transaction_date = date'{day}' WHERE product_id = 'PROD{product}'",
            "UPDATE TRADES SET total_amount = total_amount + 0.01 WHERE region = 'US-EAST'",
            f"UPDATE GOODS SET category = 'c{product}' WHERE product_id = 'PROD{product}'",
            "CALL lake.system.rewrite_data_files(table => 'TRADES')",
        ]
        gold.run_sql(chance.choice(edits))
    gold.insert_trades(sale_values(99, "2025-01-05", product=5))
    verdict = gold.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    assert verdict.rebuilt
    assert not verdict.rebuilt[0].startswith("all")
    assert gold.rows() == gold.rebuild_from_scratch()


class DerivedFound(Exception):
    """What a run was about to look for."""


def test_other_contracts_build_all_days(gold: GoldLake, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_found(source: Derived, _: object) -> Derived:
        raise DerivedFound(source.full_rebuild_reason)

    body = gold.daily.aws.s3.get_object(Bucket=gold.daily.bucket, Key="contracts/input.json")["Body"].read()
    gold.daily.put_key("contracts/input.json", body.replace(b'"version": "1.0.0"', b'"version": "1.1.0"'))
    monkeypatch.setattr(Derived, "with_days", raise_found)
    with pytest.raises(DerivedFound, match=r"its contracts were input 1\.0\.0, output 1\.0\.0"):
        gold.run()
