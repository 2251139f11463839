"""The steps of `make engine` with a CLI that only writes down what it is asked: their order, and how each ends."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from sluice.cli.errors import run_to_exit_code
from sluice.program.engine import __main__ as engine
from sluice.program.engine import life, refused, steps, upgrade
from sluice.program.engine import project as projects
from sluice.program.engine.project import REQUIRED_PROGRAMS, CliMissing, Project, StepFailed
from sluice.program.engine.steps import OBJECT, Change, UnexpectedChange
from sluice.program.engine.upgrade import ExpectedLoss
from sluice.program.graph import STACKS, Graph
from tests.lake import LAKE

STUB = """#!/bin/sh
echo "$*" >>"$RECORD/words"
case "$1 $2" in
"preview --json") cat "$RECORD/preview" ;;
"stack export") cat "$RECORD/state" ;;
esac
[ -e "$RECORD/says" ] && cat "$RECORD/says" >&2
[ ! -e "$RECORD/fails" ]
"""
WAITING = """
import pathlib, os, signal, sys, time
record = pathlib.Path(os.environ["RECORD"])
# not the shell's trap, which cannot take a signal that is ignored where the tests run in the background
signal.signal(signal.SIGINT, lambda *_: ((record / "told").touch(), sys.exit(1)))
(record / "ready").touch()
while True:
    time.sleep(0.05)
