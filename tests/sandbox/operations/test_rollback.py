"""Readers are shown an earlier snapshot, data and ledger together, and nothing is lost on the way or back."""

from typing import Any

import pytest

from etl.ledger import skip_list
from etl.ledger.ledger import POINTER
from etl.ledger.skip_list import Skip
from sluice.operations import rollback as carried
from sluice.operations.commands import rollback
from tests.lake import former
from tests.sandbox.operations.lake import SLEEPS, Lake


def skipped(lake: Lake) -> list[Skip]:
    return list(skip_list.read(lake.s3, lake.deployed.location).skipped)


def test_data_and_ledger_go_back_together_and_what_is_un_published_is_skipped(lake: Lake) -> None:
    first, second = lake.put("1.csv"), lake.put("2.csv")
    good = lake.publish(first)
    bad = lake.publish(second)
    told = lake.operate("rollback", good, "--yes", "--json")
    assert (told.code, told.json["readers_see"]) == (0, good)
    assert lake.rows == {(first.key, first.version)}
    assert set(lake.ledger.held.all()) == {first.key}
    assert lake.unread() == []
    [skip] = skipped(lake)
    assert (skip.key, skip.version, skip.who) == (second.key, second.version, lake.account.caller())
    assert skip.why.startswith(f"rollback from snapshot {bad} to {good} of 20")


def test_unskip_then_makes_it_unread_and_so_does_a_new_version(lake: Lake) -> None:
    good = lake.publish(lake.put("1.csv"))
    lake.publish(lake.put("2.csv"), lake.put("3.csv"))
    assert lake.operate("rollback", good, "--yes").code == 0
    assert lake.operate("unskip", "2.csv", "--yes").code == 0
    assert lake.unread() == ["sales/2.csv"]
    lake.put("3.csv", b"mended\n")
    assert lake.unread() == ["sales/2.csv", "sales/3.csv"]


def test_a_corrected_object_stands_in_its_earlier_version_again_and_stays_so(lake: Lake) -> None:
    wrong = lake.put("day.csv")
    good = lake.publish(wrong)
    corrected = lake.put("day.csv", b"worse\n")
    lake.publish(corrected)
    told = lake.operate("rollback", good, "--yes")
    assert "of these in their earlier version again: 1 object: sales/day.csv" in told.out
    assert lake.rows == {(wrong.key, wrong.version)}
    assert lake.unread() == []
    assert [(one.key, one.version) for one in skipped(lake)] == [(corrected.key, corrected.version)]


def test_it_is_undone_by_naming_what_it_left_skips_included(lake: Lake) -> None:
    poison = lake.put("poison.csv")
    assert lake.operate("skip", poison.key, "--why", "broken", "--yes").code == 0
    good = lake.publish(lake.put("1.csv"))
    bad = lake.publish(lake.put("2.csv"))
    assert lake.operate("rollback", good, "--yes").code == 0
    assert len(skipped(lake)) == 2
    told = lake.operate("rollback", bad, "--yes")
    assert (told.code, lake.seen) == (0, bad)
    assert "published again, and no longer skipped: 1 object: sales/2.csv" in told.out
    assert [one.key for one in skipped(lake)] == [poison.key]
    assert lake.unread() == []


def test_it_is_undone_no_more_once_something_was_published_since(lake: Lake) -> None:
    good = lake.publish(lake.put("1.csv"))
    bad = lake.publish(lake.put("2.csv"))
    assert lake.operate("rollback", good, "--yes").code == 0
    seen = lake.publish(lake.put("3.csv"))
    told = lake.operate("rollback", bad, "--yes")
    assert told.code == 2
    assert "something else was published since, which showing it would lose" in told.err
    assert lake.seen == seen


def test_a_step_of_a_run_that_no_reader_saw_is_no_choice(lake: Lake) -> None:
    good = lake.publish(lake.put("day.csv"))
    lake.publish(lake.put("day.csv", b"mended\n"))
    step = lake.table().current_snapshot().parent_snapshot_id
    assert str(step) != good
    told = lake.operate("rollback", str(step), "--yes")
    assert told.code == 2
    assert "no reader ever saw it" in told.err
    assert [one["snapshot"] for one in lake.operate("rollback", "--json").json] == [good]


