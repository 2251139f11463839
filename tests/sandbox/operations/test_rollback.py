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


def skipped_objects(lake: Lake) -> list[Skip]:
    return list(skip_list.read_skip_list(lake.s3, lake.deployed.location).skipped)


def test_data_and_ledger_go_back_together_and_what_is_un_published_is_skipped(lake: Lake) -> None:
    first, second = lake.put_object("1.csv"), lake.put_object("2.csv")
    good = lake.publish_objects(first)
    bad = lake.publish_objects(second)
    outcome = lake.run_command("rollback", good, "--yes", "--json")
    assert (outcome.code, outcome.json["readers_see"]) == (0, good)
    assert lake.published_rows == {(first.key, first.version)}
    assert set(lake.ledger.held.all_objects()) == {first.key}
    assert lake.unread_keys() == []
    [skip] = skipped_objects(lake)
    assert (skip.key, skip.version, skip.who) == (second.key, second.version, lake.account.caller_arn())
    assert skip.why.startswith(f"rollback from snapshot {bad} to {good} of 20")


def test_unskip_then_makes_it_unread_and_so_does_a_new_version(lake: Lake) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    lake.publish_objects(lake.put_object("2.csv"), lake.put_object("3.csv"))
    assert lake.run_command("rollback", good, "--yes").code == 0
    assert lake.run_command("unskip", "2.csv", "--yes").code == 0
    assert lake.unread_keys() == ["trades/2.csv"]
    lake.put_object("3.csv", b"mended\n")
    assert lake.unread_keys() == ["trades/2.csv", "trades/3.csv"]


def test_a_corrected_object_stands_in_its_earlier_version_again_and_stays_so(lake: Lake) -> None:
    wrong = lake.put_object("day.csv")
    good = lake.publish_objects(wrong)
    corrected = lake.put_object("day.csv", b"worse\n")
    lake.publish_objects(corrected)
    outcome = lake.run_command("rollback", good, "--yes")
    assert "of these in their earlier version again: 1 object: trades/day.csv" in outcome.out
    assert lake.published_rows == {(wrong.key, wrong.version)}
    assert lake.unread_keys() == []
    assert [(skip.key, skip.version) for skip in skipped_objects(lake)] == [(corrected.key, corrected.version)]


def test_it_is_undone_by_naming_what_it_left_skips_included(lake: Lake) -> None:
    poison = lake.put_object("poison.csv")
    assert lake.run_command("skip", poison.key, "--why", "broken", "--yes").code == 0
    good = lake.publish_objects(lake.put_object("1.csv"))
    bad = lake.publish_objects(lake.put_object("2.csv"))
    assert lake.run_command("rollback", good, "--yes").code == 0
    assert len(skipped_objects(lake)) == 2
    outcome = lake.run_command("rollback", bad, "--yes")
    assert (outcome.code, lake.published_snapshot) == (0, bad)
    assert "published again, and no longer skipped: 1 object: trades/2.csv" in outcome.out
    assert [skip.key for skip in skipped_objects(lake)] == [poison.key]
    assert lake.unread_keys() == []


def test_it_is_undone_no_more_once_something_was_published_since(lake: Lake) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    bad = lake.publish_objects(lake.put_object("2.csv"))
    assert lake.run_command("rollback", good, "--yes").code == 0
    snapshot = lake.publish_objects(lake.put_object("3.csv"))
    outcome = lake.run_command("rollback", bad, "--yes")
    assert outcome.code == 2
    assert "something else was published since, which showing it would lose" in outcome.err
    assert lake.published_snapshot == snapshot


def test_a_step_of_a_run_that_no_reader_saw_is_no_choice(lake: Lake) -> None:
    good = lake.publish_objects(lake.put_object("day.csv"))
    lake.publish_objects(lake.put_object("day.csv", b"mended\n"))
    step = lake.load_table().current_snapshot().parent_snapshot_id
    assert str(step) != good
    outcome = lake.run_command("rollback", str(step), "--yes")
    assert outcome.code == 2
    assert "no reader ever saw it" in outcome.err
    assert [choice["snapshot"] for choice in lake.run_command("rollback", "--json").json] == [good]


def test_the_steps_of_a_run_may_expire_before_what_it_published(lake: Lake) -> None:
    good = lake.publish_objects(lake.put_object("day.csv"))
    newest = lake.publish_objects(lake.put_object("day.csv", b"mended\n"))
    step = lake.load_table().current_snapshot().parent_snapshot_id
    lake.load_table().maintenance.expire_snapshots().by_id(step).commit()
    assert lake.run_command("rollback", good, "--yes").code == 0
    assert lake.run_command("rollback", newest, "--yes").code == 0
    assert lake.published_snapshot == newest


