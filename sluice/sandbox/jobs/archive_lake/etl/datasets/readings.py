"""Readings: what was used costs the units times the price of one."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

ADDS = ("amount",)


def transform(readings: DataFrame) -> DataFrame:
    """Add `amount`, decimal(10,2); a product that the type cannot hold becomes null."""
    amount = F.round(F.col("units") * F.col("unit_price"), 2)
    return readings.withColumn("amount", amount.try_cast("decimal(10,2)"))
