"""The commit that readers see is made from the snapshot that was judged, and from no other."""

from typing import Any

import pytest

from etl.errors import Superseded
from etl.iceberg import branch_guard, commit
from etl.iceberg.branch_guard import Tip
from etl.iceberg.current_snapshot import Head
from etl.runtime.arguments import parse
from etl.storage.clients import Clients
from tests.spark.kept import Kept
from tests.spark.lake import Lake
from tests.unit.job.test_isolation import ARGUMENTS


def test_main_is_moved_only_from_the_snapshot_that_the_branch_was_judged_on(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(lake)
    kept.publish()
    earlier = kept.head
    kept.publish()
    later = kept.head
    branch = f"run_{kept.stage()}"
    kept.roll_back(earlier)
    with pytest.raises(Superseded, match=r"^superseded: lake\..* or main was rolled back"):
        kept.table.publish(branch, later.snapshot)
    assert kept.head == earlier
    kept.roll_back(later)
    loaded = commit.loaded

    def meanwhile(*of: Any) -> Any:
        """Between the look and the commit a branch comes to be, which is no reason to give up."""
        monkeypatch.setattr(commit, "loaded", loaded)
        iceberg = loaded(*of)
        own = Metadata(iceberg)
        kept.storage.fork("run_other", str(later.snapshot))
        return own

    monkeypatch.setattr(commit, "loaded", meanwhile)
    kept.table.publish(branch, later.snapshot)
    assert (len(kept.rows()), kept.branches()) == (3, {"run_other"})


def test_a_branch_is_published_and_gone_in_one_commit(lake: Lake) -> None:
    kept = Kept(lake)
    kept.publish()
    before = kept.head
    branch = f"run_{kept.stage()}"
    made = commits(kept)
    kept.table.publish(branch, before.snapshot)
    assert (commits(kept) - made, kept.branches()) == (1, set())
    assert kept.head.parent == before.snapshot


def commits(kept: Kept) -> int:
    return commit.loaded(kept.table.spark, kept.table.name).operations().current().previousFiles().size()


def test_a_write_on_anything_but_what_the_run_began_from_is_superseded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Clients(None, None, None)
    shown = [Head("8", 0, {}, "7"), Head("10", 0, {}, "9")]
    monkeypatch.setattr(branch_guard, "head", lambda *_: shown.pop(0))
    followed = Tip(nowhere, parse(ARGUMENTS.split()), "7")
    assert followed.follow().snapshot == "8"
    with pytest.raises(Superseded, match=r"^superseded: sales: another run published while this one worked"):
        followed.follow()


class Metadata:
    """A table of Iceberg's whose change stands on the metadata of when this was made."""

    def __init__(self, iceberg: Any) -> None:
        self.iceberg, self.change = iceberg, iceberg.manageSnapshots()

    def manageSnapshots(self) -> Any:
        return self.change

    def operations(self) -> Any:
        return self.iceberg.operations()
