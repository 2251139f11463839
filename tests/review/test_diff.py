"""`diff` reads contracts from Git and refuses a version that was not raised enough."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from review import history
from review.__main__ import main
from review.changes import CONSUMERS, LOOSENED, PRODUCERS
from review.diff import diff
from review.suites import ROOT, WrongUse
from tests.etl.mutations import QUANTITY, REGION, Change, Suite, dropped, kwargs, meta
from tests.review.conftest import Write

OUTPUT, INPUT = "expectations/sales/output.json", "expectations/sales/input.json"
REGIONS = ["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH", "AF-SOUTH"]


def git(folder: Path, *arguments: str) -> str:
    person = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(folder), *person, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=clean).stdout.strip()


def commit(folder: Path, message: str) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(write: Write) -> Path:
    folder = write()
    git(folder, "init", "-q")
    commit(folder, "the shipped contracts")
    return folder


def and_version(version: str, *changes: Change) -> Change:
    def change(suite: Suite) -> None:
        meta(version=version)(suite)
        for one in changes:
            one(suite)

    return change


def test_it_compares_a_commit_with_the_working_tree(repository: Path, write: Write) -> None:
    write(kwargs(QUANTITY, max_value=500))
    (found,) = diff(history.at("HEAD", repository), history.now(repository))
    assert [str(one) for one in found.changes] == [f"{QUANTITY}: at most 1000 → 500, tightened"]
    assert (found.path, found.enough) == (OUTPUT, False)
    assert found.bump
    assert found.bump.least == "3.0.0"


def test_it_compares_two_commits_whatever_the_working_tree_holds(repository: Path, write: Write) -> None:
    write(and_version("3.0.0", kwargs(QUANTITY, max_value=500)))
    commit(repository, "tighter")
    write(dropped(QUANTITY))
    (found,) = diff(history.at("HEAD~", repository), history.at("HEAD", repository))
    assert [one.label for one in found.changes] == [PRODUCERS]
    assert found.enough


def test_suites_that_come_and_go_are_told(repository: Path) -> None:
    (repository / OUTPUT).unlink()
    (repository / "expectations/orders").mkdir()
    suite = (repository / INPUT).read_text().replace("sales.", "orders.")
    (repository / "expectations/orders/input.json").write_text(suite)
    found = diff(history.at("HEAD", repository), history.now(repository))
    assert [(one.path, one.changes[0].how, one.changes[0].label) for one in found] == [
        ("expectations/orders/input.json", "added", LOOSENED),
        (OUTPUT, "removed", CONSUMERS),
    ]
    assert all(one.enough for one in found)


def test_a_suite_that_does_not_load_may_not_go_in(repository: Path, write: Write) -> None:
    write(kwargs(QUANTITY, max_value=None, min_value=None))
    (found,) = diff(history.at("HEAD", repository), history.now(repository))
    assert [fault.rule for fault in found.faults] == [QUANTITY]
    assert not found.enough


def test_a_suite_that_did_not_load_before_is_told_as_new(repository: Path, write: Write) -> None:
    (repository / OUTPUT).write_text("{")
    commit(repository, "broken")
    write()
    (found,) = diff(history.at("HEAD", repository), history.now(repository))
    assert "what it was before does not load" in found.changes[0].words
    assert found.enough


def test_only_how_it_is_written_is_no_change(repository: Path) -> None:
    suite = json.loads((repository / OUTPUT).read_text())
    (repository / OUTPUT).write_text(json.dumps(suite, indent=4))
    assert diff(history.at("HEAD", repository), history.now(repository)) == []


def test_a_branch_is_held_against_where_it_left_main(repository: Path, write: Write) -> None:
    left = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "-q", "-b", "work")
    write(kwargs(QUANTITY, max_value=500))
    commit(repository, "one")
    commit(repository, "two")
    assert history.base(repository) == left


def test_main_is_held_against_the_commit_before(repository: Path) -> None:
    before = git(repository, "rev-parse", "HEAD")
    commit(repository, "more")
    assert history.base(repository) == before


def test_main_with_contracts_changed_is_held_against_its_last_commit(repository: Path, write: Write) -> None:
    last = commit(repository, "more")
    write(kwargs(QUANTITY, max_value=500))
    assert history.base(repository) == last


def test_without_a_commit_before_it_is_wrong_use(repository: Path) -> None:
    with pytest.raises(WrongUse, match="there is no commit 'HEAD~' here"):
        history.base(repository)


@pytest.mark.parametrize("revision", ["nowhere", "--all", "HEAD:expectations"])
def test_what_is_no_commit_is_wrong_use(revision: str, repository: Path) -> None:
    with pytest.raises(WrongUse, match="there is no commit"):
        history.at(revision, repository)


def test_a_folder_without_git_is_wrong_use(write: Write) -> None:
    with pytest.raises(WrongUse, match="there is no commit 'HEAD' here"):
        history.base(write())


@pytest.fixture
def answering(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository, as the one that the command looks at."""
    for name in ("at", "now", "base", "resolve"):
        function = getattr(history, name)
        bound = {name: lambda *given, function=function: function(*given, root=repository)}
        monkeypatch.setattr(f"review.commands.diff.{name}", bound[name])
    return repository


def test_the_command_ends_with_1_where_a_version_is_not_enough(
    answering: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(and_version("2.1.0", kwargs(QUANTITY, max_value=500), kwargs(REGION, value_set=REGIONS)))
    assert main(["diff", "HEAD"]) == 1
    told = capsys.readouterr().out
    assert f"breaking for producers {QUANTITY}: at most 1000 → 500, tightened" in told
    assert f"breaking for consumers {REGION}: now also AF-SOUTH, loosened" in told
    assert "version 2.0.0 → 2.1.0: a major change needs at least 3.0.0; raise meta.version" in told


def test_the_command_ends_with_0_where_it_is(answering: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write(and_version("3.0.0", kwargs(QUANTITY, max_value=500)))
    assert main(["diff", "HEAD", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["enough"] is True
    assert told["suites"][0]["version"] == {
        "from": "2.0.0",
        "to": "3.0.0",
        "step": "major",
        "least": "3.0.0",
        "enough": True,
    }
    assert told["suites"][0]["changes"] == [
        {"subject": QUANTITY, "words": "at most 1000 → 500", "how": "tightened", "label": PRODUCERS}
    ]


def test_markdown_is_a_table_that_no_value_can_break(
    answering: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(and_version("2.0.1", meta(owner="a|b\n<script>*")))
    assert main(["diff", "HEAD", "--markdown"]) == 0
    told = capsys.readouterr().out
    assert "| documentation | `owner` | `sales-data → a\\|b\\n<script>*` | reworded |" in told
    assert "✅ version 2.0.0 → 2.0.1, as a patch change needs." in told


def test_it_answers_within_three_seconds() -> None:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "review", "diff", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    assert "to the working tree" in done.stdout
    assert time.monotonic() - started < 3
