"""The saved queries answer what is true of the published tables: each on what runs of the pipeline left."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.settings.contracts import terms
from etl.iceberg.current_snapshot import head
from etl.results.verdict import Verdict
from etl.storage.clients import Clients
from tests.spark import gold as silver
from tests.spark.gold import Gold
from tests.spark.lake import Lake, day
from tests.spark.readers import QUERIES, ask
from tests.spark.test_quarantine import sale
from tests.spark.test_replay import counted

pytestmark = pytest.mark.long
DAY = timedelta(days=1)
OF_SALES = {"sales-aside", "sales-changed", "sales-freshness", "sales-versions", "unknown-customers"}
OF_GOLD = {"revenue", "sales_daily-changed", "sales_daily-freshness", "sales_daily-versions"}
OF_OTHERS = [f"{name}-{what}" for name in ("customers", "products") for what in ("changed", "freshness", "versions")]


@dataclass
class Story:
    """Runs of a lake in their order, and the moment between the first and the second."""

    lake: Lake
    gold: Gold
    runs: dict[str, Verdict]
    yesterday: datetime


@pytest.fixture(scope="module")
def story(aws: Clients, spark: Any) -> Story:
    """Sales of unknown customers are aside; then their file is corrected, and one of the customers comes."""
    lake = Lake(aws, spark)
    gold = Gold.beside(lake)
    customers = gold.declare(lake.beside("customers"))
    signed_up = "'Ada', 'ada@example.com', 'GB', date'2024-01-01', 'a', 'v', 'r'"
    gold.sql(f"INSERT INTO {customers} VALUES ('CUST1', {signed_up})")
    first_day = [sale(1), sale(6), sale(2, customer="CUST2"), sale(3, customer="CUST3")]
    runs = {}
    lake.put(a__csv=day(*first_day))
    runs["first"] = lake.run()
    yesterday = datetime.now(UTC)
    lake.put(b__csv=day(sale(4, region="EU-WEST"), sale(5, customer="CUST4")))
    runs["second"] = lake.run()
    lake.put(a__csv=day(sale(1, quantity="3"), sale(6), sale(2, customer="CUST2")))
    runs["corrected"] = lake.run()
    gold.sql(f"INSERT INTO {customers} VALUES ('CUST2', {signed_up})")
    assert {run.state for run in runs.values()} == {"SUCCEEDED"}, [run.message for run in runs.values()]
    name = f"{lake.order().table}_quarantine"
    # rows that no ledger names: of a run that died before it published, or whose rows were replayed
    copied = spark.table(name).columns
    dead = ", ".join("'jr_dead'" if column == "_run_id" else f"`{column}`" for column in copied)
    spark.sql(f"INSERT INTO {name} SELECT {dead} FROM {name}")
    # what a run leaves behind that is under way, or was killed
    spark.sql(
        f"ALTER TABLE {lake.order().table} CREATE BRANCH run_jr_dead AS OF VERSION {runs['first'].snapshot_after}"
    )
    return Story(lake, gold, runs, yesterday)


def test_only_rows_that_count_are_aside(story: Story) -> None:
    everything = ask(story.lake, "SELECT count(*) AS row_count FROM sales_quarantine")
    assert everything[0]["row_count"] == 8
    found = ask(story.lake, QUERIES["sales-aside"])
    assert [(line["run"], line["rule"], line["row_count"]) for line in found] == [
        (story.runs[name].run_id, "sales.customer_id.known", 1) for name in ("second", "corrected")
    ]


def test_the_ledger_says_the_same(story: Story) -> None:
    found = ask(story.lake, QUERIES["sales-aside"])
    said = {(row["_run_id"], row["set_aside_at"].replace(tzinfo=UTC)) for row in counted(story.lake)}
    assert {(line["run"], line["set_aside_at"]) for line in found} == said


def test_customers_that_sales_wait_for_are_named_and_whether_they_have_come(story: Story) -> None:
    found = ask(story.lake, QUERIES["unknown-customers"])
    assert [(line["customer_id"], line["row_count"], line["known_now"]) for line in found] == [
        ("CUST2", 1, True),
        ("CUST4", 1, False),
    ]


def test_what_changed_since_yesterday_is_told_by_run(story: Story) -> None:
    """A day after the first run: TXN1 and TXN6 were replaced, TXN4 is new."""
    found = ask(story.lake, QUERIES["sales-changed"], story.yesterday + DAY)
    runs = story.runs
    assert {(one["change"], one["run"], one["row_count"]) for one in found} == {
        ("replaced", runs["corrected"].run_id, 2),
        ("new", runs["second"].run_id, 1),
    }


def test_nothing_changed_since_now(story: Story) -> None:
    assert ask(story.lake, QUERIES["sales-changed"], datetime.now(UTC) + DAY) == []


def test_rows_that_are_gone_are_told(story: Story) -> None:
    """A rollback is a day on which rows went: a snapshot of before, shown again."""
    lake, runs = story.lake, story.runs
    name, before = lake.order().table, datetime.now(UTC)
    first, last = runs["first"].snapshot_after, head(lake.aws.glue, lake.aws.s3, name).snapshot
    roll = "CALL lake.system.set_current_snapshot('{}', {})"
    lake.spark.sql(roll.format(name, first))
    try:
        found = ask(lake, QUERIES["sales-changed"], before + DAY)
        assert {(one["change"], one["run"], one["row_count"]) for one in found} == {
            ("gone", runs["second"].run_id, 1),
            ("replaced", runs["first"].run_id, 2),
        }
        assert {one["run"] for one in ask(lake, QUERIES["sales-aside"])} == {runs["first"].run_id}
    finally:
        lake.spark.sql(roll.format(name, last))


def test_versions_are_those_that_readers_saw(story: Story) -> None:
    found = ask(story.lake, QUERIES["sales-versions"])
    seen = [one["run"] for one in found]
    assert list(dict.fromkeys(reversed(seen)))[:3] == [run.run_id for run in story.runs.values()]
    assert {one["contracts"] for one in found} == {f"input {terms_of('input')}, output {terms_of('output')}"}


def terms_of(stage: str) -> str:
    return json.loads(getattr(terms("sales"), stage))["meta"]["version"]


def test_freshness_is_held_against_the_contract(story: Story) -> None:
    published = head(story.lake.aws.glue, story.lake.aws.s3, story.lake.order().table)
    assert published.published
    at = datetime.fromtimestamp(published.published / 1000, UTC)
    for hours, kept in ((25.5, True), (26.5, False)):
        [line] = ask(story.lake, QUERIES["sales-freshness"], at + timedelta(hours=hours))
        assert (line["dataset"], line["kept"], line["hours_promised"]) == ("sales", kept, 26)
        assert line["hours"] == pytest.approx(hours)
        assert line["run"] == published.summary["sluice.run-id"]


@dataclass
class Daily:
    """Gold as it was built first, the moment after that, and as it was built after one more sale."""

    first: Verdict
    yesterday: datetime
    second: Verdict


@pytest.fixture(scope="module")
def daily(story: Story) -> Daily:
    story.gold.stock(PROD1="tools")
    first = story.gold.run()
    yesterday = datetime.now(UTC)
    story.gold.sell(silver.sale(9, "2025-01-01", amount="5.00"))
    second = story.gold.run()
    assert (first.state, second.state) == ("SUCCEEDED", "SUCCEEDED"), (first.message, second.message)
    return Daily(first, yesterday, second)


def test_revenue_adds_up_to_what_was_published(story: Story, daily: Daily) -> None:
    found = ask(story.lake, QUERIES["revenue"].replace("current_date", "DATE '2025-01-02'"))
    assert [(one["region"], one["orders"], one["units"], str(one["revenue"])) for one in found] == [
        ("EU-WEST", 1, 1, "1.00"),
        ("US-EAST", 3, 5, "9.00"),
    ]
    assert ask(story.lake, QUERIES["revenue"].replace("current_date", "DATE '2025-03-02'")) == []


def test_what_changed_in_gold_is_told_by_its_three_columns_of_a_key(story: Story, daily: Daily) -> None:
    """One day was built again: both regions' rows have another run."""
    found = ask(story.lake, QUERIES["sales_daily-changed"], daily.yesterday + DAY)
    assert [(one["change"], one["run"], one["row_count"]) for one in found] == [("replaced", daily.second.run_id, 2)]


def test_golds_versions_and_freshness_are_its_own(story: Story, daily: Daily) -> None:
    seen = [one["run"] for one in ask(story.lake, QUERIES["sales_daily-versions"])]
    assert list(dict.fromkeys(seen)) == [daily.second.run_id, daily.first.run_id]
    [line] = ask(story.lake, QUERIES["sales_daily-freshness"], datetime.now(UTC))
    assert (line["dataset"], line["run"], line["kept"]) == ("sales_daily", daily.second.run_id, True)


@pytest.mark.parametrize("name", OF_OTHERS)
def test_the_same_is_answered_of_every_other_dataset(story: Story, daily: Daily, name: str) -> None:
    found = ask(story.lake, QUERIES[name], datetime.now(UTC) + DAY)
    assert bool(found) is not name.endswith("-changed")


def test_every_saved_query_is_run_here() -> None:
    """But for rows aside of other datasets: nothing of these is aside, and their queries are the sales' in another name."""
    left = set(QUERIES) - OF_SALES - OF_GOLD - set(OF_OTHERS)
    assert left == {"customers-aside", "products-aside"}
    for name in left:
        assert QUERIES[name] == QUERIES["sales-aside"].replace("sales", name.removesuffix("-aside"))
