"""Columns whose values are in the keys of objects: read and typed once an object, and joined to its rows."""

import json
from collections.abc import Mapping
from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.key_folders import folder_names, folder_texts
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.sources.value_reading import read_values
from etl.storage.raw_objects import S3Prefix


def add_folder_columns(
    contents: DataFrame, raw_prefix: S3Prefix, keys: Mapping[int, str] | Mapping[str, str], by: str, contract: Contract
) -> DataFrame:
    """Add the columns that come from folders to what a reader gives of files, in the contract's order, with `_beyond_<name>`
    of those that are no text.

    Args:
        contents: rows of the files.
        raw_prefix: below which folders count.
        keys: the objects' keys, by what the rows have of their object.
        by: the column of `contents` that has it.
        contract: the input's.

    Raises:
        FolderRefused: a key lacks a folder.
    """
    names = folder_names(contract)
    columns = [column.name for column in contract.folder_columns]
    objects = [
        dict(zip(columns, folder_texts(key.removeprefix(raw_prefix.prefix), names), strict=True)) | {by: place}
        for place, key in keys.items()
    ]
    schema = ", ".join(
        [*(f"`{name}`: string" for name in columns), f"{by}: {contents.schema[by].dataType.simpleString()}"]
    )
    # As one literal, not by createDataFrame: that would start Python workers for a handful of rows.
    literal = F.from_json(F.lit(json.dumps(objects)), f"array<struct<{schema}>>")
    texts = contents.sparkSession.range(1).select(F.inline(literal))
    values = read_values(texts, replace(contract, columns=contract.folder_columns, format=SourceFormat.CSV))
    joined = contents.join(F.broadcast(values), by, "left")
    others = [name for name in (*contents.columns, *values.columns) if name not in {*contract.names, by}]
    return joined.select(*(f"`{name}`" for name in (*contract.names, *others)), by)
