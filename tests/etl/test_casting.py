"""What a cast makes of a text in a type's plain form."""

from itertools import product
from typing import Any

from pyspark.sql import functions as F

from etl.casting import typed

YEARS = ("0000", "0001", "1582", "1900", "2000", "2023", "2024", "2100", "9999")


def test_a_date_in_plain_form_is_what_its_pattern_reads(spark: Any) -> None:
    texts = [f"{year}-{month:02}-{day:02}" for year, month, day in product(YEARS, range(14), range(33))]
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    cast, read = (one.cast("string") for one in (typed("text", "date"), F.try_to_date("text", "yyyy-MM-dd")))
    rows = frame.select("text", cast.alias("cast"), read.alias("read")).collect()
    assert [row["text"] for row in rows if row["cast"] != row["read"]] == []
    leap = {row["text"]: row["cast"] is not None for row in rows if row["text"].endswith("-02-29")}
    assert leap == {f"{year}-02-29": year in {"0000", "2000", "2024"} for year in YEARS}
