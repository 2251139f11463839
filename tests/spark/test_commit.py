"""The commit that readers see is made from the snapshot that was judged, and from no other."""

from typing import Any

import pytest

from etl.errors import Superseded
from etl.iceberg import branch_guard, commit
from etl.iceberg.branch_guard import BranchGuard
from etl.iceberg.current_snapshot import Head
from etl.runtime.arguments import parse_arguments
from etl.storage.clients import Clients
from tests.spark.kept import MaintainedTable
from tests.spark.lake import Lake
from tests.unit.job.test_isolation import ARGUMENTS


def test_main_is_moved_only_from_the_snapshot_that_the_branch_was_judged_on(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    maintained = MaintainedTable(lake)
    maintained.publish_day()
    earlier = maintained.head
    maintained.publish_day()
    later = maintained.head
    branch = f"run_{maintained.stage_day()}"
    maintained.roll_back(earlier)
    with pytest.raises(Superseded, match=r"^superseded: lake\..* or main was rolled back"):
        maintained.table.publish(branch, later.snapshot)
    assert maintained.head == earlier
    maintained.roll_back(later)
    loaded = commit.load_iceberg_table

    def load_and_fork(*args: Any) -> Any:
        """Between the look and the commit a branch comes to be, which is no reason to give up."""
        monkeypatch.setattr(commit, "load_iceberg_table", loaded)
        iceberg = loaded(*args)
        metadata = StaleTable(iceberg)
        maintained.storage.create_branch("run_other", str(later.snapshot))
        return metadata

    monkeypatch.setattr(commit, "load_iceberg_table", load_and_fork)
    maintained.table.publish(branch, later.snapshot)
    assert (len(maintained.rows()), maintained.branches()) == (3, {"run_other"})


def test_a_branch_is_published_and_gone_in_one_commit(lake: Lake) -> None:
    maintained = MaintainedTable(lake)
    maintained.publish_day()
    before = maintained.head
    branch = f"run_{maintained.stage_day()}"
    commits_before = count_commits(maintained)
    maintained.table.publish(branch, before.snapshot)
    assert (count_commits(maintained) - commits_before, maintained.branches()) == (1, set())
    assert maintained.head.parent == before.snapshot


def count_commits(maintained: MaintainedTable) -> int:
    return (
        commit.load_iceberg_table(maintained.table.spark, maintained.table.name)
        .operations()
        .current()
        .previousFiles()
        .size()
    )


def test_a_write_on_anything_but_what_the_run_began_from_is_superseded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Any = None
    nowhere = Clients(nothing, nothing, nothing)
    heads = [Head("8", 0, {}, "7"), Head("10", 0, {}, "9")]
    monkeypatch.setattr(branch_guard, "read_head", lambda *_: heads.pop(0))
    followed = BranchGuard(nowhere, parse_arguments(ARGUMENTS.split()), "7")
    assert followed.follow_write().snapshot == "8"
    with pytest.raises(Superseded, match=r"^superseded: trades: another run published while this one worked"):
        followed.follow_write()


class StaleTable:
    """A table of Iceberg's whose change stands on the metadata of when this was made."""

    def __init__(self, iceberg: Any) -> None:
        self.iceberg, self.change = iceberg, iceberg.manageSnapshots()

    def manageSnapshots(self) -> Any:
        return self.change

    def operations(self) -> Any:
        return self.iceberg.operations()