def test_what_somebody_else_wrote_is_rolled_back_to_the_last_of_ours_and_skips_nothing(lake: Lake) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    lake.load_table().append(lake.load_table().scan().to_arrow())
    assert lake.run_command("skip", "1.csv", "--why", "x", "--yes").code == 3  # what is published is unknown
    outcome = lake.run_command("rollback", good, "--yes")
    assert (outcome.code, lake.published_snapshot, skipped_objects(lake)) == (0, good, [])
    assert "written by somebody else, and lost to readers" in outcome.out
    assert lake.unread_keys() == []


def test_objects_that_the_raw_bucket_lost_are_named_before_their_rows_are_un_published(lake: Lake) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    lost = lake.put_object("2.csv")
    lake.publish_objects(lost)
    lake.s3.delete_object(Bucket=lake.bucket, Key=lost.key)
    outcome = lake.run_command("rollback", good)
    assert "no longer in the raw bucket, so that no run can publish them again: 1 object: trades/2.csv" in outcome.out
    assert outcome.code == 2


def test_nothing_is_changed_without_a_word(lake: Lake) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    bad = lake.publish_objects(lake.put_object("2.csv"))
    outcome = lake.run_command("rollback", good)
    assert outcome.code == 2
    assert f"see snapshot {bad} of 20" in outcome.out
    assert f"(2 rows), and will see {good} of 20" in outcome.out
    assert "(1 row)" in outcome.out
    assert "un-published, and skipped until `unskip` or a new version of them: 1 object: trades/2.csv" in outcome.out
    assert "nothing was done: add --yes" in outcome.err
    assert (lake.published_snapshot, skipped_objects(lake)) == (bad, [])


