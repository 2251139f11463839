"""The ledger, on plain data: what is unread, what was deleted, what merely expired."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from etl.errors import ForeignSnapshot, LedgerGone
from etl.iceberg.current_snapshot import Head
from etl.ledger import ingested_objects, ledger
from etl.ledger.ingested_objects import HeldVersion, IngestedObjects, segment_of
from etl.ledger.ledger import Ledger
from etl.storage.raw_objects import RawObject

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLD = RawObject("trades/old.csv", "1", 10, "2026-01-01T00:00:00+00:00")
NEW = RawObject("trades/new.csv", "1", 10, "2026-02-28T00:00:00+00:00")
HELD = Ledger().with_objects([OLD, NEW])


class FakeS3:
    """S3 as one dictionary, and what was read of it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.read_keys: list[str] = []
        self.missing = "NoSuchKey"

    def list_objects_v2(self, **kwargs: Any) -> dict[str, Any]:
        return {"KeyCount": sum(key.startswith(kwargs["Prefix"]) for key in self.objects)}

    def put_object(self, **put: Any) -> None:
        self.objects[put["Key"]] = put["Body"]

    def get_object(self, **get: Any) -> dict[str, Any]:
        self.read_keys.append(get["Key"])
        if get["Key"] not in self.objects:
            raise ClientError({"Error": {"Code": self.missing}}, "GetObject")
        body = self.objects[get["Key"]]
        if stretch := get.get("Range"):
            start, end = stretch.removeprefix("bytes=").split("-")
            body = body[int(start) : int(end) + 1]
        return {"Body": io.BytesIO(body)}


def write_and_read(store: FakeS3, next_ledger: Ledger, run: str) -> Ledger:
    """Write a ledger as a run does, and read it back through a head that points to it."""
    uri = f"s3://lake/ledger/trades/{run}.json"
    ledger.write_ledger(store, uri, next_ledger)
    store.read_keys.clear()
    return ledger.read_ledger(store, Head("7", 0, {ledger.POINTER: uri}))


def test_a_new_version_of_a_held_key_is_unread() -> None:
    again = RawObject("trades/new.csv", "2", 10, "2026-03-01T00:00:00+00:00")
    assert HELD.compare_listing([OLD, again], 0, NOW).unread == [again]


def test_a_key_that_is_gone_was_deleted_and_a_replaced_one_was_not() -> None:
    assert HELD.compare_listing([RawObject("trades/new.csv", "2")], 0, NOW).deleted == ["trades/old.csv"]


def test_what_is_older_than_the_raw_expiry_expired() -> None:
    changes = HELD.compare_listing([], 30, NOW)
    assert (changes.deleted, changes.expired) == (["trades/new.csv"], ["trades/old.csv"])
    assert HELD.compare_listing([], 0, NOW).deleted == ["trades/new.csv", "trades/old.csv"]


def test_what_is_written_is_read_back_through_the_heads_pointer() -> None:
    original = replace(
        HELD, quarantined=("jr_1",), replays={"jr_0": "jr_1"}, corrected={"k": ["jr_1"]}, over={"k": ["l"]}
    )
    back = write_and_read(FakeS3(), original, "1")
    assert back.held.all_objects() == {
        raw_object.key: HeldVersion(raw_object.version, raw_object.modified) for raw_object in (OLD, NEW)
    }
    assert (back.quarantined, back.replays, back.corrected, back.over) == (
        original.quarantined,
        original.replays,
        original.corrected,
        original.over,
    )


def test_a_run_reads_and_writes_what_is_new_and_not_what_was_ever_read() -> None:
    many = [RawObject(f"trades/{number}.csv", "1", 10, "2026-01-01T00:00:00+00:00") for number in range(20_000)]
    store = FakeS3()
    first_ledger = write_and_read(store, Ledger().with_objects(many), "1")
    assert first_ledger.compare_listing(many, 0, NOW).unread == []
    assert store.read_keys == ["ledger/trades/1.json"]
    late = RawObject("trades/late.csv", "1", 10, "2026-03-01T00:00:00+00:00")
    assert first_ledger.compare_listing([*many, late], 0, NOW).unread == [late]
    after = write_and_read(store, first_ledger.with_objects([late]), "2")
    first, second = (len(store.objects[f"ledger/trades/{run}.segments"]) for run in "12")
    assert 50 * second < first
    assert len(after.held.all_objects()) == 20_001


