"""A pull request that changes contracts gets one comment that says so, and fails where a version was not raised enough."""

import copy
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.contract.results_layout import ResultKind, run_key
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.result_lines import render_lines
from etl.results.rule_line import RuleLine, rule_line_adapter
from etl.results.rule_state import Evaluation, RuleState
from etl.runtime.arguments import RunKind
from sluice.program.graph import ROOT
from tests.lake import LAKE

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/contracts.yml").read_text())
STEPS = {step["name"].partition(",")[0]: step for step in WORKFLOW["jobs"]["diff"]["steps"] if "name" in step}
OUTPUT = "expectations/trades/output.json"
SHIPPED = json.loads((LAKE / OUTPUT).read_text())["meta"]["version"]
RAISED = f"{int(SHIPPED.partition('.')[0]) + 1}.0.0"
REPOSITORY = "me/lake"
PAGES = "https://github.com/me/lake/actions/runs/5/artifacts/6"
BOT = "github-actions[bot]"
PERSONS = {"id": 3, "user": {"login": "ada"}, "body": "### Contract changes\nI do not like"}
PREVIEW = {"id": 1, "user": {"login": BOT}, "body": "#### :tropical_drink: `preview` on dev"}
# What the step asks of gh, with the comments in a file: list (as the filter says), change one, add one.
GH = r"""#!{python}
import json, os, pathlib, re, sys
kept = pathlib.Path(os.environ["COMMENTS"])
comments, given = json.loads(kept.read_text()), sys.argv[1:]
assert os.environ["GH_TOKEN"] == "a token"
if given[:3] == ["api", "--paginate", "repos/{repository}/issues/7/comments"]:
    login, title = re.search(r'login == "([^"]+)" and \(\.body \| startswith\("([^"]+)"', given[4]).groups()
    print(*[one["id"] for one in comments if one["user"]["login"] == login and one["body"].startswith(title)], sep="\n")
elif given[:4] == ["api", "--silent", "--method", "PATCH"]:
    (one,) = [one for one in comments if given[4] == f"repos/{repository}/issues/comments/{{one['id']}}"]
    one["body"] = pathlib.Path(given[6].removeprefix("body=@")).read_text()
elif given[:4] == ["pr", "comment", "7", "--body-file"]:
    comments.append({{"id": 2, "user": {{"login": "{bot}"}}, "body": pathlib.Path(given[4]).read_text()}})
else:
    sys.exit(f"gh: what is {{given}}?")
kept.write_text(json.dumps(comments))
"""


