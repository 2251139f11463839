"""A dataset whose output suite names another module of transforms goes through that one."""

import json
import sys
from decimal import Decimal
from importlib import import_module
from types import ModuleType

import pytest

from tests.spark.lake import GOOD, Lake, csv_bytes

OUTPUT = "contracts/output.json"


@pytest.fixture
def shared(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The dataset's transform, in a module of another name alone; its output suite names that one."""
    own = import_module(f"etl.datasets.{lake.dataset}")
    module = ModuleType("etl.datasets.shared")
    module.__dict__["transform"] = own.transform
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(own, "transform", None)
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=OUTPUT)["Body"].read())
    suite["meta"]["transform"] = "shared"
    lake.aws.s3.put_object(Bucket=lake.bucket, Key=OUTPUT, Body=json.dumps(suite).encode())
    return module


def test_rows_go_through_the_transform_that_the_output_suite_names(lake: Lake, shared: ModuleType) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    verdict = lake.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    assert [row["total_amount"] for row in lake.rows()] == [Decimal("59.98")]


def test_a_module_that_is_not_there_is_told_by_its_name(
    lake: Lake, shared: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, shared.__name__)
    lake.put_files(a__csv=csv_bytes(GOOD))
    assert "write etl/datasets/shared.py with a function `transform`" in lake.run().message
