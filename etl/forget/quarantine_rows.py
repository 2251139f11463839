"""Rows aside that have one of the keys: by their source as a replay would read it, else by the text of their line."""

import logging
from dataclasses import replace
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.table_names import LINE, OBJECT, ORDINAL, VERSION
from etl.forget.row_finder import FoundRows, RowFinder
from etl.sources import json_reader
from etl.sources.casting import OUT_OF_RANGE, columns_beside_texts
from etl.sources.provenance import HEADER, PROVENANCE

logger = logging.getLogger(__name__)
PLACE_COLUMN = VERSION
"""What carries a row's id past the transform, which keeps the columns that say where a row is from."""


def find_quarantined_rows(quarantine: DataFrame, finder: RowFinder) -> list[str]:
    """Return the ids of the rows that have one of the keys."""
    stored_contract = finder.input.as_stored_rows()
    finder = replace(finder, input=stored_contract, place=F.col(PLACE_COLUMN))
    stored = quarantine.where(F.col("source").isNotNull())
    lines = stored.select(
        F.col("source").alias(LINE),
        F.col("object").alias(OBJECT),
        F.col("row").alias(VERSION),
        F.col("ordinal").alias(ORDINAL),
    )
    beyond = [f"{OUT_OF_RANGE}{name}" for name in columns_beside_texts(stored_contract)]
    rows = json_reader.split_columns(lines, stored_contract)
    read = rows.select(
        *stored_contract.names, *beyond, LINE, "_broken", F.lit(False).alias(HEADER), ORDINAL, *PROVENANCE
    )
    ids = _find(finder, read)
    raw = F.col("raw") if "raw" in quarantine.columns else F.lit(None).cast("string")
    for row in quarantine.where(F.col("source").isNull()).select("row", raw.alias("raw")).toLocalIterator():
        if finder.search.finds(row["raw"] or ""):
            ids.add(row["row"])
    return sorted(ids)


def _find(finder: RowFinder, read: DataFrame) -> set[Any]:
    for find in (finder.find_rows, finder.find_typed_rows):
        matches = FoundRows()
        try:
            find(read, matches)
        except Exception as error:  # a row aside may break the transform; what it says may quote it
            logger.warning("rows aside could not be read: %s", type(error).__name__)
            continue
        return {place for places in matches.places.values() for place in places}
    rows = read.select(VERSION, LINE).toLocalIterator()
    return {row[VERSION] for row in rows if finder.search.finds(row[LINE] or "")}