@dataclass
class PullRequest:
    """A repository with the tests' contracts, and a branch of it as GitHub merges it; what its workflow leaves."""

    folder: Path
    comments: list[dict[str, Any]] = field(default_factory=lambda: [PREVIEW])
    head_repository: str = REPOSITORY
    summary: str = ""
    output: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, folder: Path) -> "PullRequest":
        """Make the repository, on the branch that nothing was changed on."""
        pull = cls(folder)
        left_out = shutil.ignore_patterns("__pycache__")
        product = [ROOT / name for name in ("sluice", "etl", "components")]
        for source in (*product, LAKE / "expectations", LAKE / "etl"):
            shutil.copytree(source, folder / source.name, ignore=left_out, dirs_exist_ok=True)
        place_environment(folder)
        (folder / ".gitignore").write_text(".venv\n__pycache__\ncontracts.md\npages\npages.md\n")
        pull.run_git("init", "-q")
        pull.commit("the shipped contracts")
        pull.run_git("checkout", "-q", "-b", "work")
        return pull

    def copied(self, folder: Path) -> "PullRequest":
        """Return a copy of the repository, with what Python has compiled in it: each step is a process."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return PullRequest(folder)

    def run_git(self, *arguments: str) -> None:
        person = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        subprocess.run(["git", "-C", str(self.folder), *person, *arguments], check=True, capture_output=True, env=clean)

    def commit(self, message: str) -> None:
        self.run_git("add", "-A")
        self.run_git("commit", "-q", "--allow-empty", "-m", message)

    def tighten_quantity(self, most: int, *, raised: bool = True) -> None:
        """Commit to the current branch that a sale is of no more units, with the version that this needs or without."""
        suite = json.loads((self.folder / OUTPUT).read_text())
        (rule,) = [
            candidate for candidate in suite["expectations"] if candidate["meta"]["rule"] == "trades.quantity.range"
        ]
        rule["kwargs"]["max_value"] = most
        suite["meta"]["version"] = RAISED if raised else SHIPPED
        (self.folder / OUTPUT).write_text(json.dumps(suite))
        self.commit("a change")

    def put_results(self, rule: str, broken: int) -> None:
        """Commit to the current branch a copy of a run's results, in which rows broke a rule."""
        line = RuleLine(
            version=1,
            dataset="trades",
            run_id="jr_1",
            kind=RunKind.RUN,
            run_date=date(2026, 3, 1),
            started="2026-03-01T06:00:00Z",
            rule=rule,
            stage=Stage.OUTPUT,
            severity=Severity.WARNING,
            state=RuleState.BROKEN,
            way=Evaluation.OBSERVED,
            rows_judged=100,
            rows_broken=broken,
            observed=None,
        )
        file = self.folder / run_key(ResultKind.RULES, "trades", "2026-03-01", "jr_1")
        file.parent.mkdir(parents=True)
        file.write_bytes(render_lines(rule_line_adapter(), [line]))
        self.commit("results")

    def checked_out(self) -> None:
        """Stand where a pull request's workflow does: on the branch merged into its base."""
        self.run_git("update-ref", "refs/remotes/origin/main", "main")
        self.run_git("checkout", "-q", "--detach", "main")
        self.run_git("merge", "-q", "--no-ff", "-m", "Merge work into main", "work")

    def run_workflow(self) -> int:
        """Run all scripts and return the code that the job ends with."""
        return self.compare() or self.post()

    def compare(self) -> int:
        """Run what knows no token, and return its code."""
        self.checked_out()
        ended, self.outputs = self._run_step("compare", {"github.base_ref": "main"})
        if not ended and self.outputs["changed"]:
            ended, _ = self._run_step("render", {})
        return ended

    def post(self) -> int:
        """Run the step that comments upon what was compared, and return its code."""
        outputs = self.outputs
        attached = (self.folder / "pages" / "index.html").is_file()
        outputs = outputs | {"artifact-url": PAGES if attached else ""}
        github = {
            "github.token": "a token",
            "github.repository": REPOSITORY,
            "github.event.pull_request.number": "7",
            "github.event.pull_request.head.repo.full_name": self.head_repository,
        }
        places = {"artifact-url": "attach"}
        context = {f"steps.{places.get(name, 'compare')}.outputs.{name}": text for name, text in outputs.items()}
        return self._run_step("post", github | context)[0]

    def _run_step(self, name: str, context: dict[str, str]) -> tuple[int, dict[str, str]]:
        files = {name: self.folder.parent / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "COMMENTS")}
        files["COMMENTS"].write_text(json.dumps(self.comments))
        step_env = {
            key: re.sub(r"\$\{\{ (.+?) \}\}", lambda match: context[match[1]], value)
            for key, value in STEPS[name].get("env", {}).items()
        }
        clean = clean_environment()
        path = {"PATH": f"{self._write_gh_stub()}:{clean['PATH']}"}
        env = {**clean, **path, **{key: str(file) for key, file in files.items()}, **step_env}
        (self.folder.parent / "script").write_text(STEPS[name]["run"])
        command = ["bash", "-e", str(self.folder.parent / "script")]  # as GitHub runs a step that names no shell
        completed = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        self.output = completed.stdout + completed.stderr
        self.comments = json.loads(files["COMMENTS"].read_text())
        written = {key: file.read_text() if file.exists() else "" for key, file in files.items()}
        self.summary = written["GITHUB_STEP_SUMMARY"]
        outputs = dict(line.split("=", 1) for line in written["GITHUB_OUTPUT"].splitlines())
        return completed.returncode, outputs

    def _write_gh_stub(self) -> Path:
        folder = self.folder.parent / "bin"
        folder.mkdir(exist_ok=True)
        python = ROOT / ".venv/bin/python"
        (folder / "gh").write_text(GH.format(python=python, repository=REPOSITORY, bot=BOT))
        (folder / "gh").chmod(0o755)
        return folder


