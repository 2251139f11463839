"""An operator's commands between real runs: what is taken back stays so until it is let in again, and then is there once."""

from typing import Any

import pytest

from sluice.cli.app import main
from tests.faults import jobs
from tests.faults.fresh import job_command_line
from tests.faults.lake import FaultyLake
from tests.faults.model import ELSEWHERE, Sale
from tests.keys import KEYS

pytestmark = pytest.mark.long


def deploy_job(faulty: FaultyLake) -> None:
    """Let the lake's job be in Glue, where commands find what they act on."""
    name = f"sluice-f{faulty.number}-trades"
    iam = KEYS.client("iam", faulty.proxy.upstream)
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    tokens = job_command_line(faulty.job_arguments(), faulty.name)
    defaults = {name: value for name, value in zip(tokens[::2], tokens[1::2], strict=True) if name[2:].islower()}
    defaults |= {"--stack": f"f{faulty.number}"}
    script: Any = {"Name": "glueetl", "ScriptLocation": f"s3://{faulty.bucket}/none.py", "PythonVersion": "3"}
    faulty.direct.glue.create_job(Name=name, Role=role, Command=script, GlueVersion="6.0", DefaultArguments=defaults)


def run_command(faulty: FaultyLake, command: str, *options: str) -> None:
    """Run a command as from the command line."""
    assert main([command, "trades", *options, "--stack", f"f{faulty.number}"], faulty.account) == 0


def test_what_is_rolled_back_is_read_again_only_after_unskip_and_then_once(faulty: FaultyLake) -> None:
    deploy_job(faulty)
    faulty.arrive_file("a", Sale(1))
    faulty.rerun_and_check()
    good, before, held_files = str(faulty.head().snapshot), faulty.visible_state(), faulty.model.published_files
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
    faulty.model.published_files = held_files
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
