"""A lake of one's own through its life: made, given a dataset, changed by its user, and taken to a later Sluice."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sluice.program.engine.pages import SAMPLE, complete_drafts
from tests.unit.template.test_template_files import ROOT

pytestmark = pytest.mark.long
URL = "https://git.example.com/acme/sluice.git"
"""Stands for where others find the repository; Git is told that it is a folder of the test."""
INIT = (
    "import sys, pathlib; from sluice.lake_template.init_lake import run; run(pathlib.Path(sys.argv[1]), name='acme')"
)
NEW = (
    "import sys, pathlib; from sluice.lake_template.new_dataset import run; run('stores', [pathlib.Path(sys.argv[1])])"
)
AUTHOR = ("-c", "user.name=a user", "-c", "user.email=user@example.com")


@dataclass
class Life:
    """A clone with tags, and the lake that was made from it; what its commands and plans wrote."""

    clone: Path
    lake: Path
    environment: dict[str, str]
    empty: dict[str, str]
    before: dict[str, object]
    update: str

    def run(self, *command: str, folder: Path | None = None, code: int = 0) -> str:
        """Run a command in the lake and return what it wrote; raises AssertionError for another exit code."""
        completed = subprocess.run(
            command, cwd=folder or self.lake, env=self.environment, capture_output=True, text=True, check=False
        )
        assert completed.returncode == code, f"{completed.stdout[-3000:]}{completed.stderr[-3000:]}"
        return completed.stdout + completed.stderr

    def python(self, *words: str, code: int = 0) -> str:
        return self.run(sys.executable, *words, code=code)

    def commit(self, folder: Path, message: str) -> None:
        self.run("git", "add", "--all", folder=folder)
        self.run("git", *AUTHOR, "commit", "--quiet", "--no-verify", "--message", message, folder=folder)

    def plan(self) -> dict[str, object]:
        """Return the inputs of each resource that the stack dev declares, by its URN."""
        planned = json.loads(self.python("-m", "sluice.program.engine.planned", "dev").splitlines()[-1])
        return {resource["urn"]: resource["inputs"] for resource in planned["resources"]}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """All that happens, in order; each test looks at one of its ends."""
    home = tmp_path_factory.mktemp("home")
    clone, lake = home / "clone", home / "lake"
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("SLUICE_", "GIT_"))}
    environment |= {"COPIER_CACHE_DIR": str(home / "cache"), "GIT_CONFIG_COUNT": "1"}
    environment |= {"GIT_CONFIG_KEY_0": f"url.{clone.as_uri()}.insteadOf", "GIT_CONFIG_VALUE_0": URL}
    life = Life(clone, lake, environment, {}, {}, "")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    life.run("git", "remote", "set-url", "origin", URL, folder=clone)
    life.run("git", "tag", "v0.1.0", folder=clone)
    life.run(sys.executable, "-c", INIT, str(lake), folder=clone)
    life.empty = {
        "lint": life.python("-m", "sluice", "lint"),
        "plan": life.python("-m", "sluice", "plan", "dev"),
    }
    life.empty["up"] = life.python("-m", "sluice.program.deployed_stack", "dev", code=1)
    (home / "stores.csv").write_text(SAMPLE)
    life.python("-c", NEW, str(home / "stores.csv"))
    complete_drafts(lake / "expectations" / "stores")
    change_own_files(life)
    life.before = life.plan()
    release_next(life)
    life.update = life.run(str(Path(sys.executable).with_name("copier")), "update", "--defaults")
    return life


def change_own_files(life: Life) -> None:
    """Write into the user's own files, and into two of Sluice's: a line that stays ours, one that the next version has too."""
    for name in ("README.md", "Pulumi.dev.yaml"):
        (life.lake / name).write_text((life.lake / name).read_text() + "  # mine\n")
    replace_first_line(life.lake / "docs" / "glossary.md", "# Our glossary")
    (life.lake / "docs" / "drills.md").write_text((life.lake / "docs" / "drills.md").read_text() + "\nOur drill.\n")
    life.commit(life.lake, "A dataset, and changes of our own")


def release_next(life: Life) -> None:
    """Tag a later version: another text of the changed line, a page more, and files that are the user's changed as well."""
    replace_first_line(life.clone / "docs" / "glossary.md", "# The glossary, second edition")
    replace_first_line(life.clone / "docs" / "drills.md", "# Drills, second edition")
    replace_first_line(life.clone / "Pulumi.dev.yaml", "# Ours, second edition")
    replace_first_line(life.clone / "README.md.jinja", "# Another page")
    (life.clone / "docs" / "news.md").write_text("# News\n")
    life.commit(life.clone, "The next version")
    life.run("git", "tag", "v0.2.0", folder=life.clone)


