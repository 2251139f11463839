"""The rows that a check would publish, as one Parquet file that is there whole or not at all."""

import os
import shutil
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame

from etl.contract.model import Contract
from sluice.cli.errors import WrongUse
from sluice.sandbox.published_values import to_sample_value


def require_writable(out: Path, inputs: Iterable[Path]) -> None:
    """Refuse a place that the rows cannot be written to, before anything is started.

    Raises:
        WrongUse: its folder is missing, it is a folder, or it is one of the files that are read.
    """
    if not out.parent.is_dir():
        raise WrongUse(f"--out {out}: there is no folder {out.parent}; make it first")
    if out.is_dir():
        raise WrongUse(f"--out {out} is a folder; name a file in it, such as {out / 'rows.parquet'}")
    if any(out.exists() and out.samefile(file) for file in inputs):
        raise WrongUse(f"--out {out} is a file that is read; name another")
    if not os.access(out.parent, os.W_OK):
        raise WrongUse(f"--out {out}: nothing can be written into {out.parent}")


def published_rows(rows: DataFrame, contract: Contract) -> DataFrame:
    """Return a published table's rows with the contract's columns, in its order."""
    return rows.select(*(f"`{name}`" for name in contract.names))


def write_rows(rows: DataFrame, folder: Path, out: Path) -> None:
    """Write rows as one Parquet file at `out`, in place of what is there; `folder` holds it until it is whole."""
    spark = rows.sparkSession
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    parts = folder / "out"
    rows.coalesce(1).write.parquet(parts.as_uri())
    [part] = parts.glob("part-*.parquet")
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(part, beside)
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)


def sample_rows(rows: DataFrame, contract: Contract, personal: Container[str], limit: int) -> list[dict[str, Any]]:
    """Return the first rows by key as JSON has them; values of `personal` columns are masked."""
    by_key = rows.orderBy(*(f"`{name}`" for name in contract.key)) if contract.has_key else rows
    first_rows = by_key.limit(limit).collect()
    return [
        {name: to_sample_value(value, masked=name in personal) for name, value in row.asDict().items()}
        for row in first_rows
    ]
