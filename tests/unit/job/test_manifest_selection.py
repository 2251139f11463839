"""What is about a manifest waits for it and for what it names, goes together, and is held against what it says."""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.manifest_globs import takes_all_of
from etl.contract.model import Contract
from etl.ledger.ledger import Ledger
from etl.results.waiting_objects import describe_waiting
from etl.sources.manifest_rules import ManifestAudit, ObjectDigests
from etl.sources.manifest_selection import ManifestChoice
from etl.sources.raw_prefix import RawPrefix, choose_by_manifests
from etl.storage.raw_objects import Listing, RawObject, S3Prefix
from tests.lake import LAKE

RAW = S3Prefix("raw", "trades/")
BY_JSON = {"pattern": "*.csv", "manifest": "*.json"}


def make_contract(*arrivals: dict[str, Any]) -> Contract:
    suite = json.loads((LAKE / "expectations" / "trades" / "input.json").read_text())
    suite["meta"]["arrivals"] = [*arrivals]
    return contract_of(suite)


class Body(io.BytesIO):
    """A body as boto3 gives it."""

    def iter_chunks(self, _size: int) -> list[bytes]:
        return [self.read()]


class FakeBucket:
    """Objects of a bucket, put in the order in which they are named, one a second; it counts what is read."""

    def __init__(self, *puts: tuple[str, str]) -> None:
        self.bodies = {f"trades/{name}": text.encode() for name, text in puts}
        self.objects = {
            f"trades/{name}": RawObject(
                f"trades/{name}", "1", len(text.encode()), f"2026-01-01T00:00:{second:02}+00:00"
            )
            for second, (name, text) in enumerate(puts)
        }
        self.read: list[str] = []

    def get_object(self, *, Bucket: str, Key: str, VersionId: str) -> dict[str, Body]:
        assert (Bucket, VersionId) == ("raw", "1")
        self.read.append(Key)
        return {"Body": Body(self.bodies[Key])}

    def choose(
        self,
        *arrivals: dict[str, Any],
        held: Sequence[str] = (),
        skipped: Sequence[str] = (),
        waits: bool = True,
    ) -> ManifestChoice:
        contract = make_contract(*(arrivals or [BY_JSON]))
        data = [raw_object for key, raw_object in self.objects.items() if key.endswith(".csv")]
        manifests = [raw_object for key, raw_object in self.objects.items() if not key.endswith(".csv")]
        ledger = Ledger().with_objects([RawObject(f"trades/{name}", "0") for name in held])
        skips = {(f"trades/{name}", "1") for name in skipped}
        unread = [raw_object for raw_object in data if (raw_object.key, "1") not in skips]
        prefix = RawPrefix(self, RAW, contract, Listing(data, manifests), ledger)
        return choose_by_manifests(prefix, unread, skips, waits=waits)


def names(choice: ManifestChoice) -> list[str]:
    return [raw_object.key.removeprefix("trades/") for raw_object in choice.unread]


def test_objects_wait_for_a_manifest_that_names_them_and_others_do_not() -> None:
    bucket = FakeBucket(("a.csv", "1"), ("b.csv", "22"))
    choice = bucket.choose()
    assert names(choice) == []
    assert describe_waiting(choice.waiting) == ("2 objects wait: trades/a.csv, trades/b.csv wait for a manifest *.json")
    assert names(bucket.choose({"pattern": "b*.csv", "manifest": "*.json"})) == ["a.csv"]
    assert names(bucket.choose({"pattern": "b*.csv", "by": "05:30"})) == ["a.csv", "b.csv"]
    assert bucket.read == []


def test_a_file_that_no_manifest_names_waits_and_the_others_go_together() -> None:
    bucket = FakeBucket(("a.csv", "1"), ("b.csv", "2"), ("extra.csv", "3"), ("day.json", '["a.csv", "b.csv"]'))
    choice = bucket.choose()
    assert (names(choice), choice.groups) == (["a.csv", "b.csv"], (frozenset({"trades/a.csv", "trades/b.csv"}),))
    assert [group.in_words for group in choice.waiting] == [
        "trades/extra.csv waits for a manifest *.json; 1 that is there names others"
    ]


