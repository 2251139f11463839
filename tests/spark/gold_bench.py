"""How long gold takes to build a day of a year again, against the whole year: `make gold-speed GOLD_ROWS=<trades a day>`.

No test of `make test`: it takes minutes. Whole runs are timed, as a user waits for them. Beside them stands what any run takes
however few its rows are, measured as one that builds one day of a table of three trades; where few trades lie in a day that is
most of it. Spark is set up as in the cloud, not for tiny days. The row of figures is printed, and put into the table of the
decision on gold.
"""

import os
import re
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bench.lake import SANDBOX_ONLY
from etl.storage.clients import Clients
from tests.conftest import start_session
from tests.spark.gold import DAYS, GoldLake, sale_values
from tests.spark.lake import ROOT, Lake

ROWS = int(os.environ.get("GOLD_ROWS", "100000"))
TIMES = 3
PAGE = ROOT / "docs" / "decisions" / "0009-gold.md"
RULE = "|---|---|---|---|---|---|\n"


@pytest.fixture(scope="module")
def spark(endpoint: str) -> Iterator[object]:
    """A session for large days."""
    yield from start_session(endpoint, leaving=SANDBOX_ONLY)


@pytest.fixture
def year(aws: Clients, spark: Any) -> GoldLake:
    gold = GoldLake.from_lake(Lake(aws, spark))
    gold.insert_year_of_trades(ROWS)
    return gold


@pytest.fixture
def few(aws: Clients, spark: Any) -> GoldLake:
    """Gold over three trades of three days."""
    gold = GoldLake.from_lake(Lake(aws, spark))
    gold.insert_goods(PROD1="tea")
    gold.insert_trades(*(sale_values(number, f"2025-06-0{number}") for number in (1, 2, 3)))
    return gold


def test_a_day_of_a_year_takes_less_than_a_tenth_of_the_year(year: GoldLake, few: GoldLake) -> None:
    time_build(few, 3)
    time_build(year, DAYS)  # warms up what runs for the first time in a process
    every, one_day, least = list[float](), list[float](), list[float]()
    for number in range(1, TIMES + 1):
        year.daily.put_key("contracts/input.json", revised_contract(year, number))
        every.append(time_build(year, DAYS))
        for gold, taken in ((year, one_day), (few, least)):
            gold.insert_trades(sale_values(10**9 + number, f"2025-06-1{number}"))
            taken.append(time_build(gold, 1))
    print(f"\n{DAYS} days of {ROWS} trades, seconds: all {every}, one {one_day}, of three trades {least}")
    medians = [statistics.median(each) for each in (every, one_day, least)]
    PAGE.write_text(insert_table_row(PAGE.read_text(), table_row(*medians)))
    assert medians[1] < medians[0] / 10


def time_build(gold: GoldLake, days: int) -> float:
    """Return the seconds of a run that builds so many days."""
    gold.daily.spark.catalog.clearCache()  # a run has a process of its own, and nothing of the last one's
    began = time.monotonic()
    verdict = gold.run()
    taken = time.monotonic() - began
    assert (verdict.state, len(verdict.objects)) == ("SUCCEEDED", days), verdict.message
    return round(taken, 2)


def revised_contract(gold: GoldLake, number: int) -> bytes:
    """Return the input contract in another version, after which all days are built."""
    body = gold.daily.aws.s3.get_object(Bucket=gold.daily.bucket, Key="contracts/input.json")["Body"].read()
    return re.sub(rb'"version": "1\.0\.\d+"', f'"version": "1.0.{number}"'.encode(), body)


def table_row(every: float, one_day: float, least: float) -> str:
    """Return a line of the table: trades a day, the seconds, and one day's share of all with what any run takes and without."""
    without = (one_day - least) / (every - least)
    return f"| {ROWS} | {every:.1f} | {one_day:.1f} | {one_day / every:.1%} | {least:.1f} | {without:.1%} |\n"


def insert_table_row(page: str, line: str) -> str:
    """Return a page with the line in its table, in place of one of as many trades, the fewest first."""
    before, rule, after = page.partition(RULE)
    assert rule, f"{PAGE.name} has no table to put {line} into"
    lines = re.match(r"(?:\|.*\n)*", after)
    assert lines
    by_trades = {
        int(table_line.split("|")[1]): table_line for table_line in (*lines[0].splitlines(keepends=True), line)
    }
    return before + rule + "".join(by_trades[trades] for trades in sorted(by_trades)) + after[lines.end() :]