"""
JOB = "urn:pulumi:dev::sluice::sluice:lake:Job$aws:glue/job:Job::trades-job-job"
UP = "up --yes --skip-preview --stack dev --non-interactive --color=never"
PREVIEW = "preview --json --stack dev --non-interactive --color=never"
EXPORT = "stack export --show-secrets --stack dev --non-interactive --color=never"


class Stub(Project):
    """A project whose CLI is the stub; `record_file` is the folder of its words and answers, and its plan is empty."""

    @property
    def record_file(self) -> Path:
        return self.home

    def planned(self, stack: str) -> dict[str, Any]:
        return {"resources": [], "outputs": {}}

    def recorded_words(self) -> list[str]:
        return (self.record_file / "words").read_text().splitlines()

    def plan_changes(self, *changes: tuple[str, str]) -> None:
        (self.record_file / "preview").write_text(
            json.dumps({"steps": [{"op": op, "urn": urn} for op, urn in changes]})
        )


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in REQUIRED_PROGRAMS:
        (folder / name).write_text(STUB)
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def stub(tmp_path: Path, programs: Path) -> Stub:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": {"aws:region": "eu-west-1"}}))
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "RECORD": str(tmp_path)}
    (tmp_path / "state").write_text(json.dumps({"deployment": {"resources": []}}))
    project = Stub(tree, tmp_path, environment)
    project.plan_changes()
    return project


def allow_any(_: Change) -> bool:
    return True


def test_an_update_is_previewed_before_and_after_and_compared_with_the_plan(stub: Stub) -> None:
    assert steps.update_stack(stub, "dev", allow_any) == []
    assert stub.recorded_words() == [PREVIEW, UP, PREVIEW, EXPORT]


def test_what_a_step_does_not_allow_is_not_done(stub: Stub) -> None:
    stub.plan_changes(("same", "urn::x::x::same"), ("delete", JOB))
    with pytest.raises(UnexpectedChange, match=r"^not expected: delete aws:glue/job:Job trades-job-job$"):
        steps.update_stack(stub, "dev", lambda change: change.operation == "create")
    assert stub.recorded_words() == [PREVIEW]


def test_what_is_left_after_an_update_is_told(stub: Stub) -> None:
    stub.plan_changes(("update", JOB))
    with pytest.raises(UnexpectedChange, match="left after the update: update aws:glue/job:Job trades-job-job"):
        steps.update_stack(stub, "dev", allow_any)


def test_a_state_that_is_not_the_plan_is_told(stub: Stub) -> None:
    resources = [{"urn": JOB, "type": "aws:glue/job:Job", "custom": True}]
    (stub.record_file / "state").write_text(json.dumps({"deployment": {"resources": resources}}))
    with pytest.raises(UnexpectedChange, match=r"the engine made .*trades-job-job, which the plan does not show"):
        steps.check_settled(stub, "dev")


@pytest.mark.parametrize("warning", ["warning: using pulumi-resource-aws from $PATH", "x is deprecated: use y"])
def test_a_warning_of_the_cli_is_no_success(stub: Stub, warning: str) -> None:
    (stub.record_file / "says").write_text(warning)
    with pytest.raises(UnexpectedChange, match=r"deprecated|warning"):
        steps.update_stack(stub, "dev", allow_any)


def test_a_command_that_fails_is_told_with_the_end_of_what_it_said_and_so_is_one_that_should(stub: Stub) -> None:
    with pytest.raises(StepFailed, match=r"pulumi destroy .* ended with 0"):
        stub.pulumi("destroy", fails=True)
    (stub.record_file / "fails").touch()
    (stub.record_file / "says").write_text("error: no such stack")
    with pytest.raises(StepFailed, match=r"(?s)pulumi up .* ended with 1:.*no such stack"):
        stub.pulumi("up")
    assert "no such stack" in stub.pulumi("destroy", fails=True)


def test_a_stack_is_made_by_the_commands_that_write_its_file_anew(stub: Stub) -> None:
    steps.init_stack(stub, "dev")
    assert [line.split(" --")[0] for line in stub.recorded_words()] == [
        "stack init dev",
        f"config set sluice:alarm_email {steps.EMAIL}",
    ]


def test_configuration_is_put_beside_what_is_there(stub: Stub) -> None:
    steps.write_config(stub, "dev", {"sluice:protect": "false"})
    assert steps.read_stack_file(stub, "dev") == {"aws:region": "eu-west-1", "sluice:protect": "false"}


@pytest.mark.parametrize("stack", STACKS)
def test_a_life_begins_with_what_is_refused_and_ends_with_nothing(stub: Stub, stack: str) -> None:
    shutil.copytree(LAKE / "expectations", stub.tree / "expectations")
    shutil.copy(LAKE / f"Pulumi.{stack}.yaml", stub.tree)
    names = [name for name, _ in life.life_steps(stub, stack)]
    assert names[:3] == ["init and config set", "refused before the first up", "first up"]
    assert names[-1] == "taken down"
    assert ("every option on and off" in names) == (stack == "dev")
    assert len(names) == len(set(names)) >= 10


@pytest.mark.parametrize(
    ("needs", "changed", "removed"),
    [
        ({"a": ["b", "c"], "b": [], "c": [], "d": ["a"]}, "b", "d"),
        ({"a": []}, "a", None),
        ({"a": [], "b": []}, "a", "b"),
    ],
)
def test_the_datasets_that_change_and_go_follow_from_what_needs_what(
    stub: Stub, monkeypatch: pytest.MonkeyPatch, needs: dict[str, list[str]], changed: str, removed: str | None
) -> None:
    monkeypatch.setattr(life, "load_contract", lambda *_: SimpleNamespace(sources=()))
    steps.write_config(
        stub, "dev", {"sluice:datasets": {name: {"needs": list(names)} for name, names in needs.items()}}
    )
    assert life.independent_dataset(stub, "dev") == changed
    assert life.unneeded_dataset(stub, "dev") == removed


REASON = "no readable zip"


@pytest.mark.parametrize(
    ("printed", "resources", "fault"),
    [
        (REASON, [], ""),
        ("error: disk full", [], "not refused with 'no readable zip'"),
        (REASON, [{"urn": JOB, "type": "aws:glue/job:Job"}], "made although it was refused: urn:"),
        (REASON, [{"urn": "urn:x", "type": "pulumi:pulumi:Stack"}], ""),
    ],
)
def test_a_refusal_has_its_reason_and_leaves_nothing(
    stub: Stub, monkeypatch: pytest.MonkeyPatch, printed: str, resources: list[dict[str, Any]], fault: str
) -> None:
    monkeypatch.setattr(Stub, "pulumi", lambda *_, **__: printed)
    monkeypatch.setattr(Stub, "state", lambda *_: resources)
    with pytest.raises(UnexpectedChange, match=fault) if fault else nullcontext():
        refused.expect_refusal(stub, "dev", REASON)


def test_a_file_that_is_taken_away_for_a_while_is_back_after_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "bundle"
    file.write_bytes(b"bundle")
    with refused.temporary_content(file, b"no zip"):
        assert file.read_bytes() == b"no zip"
    with suppress(UnexpectedChange), refused.temporary_content(file, None):
        assert not file.exists()
        raise UnexpectedChange
    assert file.read_bytes() == b"bundle"


@pytest.mark.parametrize(
    ("description", "key", "faults"),
    [
        ("Publishes trades where its contract holds", "a.json", []),
        ("Publishes trades where contract 2.0.1 holds", "a.json", ["it says 2.0.1, and runs s3://b/a.json"]),
        ("Publishes trades", "b.json", ["its input-contract s3://b/b.json is not there"]),
    ],
)
def test_a_job_that_was_updated_alone_says_nothing_that_is_not_so(
    stub: Stub, description: str, key: str, faults: list[str]
) -> None:
    arguments = {"--input-contract": f"s3://b/{key}", "--output-contract": "s3://b/a.json"}
    job = {"urn": JOB, "inputs": {"description": description, "defaultArguments": arguments}}
    script_object = {"urn": "urn:object", "inputs": {"bucket": "b", "key": "a.json"}}
    (stub.record_file / "state").write_text(json.dumps({"deployment": {"resources": [job, script_object]}}))
    assert life.job_faults(stub, "dev", JOB, "2.0.1") == faults


def test_what_guards_data_is_told_from_what_does_not() -> None:
    kinds = ["s3/bucket:Bucket", "s3/bucketPolicy:BucketPolicy", "kms/key:Key", "glue/job:Job", "kms/alias:Alias"]
    guarding = [life.guards_data(f"urn:pulumi:dev::sluice::sluice:lake:Zone$aws:{kind}::x") for kind in kinds]
    assert guarding == [True, True, True, False, False]


def test_programs_that_are_missing_are_named(
    tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(programs))
    projects.need_cli()
    (programs / "pulumi-language-python").unlink()
    with pytest.raises(CliMissing, match=r"^not on the PATH: pulumi-language-python\. They come with the Pulumi CLI"):
        projects.need_cli()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.main(["dev"]) == 3
    assert "not on the PATH: pulumi, pulumi-language-python, pulumi-language-python-exec" in capsys.readouterr().err


def test_a_stack_that_is_none_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        engine.main(["produ"])
    assert ended.value.code == 2
    assert f"no stack produ: takes {', '.join(STACKS)}, pages" in capsys.readouterr().err


def raise_surprise() -> None:
    raise UnexpectedChange("not expected: delete trades\nnot expected: delete buyers")


def test_each_step_has_a_line_and_the_first_that_goes_otherwise_is_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    steps_done: list[int] = []
    taken = [("one", lambda: steps_done.append(1)), ("two", raise_surprise), ("three", lambda: steps_done.append(3))]
    assert engine.run_steps("dev", taken[:1])
    assert not engine.run_steps("dev", taken)
    assert steps_done == [1, 1]
    printed = capsys.readouterr()
    assert printed.out.splitlines() == ["dev: one, 0 s", "dev: one, 0 s"]
    assert printed.err == "dev: two: not expected: delete trades\nnot expected: delete buyers\n"


@pytest.mark.parametrize(("fault", "code"), [(None, 0), (StepFailed("no"), 1), (UnexpectedChange("no"), 1)])
def test_the_exit_code_says_whether_all_went_as_it_should(
    monkeypatch: pytest.MonkeyPatch, stub: Stub, fault: Exception | None, code: int
) -> None:
    def step_or_raise() -> None:
        if fault:
            raise fault

    revisions: list[tuple[str, ...]] = []
    monkeypatch.setattr(engine, "need_cli", lambda: None)
    monkeypatch.setattr(engine, "earlier_revision", lambda: "v1")
    monkeypatch.setattr(engine.wheels, "build_bundle", lambda: None)
    monkeypatch.setattr(engine, "temporary_project", lambda *revision: revisions.append(revision) or nullcontext(stub))
    monkeypatch.setattr(engine, "life_steps", lambda *_: [("life_steps", step_or_raise)])
    monkeypatch.setattr(engine, "upgrade_steps", lambda *_: [("upgrade_steps", step_or_raise)])
    monkeypatch.setattr(engine, "page_steps", lambda *_: [("page_steps", step_or_raise)])
    assert engine.main([]) == code
    upgraded = {"dev": [(), ("v1",)], "prod": [(), ("v1",)]}
    every = [*(copied for stack in STACKS for copied in upgraded.get(stack, [()])), ()]  # the pages are last
    assert revisions == (every if code == 0 else every[:1])


def test_an_interruption_leaves_no_process_and_no_folder(
    stub: Stub, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (programs / "pulumi").write_text(f"#!{sys.executable}\n{WAITING}")
    started: list[subprocess.Popen[str]] = []

    def interrupt_process(self: subprocess.Popen[str], *_: object, **__: object) -> None:
        started.append(self)
        while not (stub.record_file / "ready").exists():
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupt_process)
    folders: list[Path] = []

    def run_pulumi_up() -> None:
        with projects.temporary_project() as copied:
            folders.append(copied.home)
            Project(stub.tree, stub.home, stub.environment).pulumi("up")

    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr(projects, "copy_program", lambda *_: None)
    assert run_to_exit_code("sluice.program.engine", run_pulumi_up) == 130
    assert (stub.record_file / "told").exists()
    assert [process.returncode for process in started] == [1]
    assert [folder.exists() for folder in folders] == [False]


def test_the_users_own_settings_do_not_reach_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "PULUMI_ACCESS_TOKEN", "PULUMI_BACKEND_URL", "PYTHONPATH"):
        monkeypatch.setenv(name, "mine")
    environment = projects.cli_environment(tmp_path / "home")
    assert "mine" not in environment.values()
    assert environment["PULUMI_BACKEND_URL"] == (tmp_path / "home/state").as_uri()
    [plugin] = (tmp_path / "home").rglob("pulumi-resource-aws")
    assert os.access(plugin, os.X_OK)


def scripted_answers(*codes: int, tag: str = "") -> Callable[..., subprocess.CompletedProcess[str]]:
    remaining_codes = list(codes)
    return lambda *argv: subprocess.CompletedProcess(argv, remaining_codes.pop(0), f"{tag}\n", "")


@pytest.mark.parametrize(("codes", "revision"), [((0, 0), "v1.2.0"), ((128, 0), upgrade.FIRST_REVISION)])
def test_an_upgrade_begins_with_the_last_release_or_the_first_program(
    monkeypatch: pytest.MonkeyPatch, codes: tuple[int, ...], revision: str
) -> None:
    monkeypatch.setattr(upgrade, "run_git", scripted_answers(*codes, tag="v1.2.0"))
    assert upgrade.earlier_revision() == revision


def test_an_earlier_program_that_git_does_not_have_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(upgrade, "run_git", scripted_answers(128, 1))
    monkeypatch.setattr(engine, "need_cli", lambda: None)
    assert engine.main(["dev"]) == 3
    assert f"Git has no commit {upgrade.FIRST_REVISION}" in capsys.readouterr().err


DECLARED_LOSSES = (ExpectedLoss("replace", "trades-*", "why"), ExpectedLoss("delete", "*-alarm", "why"))


@pytest.mark.parametrize(
    ("operation", "name", "loses"),
    [
        ("create", "new", False),
        ("update", "job", False),
        ("delete", "job", True),
        ("replace", "job", True),
        ("replace", "trades-job", False),
        ("delete-replaced", "trades-job", False),
        ("delete", "trades-job", True),
        ("delete", "late-alarm", False),
        ("replace", "late-alarm", True),
    ],
)
def test_an_upgrade_loses_only_what_is_said(operation: str, name: str, loses: bool) -> None:
    assert upgrade.is_accepted(Change(operation, JOB.replace("trades-job-job", name)), DECLARED_LOSSES) is not loses


def test_what_is_said_to_be_replaced_is_a_resource_of_the_program(graphs: dict[str, Graph]) -> None:
    losses = [loss for expected in upgrade.EXPECTED_LOSSES.values() for loss in expected]
    replaced = [loss for loss in losses if loss.operation == "replace"]
    assert replaced
    assert all(loss.reason for loss in losses)
    for loss in replaced:
        # the address is in the protected stack's file alone
        urns = [urn for stack in ("dev", "prod") for urn in graphs[stack].nodes]
        assert any(loss.covers_change(Change("replace", urn)) for urn in urns), loss


def test_an_object_may_come_and_go_in_an_upgrade_and_what_is_said_has_to_happen(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_stack_file(tree: Path, _: str | None) -> None:
        (tree / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": {"sluice:workers": 2}}))

    (stub.tree / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": {}, "encryptionsalt": "v1:salt"}))
    monkeypatch.setattr(upgrade, "copy_program", write_stack_file)
    allowed: list[Callable[[Change], bool]] = []

    def record_up(_: Project, __: str, allowing: Callable[[Change], bool]) -> list[Change]:
        allowed.append(allowing)
        return [Change("replace", JOB)]

    monkeypatch.setattr(upgrade.steps, "update_stack", record_up)
    upgrade.deploy_today(stub, "dev", DECLARED_LOSSES[:1])
    assert allowed[0](Change("replace", f"urn:pulumi:dev::sluice::{OBJECT}::x"))
    stack_config = yaml.safe_load((stub.tree / "Pulumi.dev.yaml").read_text())
    assert stack_config["encryptionsalt"] == "v1:salt"
    assert stack_config["config"] == {"sluice:workers": 2, "sluice:alarm_email": steps.EMAIL}
    (stub.tree / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": {}, "encryptionsalt": "v1:salt"}))
    with pytest.raises(UnexpectedChange, match=r"^said to be, and is not: delete \*-alarm$"):
        upgrade.deploy_today(stub, "dev", DECLARED_LOSSES)
