"""Transforms on frames of no rows, in a process of their own: what is wrong with each, as JSON, on the last line."""

import json
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from etl.contract.table_names import LINE, ORDINAL
from etl.sources.provenance import PROVENANCE
from etl.transform_errors import TransformFailed, guard_transform, raising_transform_failed
from sluice.contracts.lint.transform_module import load_module
from sluice.contracts.prove.session import spark_session

CARRIED = {LINE: "string", ORDINAL: "bigint", **dict.fromkeys(PROVENANCE, "string")}  # ours, beside the contract's


def trial_failure(spark: SparkSession, module: str, column_types: dict[str, str], published: list[str]) -> str:
    """Return how a module's transform fails on a frame of these columns; empty where it does not."""
    columns = [F.lit(None).cast(kind).alias(name) for name, kind in (column_types | CARRIED).items()]
    try:
        guard_transform(_load_transform(module), published, personal=False)(spark.range(0).select(*columns))
    except TransformFailed as error:
        return str(error)
    return ""


def _load_transform(module: str) -> Any:
    """Import a module's transform from its file.

    Raises:
        TransformFailed: it cannot be imported, or has no transform.
    """
    with raising_transform_failed(personal=False):
        return load_module(Path(module)).transform


if __name__ == "__main__":
    requests = json.load(sys.stdin)
    with spark_session() as running:
        print(json.dumps([trial_failure(running, **request) for request in requests]), flush=True)
