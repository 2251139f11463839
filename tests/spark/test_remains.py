"""What a dead run left is told from what a live one has, by the state that Glue has of the run."""

from typing import Any
from unittest import mock

import pytest

from etl.iceberg.current_snapshot import Head
from etl.ledger import orphan_cleanup
from etl.ledger.ledger import Ledger
from tests.sandbox.waiting import wait_until
from tests.spark.lake import Lake


def test_a_run_is_alive_until_glue_says_that_it_ended(
    lake: Lake, publisher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    glue = lake.aws.glue
    [run] = [job_run["Id"] for job_run in glue.get_job_runs(JobName=publisher)["JobRuns"]]
    table, quarantine = mock.Mock(), mock.Mock()
    branches_by_table = {
        table.name: [f"run_{run}", f"run_{run}_2", "run_jr_gone", "run_of_somebody"],
        quarantine.table.name: [],
    }
    monkeypatch.setattr(orphan_cleanup, "list_branches", lambda _, __, name: branches_by_table[name])
    monkeypatch.setattr(orphan_cleanup, "read_head", lambda *_: Head())

    def clean_and_list() -> list[Any]:
        table.drop_branch.reset_mock()
        orphan_cleanup.remove_orphans(lake.aws, lake.job_arguments(job=publisher), table, quarantine, Ledger())
        return [call.args[0] for call in table.drop_branch.call_args_list]

    assert (
        orphan_cleanup.is_alive(lake.aws, publisher, run),
        orphan_cleanup.is_alive(lake.aws, publisher, "jr_gone"),
    ) == (
        True,
        False,
    )
    assert clean_and_list() == ["run_jr_gone"]
    glue.batch_stop_job_run(JobName=publisher, JobRunIds=[run])
    wait_until(lambda: not orphan_cleanup.is_alive(lake.aws, publisher, run))  # a run that is stopping still is one
    assert clean_and_list() == [f"run_{run}", f"run_{run}_2", "run_jr_gone"]
