"""A ledger whose files are gone is rebuilt, nothing is published twice or lost by it, and what cannot be known is said."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from etl.ledger.ingested_objects import Objects
from etl.ledger.ledger import POINTER
from etl.storage.raw_objects import S3Prefix
from sluice.operations.commands import repair
from tests.sandbox.operations.lake import SLEEPS, Lake


def delete_files(lake: Lake, end: str = "", prefix: str = "", versions: bool = True) -> list[str]:
    """Delete files of the ledgers, or of another folder, as others' housekeeping does; return the keys.

    With `versions` what the bucket kept of them is gone too, as it is after `noncurrent_days`.
    """
    place = S3Prefix(lake.bucket, prefix or "ledger/trades/")
    listed = lake.s3.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix).get("Contents", ())
    keys = [entry["Key"] for entry in listed if entry["Key"].endswith(end)]
    assert keys
    for key in keys:
        lake.s3.delete_object(Bucket=place.bucket, Key=key)
        listing = lake.s3.list_object_versions(Bucket=place.bucket, Prefix=key) if versions else {}
        for version in (*listing.get("Versions", ()), *listing.get("DeleteMarkers", ())):
            lake.s3.delete_object(Bucket=place.bucket, Key=key, VersionId=version["VersionId"])
    return keys


def own_properties(lake: Lake) -> dict[str, str]:
    return {key: value for key, value in lake.deployed.head.summary.items() if key.startswith("sluice.")}


def ingested_objects(lake: Lake) -> Objects:
    return lake.ledger.held.all_objects()


@pytest.fixture
def published(lake: Lake) -> Lake:
    """Three days, the second corrected; a run set r1 of the third aside."""
    lake.publish_objects(lake.put_object("1.csv"))
    lake.publish_objects(lake.put_object("2.csv"))
    lake.publish_objects(lake.put_object("2.csv", b"mended\n"))
    lake.publish_objects(lake.put_object("3.csv"), bad=["r1"])
    return lake


@pytest.mark.parametrize("end", ["", ".segments", pytest.param(".json", marks=pytest.mark.long)])
def test_what_has_rows_is_held_again_and_readers_see_the_same(published: Lake, end: str) -> None:
    lake, before, rows, held_before = (
        published,
        published.published_snapshot,
        published.published_rows,
        ingested_objects(published),
    )
    delete_files(lake, end)
    assert "is gone: it belongs to the ledger of snapshot" in lake.run_command("rerun", "1.csv", "--yes").err
    result = lake.run_command("repair", "--yes", "--json", "--who", "ada")
    assert (result.code, result.json["objects"], result.json["quarantined"]) == (0, 3, ["jr_4"]), result.err
    assert ingested_objects(lake) == held_before
    assert lake.published_rows == rows
    assert lake.unread_keys() == []
    assert lake.quarantined_ids() == ["r1"]
    head = lake.deployed.head
    assert head.snapshot != before
    assert head.summary["sluice.repaired-by"] == "ada"
    assert head.summary["sluice.run-id"] == "jr_4"
    assert head.summary[POINTER] == result.json["ledger"]
    assert lake.load_table().refs().keys() == {"main"}


def test_the_next_run_publishes_on_what_was_rebuilt_and_a_rollback_to_it_works(published: Lake) -> None:
    lake = published
    delete_files(lake)
    assert lake.run_command("repair", "--yes").code == 0
    repaired, rows = lake.published_snapshot, lake.published_rows
    lake.publish_objects(lake.put_object("4.csv"))
    assert len(lake.published_rows) == 4
    assert lake.run_command("rollback", repaired, "--yes").code == 0
    assert (lake.published_rows, lake.unread_keys()) == (rows, [])


def test_it_is_said_what_cannot_be_rebuilt_and_nothing_is_done_without_a_word(published: Lake) -> None:
    lake, before = published, published.published_snapshot
    delete_files(lake)
    result = lake.run_command("repair")
    assert result.code == 2
    for expected in (
        "is written anew with 3 objects, in place of s3://",
        "cannot be rebuilt: objects without a row left",
        "cannot be rebuilt: replays",
        "cannot be rebuilt: which rows aside count",
    ):
        assert expected in result.out
    assert "nothing was done: add --yes" in result.err
    assert lake.published_snapshot == before


def test_an_object_without_a_row_left_is_read_again_and_counted_where_the_index_is_there(lake: Lake) -> None:
    empty = lake.put_object("empty.csv")
    lake.publish_objects(lake.put_object("1.csv"), empty)
    lake.load_table().delete(f"_object = '{empty.key}'", snapshot_properties=own_properties(lake))  # its rows alone
    delete_files(lake, ".segments")
    result = lake.run_command("repair", "--yes")
    assert "cannot be rebuilt: 1 object without a row left, which the next run reads again" in result.out
    assert lake.unread_keys() == [empty.key]


def test_an_object_whose_rows_are_all_aside_is_held_again(lake: Lake) -> None:
    bad = lake.put_object("bad.csv")
    lake.publish_objects(bad, lake.put_object("1.csv"), bad=["r1"])
    lake.load_table().delete(f"_object = '{bad.key}'", snapshot_properties=own_properties(lake))
    delete_files(lake)
    assert lake.run_command("repair", "--yes").code == 0
    assert ingested_objects(lake)[bad.key][:2] == (bad.version, bad.modified)
    assert lake.unread_keys() == []


def test_rows_of_a_run_that_never_published_do_not_count(published: Lake) -> None:
    lake = published
    lake.quarantine_rows("jr_dead", "trades/4.csv", ["r9"])
    delete_files(lake)
    assert lake.run_command("repair", "--yes").code == 0
    assert lake.quarantined_ids() == ["r1"]


def test_what_the_bucket_still_keeps_of_it_is_taken_and_nothing_is_missing(published: Lake) -> None:
    lake = published
    lake.publish_objects(replays="jr_4")
    before = ingested_objects(lake)
    delete_files(lake, versions=False)
    result = lake.run_command("repair", "--yes")
    assert (result.code, "nothing is missing" in result.out) == (0, True), result.err
    assert (ingested_objects(lake), lake.ledger.replays, lake.ledger.quarantined) == (
        before,
        {"jr_4": "jr_5"},
        (),
    )


def test_a_version_that_raw_lost_is_named_and_counts_as_the_oldest(published: Lake) -> None:
    lake = published
    delete_files(lake)
    delete_files(lake, prefix="trades/1.csv")
    result = lake.run_command("repair", "--yes")
    assert "taken for the oldest: 1 object: trades/1.csv" in result.out
    assert ingested_objects(lake)["trades/1.csv"][1] == "1970-01-01T00:00:00+00:00"


@pytest.mark.parametrize("ledger_too", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_quarantine_whose_files_are_gone_is_given_up_and_the_runs_are_named(
    published: Lake, ledger_too: bool
) -> None:
    lake = published
    delete_files(lake, prefix="quarantine/trades/")
    if ledger_too:
        delete_files(lake)
    [state] = lake.run_command("status", "--json").json
    assert ".metadata.json is gone" in state["unseen"]["branches"]
    result = lake.run_command("repair", "--yes", "--json")
    assert (result.code, result.json["quarantine_given_up"], result.json["quarantined"]) == (0, True, []), result.err
    assert "rows that were set aside are lost" in result.err
    assert ("which their verdicts name: jr_4" in result.err) is not ledger_too
    [state] = lake.run_command("status", "--json").json
    assert (state["unseen"], state["aside"]) == ({}, 0)
    lake.publish_objects(lake.put_object("4.csv"), bad=["r2"])
    assert lake.quarantined_ids() == ["r2"]


def test_where_nothing_is_gone_nothing_is_done(published: Lake) -> None:
    before = published.published_snapshot
    result = published.run_command("repair", "--yes")
    assert (result.code, published.published_snapshot) == (2, before)
    assert "nothing to repair" in result.err


def test_before_anything_was_published_there_is_nothing_to_repair(lake: Lake) -> None:
    result = lake.run_command("repair", "--yes")
    assert (result.code, "nothing is published" in result.err) == (2, True)


def test_beside_a_run_nothing_is_repaired(published: Lake) -> None:
    lake, before = published, published.published_snapshot
    delete_files(lake)
    lake.define_job(SLEEPS)
    with lake.started_job() as start:
        start()
        result = lake.run_command("repair", "--yes")
    assert (result.code, lake.published_snapshot) == (2, before)
    assert "is under way" in result.err


def test_a_publish_meanwhile_is_not_undone(published: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = published
    four = lake.put_object("4.csv")
    keys = [POINTER, *delete_files(lake, versions=False)]

    def restore_and_publish(*_: object) -> None:
        for key in keys[1:]:  # somebody restored it, and a run published
            versions = lake.s3.list_object_versions(Bucket=lake.bucket, Prefix=key)["Versions"]
            newest = max(versions, key=lambda version: version["LastModified"])
            source = {"Bucket": lake.bucket, "Key": key, "VersionId": newest["VersionId"]}
            lake.s3.copy_object(Bucket=lake.bucket, Key=key, CopySource=source)
        lake.publish_objects(four)

    monkeypatch.setattr(repair, "require_consent", restore_and_publish)
    result = lake.run_command("repair", "--yes")
    assert result.code == 2
    assert "somebody else changed" in result.err
    assert four.key in ingested_objects(lake)
    assert lake.load_table().refs().keys() == {"main"}


def test_a_rollback_to_a_snapshot_whose_ledger_is_gone_is_refused(published: Lake) -> None:
    lake = published
    good = lake.published_snapshot
    lake.publish_objects(lake.put_object("4.csv"))
    delete_files(lake, end="jr_4.json")
    result = lake.run_command("rollback", good, "--yes")
    assert result.code == 2
    assert "jr_4.json, its ledger, is gone" in result.err


def test_what_may_not_be_looked_at_is_not_said_to_be_gone(published: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")
    get = published.deployed.s3.get_object

    def denied_get_object(**request: Any) -> Any:
        if request["Key"].startswith("ledger/"):
            raise refused
        return get(**request)

    monkeypatch.setattr(published.deployed.s3, "get_object", denied_get_object)
    result = published.run_command("repair", "--yes")
    assert (result.code, "AWS refused" in result.err) == (3, True)
