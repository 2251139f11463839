"""An object that keeps failing is left alone, and read again, by an operator's word."""

import json

import pytest

from etl.ledger import skip_list
from etl.ledger.skip_list import Skip
from etl.storage.raw_objects import Place
from sluice.operations import skip_changes
from tests.lake import former
from tests.sandbox.operations.lake import Lake

WHY = ("--why", "half of it is missing; asked the shop")


def test_a_skipped_object_is_unread_no_more_and_says_who_why_and_when(lake: Lake) -> None:
    good, poison = lake.put("good.csv"), lake.put("poison.csv")
    told = lake.operate("skip", "poison.csv", *WHY, "--yes", "--json")
    [skip] = told.json["skipped"]
    assert (told.code, skip["key"], skip["version"], skip["why"]) == (0, poison.key, poison.version, WHY[1])
    assert skip["who"] == lake.account.caller()
    assert skip["at"].endswith("+00:00")
    assert lake.unread() == [good.key]
    [state] = lake.operate("status", "--json").json
    assert state["objects"]["skipped"] == [skip]


def test_a_verdicts_object_and_version_are_what_a_skip_takes(lake: Lake) -> None:
    poison = lake.put("poison.csv")
    command = ("skip", "sales/poison.csv", "--version", poison.version, *WHY, "--yes")
    lake.put("poison.csv", b"mended\n")
    told = lake.operate(*command)
    assert (told.code, lake.unread()) == (2, [poison.key])
    assert f"not {poison.version}: the next run reads that" in told.err
    assert lake.operate("skip", poison.key, "--version", lake.put("poison.csv").version, *WHY, "--yes").code == 0
    assert lake.unread() == []


def test_a_new_version_of_it_is_unread(lake: Lake) -> None:
    poison = lake.put("poison.csv")
    assert lake.operate("skip", poison.key, *WHY, "--yes").code == 0
    assert lake.unread() == []
    lake.put("poison.csv", b"mended\n")
    assert lake.unread() == [poison.key]


def test_unskip_makes_it_unread_again_and_keeps_the_others(lake: Lake) -> None:
    one, other = lake.put("one.csv"), lake.put("other.csv")
    assert lake.operate("skip", one.key, "other.csv", *WHY, "--who", "ada", "--yes").code == 0
    told = lake.operate("unskip", "one.csv", "--yes", "--json")
    assert (told.code, [skip["key"] for skip in told.json["unskipped"]]) == (0, [one.key])
    assert lake.unread() == [one.key]
    [left] = skip_list.read(lake.s3, lake.deployed.location).skipped
    assert (left.key, left.who) == (other.key, "ada")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("skip", "nowhere.csv", *WHY), "there is no object 'nowhere.csv' under sales/"),
        (("skip", "held.csv", *WHY), "sales/held.csv is published in this version, a skip would change nothing"),
        (("skip", "skipped.csv", *WHY), "skipped already, by ada at "),
        (("unskip", "held.csv"), "sales/held.csv is not skipped in the version that is there; recorded are skips of: "),
    ],
)
def test_what_would_change_nothing_is_refused_with_what_would(lake: Lake, words: tuple[str, ...], why: str) -> None:
    lake.publish(lake.put("held.csv"))
    lake.put("skipped.csv")
    assert lake.operate("skip", "skipped.csv", *WHY, "--who", "ada", "--yes").code == 0
    before = skip_list.read(lake.s3, lake.deployed.location)
    told = lake.operate(*words, "--yes")
    assert told.code == 2
    assert why in told.err
    assert skip_list.read(lake.s3, lake.deployed.location) == before


def test_a_new_version_of_a_held_object_can_be_skipped(lake: Lake) -> None:
    lake.publish(lake.put("day.csv"))
    lake.put("day.csv", b"worse\n")
    assert lake.unread() == ["sales/day.csv"]
    assert lake.operate("skip", "day.csv", *WHY, "--yes").code == 0
    assert lake.unread() == []


@pytest.mark.parametrize("command", [("skip", "a.csv", *WHY), ("unskip", "b.csv")])
def test_nothing_is_changed_without_a_word_and_what_would_be_is_said(lake: Lake, command: tuple[str, ...]) -> None:
    lake.put("a.csv")
    lake.put("b.csv")
    assert lake.operate("skip", "b.csv", *WHY, "--yes").code == 0
    before = skip_list.read(lake.s3, lake.deployed.location)
    told = lake.operate(*command)
    assert told.code == 2
    assert f"sales/{command[1]}" in told.out
    assert "nothing was done: add --yes" in told.err
    assert skip_list.read(lake.s3, lake.deployed.location) == before


