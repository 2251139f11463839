"""An object that keeps failing is left alone, and read again, by an operator's word."""

import json

import pytest

from etl.ledger import skip_list
from etl.ledger.skip_list import Skip
from etl.storage.raw_objects import S3Prefix
from sluice.operations import skip_changes
from tests.lake import LAKE, former
from tests.sandbox.operations.lake import Lake

WHY = ("--why", "half of it is missing; asked the shop")


def test_a_skipped_object_is_unread_no_more_and_says_who_why_and_when(lake: Lake) -> None:
    good, poison = lake.put_object("good.csv"), lake.put_object("poison.csv")
    outcome = lake.run_command("skip", "poison.csv", *WHY, "--yes", "--json")
    [skip] = outcome.json["skipped"]
    assert (outcome.code, skip["key"], skip["version"], skip["why"]) == (0, poison.key, poison.version, WHY[1])
    assert skip["who"] == lake.account.caller_arn()
    assert skip["at"].endswith("+00:00")
    assert lake.unread_keys() == [good.key]
    [state] = lake.run_command("status", "--json").json
    assert state["objects"]["skipped"] == [skip]


def test_a_verdicts_object_and_version_are_what_a_skip_takes(lake: Lake) -> None:
    poison = lake.put_object("poison.csv")
    command = ("skip", "trades/poison.csv", "--version", poison.version, *WHY, "--yes")
    lake.put_object("poison.csv", b"mended\n")
    outcome = lake.run_command(*command)
    assert (outcome.code, lake.unread_keys()) == (2, [poison.key])
    assert f"not {poison.version}: the next run reads that" in outcome.err
    assert (
        lake.run_command("skip", poison.key, "--version", lake.put_object("poison.csv").version, *WHY, "--yes").code
        == 0
    )
    assert lake.unread_keys() == []


def test_a_new_version_of_it_is_unread(lake: Lake) -> None:
    poison = lake.put_object("poison.csv")
    assert lake.run_command("skip", poison.key, *WHY, "--yes").code == 0
    assert lake.unread_keys() == []
    lake.put_object("poison.csv", b"mended\n")
    assert lake.unread_keys() == [poison.key]


def test_unskip_makes_it_unread_again_and_keeps_the_others(lake: Lake) -> None:
    first_object, other_object = lake.put_object("one.csv"), lake.put_object("other.csv")
    assert lake.run_command("skip", first_object.key, "other.csv", *WHY, "--who", "ada", "--yes").code == 0
    outcome = lake.run_command("unskip", "one.csv", "--yes", "--json")
    assert (outcome.code, [skip["key"] for skip in outcome.json["unskipped"]]) == (0, [first_object.key])
    assert lake.unread_keys() == [first_object.key]
    [remaining_skip] = skip_list.read_skip_list(lake.s3, lake.deployed.location).skipped
    assert (remaining_skip.key, remaining_skip.who) == (other_object.key, "ada")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("skip", "nowhere.csv", *WHY), "there is no object 'nowhere.csv' under trades/"),
        (("skip", "held.csv", *WHY), "trades/held.csv is published in this version, a skip would change nothing"),
        (("skip", "skipped.csv", *WHY), "skipped already, by ada at "),
        (
            ("unskip", "held.csv"),
            "trades/held.csv is not skipped in the version that is there; recorded are skips of: ",
        ),
    ],
)
def test_what_would_change_nothing_is_refused_with_what_would(lake: Lake, words: tuple[str, ...], why: str) -> None:
    lake.publish_objects(lake.put_object("held.csv"))
    lake.put_object("skipped.csv")
    assert lake.run_command("skip", "skipped.csv", *WHY, "--who", "ada", "--yes").code == 0
    before = skip_list.read_skip_list(lake.s3, lake.deployed.location)
    outcome = lake.run_command(*words, "--yes")
    assert outcome.code == 2
    assert why in outcome.err
    assert skip_list.read_skip_list(lake.s3, lake.deployed.location) == before


