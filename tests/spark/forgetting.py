"""Forgetting in a lake of a test, and a reader of every byte of every version in it."""

import bz2
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any
from unittest import mock

import fastavro
import pyarrow.parquet as pq

from etl.errors import SluiceError
from etl.forget.arguments import ForgetArguments
from etl.forget.job import forget_and_report
from etl.runtime.arguments import JobArguments
from etl.storage.raw_objects import S3Prefix
from tests.spark.lake import Lake

KEYS = "forget/f1.jsonl"


def forget_arguments(lake: Lake, **changes: Any) -> ForgetArguments:
    """Return the arguments of a job that forgets rows of a lake's dataset, some of them changed."""
    order: JobArguments = lake.job_arguments()
    root = f"s3://{lake.bucket}/"
    shared = {
        name: getattr(order, name)
        for name in ("dataset", "raw", "table", "location", "input_contract", "output_contract", "verdicts", "run_id")
    }
    named: dict[str, Any] = {
        **shared,
        "publisher": "nobody",
        "maintainer": "",
        "assets": S3Prefix.from_uri(root),
        "answers": (S3Prefix(lake.bucket, "athena/"),),
        "lineage": "",
        "derived": (),
        "keys": S3Prefix(lake.bucket, KEYS),
        "now": False,
        "stack": "test",
        "raw_expire_days": 0,
        "job": "forget",
    }
    return ForgetArguments(**named | changes)


def put_keys(lake: Lake, *keys: dict[str, Any]) -> None:
    """Put the file of keys that are asked for."""
    lake.put_key(KEYS, "".join(f"{json.dumps(key)}\n" for key in keys).encode())


def forget(lake: Lake, *keys: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Forget the rows of keys, or of those that are there; return the report as it is written."""
    if keys:
        put_keys(lake, *keys)
    arguments = forget_arguments(lake, **changes)
    with suppress(SluiceError), mock.patch("etl.forget.job.masked_error", lambda _dataset, error: error):
        forget_and_report(lake.aws, arguments, lambda: lake.spark)
    return json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=arguments.report_key)["Body"].read())


def stored_versions(lake: Lake) -> Iterator[tuple[str, bool, bytes]]:
    """Yield each version of each object: its key, whether it is the latest, and its bytes."""
    yield from bucket_versions(lake.aws.s3, lake.bucket)


def bucket_versions(s3: Any, bucket: str) -> Iterator[tuple[str, bool, bytes]]:
    """The same of any bucket."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for entry in page.get("Versions", ()):
            names = {"Bucket": bucket, "Key": entry["Key"], "VersionId": entry["VersionId"]}
            yield entry["Key"], entry["IsLatest"], s3.get_object(**names)["Body"].read()


def readings(body: bytes) -> Iterator[str]:
    """Yield what bytes say in each way that they can be read."""
    yield body.decode("latin-1")
    if body.startswith(b"\xff\xfe"):
        yield body.decode("utf-16")
    if body.startswith(b"\x1f\x8b"):
        yield from readings(gzip.decompress(body))
    if body.startswith(b"BZh"):
        yield from readings(bz2.decompress(body))
    if body.startswith(b"PAR1"):
        parquet: Any = pq
        yield str(parquet.read_table(io.BytesIO(body)).to_pydict())
        yield str(parquet.read_metadata(io.BytesIO(body)).to_dict())
    if body.startswith(b"Obj\x01"):
        yield str([*fastavro.reader(io.BytesIO(body))])
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("latin-1")


def places_with(lake: Lake, *texts: str) -> dict[str, set[bool]]:
    """Return the keys that have a version with one of the texts: whether the latest has it, an earlier one, or both."""
    return places_among(stored_versions(lake), *texts)


def places_among(versions: Iterable[tuple[str, bool, bytes]], *texts: str) -> dict[str, set[bool]]:
    """The same of any versions."""
    places: dict[str, set[bool]] = {}
    for key, is_latest, body in versions:
        if any(text in reading for reading in readings(body) for text in texts):
            places.setdefault(key, set()).add(is_latest)
    return places


def change_suite(lake: Lake, stage: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a suite of the lake's dataset."""
    key = f"contracts/{stage}.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    change(suite)
    lake.put_key(key, json.dumps(suite).encode())