@pytest.mark.parametrize("why", [(), ("--why", " ")])
def test_a_skip_without_a_reason_is_wrong_use(lake: Lake, why: tuple[str, ...]) -> None:
    lake.put("a.csv")
    with pytest.raises(SystemExit) as refused:
        lake.operate("skip", "a.csv", *why, "--yes")
    assert refused.value.code == 2


def test_of_two_operators_at_once_the_second_is_told_to_look_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from sluice.operations.commands import skip  # noqa: PLC0415

    lake.put("mine.csv")
    lake.put("theirs.csv")
    agreed = skip.agreed

    def meanwhile(options: object, message: str) -> None:
        monkeypatch.setattr(skip, "agreed", agreed)
        assert lake.operate("skip", "theirs.csv", *WHY, "--yes").code == 0

    monkeypatch.setattr(skip, "agreed", meanwhile)
    told = lake.operate("skip", "mine.csv", *WHY, "--yes")
    assert told.code == 2
    assert "somebody else changed what is skipped of sales at the same time" in told.err
    assert [one.key for one in skip_list.read(lake.s3, lake.deployed.location).skipped] == ["sales/theirs.csv"]


def test_a_write_whose_answer_was_lost_is_no_conflict(lake: Lake) -> None:
    known = skip_list.read(lake.s3, lake.deployed.location)
    [skip] = skip_changes.Reason("why", "ada", "now").skips([("sales/a.csv", "1")])
    skip_changes.write(lake.deployed, [skip], known)
    skip_changes.write(lake.deployed, [skip], known)  # sent twice against the same version
    assert skip_list.read(lake.s3, lake.deployed.location).skipped == (skip,)


# What an operator of an earlier version skipped, and a job of it.


def at_former(lake: Lake) -> list[str]:
    place = Place.of(f"{lake.deployed.places.former_ledgers}/skipped.json")
    try:
        body = lake.s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read()
    except lake.s3.exceptions.NoSuchKey:
        return []
    return [one["key"] for one in json.loads(body)]


def test_a_skip_at_the_former_place_counts_and_is_taken_back_there_too(lake: Lake) -> None:
    old, other = lake.put("old.csv"), lake.put("other.csv")
    former.skip(lake.s3, lake.deployed.location, Skip(old.key, old.version, "broken", "ada", "then"))
    assert lake.unread() == [other.key]
    assert lake.operate("skip", other.key, *WHY, "--yes").code == 0
    assert (lake.unread(), at_former(lake)) == ([], [])
    assert lake.operate("unskip", old.key, "--yes").code == 0
    assert lake.unread() == [old.key]


def test_an_unskip_of_what_stands_at_the_former_place_alone_holds(lake: Lake) -> None:
    old = lake.put("old.csv")
    former.skip(lake.s3, lake.deployed.location, Skip(old.key, old.version, "broken", "ada", "then"))
    assert lake.operate("unskip", old.key, "--yes").code == 0
    assert lake.unread() == [old.key]


def test_where_an_earlier_version_published_its_job_sees_a_new_skip_too(lake: Lake) -> None:
    with former.layout():
        lake.publish(lake.put("1.csv"))
    two, three = lake.put("2.csv"), lake.put("3.csv")
    assert lake.operate("skip", two.key, *WHY, "--yes").code == 0
    assert at_former(lake) == [two.key]
    lake.publish(three)
    four = lake.put("4.csv")
    assert lake.operate("skip", four.key, *WHY, "--yes").code == 0
    assert at_former(lake) == []
    assert lake.unread() == []


def test_a_run_copies_old_skips_to_where_housekeeping_spares_them_but_never_undoes_an_unskip(lake: Lake) -> None:
    location, old = lake.deployed.location, Skip("sales/old.csv", "1", "broken", "ada", "then")
    former.skip(lake.s3, location, old)
    seen = skip_list.read(lake.s3, location)
    skip_list.move(lake.s3, location, seen)
    assert skip_list.read(lake.s3, location).current.skipped == (old,)
    seen_now = skip_list.read(lake.s3, location)
    skip_list.write(lake.s3, location, [], seen_now.etag)
    skip_list.write_former(lake.s3, location, [], seen_now.former)
    skip_list.move(lake.s3, location, seen)  # what it read is older than the operator's word
    assert skip_list.read(lake.s3, location).skipped == ()