@pytest.mark.parametrize(("run_under_way", "maintenance"), [(False, False), (True, True)])
def test_beside_a_run_nothing_is_rolled_back(
    lake: Lake, run_under_way: bool, maintenance: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    bad = lake.publish_objects(lake.put_object("2.csv"))
    lake.define_job(SLEEPS)
    keeping = lake.define_maintenance(SLEEPS)
    with lake.started_job(keeping if maintenance else lake.job) as start:
        if run_under_way:  # it starts while a person reads what will be done
            monkeypatch.setattr(rollback, "require_consent", lambda *_: start())
        else:
            start()
        outcome = lake.run_command("rollback", good, "--yes")
    assert outcome.code == 2
    assert "of trades is under way: wait for its end" in outcome.err
    assert outcome.out == ""  # nothing is proposed that cannot be done
    assert (lake.published_snapshot, skipped_objects(lake)) == (bad, [])


def test_a_run_that_starts_in_the_last_moment_is_told_of(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    lake.publish_objects(lake.put_object("2.csv"))
    lake.define_job(SLEEPS)
    show = carried._set_current_snapshot
    with lake.started_job() as start:
        started: list[str] = []

        def start_run_then_show(*arguments: Any) -> None:
            started.append(start())
            show(*arguments)

        monkeypatch.setattr(carried, "_set_current_snapshot", start_run_then_show)
        outcome = lake.run_command("rollback", good, "--yes")
    assert (outcome.code, lake.published_snapshot) == (3, good)
    assert f"{started[0]} started meanwhile and may publish over it" in outcome.out


def test_a_publish_meanwhile_wins_and_the_skips_are_taken_back(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    second, third = lake.put_object("2.csv"), lake.put_object("3.csv")
    assert lake.run_command("skip", "3.csv", "--why", "late", "--who", "ada", "--yes").code == 0
    lake.publish_objects(second)
    newest: list[str] = []
    monkeypatch.setattr(rollback, "require_consent", lambda *_: newest.append(lake.publish_objects(third)))
    outcome = lake.run_command("rollback", good, "--yes")
    assert outcome.code == 2
    assert "somebody else changed the table at the same time" in outcome.err
    assert lake.published_snapshot == newest[0]
    assert [(skip.key, skip.who) for skip in skipped_objects(lake)] == [("trades/3.csv", "ada")]
    assert lake.unread_keys() == []


def test_a_commit_whose_answer_was_lost_counts(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    lake.publish_objects(lake.put_object("2.csv"))
    show = carried._set_current_snapshot

    def lose_answer(*arguments: Any) -> None:
        show(*arguments)
        raise ConnectionResetError("the answer was lost")

    monkeypatch.setattr(carried, "_set_current_snapshot", lose_answer)
    outcome = lake.run_command("rollback", good, "--yes")
    assert (outcome.code, lake.published_snapshot, len(skipped_objects(lake))) == (0, good, 1)


def test_a_death_before_the_commit_leaves_what_readers_see_and_nothing_unread(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"))
    bad = lake.publish_objects(lake.put_object("2.csv"))

    def kill_process(*_: Any) -> None:
        raise SystemExit(137)

    monkeypatch.setattr(carried, "_set_current_snapshot", kill_process)
    with pytest.raises(SystemExit):
        lake.run_command("rollback", good, "--yes")
    assert (lake.published_snapshot, lake.unread_keys()) == (bad, [])
    monkeypatch.undo()
    assert lake.run_command("rollback", good, "--yes").code == 0
    assert (lake.published_snapshot, lake.unread_keys(), len(skipped_objects(lake))) == (good, [], 1)


@pytest.mark.parametrize("swept", [[], ["r2"], ["r1", "r2"]])
def test_rows_that_were_replayed_are_aside_again_once_even_where_a_sweep_removed_them(
    lake: Lake, swept: list[str]
) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"), bad=["r1", "r2"])
    replay = lake.publish_objects(replays="jr_1")
    assert lake.quarantined_ids() == []
    if swept:
        lake.remove_quarantined_rows(swept)
    assert lake.run_command("rollback", good, "--yes").code == 0
    assert lake.quarantined_ids() == ["r1", "r2"]
    assert lake.run_command("rollback", replay, "--yes").code == 0
    assert lake.quarantined_ids() == []


def test_rows_aside_of_an_object_that_was_read_again_are_aside_again(lake: Lake) -> None:
    good = lake.publish_objects(lake.put_object("day.csv"), bad=["r1"])
    corrected = lake.publish_objects(lake.put_object("day.csv", b"mended\n"), bad=["r2"])
    lake.remove_quarantined_rows(["r1"])
    assert lake.quarantined_ids() == ["r2"]
    assert lake.run_command("rollback", good, "--yes").code == 0
    assert lake.quarantined_ids() == ["r1"]
    lake.remove_quarantined_rows(["r2"])
    assert lake.run_command("rollback", corrected, "--yes").code == 0
    assert lake.quarantined_ids() == ["r2"]


def test_rows_aside_that_no_snapshot_keeps_are_said_to_be_lost(lake: Lake) -> None:
    good = lake.publish_objects(lake.put_object("1.csv"), bad=["r1"])
    lake.publish_objects(replays="jr_1")
    lake.catalog.drop_table((lake.database, "trades_quarantine"))
    outcome = lake.run_command("rollback", good, "--yes")
    assert outcome.code == 0
    assert "no row that jr_1 set aside is kept any more: `rerun` the objects of these runs" in outcome.out


def test_without_a_snapshot_it_lists_what_can_be_shown(lake: Lake) -> None:
    assert lake.run_command("rollback").code == 2
    first = lake.publish_objects(lake.put_object("1.csv"))
    assert lake.run_command("rollback", "--json").json == []
    second = lake.publish_objects(lake.put_object("2.csv"))
    third = lake.publish_objects(lake.put_object("3.csv"))
    assert lake.run_command("rollback", second, "--yes").code == 0
    choices = lake.run_command("rollback", "--json").json
    assert [(choice["snapshot"], choice["rows"], choice["run"], choice["would"]) for choice in choices] == [
        (third, 3, "jr_3", "undo a rollback"),
        (first, 1, "jr_1", "roll back"),
    ]
    assert third[:8] in lake.run_command("rollback").out
    assert third not in lake.run_command("rollback").out
    assert lake.run_command("rollback", third[:8], "--yes").code == 0


def test_readers_are_shown_a_snapshot_of_before_the_change_of_places_and_the_way_back(lake: Lake) -> None:
    with former.former_layout():
        raw_object = lake.put_object("1.csv")
        good = lake.publish_objects(raw_object, bad=["r1"])
    two = lake.put_object("2.csv")
    bad = lake.publish_objects(two)
    assert lake.deployed.head.summary[POINTER].startswith(lake.deployed.places.ledgers)
    assert lake.run_command("rollback", good, "--yes").code == 0
    assert lake.deployed.head.summary[POINTER].startswith(lake.deployed.places.former_ledgers)
    assert (lake.published_rows, lake.unread_keys(), lake.quarantined_ids()) == (
        {(raw_object.key, raw_object.version)},
        [],
        ["r1"],
    )
    assert lake.run_command("rollback", bad, "--yes").code == 0
    assert (len(lake.published_rows), lake.unread_keys(), skipped_objects(lake)) == (2, [], [])
    assert lake.run_command("rollback", good, "--yes").code == 0
    lake.publish_objects(lake.put_object("3.csv"))
    assert set(lake.ledger.held.all_objects()) == {"trades/1.csv", "trades/3.csv"}
    assert lake.unread_keys() == []