def replace_first_line(file: Path, line: str) -> None:
    file.write_text("\n".join([line, *file.read_text().splitlines()[1:], ""]))


def test_an_empty_lake_is_sound_and_says_how_it_begins(life: Life) -> None:
    assert "no findings in 0 suites" in life.empty["lint"]
    assert life.empty["plan"] == "no dataset yet: sluice new\n"
    assert all("no dataset yet: sluice new" in text for text in life.empty.values())


def test_it_says_where_it_comes_from_and_nothing_of_this_machine(life: Life) -> None:
    answers = (life.lake / ".copier-answers.yml").read_text().splitlines()
    assert answers[1:] == ["_commit: v0.2.0", f"_src_path: {URL}", "name: acme", "prefix: acme"]


def test_an_update_brings_what_is_ours_and_leaves_what_is_the_users(life: Life) -> None:
    assert (life.lake / "docs" / "news.md").read_text() == "# News\n"
    drills = (life.lake / "docs" / "drills.md").read_text()
    assert drills.startswith("# Drills, second edition\n")
    assert drills.endswith("\nOur drill.\n")
    for name in ("README.md", "Pulumi.dev.yaml"):
        text = (life.lake / name).read_text()
        assert text.endswith("# mine\n")
        assert "second edition" not in text
    assert "    stores: {}\n" in (life.lake / "Pulumi.dev.yaml").read_text()
    assert (life.lake / "expectations" / "stores" / "output.json").exists()


def test_an_update_replaces_nothing_in_aws(life: Life) -> None:
    after = life.plan()
    assert len(after) > 40
    assert {urn for urn in after if "acme::" not in urn} == set()
    assert {urn: after.get(urn) for urn in life.before if after.get(urn) != life.before[urn]} == {}
    assert set(after) == set(life.before)


def test_a_conflict_is_marked_listed_and_refused_until_it_is_mended(life: Life) -> None:
    assert "git diff --name-only --diff-filter=U" in life.update
    assert life.run("git", "diff", "--name-only", "--diff-filter=U") == "docs/glossary.md\n"
    check = ("-m", "sluice.lake_template.update_check")
    assert life.python(*check, code=1).startswith("docs/glossary.md:1: a conflict of an update is open")
    replace_first_line(life.lake / "docs" / "glossary.md", "")
    text = (life.lake / "docs" / "glossary.md").read_text()
    (life.lake / "docs" / "glossary.md").write_text(text.partition(">" * 7 + " after updating\n")[2])
    assert life.python(*check) == ""


def test_an_updated_lake_is_green(life: Life) -> None:
    life.commit(life.lake, "Sluice v0.2.0")
    assert life.python("-m", "sluice", "lint").splitlines()[-1].startswith("no findings")
    assert "policies: " in life.python("-m", "sluice", "plan", "prod")
    (life.lake / ".venv").symlink_to(Path(sys.prefix))
    life.python("-m", "ruff", "check", ".")
    life.python("-m", "ruff", "format", "--check", ".")
    life.python("-m", "pytest", "-p", "no:cacheprovider", "tests/unit/job", "tests/unit/contracts", "tests/program")


def test_an_update_over_changes_that_are_not_committed_changes_nothing(life: Life) -> None:
    page = life.lake / "docs" / "engine.md"
    text = page.read_text()
    page.write_text(f"{text}not committed\n")
    try:
        output = life.run(str(Path(sys.executable).with_name("copier")), "update", "--defaults", code=1)
        assert "commit or stash your local changes" in output
        assert life.run("git", "status", "--short", "--untracked-files=no") == " M docs/engine.md\n"
    finally:
        page.write_text(text)