def test_a_new_version_of_a_held_object_can_be_skipped(lake: Lake) -> None:
    lake.publish_objects(lake.put_object("day.csv"))
    lake.put_object("day.csv", b"worse\n")
    assert lake.unread_keys() == ["trades/day.csv"]
    assert lake.run_command("skip", "day.csv", *WHY, "--yes").code == 0
    assert lake.unread_keys() == []


@pytest.mark.parametrize("command", [("skip", "a.csv", *WHY), ("unskip", "b.csv")])
def test_nothing_is_changed_without_a_word_and_what_would_be_is_said(lake: Lake, command: tuple[str, ...]) -> None:
    lake.put_object("a.csv")
    lake.put_object("b.csv")
    assert lake.run_command("skip", "b.csv", *WHY, "--yes").code == 0
    before = skip_list.read_skip_list(lake.s3, lake.deployed.location)
    outcome = lake.run_command(*command)
    assert outcome.code == 2
    assert f"trades/{command[1]}" in outcome.out
    assert "nothing was done: add --yes" in outcome.err
    assert skip_list.read_skip_list(lake.s3, lake.deployed.location) == before


@pytest.mark.parametrize("why", [(), ("--why", " ")])
def test_a_skip_without_a_reason_is_wrong_use(lake: Lake, why: tuple[str, ...]) -> None:
    lake.put_object("a.csv")
    assert lake.run_command("skip", "a.csv", *why, "--yes").code == 2


def test_of_two_operators_at_once_the_second_is_told_to_look_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from sluice.operations.commands import skip  # noqa: PLC0415

    lake.put_object("mine.csv")
    lake.put_object("theirs.csv")
    agreed = skip.require_consent

    def skip_theirs_meanwhile(options: object, message: str) -> None:
        monkeypatch.setattr(skip, "require_consent", agreed)
        assert lake.run_command("skip", "theirs.csv", *WHY, "--yes").code == 0

    monkeypatch.setattr(skip, "require_consent", skip_theirs_meanwhile)
    outcome = lake.run_command("skip", "mine.csv", *WHY, "--yes")
    assert outcome.code == 2
    assert "somebody else changed what is skipped of trades at the same time" in outcome.err
    assert [skip_entry.key for skip_entry in skip_list.read_skip_list(lake.s3, lake.deployed.location).skipped] == [
        "trades/theirs.csv"
    ]


def test_a_write_whose_answer_was_lost_is_no_conflict(lake: Lake) -> None:
    skips = skip_list.read_skip_list(lake.s3, lake.deployed.location)
    [skip] = skip_changes.SkipReason("why", "ada", "now").as_skips([("trades/a.csv", "1")])
    skip_changes.write_skip_list(lake.deployed, [skip], skips)
    skip_changes.write_skip_list(lake.deployed, [skip], skips)  # sent twice against the same version
    assert skip_list.read_skip_list(lake.s3, lake.deployed.location).skipped == (skip,)


# What an operator of an earlier version skipped, and a job of it.


def skipped_at_former_place(lake: Lake) -> list[str]:
    place = S3Prefix.from_uri(f"{lake.deployed.places.former_ledgers}/skipped.json")
    try:
        body = lake.s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read()
    except lake.s3.exceptions.NoSuchKey:
        return []
    return [skip["key"] for skip in json.loads(body)]


def test_a_skip_at_the_former_place_counts_and_is_taken_back_there_too(lake: Lake) -> None:
    old, other_object = lake.put_object("old.csv"), lake.put_object("other.csv")
    former.write_former_skips(lake.s3, lake.deployed.location, Skip(old.key, old.version, "broken", "ada", "then"))
    assert lake.unread_keys() == [other_object.key]
    assert lake.run_command("skip", other_object.key, *WHY, "--yes").code == 0
    assert (lake.unread_keys(), skipped_at_former_place(lake)) == ([], [])
    assert lake.run_command("unskip", old.key, "--yes").code == 0
    assert lake.unread_keys() == [old.key]


