"""Published tables of trades and goods, edited straight in Iceberg, and the gold that is built from them."""

from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import functions as F

from etl.contract.loading import parse_contract
from etl.datasets import derivation_of
from etl.iceberg.current_snapshot import read_head
from etl.iceberg.schema import TableColumn
from etl.iceberg.table import BOOKKEEPING_COLUMNS, Table
from etl.results.verdict import Verdict
from etl.run import Run
from tests.lake import LAKE
from tests.spark.lake import Lake

DAYS = 365
REGIONS = "array('US-EAST', 'US-WEST', 'EU-WEST', 'EU-CENTRAL', 'AP-SOUTH')"
COLUMNS = "region, day, category, orders, units, revenue, buyers, average_order"


def sale_values(
    number: int, day: str, region: str = "US-EAST", product: int = 1, amount: str = "10.00", customer: int = 1
) -> str:
    """Return a sale as values of a row of the published trades."""
    return (
        f"('TXN{number}', 'CUST{customer}', 'PROD{product}', 1, {amount}, date'{day}', '{region}', {amount}, "
        f"'trades/{day}.csv', 'v1', 'jr_0')"
    )


@dataclass
class GoldLake:
    """A lake's trades, goods and trades by day; the first two are edited by statements, as runs of theirs would."""

    trades: Lake
    goods: Lake
    daily: Lake

    @classmethod
    def from_lake(cls, lake: Lake) -> "GoldLake":
        """Return them, nothing of which is there yet."""
        return cls(lake, lake.sibling_lake("goods"), lake.sibling_lake("trades_daily"))

    def create_table(self, lake: Lake) -> str:
        """Make a published table as its contract has it; return its name."""
        contract = parse_contract((LAKE / "expectations" / lake.dataset / "output.json").read_text(), lake.dataset)
        table = Table(lake.spark, lake.job_arguments().table, lake.job_arguments().location)
        own_columns = [TableColumn(name, "string", "") for name in BOOKKEEPING_COLUMNS]
        table.ensure_schema([*contract.columns, *own_columns], contract.partition_by)
        return table.name

    def insert_goods(self, **categories: str) -> None:
        """Publish goods: their categories by id."""
        rows = (
            f"('{product_id}', 'x', '{category}', 1.00, 'a', 'v', 'r')" for product_id, category in categories.items()
        )
        self.run_sql(f"INSERT INTO {self.create_table(self.goods)} VALUES {', '.join(rows)}")

    def insert_trades(self, *trades: str) -> None:
        """Publish trades."""
        self.run_sql(f"INSERT INTO {self.create_table(self.trades)} VALUES {', '.join(trades)}")

    def insert_year_of_trades(self, rows: int) -> None:
        """Publish so many trades on each day of 2025, spread over regions, goods and buyers, as compaction leaves them.

        That is a file for each region and month, since all are inserted at once.
        """
        self.insert_goods(**{f"PROD{number}": f"category {number % 8}" for number in range(100)})
        self.create_table(self.trades)
        self.run_sql(
            f"""INSERT INTO TRADES SELECT concat('TXN', id), concat('CUST', id * 7919 % 20000), concat('PROD', id % 101), 1,
            cast(id % 9000 / 100 + 1 AS decimal(10,2)), date_add(date'2025-01-01', cast(id div {rows} AS int)),
            element_at({REGIONS}, cast(id % 5 + 1 AS int)), cast(id % 9000 / 100 + 1 AS decimal(10,2)), 'a', 'v', 'r'
            FROM range({DAYS * rows})"""
        )

    def run_sql(self, statement: str) -> list[Any]:
        """Run Spark SQL in which TRADES and GOODS stand for the published tables."""
        named = statement.replace("TRADES", self.trades.job_arguments().table).replace(
            "GOODS", self.goods.job_arguments().table
        )
        return self.trades.spark.sql(named).collect()

    def run(self, **changes: Any) -> Verdict:
        """Build what changed."""
        return self.daily.run(**changes)

    def without_spark(self) -> Verdict:
        """Build what changed, which must be nothing that takes Spark."""
        order = self.daily.job_arguments()
        verdict = Verdict(order.dataset, order.run_id, order.job, "now")
        Run(order, self.daily.aws, verdict, pytest.fail).run()
        return verdict

    @property
    def head(self) -> str | None:
        """The snapshot of the gold that readers see."""
        return read_head(self.daily.aws.glue, self.daily.aws.s3, self.daily.job_arguments().table).snapshot

    def rows(self) -> list[tuple[Any, ...]]:
        """Return what readers of the gold see, without where each row is from."""
        return sorted(
            map(tuple, self.daily.spark.sql(f"SELECT {COLUMNS} FROM {self.daily.job_arguments().table}").collect())
        )

    def rebuild_from_scratch(self) -> list[tuple[Any, ...]]:
        """Return what all days of the trades and goods as they are now come to."""
        tables = {
            lake.dataset: self.trades.spark.table(lake.job_arguments().table) for lake in (self.trades, self.goods)
        }
        built = derivation_of("trades_daily")(
            **{name: table.drop(*BOOKKEEPING_COLUMNS) for name, table in tables.items()}
        )
        average = F.round(F.col("revenue") / F.col("orders"), 2).cast("decimal(20,2)").alias("average_order")
        return sorted(map(tuple, built.select("*", average).select(*COLUMNS.split(", ")).collect()))


def held_by_rule(verdict: Verdict) -> dict[str, bool]:
    """Return which rules held, of those that were judged."""
    return {result.rule: result.held for result in verdict.rules if result.evaluated}
