"""An operator's commands between real runs: what is taken back stays so until it is let in again, and then is there once."""

import pytest

from tests.faults import jobs
from tests.faults.acts import deploy_job, run_command
from tests.faults.lake import FaultyLake
from tests.faults.trades import ELSEWHERE, Sale

pytestmark = pytest.mark.long


def test_what_is_rolled_back_is_read_again_only_after_unskip_and_then_once(faulty: FaultyLake) -> None:
    deploy_job(faulty)
    faulty.arrive_file("a", Sale(1))
    faulty.rerun_and_check()
    good, before, table = str(faulty.head().snapshot), faulty.visible_state(), faulty.model.table
    faulty.arrive_file("a", Sale(1, quantity=2), Sale(3))
    faulty.arrive_file("b", Sale(2), Sale(4, region=ELSEWHERE))
    assert faulty.rerun_and_check().rows_published == 3
    run_command(faulty, "rollback", good, "--yes")
    assert faulty.visible_state() == before
    faulty.start_afresh()
    verdict = faulty.run()
    assert (verdict.state, verdict.nothing_unread) == ("SUCCEEDED", True), verdict.message
    assert sorted(entry.key for entry in verdict.skipped) == ["trades/a.csv", "trades/b.csv"]
    assert faulty.visible_state() == before
    run_command(faulty, "unskip", "a.csv", "b.csv", "--yes")
    faulty.model.table = table
    verdict = faulty.rerun_and_check()
    assert (verdict.rows_published, verdict.corrected) == (3, ["trades/a.csv"])
    assert faulty.rerun_and_check().nothing_unread


def test_an_object_that_the_job_is_told_to_read_again_is_there_once(
    faulty: FaultyLake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
    faulty.arrive_file("b", Sale(3))
    faulty.rerun_and_check()
    ended = jobs.run_job(faulty, monkeypatch, capsys, rerun=("trades/a.csv",))
    assert (ended.succeeded, ended.verdict["corrected"], ended.verdict["rows_published"]) == (True, ["trades/a.csv"], 1)
    faulty.assert_model_holds()
    assert faulty.rerun_and_check().nothing_unread