def test_the_steps_of_a_run_may_expire_before_what_it_published(lake: Lake) -> None:
    good = lake.publish(lake.put("day.csv"))
    newest = lake.publish(lake.put("day.csv", b"mended\n"))
    step = lake.table().current_snapshot().parent_snapshot_id
    lake.table().maintenance.expire_snapshots().by_id(step).commit()
    assert lake.operate("rollback", good, "--yes").code == 0
    assert lake.operate("rollback", newest, "--yes").code == 0
    assert lake.seen == newest


def test_what_somebody_else_wrote_is_rolled_back_to_the_last_of_ours_and_skips_nothing(lake: Lake) -> None:
    good = lake.publish(lake.put("1.csv"))
    lake.table().append(lake.table().scan().to_arrow())
    assert lake.operate("skip", "1.csv", "--why", "x", "--yes").code == 3  # what is published is unknown
    told = lake.operate("rollback", good, "--yes")
    assert (told.code, lake.seen, skipped(lake)) == (0, good, [])
    assert "written by somebody else, and lost to readers" in told.out
    assert lake.unread() == []


def test_objects_that_the_raw_bucket_lost_are_named_before_their_rows_are_un_published(lake: Lake) -> None:
    good = lake.publish(lake.put("1.csv"))
    lost = lake.put("2.csv")
    lake.publish(lost)
    lake.s3.delete_object(Bucket=lake.bucket, Key=lost.key)
    told = lake.operate("rollback", good)
    assert "no longer in the raw bucket, so that no run can publish them again: 1 object: sales/2.csv" in told.out
    assert told.code == 2


def test_nothing_is_changed_without_a_word(lake: Lake) -> None:
    good = lake.publish(lake.put("1.csv"))
    bad = lake.publish(lake.put("2.csv"))
    told = lake.operate("rollback", good)
    assert told.code == 2
    assert f"see snapshot {bad} of 20" in told.out
    assert f"(2 rows), and will see {good} of 20" in told.out
    assert "(1 row)" in told.out
    assert "un-published, and skipped until `unskip` or a new version of them: 1 object: sales/2.csv" in told.out
    assert "nothing was done: add --yes" in told.err
    assert (lake.seen, skipped(lake)) == (bad, [])