def test_an_unskip_of_what_stands_at_the_former_place_alone_holds(lake: Lake) -> None:
    old = lake.put_object("old.csv")
    former.write_former_skips(lake.s3, lake.deployed.location, Skip(old.key, old.version, "broken", "ada", "then"))
    assert lake.run_command("unskip", old.key, "--yes").code == 0
    assert lake.unread_keys() == [old.key]


def test_where_an_earlier_version_published_its_job_sees_a_new_skip_too(lake: Lake) -> None:
    with former.former_layout():
        lake.publish_objects(lake.put_object("1.csv"))
    two, three = lake.put_object("2.csv"), lake.put_object("3.csv")
    assert lake.run_command("skip", two.key, *WHY, "--yes").code == 0
    assert skipped_at_former_place(lake) == [two.key]
    lake.publish_objects(three)
    four = lake.put_object("4.csv")
    assert lake.run_command("skip", four.key, *WHY, "--yes").code == 0
    assert skipped_at_former_place(lake) == []
    assert lake.unread_keys() == []


def test_a_run_copies_old_skips_to_where_housekeeping_spares_them_but_never_undoes_an_unskip(lake: Lake) -> None:
    location, old = lake.deployed.location, Skip("trades/old.csv", "1", "broken", "ada", "then")
    former.write_former_skips(lake.s3, location, old)
    skips = skip_list.read_skip_list(lake.s3, location)
    skip_list.migrate_former(lake.s3, location, skips)
    assert skip_list.read_skip_list(lake.s3, location).current.skipped == (old,)
    seen_now = skip_list.read_skip_list(lake.s3, location)
    skip_list.write_skip_list(lake.s3, location, [], seen_now.etag)
    skip_list.write_former(lake.s3, location, [], seen_now.former)
    skip_list.migrate_former(lake.s3, location, skips)  # what it read is older than the operator's word
    assert skip_list.read_skip_list(lake.s3, location).skipped == ()


def test_objects_that_wait_are_shown_with_what_for_and_a_skip_of_the_manifest_lets_them_go(lake: Lake) -> None:
    suite = json.loads((LAKE / "expectations" / "trades" / "input.json").read_text())
    suite["meta"]["arrivals"] = [{"pattern": "*.csv", "manifest": "*.json"}]
    lake.s3.put_object(Bucket=lake.bucket, Key="contracts/input.json", Body=json.dumps(suite).encode())
    waiting = lake.put_object("a.csv")
    for name, body in (("day.json", b'["a.csv", "b.csv"]'), ("none.json", b"<html>")):
        lake.s3.put_object(Bucket=lake.bucket, Key=f"trades/{name}", Body=body)
    [state] = lake.run_command("status", "--json").json
    assert state["objects"]["unread"] == []
    awaited = "trades/b.csv, which trades/day.json names"
    assert state["objects"]["waiting"] == [{"awaited": awaited, "objects": 1, "keys": [waiting.key]}]
    fault = "it begins with <, as a page of HTML or XML does"
    assert state["objects"]["broken_manifests"] == [{"key": "trades/none.json", "fault": fault}]
    outcome = lake.run_command("skip", "day.json", *WHY)
    assert "what trades/day.json names is read without it: not held against it, and not waited for" in outcome.out
    assert lake.run_command("skip", "day.json", "none.json", *WHY, "--yes").code == 0
    [state] = lake.run_command("status", "--json").json
    assert [entry["key"] for entry in state["objects"]["unread"]] == [waiting.key]
    assert [skip["key"] for skip in state["objects"]["skipped"]] == ["trades/day.json", "trades/none.json"]
    assert lake.run_command("unskip", "day.json", "--yes").code == 0
    assert lake.run_command("status", "--json").json[0]["objects"]["unread"] == []
