"""Published tables of sales and products, edited straight in Iceberg, and the gold that is built from them."""

from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import functions as F

from etl.contract.model import ColumnSpec, load
from etl.datasets import derivation_of
from etl.iceberg.current_snapshot import head
from etl.iceberg.table import OWN, Table
from etl.results.verdict import Verdict
from etl.run import Run
from tests.spark.lake import ROOT, Lake

DAYS = 365
REGIONS = "array('US-EAST', 'US-WEST', 'EU-WEST', 'EU-CENTRAL', 'AP-SOUTH')"
COLUMNS = "region, day, category, orders, units, revenue, customers, average_order"


def sale(
    number: int, day: str, region: str = "US-EAST", product: int = 1, amount: str = "10.00", customer: int = 1
) -> str:
    """Return a sale as values of a row of the published sales."""
    return (
        f"('TXN{number}', 'CUST{customer}', 'PROD{product}', 1, {amount}, date'{day}', '{region}', {amount}, "
        f"'sales/{day}.csv', 'v1', 'jr_0')"
    )


@dataclass
class Gold:
    """A lake's sales, products and sales by day; the first two are edited by statements, as runs of theirs would."""

    sales: Lake
    products: Lake
    daily: Lake

    @classmethod
    def beside(cls, lake: Lake) -> "Gold":
        """Return them, nothing of which is there yet."""
        return cls(lake, lake.beside("products"), lake.beside("sales_daily"))

    def declare(self, lake: Lake) -> str:
        """Make a published table as its contract has it; return its name."""
        contract = load((ROOT / "expectations" / lake.dataset / "output.json").read_text(), lake.dataset)
        table = Table(lake.spark, lake.order().table, lake.order().location)
        own = [ColumnSpec(name, "string", "") for name in OWN]
        table.ensure([*contract.columns, *own], contract.partition_by)
        return table.name

    def stock(self, **categories: str) -> None:
        """Publish products: their categories by id."""
        rows = (f"('{one}', 'x', '{category}', 1.00, 'a', 'v', 'r')" for one, category in categories.items())
        self.sql(f"INSERT INTO {self.declare(self.products)} VALUES {', '.join(rows)}")

    def sell(self, *sales: str) -> None:
        """Publish sales."""
        self.sql(f"INSERT INTO {self.declare(self.sales)} VALUES {', '.join(sales)}")

    def sell_a_year(self, rows: int) -> None:
        """Publish so many sales on each day of 2025, spread over regions, products and customers, as compaction leaves them.

        That is a file for each region and month, since all are inserted at once.
        """
        self.stock(**{f"PROD{number}": f"category {number % 8}" for number in range(100)})
        self.declare(self.sales)
        self.sql(
            f"""INSERT INTO SALES SELECT concat('TXN', id), concat('CUST', id * 7919 % 20000), concat('PROD', id % 101), 1,
            cast(id % 9000 / 100 + 1 AS decimal(10,2)), date_add(date'2025-01-01', cast(id div {rows} AS int)),
            element_at({REGIONS}, cast(id % 5 + 1 AS int)), cast(id % 9000 / 100 + 1 AS decimal(10,2)), 'a', 'v', 'r'
            FROM range({DAYS * rows})"""
        )

    def sql(self, statement: str) -> list[Any]:
        """Run Spark SQL in which SALES and PRODUCTS stand for the published tables."""
        named = statement.replace("SALES", self.sales.order().table).replace("PRODUCTS", self.products.order().table)
        return self.sales.spark.sql(named).collect()

    def run(self, **changes: Any) -> Verdict:
        """Build what changed."""
        return self.daily.run(**changes)

    def without_spark(self) -> Verdict:
        """Build what changed, which must be nothing that takes Spark."""
        order = self.daily.order()
        verdict = Verdict(order.dataset, order.run_id, order.job, "now")
        Run(order, self.daily.aws, verdict, pytest.fail).through()
        return verdict

    @property
    def head(self) -> str | None:
        """The snapshot of the gold that readers see."""
        return head(self.daily.aws.glue, self.daily.aws.s3, self.daily.order().table).snapshot

    def rows(self) -> list[tuple[Any, ...]]:
        """Return what readers of the gold see, without where each row is from."""
        return sorted(map(tuple, self.daily.spark.sql(f"SELECT {COLUMNS} FROM {self.daily.order().table}").collect()))

    def from_scratch(self) -> list[tuple[Any, ...]]:
        """Return what all days of the sales and products as they are now come to."""
        tables = {lake.dataset: self.sales.spark.table(lake.order().table) for lake in (self.sales, self.products)}
        built = derivation_of("sales_daily")(**{name: table.drop(*OWN) for name, table in tables.items()})
        average = F.round(F.col("revenue") / F.col("orders"), 2).cast("decimal(20,2)").alias("average_order")
        return sorted(map(tuple, built.select("*", average).select(*COLUMNS.split(", ")).collect()))


def held(verdict: Verdict) -> dict[str, bool]:
    """Return which rules held, of those that were judged."""
    return {one.rule: one.held for one in verdict.rules if one.evaluated}
