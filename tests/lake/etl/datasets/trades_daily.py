"""Trades by day: what was sold of a category in a region, summed from the published trades and the catalogue."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

ADDS = ("average_order",)
UNKNOWN = "unknown"


def derive(trades: DataFrame, goods: DataFrame) -> DataFrame:
    """Return one row per region, day and category.

    Takes a row per sale, and the catalogue's goods with their categories. A sale of a product that the catalogue lacks
    counts as category `unknown`: it was sold, and the sums must hold it.
    """
    category = F.coalesce("category", F.lit(UNKNOWN)).alias("category")
    placed = trades.join(goods, "product_id", "left")
    return placed.groupBy("region", F.col("transaction_date").alias("day"), category).agg(
        F.count(F.lit(1)).alias("orders"),
        F.sum("quantity").alias("units"),
        F.sum("total_amount").cast("decimal(20,2)").alias("revenue"),
        F.count_distinct("customer_id").alias("buyers"),
    )


def transform(daily: DataFrame) -> DataFrame:
    """Add `average_order`, decimal(20,2): revenue by order, in the trades' currency, half a cent rounded up."""
    average = F.round(F.col("revenue") / F.col("orders"), 2)
    return daily.withColumn("average_order", average.try_cast("decimal(20,2)"))
