"""The saved queries answer what is true of the published tables: each on what runs of the pipeline left."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.settings.contracts import load_contract
from etl.iceberg.current_snapshot import read_head
from etl.results.verdict import Verdict
from etl.storage.clients import Clients
from tests.spark import gold as silver
from tests.spark.gold import GoldLake
from tests.spark.lake import Lake, csv_bytes
from tests.spark.readers import QUERIES, query_lake
from tests.spark.test_quarantine import sale_line
from tests.spark.test_replay import quarantined_rows

pytestmark = pytest.mark.long
DAY = timedelta(days=1)
TRADES_QUERIES = {"trades-aside", "trades-changed", "trades-freshness", "trades-versions", "unknown-buyers"}
GOLD_QUERIES = {"revenue", "trades_daily-changed", "trades_daily-freshness", "trades_daily-versions"}
OTHER_QUERIES = [
    f"{name}-{question}" for name in ("buyers", "goods") for question in ("changed", "freshness", "versions")
]


@dataclass
class LakeStory:
    """Runs of a lake in their order, and the moment between the first and the second."""

    lake: Lake
    gold: GoldLake
    runs: dict[str, Verdict]
    yesterday: datetime


@pytest.fixture(scope="module")
def story(aws: Clients, spark: Any) -> LakeStory:
    """Trades of unknown buyers are aside; then their file is corrected, and one of the buyers comes."""
    lake = Lake(aws, spark)
    gold = GoldLake.from_lake(lake)
    buyers = gold.create_table(lake.sibling_lake("buyers"))
    signed_up = "'Ada', 'ada@example.com', 'GB', date'2024-01-01', 'a', 'v', 'r'"
    gold.run_sql(f"INSERT INTO {buyers} VALUES ('CUST1', {signed_up})")
    first_day = [sale_line(1), sale_line(6), sale_line(2, customer="CUST2"), sale_line(3, customer="CUST3")]
    runs = {}
    lake.put_files(a__csv=csv_bytes(*first_day))
    runs["first"] = lake.run()
    yesterday = datetime.now(UTC)
    lake.put_files(b__csv=csv_bytes(sale_line(4, region="EU-WEST"), sale_line(5, customer="CUST4")))
    runs["second"] = lake.run()
    lake.put_files(a__csv=csv_bytes(sale_line(1, quantity="3"), sale_line(6), sale_line(2, customer="CUST2")))
    runs["corrected"] = lake.run()
    gold.run_sql(f"INSERT INTO {buyers} VALUES ('CUST2', {signed_up})")
    assert {run.state for run in runs.values()} == {"SUCCEEDED"}, [run.message for run in runs.values()]
    name = f"{lake.job_arguments().table}_quarantine"
    # rows that no ledger names: of a run that died before it published, or whose rows were replayed
    copied = spark.table(name).columns
    dead = ", ".join("'jr_dead'" if column == "_run_id" else f"`{column}`" for column in copied)
    spark.sql(f"INSERT INTO {name} SELECT {dead} FROM {name}")
    # what a run leaves behind that is under way, or was killed
    spark.sql(
        f"ALTER TABLE {lake.job_arguments().table} CREATE BRANCH run_jr_dead AS OF VERSION {runs['first'].snapshot_after}"
    )
    return LakeStory(lake, gold, runs, yesterday)


def test_only_rows_that_count_are_aside(story: LakeStory) -> None:
    everything = query_lake(story.lake, "SELECT count(*) AS row_count FROM trades_quarantine")
    assert everything[0]["row_count"] == 8
    answer = query_lake(story.lake, QUERIES["trades-aside"])
    assert [(line["run"], line["rule"], line["row_count"]) for line in answer] == [
        (story.runs[name].run_id, "trades.customer_id.known", 1) for name in ("second", "corrected")
    ]


def test_the_ledger_says_the_same(story: LakeStory) -> None:
    answer = query_lake(story.lake, QUERIES["trades-aside"])
    ledger_rows = {(row["_run_id"], row["set_aside_at"].replace(tzinfo=UTC)) for row in quarantined_rows(story.lake)}
    assert {(line["run"], line["set_aside_at"]) for line in answer} == ledger_rows


def test_buyers_that_trades_wait_for_are_named_and_whether_they_have_come(story: LakeStory) -> None:
    answer = query_lake(story.lake, QUERIES["unknown-buyers"])
    assert [(line["customer_id"], line["row_count"], line["known_now"]) for line in answer] == [
        ("CUST2", 1, True),
        ("CUST4", 1, False),
    ]


def test_what_changed_since_yesterday_is_told_by_run(story: LakeStory) -> None:
    """A day after the first run: TXN1 and TXN6 were replaced, TXN4 is new."""
    answer = query_lake(story.lake, QUERIES["trades-changed"], story.yesterday + DAY)
    runs = story.runs
    assert {(row["change"], row["run"], row["row_count"]) for row in answer} == {
        ("replaced", runs["corrected"].run_id, 2),
        ("new", runs["second"].run_id, 1),
    }


def test_nothing_changed_since_now(story: LakeStory) -> None:
    assert query_lake(story.lake, QUERIES["trades-changed"], datetime.now(UTC) + DAY) == []


def test_rows_that_are_gone_are_told(story: LakeStory) -> None:
    """A rollback is a day on which rows went: a snapshot of before, shown again."""
    lake, runs = story.lake, story.runs
    name, before = lake.job_arguments().table, datetime.now(UTC)
    first, last = runs["first"].snapshot_after, read_head(lake.aws.glue, lake.aws.s3, name).snapshot
    roll = "CALL lake.system.set_current_snapshot('{}', {})"
    lake.spark.sql(roll.format(name, first))
    try:
        answer = query_lake(lake, QUERIES["trades-changed"], before + DAY)
        assert {(row["change"], row["run"], row["row_count"]) for row in answer} == {
            ("gone", runs["second"].run_id, 1),
            ("replaced", runs["first"].run_id, 2),
        }
        assert {row["run"] for row in query_lake(lake, QUERIES["trades-aside"])} == {runs["first"].run_id}
    finally:
        lake.spark.sql(roll.format(name, last))


def test_versions_are_those_that_readers_saw(story: LakeStory) -> None:
    answer = query_lake(story.lake, QUERIES["trades-versions"])
    run_ids = [row["run"] for row in answer]
    assert list(dict.fromkeys(reversed(run_ids)))[:3] == [run.run_id for run in story.runs.values()]
    assert {row["contracts"] for row in answer} == {f"input {terms_of('input')}, output {terms_of('output')}"}


def terms_of(stage: str) -> str:
    return json.loads(getattr(load_contract("trades"), stage))["meta"]["version"]


def test_freshness_is_held_against_the_contract(story: LakeStory) -> None:
    published = read_head(story.lake.aws.glue, story.lake.aws.s3, story.lake.job_arguments().table)
    assert published.published
    published_at = datetime.fromtimestamp(published.published / 1000, UTC)
    for hours, is_kept in ((25.5, True), (26.5, False)):
        [line] = query_lake(story.lake, QUERIES["trades-freshness"], published_at + timedelta(hours=hours))
        assert (line["dataset"], line["kept"], line["hours_promised"]) == ("trades", is_kept, 26)
        assert line["hours"] == pytest.approx(hours)
        assert line["run"] == published.summary["sluice.run-id"]


@dataclass
class GoldBuilds:
    """Gold as it was built first, the moment after that, and as it was built after one more sale."""

    first: Verdict
    yesterday: datetime
    second: Verdict


@pytest.fixture(scope="module")
def daily(story: LakeStory) -> GoldBuilds:
    story.gold.insert_goods(PROD1="tools")
    first = story.gold.run()
    yesterday = datetime.now(UTC)
    story.gold.insert_trades(silver.sale_values(9, "2025-01-01", amount="5.00"))
    second = story.gold.run()
    assert (first.state, second.state) == ("SUCCEEDED", "SUCCEEDED"), (first.message, second.message)
    return GoldBuilds(first, yesterday, second)


def test_revenue_adds_up_to_what_was_published(story: LakeStory, daily: GoldBuilds) -> None:
    answer = query_lake(story.lake, QUERIES["revenue"].replace("current_date", "DATE '2025-01-02'"))
    assert [(row["region"], row["orders"], row["units"], str(row["revenue"])) for row in answer] == [
        ("EU-WEST", 1, 1, "1.00"),
        ("US-EAST", 3, 5, "9.00"),
    ]
    assert query_lake(story.lake, QUERIES["revenue"].replace("current_date", "DATE '2025-03-02'")) == []


def test_what_changed_in_gold_is_told_by_its_three_columns_of_a_key(story: LakeStory, daily: GoldBuilds) -> None:
    """One day was built again: both regions' rows have another run."""
    answer = query_lake(story.lake, QUERIES["trades_daily-changed"], daily.yesterday + DAY)
    assert [(row["change"], row["run"], row["row_count"]) for row in answer] == [("replaced", daily.second.run_id, 2)]


