"""A ledger whose files are gone is rebuilt, nothing is published twice or lost by it, and what cannot be known is said."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from etl.ledger.ledger import POINTER
from etl.storage.raw_objects import Place
from sluice.operations.commands import repair
from tests.sandbox.operations.lake import SLEEPS, Lake


def lose(lake: Lake, end: str = "", prefix: str = "", versions: bool = True) -> list[str]:
    """Delete files of the ledgers, or of another folder, as others' housekeeping does; return the keys.

    With `versions` what the bucket kept of them is gone too, as it is after `noncurrent_days`.
    """
    place = Place(lake.bucket, prefix or "ledger/sales/")
    listed = lake.s3.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix).get("Contents", ())
    keys = [entry["Key"] for entry in listed if entry["Key"].endswith(end)]
    assert keys
    for key in keys:
        lake.s3.delete_object(Bucket=place.bucket, Key=key)
        listing = lake.s3.list_object_versions(Bucket=place.bucket, Prefix=key) if versions else {}
        for version in (*listing.get("Versions", ()), *listing.get("DeleteMarkers", ())):
            lake.s3.delete_object(Bucket=place.bucket, Key=key, VersionId=version["VersionId"])
    return keys


def ours(lake: Lake) -> dict[str, str]:
    return {key: value for key, value in lake.deployed.head.summary.items() if key.startswith("sluice.")}


def held(lake: Lake) -> dict[str, tuple[str, str]]:
    return lake.ledger.held.all()


@pytest.fixture
def published(lake: Lake) -> Lake:
    """Three days, the second corrected; a run set r1 of the third aside."""
    lake.publish(lake.put("1.csv"))
    lake.publish(lake.put("2.csv"))
    lake.publish(lake.put("2.csv", b"mended\n"))
    lake.publish(lake.put("3.csv"), bad=["r1"])
    return lake


@pytest.mark.parametrize("end", ["", ".segments", pytest.param(".json", marks=pytest.mark.long)])
def test_what_has_rows_is_held_again_and_readers_see_the_same(published: Lake, end: str) -> None:
    lake, before, rows, held_before = published, published.seen, published.rows, held(published)
    lose(lake, end)
    assert "is gone: it belongs to the ledger of snapshot" in lake.operate("rerun", "1.csv", "--yes").err
    result = lake.operate("repair", "--yes", "--json", "--who", "ada")
    assert (result.code, result.json["objects"], result.json["quarantined"]) == (0, 3, ["jr_4"]), result.err
    assert held(lake) == held_before
    assert lake.rows == rows
    assert lake.unread() == []
    assert lake.aside_now() == ["r1"]
    head = lake.deployed.head
    assert head.snapshot != before
    assert head.summary["sluice.repaired-by"] == "ada"
    assert head.summary["sluice.run-id"] == "jr_4"
    assert head.summary[POINTER] == result.json["ledger"]
    assert lake.table().refs().keys() == {"main"}


def test_the_next_run_publishes_on_what_was_rebuilt_and_a_rollback_to_it_works(published: Lake) -> None:
    lake = published
    lose(lake)
    assert lake.operate("repair", "--yes").code == 0
    repaired, rows = lake.seen, lake.rows
    lake.publish(lake.put("4.csv"))
    assert len(lake.rows) == 4
    assert lake.operate("rollback", repaired, "--yes").code == 0
    assert (lake.rows, lake.unread()) == (rows, [])


def test_it_is_said_what_cannot_be_rebuilt_and_nothing_is_done_without_a_word(published: Lake) -> None:
    lake, before = published, published.seen
    lose(lake)
    result = lake.operate("repair")
    assert result.code == 2
    for words in (
        "is written anew with 3 objects, in place of s3://",
        "cannot be rebuilt: objects without a row left",
        "cannot be rebuilt: replays",
        "cannot be rebuilt: which rows aside count",
    ):
        assert words in result.out
    assert "nothing was done: add --yes" in result.err
    assert lake.seen == before


def test_an_object_without_a_row_left_is_read_again_and_counted_where_the_index_is_there(lake: Lake) -> None:
    empty = lake.put("empty.csv")
    lake.publish(lake.put("1.csv"), empty)
    lake.table().delete(f"_object = '{empty.key}'", snapshot_properties=ours(lake))  # its rows alone
    lose(lake, ".segments")
    result = lake.operate("repair", "--yes")
    assert "cannot be rebuilt: 1 object without a row left, which the next run reads again" in result.out
    assert lake.unread() == [empty.key]


def test_an_object_whose_rows_are_all_aside_is_held_again(lake: Lake) -> None:
    bad = lake.put("bad.csv")
    lake.publish(bad, lake.put("1.csv"), bad=["r1"])
    lake.table().delete(f"_object = '{bad.key}'", snapshot_properties=ours(lake))
    lose(lake)
    assert lake.operate("repair", "--yes").code == 0
    assert held(lake)[bad.key] == (bad.version, bad.modified)
    assert lake.unread() == []


def test_rows_of_a_run_that_never_published_do_not_count(published: Lake) -> None:
    lake = published
    lake.set_aside("jr_dead", "sales/4.csv", ["r9"])
    lose(lake)
    assert lake.operate("repair", "--yes").code == 0
    assert lake.aside_now() == ["r1"]


def test_what_the_bucket_still_keeps_of_it_is_taken_and_nothing_is_missing(published: Lake) -> None:
    lake = published
    lake.publish(replays="jr_4")
    before = held(lake)
    lose(lake, versions=False)
    result = lake.operate("repair", "--yes")
    assert (result.code, "nothing is missing" in result.out) == (0, True), result.err
    assert (held(lake), lake.ledger.replays, lake.ledger.quarantined) == (
        before,
        {"jr_4": "jr_5"},
        (),
    )


def test_a_version_that_raw_lost_is_named_and_counts_as_the_oldest(published: Lake) -> None:
    lake = published
    lose(lake)
    lose(lake, prefix="sales/1.csv")
    result = lake.operate("repair", "--yes")
    assert "taken for the oldest: 1 object: sales/1.csv" in result.out
    assert held(lake)["sales/1.csv"][1] == "1970-01-01T00:00:00+00:00"


@pytest.mark.parametrize("ledger_too", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_quarantine_whose_files_are_gone_is_given_up_and_the_runs_are_named(
    published: Lake, ledger_too: bool
) -> None:
    lake = published
    lose(lake, prefix="quarantine/sales/")
    if ledger_too:
        lose(lake)
    [state] = lake.operate("status", "--json").json
    assert ".metadata.json is gone" in state["unseen"]["branches"]
    result = lake.operate("repair", "--yes", "--json")
    assert (result.code, result.json["quarantine_given_up"], result.json["quarantined"]) == (0, True, []), result.err
    assert "rows that were set aside are lost" in result.err
    assert ("which their verdicts name: jr_4" in result.err) is not ledger_too
    [state] = lake.operate("status", "--json").json
    assert (state["unseen"], state["aside"]) == ({}, 0)
    lake.publish(lake.put("4.csv"), bad=["r2"])
    assert lake.aside_now() == ["r2"]


def test_where_nothing_is_gone_nothing_is_done(published: Lake) -> None:
    before = published.seen
    result = published.operate("repair", "--yes")
    assert (result.code, published.seen) == (2, before)
    assert "nothing to repair" in result.err


def test_before_anything_was_published_there_is_nothing_to_repair(lake: Lake) -> None:
    result = lake.operate("repair", "--yes")
    assert (result.code, "nothing is published" in result.err) == (2, True)


def test_beside_a_run_nothing_is_repaired(published: Lake) -> None:
    lake, before = published, published.seen
    lose(lake)
    lake.define(SLEEPS)
    with lake.going() as start:
        start()
        result = lake.operate("repair", "--yes")
    assert (result.code, lake.seen) == (2, before)
    assert "is under way" in result.err


def test_a_publish_meanwhile_is_not_undone(published: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = published
    four = lake.put("4.csv")
    keys = [POINTER, *lose(lake, versions=False)]

    def meanwhile(*_: object) -> None:
        for key in keys[1:]:  # somebody restored it, and a run published
            versions = lake.s3.list_object_versions(Bucket=lake.bucket, Prefix=key)["Versions"]
            newest = max(versions, key=lambda version: version["LastModified"])
            source = {"Bucket": lake.bucket, "Key": key, "VersionId": newest["VersionId"]}
            lake.s3.copy_object(Bucket=lake.bucket, Key=key, CopySource=source)
        lake.publish(four)

    monkeypatch.setattr(repair, "agreed", meanwhile)
    result = lake.operate("repair", "--yes")
    assert result.code == 2
    assert "somebody else changed" in result.err
    assert four.key in held(lake)
    assert lake.table().refs().keys() == {"main"}


def test_a_rollback_to_a_snapshot_whose_ledger_is_gone_is_refused(published: Lake) -> None:
    lake = published
    good = lake.seen
    lake.publish(lake.put("4.csv"))
    lose(lake, end="jr_4.json")
    result = lake.operate("rollback", good, "--yes")
    assert result.code == 2
    assert "jr_4.json, its ledger, is gone" in result.err


def test_what_may_not_be_looked_at_is_not_said_to_be_gone(published: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")
    get = published.deployed.s3.get_object

    def denied(**request: Any) -> Any:
        if request["Key"].startswith("ledger/"):
            raise refused
        return get(**request)

    monkeypatch.setattr(published.deployed.s3, "get_object", denied)
    result = published.operate("repair", "--yes")
    assert (result.code, "AWS refused" in result.err) == (3, True)
