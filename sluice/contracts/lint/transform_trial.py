"""Transforms on frames of no rows, in a process of their own: what is wrong with each, as JSON, on the last line."""

import json
import sys
from importlib import util
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from etl.contract.table_names import LINE, ORDINAL
from etl.sources.provenance import PROVENANCE
from etl.transform_errors import TransformFailed, failing, guarded
from sluice.contracts.prove.session import session

CARRIED = {LINE: "string", ORDINAL: "bigint", **dict.fromkeys(PROVENANCE, "string")}  # ours, beside the contract's


def said(spark: SparkSession, module: str, given: dict[str, str], published: list[str]) -> str:
    """Return how a module's transform fails on a frame of these columns; empty where it does not."""
    columns = [F.lit(None).cast(kind).alias(name) for name, kind in (given | CARRIED).items()]
    try:
        guarded(_transform(module), published, personal=False)(spark.range(0).select(*columns))
    except TransformFailed as error:
        return str(error)
    return ""


def _transform(module: str) -> Any:
    """Import a module from its file: it may be another project's.

    Raises:
        TransformFailed: it cannot be imported, or has no transform.
    """
    spec: Any = util.spec_from_file_location(Path(module).stem, module)
    loaded = util.module_from_spec(spec)
    with failing(personal=False):
        spec.loader.exec_module(loaded)
        return loaded.transform


if __name__ == "__main__":
    requests = json.load(sys.stdin)
    with session() as running:
        print(json.dumps([said(running, **request) for request in requests]), flush=True)