def clean_environment() -> dict[str, str]:
    """The variables of a step: none of ours, and none that keeps Python from what it has compiled."""
    ours = ("GIT_", "GH_", "GITHUB_", "SLUICE_", "PYTHONDONTWRITEBYTECODE")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)}


def place_environment(folder: Path) -> None:
    """Give a folder what set-up makes: the environment's packages, its Python, and `sluice` with the folder's code."""
    environment = folder / ".venv"
    (environment / "bin").mkdir(parents=True)
    for part in ("lib", "pyvenv.cfg"):
        (environment / part).symlink_to(ROOT / ".venv" / part)
    (environment / "bin" / "python").symlink_to(ROOT / ".venv/bin/python")
    shutil.copy(ROOT / "sluice/cli/launcher.sh", environment / "bin" / "sluice")
    (environment / "bin" / "sluice").chmod(0o755)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> PullRequest:
    """A repository whose code has run once."""
    folder = tmp_path_factory.mktemp("shipped")
    pull = PullRequest.new(folder / "lake")
    for words in (["diff", "HEAD"], ["docs", "--out", str(folder / "site")]):
        command = [pull.folder / ".venv/bin/sluice", *words]
        subprocess.run(command, cwd=pull.folder, env=clean_environment(), check=True, capture_output=True)
    return pull


@pytest.fixture
def pull(shipped: PullRequest, tmp_path: Path) -> PullRequest:
    return shipped.copied(tmp_path / "lake")


TIGHTER = "`trades.quantity.range` | `at most 1000 → 500` | tightened"


@pytest.fixture(scope="module")
def posted(shipped: PullRequest, tmp_path_factory: pytest.TempPathFactory) -> PullRequest:
    """A change with its version, whose workflow has run; another workflow and a person had commented on it."""
    pull = shipped.copied(tmp_path_factory.mktemp("posted") / "lake")
    pull.comments.append(PERSONS)
    pull.put_results("trades.quantity.range", broken=3)
    pull.tighten_quantity(500)
    assert pull.run_workflow() == 0, pull.output
    return pull


def test_a_change_with_its_version_is_posted_beside_other_comments_and_passes(posted: PullRequest) -> None:
    preview, persons, ours = posted.comments
    assert preview == PREVIEW
    assert persons == PERSONS, "a title is not taken for ours where a person wrote it"
    assert TIGHTER in ours["body"]
    assert ours["body"] == posted.summary


def test_the_pages_of_what_changed_are_rendered_and_named_in_the_comment(posted: PullRequest) -> None:
    assert "at most 500" in (posted.folder / "pages" / "trades" / "index.html").read_text()
    assert posted.comments[2]["body"].endswith(
        f"\n\nThe pages of `trades` as they become: [contract-pages]({PAGES}).\n"
    )
    (attach,) = [step for step in WORKFLOW["jobs"]["diff"]["steps"] if step.get("id") == "attach"]
    assert (attach["with"]["path"], attach["if"]) == ("pages", STEPS["render"]["if"])


def test_a_contract_that_does_not_load_has_no_pages_and_its_fault_is_posted(pull: PullRequest) -> None:
    (pull.folder / OUTPUT).write_text("{")
    pull.commit("a change")
    assert pull.run_workflow() == 1, pull.output
    assert "this is no JSON" in pull.comments[1]["body"]
    assert "contract-pages" not in pull.comments[1]["body"]


def test_what_results_say_is_told_where_a_copy_of_them_is_in_the_repository(posted: PullRequest) -> None:
    assert "| `trades.quantity.range` | 1 | 1 | 3 | – |" in posted.comments[2]["body"]


@pytest.fixture(scope="module")
def unraised(shipped: PullRequest, tmp_path_factory: pytest.TempPathFactory) -> PullRequest:
    """A change without its version, which was compared and is posted by nobody yet."""
    pull = shipped.copied(tmp_path_factory.mktemp("unraised") / "lake")
    pull.tighten_quantity(500, raised=False)
    assert pull.compare() == 0, pull.output
    return pull


