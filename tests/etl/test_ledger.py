"""The ledger, on plain data: what is unread, what was deleted, what merely expired."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from etl import ledger
from etl.head import Head
from etl.ledger import Ledger
from etl.raw import RawObject

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLD = RawObject("sales/old.csv", "1", 10, "2026-01-01T00:00:00+00:00")
NEW = RawObject("sales/new.csv", "1", 10, "2026-02-28T00:00:00+00:00")
HELD = Ledger().with_these([OLD, NEW])


class Store:
    """S3 as one dictionary."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, **put: Any) -> None:
        self.objects[put["Key"]] = put["Body"]

    def get_object(self, **get: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[get["Key"]])}


def test_a_new_version_of_a_held_key_is_unread() -> None:
    again = RawObject("sales/new.csv", "2", 10, "2026-03-01T00:00:00+00:00")
    assert HELD.unread([OLD, again]) == [again]


def test_a_key_that_is_gone_was_deleted_and_a_replaced_one_was_not() -> None:
    assert HELD.deleted([RawObject("sales/new.csv", "2")], 0, NOW) == ["sales/old.csv"]


def test_what_is_older_than_the_raw_expiry_expired() -> None:
    assert HELD.deleted([], 30, NOW) == ["sales/new.csv"]
    assert HELD.deleted([], 0, NOW) == ["sales/new.csv", "sales/old.csv"]


def test_what_is_written_is_read_back_through_the_heads_pointer() -> None:
    store = Store()
    ledger.write(store, "s3://lake/parquet/sales/ledger/1.json", HELD)
    head = Head("7", 0, {ledger.POINTER: "s3://lake/parquet/sales/ledger/1.json"})
    assert ledger.read(store, head) == HELD
    assert json.loads(store.objects["parquet/sales/ledger/1.json"])["objects"][0]["key"] == "sales/new.csv"


def test_a_table_without_a_snapshot_holds_nothing() -> None:
    assert ledger.read(Store(), Head()).held == {}


def test_a_snapshot_that_is_none_of_ours_stops_the_run() -> None:
    with pytest.raises(RuntimeError, match=r"snapshot 7 carries no sluice\.ledger: somebody else wrote"):
        ledger.read(Store(), Head("7", 0, {}))