def test_golds_versions_and_freshness_are_its_own(story: LakeStory, daily: GoldBuilds) -> None:
    run_ids = [row["run"] for row in query_lake(story.lake, QUERIES["trades_daily-versions"])]
    assert list(dict.fromkeys(run_ids)) == [daily.second.run_id, daily.first.run_id]
    [line] = query_lake(story.lake, QUERIES["trades_daily-freshness"], datetime.now(UTC))
    assert (line["dataset"], line["run"], line["kept"]) == ("trades_daily", daily.second.run_id, True)


@pytest.mark.parametrize("name", OTHER_QUERIES)
def test_the_same_is_answered_of_every_other_dataset(story: LakeStory, daily: GoldBuilds, name: str) -> None:
    answer = query_lake(story.lake, QUERIES[name], datetime.now(UTC) + DAY)
    assert bool(answer) is not name.endswith("-changed")


def test_every_saved_query_is_run_here() -> None:
    """But for rows aside of other datasets: nothing of these is aside, and their queries are the trades' in another name.

    Those on results are run in `tests/program/test_results_queries.py`.
    """
    of_datasets = {name for name in QUERIES if not name.startswith("results-")}
    remaining = of_datasets - TRADES_QUERIES - GOLD_QUERIES - set(OTHER_QUERIES)
    assert remaining == {"buyers-aside", "goods-aside"}
    for name in remaining:
        assert QUERIES[name] == QUERIES["trades-aside"].replace("trades", name.removesuffix("-aside"))