def test_a_version_that_is_not_raised_enough_is_posted_first_and_fails_then(unraised: PullRequest) -> None:
    unraised.head_repository, unraised.comments = REPOSITORY, [PREVIEW]
    assert unraised.post() == 1
    assert f"a major change needs at least {RAISED}" in unraised.comments[1]["body"]
    assert f"a major change needs at least {RAISED}" in unraised.summary


def test_a_second_push_changes_the_comment_and_adds_none(pull: PullRequest) -> None:
    pull.comments.append({"id": 2, "user": {"login": BOT}, "body": f"### Contract changes\n{TIGHTER}"})
    pull.comments.append({"id": 3, "user": {"login": BOT}, "body": "another workflow's, later"})
    pull.tighten_quantity(400)
    assert pull.run_workflow() == 0, pull.output
    assert [comment["id"] for comment in pull.comments] == [1, 2, 3]
    assert "at most 1000 → 400" in pull.comments[1]["body"]
    assert pull.comments[2]["body"] == "another workflow's, later"


def test_a_change_that_was_taken_back_is_no_longer_told(pull: PullRequest) -> None:
    pull.comments.append({"id": 2, "user": {"login": BOT}, "body": f"### Contract changes\n{TIGHTER}"})
    assert pull.run_workflow() == 0, pull.output
    assert "no contract changed" in pull.comments[1]["body"]
    assert TIGHTER not in pull.comments[1]["body"]


def test_without_a_changed_contract_nobody_is_told_but_the_summary(pull: PullRequest) -> None:
    (pull.folder / "README.md").write_text("more")
    pull.commit("no contract")
    assert pull.run_workflow() == 0, pull.output
    assert pull.comments == [PREVIEW]
    assert "no contract changed" in pull.summary


@pytest.mark.parametrize("raised", [True, False])
def test_a_forks_change_is_told_in_the_summary_alone_and_decides_as_well(
    posted: PullRequest, unraised: PullRequest, raised: bool
) -> None:
    fork = copy.copy(posted if raised else unraised)
    fork.head_repository, fork.comments = "somebody/lake", [PREVIEW]
    assert fork.post() == (not raised)
    assert fork.comments == [PREVIEW]
    assert TIGHTER in fork.summary
    assert "A fork has no token to comment with; the contract changes are in this job's summary" in fork.output


def test_what_the_base_gained_meanwhile_is_not_told_as_this_pull_requests(pull: PullRequest) -> None:
    pull.run_git("checkout", "-q", "main")
    pull.tighten_quantity(500)
    assert pull.run_workflow() == 0, pull.output
    assert pull.comments == [PREVIEW]


def test_a_base_that_was_not_fetched_fails_before_anything_is_told(pull: PullRequest) -> None:
    pull.checked_out()
    ended, outputs = pull._run_step("compare", {"github.base_ref": "elsewhere"})
    assert ended not in (0, 1)
    assert outputs == {}


def test_a_comparison_that_could_not_be_made_fails_and_leaves_what_was_told(pull: PullRequest) -> None:
    pull.comments.append({"id": 2, "user": {"login": BOT}, "body": f"### Contract changes\n{TIGHTER}"})
    shutil.rmtree(pull.folder / ".venv")
    assert pull.run_workflow() not in (0, 1)
    assert TIGHTER in pull.comments[1]["body"]


def test_no_script_holds_a_value_of_the_event() -> None:
    assert set(STEPS) == {"compare", "render", "post"}
    assert [name for name, step in STEPS.items() if "${{" in step["run"]] == []


def test_only_the_step_that_runs_none_of_our_code_has_the_token() -> None:
    assert [name for name, step in STEPS.items() if "github.token" in str(step.get("env"))] == ["post"]
    assert not re.search(r"\.venv|make |python", STEPS["post"]["run"])


def test_it_may_write_to_pull_requests_and_sees_the_whole_history() -> None:
    (job,) = WORKFLOW["jobs"].values()
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    (checkout,) = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["fetch-depth"] == 0
