"""Columns that a whole file may lack: of a load of changes the operation, which a first copy of the source has not."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import PLACE


def fill_optional(rows: DataFrame, preflights: Sequence[FilePreflight], contract: Contract) -> DataFrame:
    """Return rows of files in which a column that their file lacks has the text that stands for it; null else stays."""
    places = [place for place, preflight in enumerate(preflights) if preflight.lacks_optional]
    optional = {name: text for name, text in contract.optional_columns.items() if name in contract.names}
    if not places or not optional:
        return rows
    lacks = F.lit(True) if len(places) == len(preflights) else F.col(PLACE).isin(places)
    return rows.withColumns(
        {name: F.when(lacks, F.lit(text)).otherwise(F.col(name)) for name, text in optional.items()}
    )
