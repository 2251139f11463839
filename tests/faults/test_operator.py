"""An operator's commands between real runs: what is taken back stays so until it is let in again, and then is there once."""

import pytest

from sluice.operations.__main__ import main
from tests.faults import jobs
from tests.faults.fresh import arguments
from tests.faults.lake import Faulty
from tests.faults.model import ELSEWHERE, Sale
from tests.keys import KEYS

pytestmark = pytest.mark.long


def deploy(faulty: Faulty) -> None:
    """Let the lake's job be in Glue, where commands find what they act on."""
    name = f"sluice-f{faulty.number}-sales"
    iam = KEYS.client("iam", faulty.proxy.upstream)
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    words = arguments(faulty.order(), faulty.name)
    given = {name: value for name, value in zip(words[::2], words[1::2], strict=True) if name[2:].islower()}
    script = {"Name": "glueetl", "ScriptLocation": f"s3://{faulty.bucket}/none.py", "PythonVersion": "3"}
    faulty.direct.glue.create_job(Name=name, Role=role, Command=script, GlueVersion="6.0", DefaultArguments=given)


def operate(faulty: Faulty, command: str, *words: str) -> None:
    """Run a command as from the command line."""
    assert main([command, "sales", *words, "--stack", f"f{faulty.number}"], faulty.account) == 0


def test_what_is_rolled_back_is_read_again_only_after_unskip_and_then_once(faulty: Faulty) -> None:
    deploy(faulty)
    faulty.arrive("a", Sale(1))
    faulty.recover()
    good, before, held = str(faulty.head().snapshot), faulty.seen(), faulty.model.held
    faulty.arrive("a", Sale(1, quantity=2), Sale(3))
    faulty.arrive("b", Sale(2), Sale(4, region=ELSEWHERE))
    assert faulty.recover().rows_published == 3
    operate(faulty, "rollback", good, "--yes")
    assert faulty.seen() == before
    faulty.anew()
    verdict = faulty.run()
    assert (verdict.state, verdict.nothing_unread) == ("SUCCEEDED", True), verdict.message
    assert sorted(one["key"] for one in verdict.skipped) == ["sales/a.csv", "sales/b.csv"]
    assert faulty.seen() == before
    operate(faulty, "unskip", "a.csv", "b.csv", "--yes")
    faulty.model.held = held
    verdict = faulty.recover()
    assert (verdict.rows_published, verdict.corrected) == (3, ["sales/a.csv"])
    assert faulty.recover().nothing_unread


def test_an_object_that_the_job_is_told_to_read_again_is_there_once(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty.arrive("a", Sale(1), Sale(2, region=ELSEWHERE))
    faulty.arrive("b", Sale(3))
    faulty.recover()
    ended = jobs.run(faulty, monkeypatch, capsys, rerun=("sales/a.csv",))
    assert (ended.well, ended.verdict["corrected"], ended.verdict["rows_published"]) == (True, ["sales/a.csv"], 1)
    faulty.holds()
    assert faulty.recover().nothing_unread
