"""A lake as the versions before decision 17 left it: ledgers, skips and quarantine below the published table."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from etl.contract.layout import DatasetLocations
from etl.ledger.skip_list import Skip
from etl.storage.raw_objects import S3Prefix


@contextmanager
def former_layout() -> Iterator[None]:
    """Let runs write where they wrote then; a ledger takes segments over there as it did."""
    ledgers, quarantine = DatasetLocations.former_ledgers, DatasetLocations.former_quarantine
    with (
        mock.patch.object(DatasetLocations, "ledgers", ledgers),
        mock.patch.object(DatasetLocations, "quarantine", quarantine),
    ):
        yield


def write_former_skips(s3: Any, location: str, *skips: Skip) -> None:
    """Write what is skipped to the former place alone, as an operator did."""
    place = S3Prefix.from_uri(f"{DatasetLocations.from_location(location).former_ledgers}/skipped.json")
    s3.put_object(Bucket=place.bucket, Key=place.prefix, Body=json.dumps([asdict(entry) for entry in skips]).encode())


def list_keys(s3: Any, uri: str) -> set[str]:
    """Return the keys below an S3 URI."""
    place = S3Prefix.from_uri(f"{uri}/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix)
    return {entry["Key"] for page in pages for entry in page.get("Contents", ())}


def remove_orphans(table: Any, ahead: timedelta = timedelta(days=5)) -> set[str]:
    """Let Iceberg's stock action remove every orphan below a table's location, as if some days from now."""
    spark: Any = table.spark
    jvm = spark._jvm
    actions = jvm.org.apache.iceberg.spark.actions.SparkActions.get(spark._jsparkSession)
    loaded = jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, table.name)
    before = int((datetime.now(UTC) + ahead).timestamp() * 1000)
    action = actions.deleteOrphanFiles(loaded).usePrefixListing(True).olderThan(before)
    return set(action.execute().orphanFileLocations())