@pytest.mark.parametrize(("asked", "maintenance"), [(False, False), (True, True)])
def test_beside_a_run_nothing_is_rolled_back(
    lake: Lake, asked: bool, maintenance: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = lake.publish(lake.put("1.csv"))
    bad = lake.publish(lake.put("2.csv"))
    lake.define(SLEEPS)
    keeping = lake.define_maintenance(SLEEPS)
    with lake.going(keeping if maintenance else lake.job) as start:
        if asked:  # it starts while a person reads what will be done
            monkeypatch.setattr(rollback, "agreed", lambda *_: start())
        else:
            start()
        told = lake.operate("rollback", good, "--yes")
    assert told.code == 2
    assert "of sales is under way: wait for its end" in told.err
    assert told.out == ""  # nothing is proposed that cannot be done
    assert (lake.seen, skipped(lake)) == (bad, [])


def test_a_run_that_starts_in_the_last_moment_is_told_of(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    good = lake.publish(lake.put("1.csv"))
    lake.publish(lake.put("2.csv"))
    lake.define(SLEEPS)
    show = carried._show
    with lake.going() as start:
        started: list[str] = []

        def late(*given: Any) -> None:
            started.append(start())
            show(*given)

        monkeypatch.setattr(carried, "_show", late)
        told = lake.operate("rollback", good, "--yes")
    assert (told.code, lake.seen) == (3, good)
    assert f"{started[0]} started meanwhile and may publish over it" in told.out


def test_a_publish_meanwhile_wins_and_the_skips_are_taken_back(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    good = lake.publish(lake.put("1.csv"))
    second, third = lake.put("2.csv"), lake.put("3.csv")
    assert lake.operate("skip", "3.csv", "--why", "late", "--who", "ada", "--yes").code == 0
    lake.publish(second)
    newest: list[str] = []
    monkeypatch.setattr(rollback, "agreed", lambda *_: newest.append(lake.publish(third)))
    told = lake.operate("rollback", good, "--yes")
    assert told.code == 2
    assert "somebody else changed the table at the same time" in told.err
    assert lake.seen == newest[0]
    assert [(one.key, one.who) for one in skipped(lake)] == [("sales/3.csv", "ada")]
    assert lake.unread() == []


def test_a_commit_whose_answer_was_lost_counts(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    good = lake.publish(lake.put("1.csv"))
    lake.publish(lake.put("2.csv"))
    show = carried._show

    def lost(*given: Any) -> None:
        show(*given)
        raise ConnectionResetError("the answer was lost")

    monkeypatch.setattr(carried, "_show", lost)
    told = lake.operate("rollback", good, "--yes")
    assert (told.code, lake.seen, len(skipped(lake))) == (0, good, 1)


def test_a_death_before_the_commit_leaves_what_readers_see_and_nothing_unread(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = lake.publish(lake.put("1.csv"))
    bad = lake.publish(lake.put("2.csv"))

    def killed(*_: Any) -> None:
        raise SystemExit(137)

    monkeypatch.setattr(carried, "_show", killed)
    with pytest.raises(SystemExit):
        lake.operate("rollback", good, "--yes")
    assert (lake.seen, lake.unread()) == (bad, [])
    monkeypatch.undo()
    assert lake.operate("rollback", good, "--yes").code == 0
    assert (lake.seen, lake.unread(), len(skipped(lake))) == (good, [], 1)


@pytest.mark.parametrize("swept", [[], ["r2"], ["r1", "r2"]])
def test_rows_that_were_replayed_are_aside_again_once_even_where_a_sweep_removed_them(
    lake: Lake, swept: list[str]
) -> None:
    good = lake.publish(lake.put("1.csv"), bad=["r1", "r2"])
    replay = lake.publish(replays="jr_1")
    assert lake.aside_now() == []
    if swept:
        lake.sweep(swept)
    assert lake.operate("rollback", good, "--yes").code == 0
    assert lake.aside_now() == ["r1", "r2"]
    assert lake.operate("rollback", replay, "--yes").code == 0
    assert lake.aside_now() == []


def test_rows_aside_of_an_object_that_was_read_again_are_aside_again(lake: Lake) -> None:
    good = lake.publish(lake.put("day.csv"), bad=["r1"])
    corrected = lake.publish(lake.put("day.csv", b"mended\n"), bad=["r2"])
    lake.sweep(["r1"])
    assert lake.aside_now() == ["r2"]
    assert lake.operate("rollback", good, "--yes").code == 0
    assert lake.aside_now() == ["r1"]
    lake.sweep(["r2"])
    assert lake.operate("rollback", corrected, "--yes").code == 0
    assert lake.aside_now() == ["r2"]


def test_rows_aside_that_no_snapshot_keeps_are_said_to_be_lost(lake: Lake) -> None:
    good = lake.publish(lake.put("1.csv"), bad=["r1"])
    lake.publish(replays="jr_1")
    lake.catalog.drop_table((lake.database, "sales_quarantine"))
    told = lake.operate("rollback", good, "--yes")
    assert told.code == 0
    assert "no row that jr_1 set aside is kept any more: `rerun` the objects of these runs" in told.out


def test_without_a_snapshot_it_lists_what_can_be_shown(lake: Lake) -> None:
    assert lake.operate("rollback").code == 2
    first = lake.publish(lake.put("1.csv"))
    assert lake.operate("rollback", "--json").json == []
    second = lake.publish(lake.put("2.csv"))
    third = lake.publish(lake.put("3.csv"))
    assert lake.operate("rollback", second, "--yes").code == 0
    choices = lake.operate("rollback", "--json").json
    assert [(one["snapshot"], one["rows"], one["run"], one["would"]) for one in choices] == [
        (third, 3, "jr_3", "undo a rollback"),
        (first, 1, "jr_1", "roll back"),
    ]
    assert third in lake.operate("rollback").out


def test_readers_are_shown_a_snapshot_of_before_the_change_of_places_and_the_way_back(lake: Lake) -> None:
    with former.layout():
        one = lake.put("1.csv")
        good = lake.publish(one, bad=["r1"])
    two = lake.put("2.csv")
    bad = lake.publish(two)
    assert lake.deployed.head.summary[POINTER].startswith(lake.deployed.places.ledgers)
    assert lake.operate("rollback", good, "--yes").code == 0
    assert lake.deployed.head.summary[POINTER].startswith(lake.deployed.places.former_ledgers)
    assert (lake.rows, lake.unread(), lake.aside_now()) == ({(one.key, one.version)}, [], ["r1"])
    assert lake.operate("rollback", bad, "--yes").code == 0
    assert (len(lake.rows), lake.unread(), skipped(lake)) == (2, [], [])
    assert lake.operate("rollback", good, "--yes").code == 0
    lake.publish(lake.put("3.csv"))
    assert set(lake.ledger.held.all()) == {"sales/1.csv", "sales/3.csv"}
    assert lake.unread() == []