def test_all_that_a_manifest_names_waits_for_what_is_not_there_and_so_does_what_shares_it() -> None:
    puts = [("a.csv", "1"), ("b.csv", "2"), ("c.csv", "3")]
    bucket = FakeBucket(*puts, ("1.json", '["a.csv", "b.csv", "later.csv"]'), ("2.json", '["b.csv", "c.csv"]'))
    choice = bucket.choose()
    assert names(choice) == []
    assert [group.in_words for group in choice.waiting] == [
        "trades/a.csv, trades/b.csv wait for trades/later.csv, which trades/1.json names",
        "trades/c.csv waits for trades/b.csv, which waits itself and goes with them by trades/2.json",
    ]
    # What was read before and is gone from raw, or is left alone by an operator, is there.
    assert names(bucket.choose(held=["later.csv"])) == ["a.csv", "b.csv", "c.csv"]
    bucket = FakeBucket(
        *puts, ("later.csv", ""), ("1.json", '["a.csv", "b.csv", "later.csv"]'), ("2.json", '["c.csv"]')
    )
    assert names(bucket.choose(skipped=["later.csv"])) == ["a.csv", "b.csv", "c.csv"]


def test_manifests_of_other_days_are_none_of_the_runs() -> None:
    bucket = FakeBucket(
        ("a.csv", "1"), ("a.json", '["a.csv"]'), ("b.json", '["b.csv"]'), ("c.json", '["a.csv", "c.csv"]')
    )
    assert bucket.choose().manifests == ()
    choice = bucket.choose(held=["b.csv", "c.csv"])
    assert [manifest.object.key for manifest in choice.manifests] == ["trades/a.json", "trades/c.json"]


def test_what_is_no_data_is_not_waited_for() -> None:
    manifest = '["a.csv", "_tmp.csv", "day.json", "README"]'
    contract = make_contract(BY_JSON)
    assert contract.files == ""
    assert names(FakeBucket(("a.csv", "1"), ("day.json", manifest)).choose()) == []
    bucket = FakeBucket(("a.csv", "1"), ("README", ""), ("day.json", '["a.csv", "_tmp.csv", "day.json"]'))
    assert names(bucket.choose()) == ["a.csv"]


def test_a_marker_is_about_what_was_put_before_it_in_its_folder_and_below() -> None:
    arrival = {"pattern": "*.csv", "manifest": "_SUCCESS"}
    bucket = FakeBucket(("1/a.csv", ""), ("1/x/b.csv", ""), ("2/c.csv", ""), ("1/_SUCCESS", ""), ("1/late.csv", ""))
    choice = bucket.choose(arrival)
    assert names(choice) == ["1/a.csv", "1/x/b.csv"]
    assert choice.groups == (frozenset({"trades/1/a.csv", "trades/1/x/b.csv"}),)
    assert [group.in_words for group in choice.waiting] == [
        "trades/1/late.csv waits for trades/1/_SUCCESS to be put again, since it is older",
        "trades/2/c.csv waits for a manifest _SUCCESS",
    ]
    audit = ManifestAudit.for_contract(make_contract(arrival), choice, ObjectDigests(bucket, RAW))
    assert ([manifest.key for manifest in audit.used], audit.compared) == (["trades/1/_SUCCESS"], [])
    assert bucket.read == []


def test_of_two_entries_each_has_its_manifest() -> None:
    arrivals = [{"pattern": "*.csv", "manifest": "DONE"}, {"pattern": "*.csv", "manifest": "*.json"}]
    puts = [("a.csv", ""), ("day.json", '["a.csv"]')]
    assert names(FakeBucket(*puts).choose(*arrivals)) == []
    assert names(FakeBucket(*puts, ("DONE", "")).choose(*arrivals)) == ["a.csv"]


def test_a_manifest_that_is_none_is_a_fault_and_its_files_wait_until_it_is_skipped() -> None:
    puts = [("a.csv", "1"), ("day.json", '{"files": ['), ("later.csv", "2")]
    choice = FakeBucket(*puts).choose()
    assert [manifest.object.key for manifest in choice.broken] == ["trades/day.json"]
    assert [group.in_words for group in choice.waiting] == [
        "trades/a.csv, trades/later.csv wait for a manifest *.json; trades/day.json is none"
    ]
    choice = FakeBucket(*puts).choose(skipped=["day.json"])
    assert (names(choice), choice.broken) == (["a.csv"], ())


def test_what_a_skipped_manifest_names_goes_without_it() -> None:
    puts = [("a.csv", "1"), ("b.csv", "2"), ("day.json", '[{"name": "a.csv", "size": 9}, "never.csv"]')]
    choice = FakeBucket(*puts).choose(skipped=["day.json"])
    assert (names(choice), choice.manifests, choice.groups) == (["a.csv"], (), ())


def test_what_is_read_again_does_not_wait_and_is_held_against_its_manifest() -> None:
    bucket = FakeBucket(("a.csv", "1"), ("b.csv", "2"), ("day.json", '[{"name": "a.csv", "size": 9}, "never.csv"]'))
    choice = bucket.choose(waits=False)
    assert (names(choice), choice.waiting) == (["a.csv", "b.csv"], ())
    assert [entry.size for _, entry in choice.entries_of("trades/a.csv")] == [9]


