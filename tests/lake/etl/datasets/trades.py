"""Trades: a row's amount is what was sold times what one of it costs."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

ADDS = ("total_amount",)


def transform(trades: DataFrame) -> DataFrame:
    """Add `total_amount`, decimal(10,2), in the sale's currency.

    Takes `quantity` (int) and `unit_price` (decimal(10,2)) and keeps every column and row. A product that the type
    cannot hold becomes null, which the output contract refuses; a cast would raise instead (Spark 4 has ANSI on).
    """
    total = F.round(F.col("quantity") * F.col("unit_price"), 2)
    return trades.withColumn("total_amount", total.try_cast("decimal(10,2)"))