def test_a_million_objects_are_taken_up_in_one_pass_over_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def note_key(key: str) -> int:
        asked.append(key)
        return segment_of(key)

    monkeypatch.setattr(ingested_objects, "segment_of", note_key)
    keys = [f"trades/{number}.csv" for number in range(3000)]
    held = IngestedObjects().with_objects({key: HeldVersion("1", "2026") for key in keys}, keys[:500])
    assert held.count == 3000
    assert len(asked) == 3500


def test_an_object_that_is_corrected_each_hour_names_the_runs_since_it_was_put_and_not_all_there_were() -> None:
    store, current, begin = FakeS3(), Ledger(), datetime.now(UTC) - timedelta(hours=100)
    for hour in range(100):
        put = (begin + timedelta(hours=hour)).isoformat(timespec="seconds")
        day = RawObject(f"trades/{hour // 24}.csv", f"v{hour}", 10, put)
        current = write_and_read(store, current.with_objects([day], [f"jr_{hour}"]), str(hour))
        # It was written now, and in an hour of its own on a lake.
        stamped = {**current.quarantined_by, f"jr_{hour}": (begin + timedelta(hours=hour, minutes=30)).isoformat()}
        current = replace(current, quarantined_by=stamped)
    assert current.corrected["trades/0.csv"] == [f"jr_{hour}" for hour in range(23)]
    assert sum(map(len, current.corrected.values())) == 23 * 4 + 3
    counting = [hour for hour in range(100) if current.counts_as_quarantined(f"trades/{hour // 24}.csv", f"jr_{hour}")]
    assert counting == [23, 47, 71, 95, 99]


def test_a_ledger_of_an_earlier_version_that_does_not_say_when_its_runs_read_has_all_of_them_named() -> None:
    store = FakeS3()
    write_and_read(store, HELD.with_objects([], ["jr_1", "jr_2"]), "1")
    index = json.loads(store.objects["ledger/trades/1.json"])
    assert [*index.pop("quarantined_by")] == ["jr_1", "jr_2"]
    store.objects["ledger/trades/1.json"] = json.dumps(index).encode()
    earlier = ledger.read_ledger(store, Head("7", 0, {ledger.POINTER: "s3://lake/ledger/trades/1.json"}))
    assert earlier.with_objects([replace(OLD, version="2")]).corrected == {OLD.key: ["jr_1", "jr_2"]}
    after = write_and_read(store, earlier, "2")
    assert min(after.quarantined_by.values()) > datetime.now(UTC).isoformat()  # the margin between two clocks


def test_an_expired_object_is_forgotten_and_its_segment_agrees_again() -> None:
    store = FakeS3()
    first_ledger = write_and_read(store, HELD, "1")
    expired = first_ledger.compare_listing([NEW], 30, NOW).expired
    after = write_and_read(store, first_ledger.with_objects([], expired=expired), "2")
    assert after.compare_listing([NEW], 30, NOW).expired == []
    assert after.held.all_objects() == {NEW.key: HeldVersion(NEW.version, NEW.modified)}


def test_contents_are_kept_where_they_are_wanted_and_elsewhere_a_ledger_is_what_earlier_versions_wrote() -> None:
    store, put = FakeS3(), replace(NEW, etag="abc")
    without = write_and_read(store, HELD.with_objects([put]), "1")
    assert without.held.all_objects()[NEW.key] == HeldVersion("1", NEW.modified)
    assert all(len(stored) == 2 for stored in stored_versions(store))
    kept = write_and_read(store, without.with_objects([put], keep_contents=True), "2")
    assert kept.held.all_objects() == {
        OLD.key: HeldVersion("1", OLD.modified),
        NEW.key: HeldVersion("1", NEW.modified, "abc:10"),
    }


def stored_versions(store: FakeS3) -> list[list[str]]:
    [segments] = [body.decode() for key, body in store.objects.items() if key.endswith(".segments")]
    return [stored for text in segments.replace("}{", "}\n{").splitlines() for stored in json.loads(text).values()]