def test_of_a_folder_a_day_only_the_manifests_of_days_with_unread_objects_are_read() -> None:
    days = [(f"day={day}/m.json", f'["day={day}/a.csv", "a.csv"]') for day in range(40)]
    bucket = FakeBucket(("day=7/a.csv", "1"), *days)
    bucket.bodies["trades/day=7/m.json"] = b'["a.csv"]'
    assert names(bucket.choose()) == ["day=7/a.csv"]
    assert bucket.read == ["trades/day=7/m.json"]
    # One beside the days is found where no manifest of a folder above is about an object.
    bucket = FakeBucket(("data/a.csv", "1"), ("manifests/1.json", '["trades/data/a.csv"]'))
    assert names(bucket.choose()) == ["data/a.csv"]


def test_an_object_that_is_not_what_its_manifest_says_breaks_the_rule_and_is_read_once_for_it() -> None:
    md5 = hashlib.md5(b"good", usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(b"good").hexdigest()
    entries = [
        {"name": "a.csv", "size": 4, "md5": md5, "sha256": sha256},
        {"name": "b.csv", "size": 5, "md5": md5},
        {"name": "c.csv", "size": 4, "sha256": sha256, "rows": 2},
    ]
    bucket = FakeBucket(("a.csv", "good"), ("b.csv", "good"), ("c.csv", "evil"), ("day.json", json.dumps(entries)))
    choice = bucket.choose()
    audit = ManifestAudit.for_contract(make_contract(BY_JSON), choice, ObjectDigests(bucket, RAW))
    for _ in range(2):  # a part of an isolated run judges its objects again
        [result] = audit.judge_objects(choice.unread)
        assert (result.rule, result.state, result.unexpected) == ("trades.structure.manifest", "broken", 2)
        evil = hashlib.sha256(b"evil").hexdigest()
        assert result.samples == (
            "trades/b.csv: trades/day.json says 5 bytes, it has 4",
            f"trades/c.csv: trades/day.json says sha256 {sha256}, it is {evil}",
        )
        assert [place.object for place in result.places if place] == ["trades/b.csv", "trades/c.csv"]
    assert sorted(bucket.read) == ["trades/a.csv", "trades/c.csv", "trades/day.json"]
    assert audit.says_rows(choice.unread)
    assert not audit.says_rows(choice.unread[:2])
    [rows] = audit.judge_rows(choice.unread, {"trades/c.csv": 3})
    assert rows.samples == ("trades/c.csv: trades/day.json says 2 rows, it has 3",)
    [rows] = audit.judge_rows(choice.unread, {"trades/c.csv": 2})
    assert rows.held


def test_parts_are_the_objects_of_a_manifest_and_each_other_alone() -> None:
    puts = [(f"{name}.csv", "1") for name in "abcd"]
    bucket = FakeBucket(*puts, ("1.json", '["a.csv", "c.csv"]'), ("2.json", '["b.csv"]'), ("3.json", "{"))
    choice = bucket.choose({"pattern": "[abc].csv", "manifest": "*.json"})
    audit = ManifestAudit.for_contract(make_contract(BY_JSON), choice, ObjectDigests(bucket, RAW))
    assert [sorted(keys) for keys in audit.parts_of(choice.unread)] == [
        ["trades/a.csv", "trades/c.csv"],
        ["trades/b.csv"],
        ["trades/d.csv"],
    ]
    [result] = audit.judge_objects(choice.unread)
    assert result.samples == (
        "trades/3.json is no manifest: it is no JSON: line 1, column 2: Expecting property name enclosed in double quotes",
    )
    [held] = audit.without_broken().judge_objects(choice.unread)
    assert held.held
    assert replace(audit, dataset="").judge_objects(choice.unread) == []


@pytest.mark.parametrize(
    ("manifest", "pattern", "takes_all"),
    [
        ("*.csv", "*.csv", True),
        ("**", "day=?/*.csv", True),
        ("trades/*", "trades/[ab]*.{csv,txt}", True),
        ("*.{csv,txt}", "x/[!a].csv", True),
        ("*.json", "*", False),
        ("*.csv", "*.{csv,txt}", False),
        ("day*.csv", "*.csv", False),
        ("?.csv", "*.csv", False),
        ("trades/*.csv", "trades/*/*.csv", False),
    ],
)
def test_a_manifests_glob_that_leaves_nothing_as_data_is_known(manifest: str, pattern: str, takes_all: bool) -> None:
    assert takes_all_of(manifest, pattern, "trades") is takes_all