def test_an_object_is_read_again_with_those_whose_rows_it_had_replaced() -> None:
    replaced_ledger = HELD.record_replacements({"c": ["b"], "b": ["a"]})
    assert replaced_ledger.replaced_by(["c"]) == {"a", "b"}
    assert replaced_ledger.with_objects([RawObject("c", "2")]).replaced_by(["c"]) == set()


def test_a_table_without_a_snapshot_holds_nothing() -> None:
    assert ledger.read_ledger(FakeS3(), Head()).held.all_objects() == {}


def test_a_snapshot_that_is_none_of_ours_stops_the_run() -> None:
    with pytest.raises(ForeignSnapshot, match=r"snapshot 7 carries no sluice\.ledger: somebody else wrote"):
        ledger.read_ledger(FakeS3(), Head("7", 0, {}))


FORMER = "s3://lake/parquet/trades/ledger/1.json"


def test_a_ledger_from_the_former_place_is_written_whole_so_that_nothing_of_it_is_needed_there() -> None:
    many = [RawObject(f"trades/{number}.csv", "1", 10, "2026-01-01T00:00:00+00:00") for number in range(1000)]
    store = FakeS3()
    ledger.write_ledger(store, FORMER, replace(Ledger().with_objects(many), quarantined=("jr_0",)))
    former_ledger = ledger.read_ledger(store, Head("7", 0, {ledger.POINTER: FORMER}))
    late = RawObject("trades/late.csv", "1", 10, "2026-03-01T00:00:00+00:00")
    after = write_and_read(store, former_ledger.with_objects([late]), "2")
    assert set(store.objects) == {
        f"{folder}.{end}" for folder in ("parquet/trades/ledger/1", "ledger/trades/2") for end in ("json", "segments")
    }
    for key in [key for key in store.objects if key.startswith("parquet/")]:
        del store.objects[key]
    assert after.compare_listing([*many, late], 0, NOW).unread == []
    assert (len(after.held.all_objects()), after.quarantined) == (1001, ("jr_0",))


@pytest.mark.parametrize("missing", ["NoSuchKey", "AccessDenied"])  # what S3 answers to whoever may not list the bucket
@pytest.mark.parametrize("end", ["json", "segments"])
def test_a_ledger_that_is_gone_is_named_with_the_way_to_rebuild_it(end: str, missing: str) -> None:
    store = FakeS3()
    write_and_read(store, HELD, "1")
    store.missing = missing
    del store.objects[f"ledger/trades/1.{end}"]
    with pytest.raises(LedgerGone) as gone:
        ledger.read_ledger(store, Head("7", 0, {ledger.POINTER: "s3://lake/ledger/trades/1.json"})).held.all_objects()
    assert f"s3://lake/ledger/trades/1.{end} is gone" in str(gone.value)
    assert "sluice repair trades" in str(gone.value)


def test_what_may_not_be_read_is_not_said_to_be_gone() -> None:
    store = FakeS3()
    write_and_read(store, HELD, "1")
    body = store.objects.pop("ledger/trades/1.json")
    store.missing, store.objects["ledger/trades/1.json.bak"] = "AccessDenied", body
    with pytest.raises(ClientError, match="AccessDenied"):
        ledger.read_ledger(store, Head("7", 0, {ledger.POINTER: "s3://lake/ledger/trades/1.json"}))


def test_a_withdrawn_object_is_forgotten_with_what_it_set_aside_and_whose_rows_it_replaced() -> None:
    held = HELD.with_objects([], ["jr_1"]).record_replacements(
        {"trades/new.csv": ["trades/old.csv", "trades/older.csv"], "trades/old.csv": ["trades/older.csv"]}
    )
    after = held.without_objects(["trades/old.csv"])
    assert [*after.held.all_objects()] == ["trades/new.csv"]
    assert after.over == {"trades/new.csv": ["trades/older.csv"]}
    assert not after.counts_as_quarantined("trades/old.csv", "jr_1")
    assert after.counts_as_quarantined("trades/new.csv", "jr_1")
    again = after.with_objects([OLD], ["jr_2"])
    assert (again.counts_as_quarantined(OLD.key, "jr_1"), again.counts_as_quarantined(OLD.key, "jr_2")) == (False, True)
    assert HELD.without_objects(["trades/new.csv", "trades/old.csv"]).held.count == 0
