"""The papers of the repository hold: licence, versions, reviewers, and what editors and hooks are set to."""

import fnmatch
import json
import re
import shutil
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

from components.settings.lake_folder import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
TRACKED = [
    Path(name)
    for name in subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    if name and (ROOT / name).is_file()
]


def test_the_licence_is_the_whole_apache_license_and_the_project_names_it() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License\n" in text
    assert "Version 2.0, January 2004" in text
    assert [number for number in range(1, 10) if not re.search(rf"^   {number}\. ", text, re.MULTILINE)] == []
    assert "APPENDIX: How to apply" in text
    assert (PROJECT["license"], PROJECT["license-files"]) == ("Apache-2.0", ["LICENSE"])


def test_the_newest_version_of_the_changelog_is_the_projects_and_older_ones_follow() -> None:
    headings = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert headings[0] == "Unreleased"
    matches = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+) - (\d{4}-\d\d-\d\d)", heading) for heading in headings[1:]]
    assert all(matches), headings
    versions = [tuple(map(int, match.groups()[:3])) for match in matches if match]
    days = [match[4] for match in matches if match]
    assert PROJECT["version"] == ".".join(map(str, versions[0]))
    assert (versions, days) == (sorted(versions, reverse=True), sorted(days, reverse=True))
    assert len(versions) > 1


def test_each_version_says_first_what_a_user_must_do() -> None:
    for section in re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[2:]:
        assert re.findall(r"^### (.*)$", section, re.MULTILINE)[0] == "What you must do", section


def test_every_path_that_has_a_reviewer_is_there() -> None:
    lines = (ROOT / ".github/CODEOWNERS").read_text().splitlines()
    patterns = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    kept = [pattern for pattern in patterns if not pattern.startswith("/expectations/")]  # those are a lake's own
    assert [pattern for pattern in kept if not list(ROOT.glob(pattern.strip("/")))] == []


def test_hooks_are_local_and_run_what_set_up_pinned() -> None:
    assert [repository["repo"] for repository in HOOKS["repos"]] == ["local"]
    hooks = HOOKS["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    programs = [ROOT / hook["entry"].split()[0] for hook in hooks]
    assert len(programs) == 3
    assert [program for program in programs if program.parent != ROOT / ".venv/bin" or not program.exists()] == []


def test_a_commit_of_what_the_hooks_refuse_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    shutil.copy2(ROOT / ".pre-commit-config.yaml", tmp_path)
    (tmp_path / "untidy.py").write_text("import  os\n")
    for command in (["init", "--quiet"], ["add", "untidy.py", ".pre-commit-config.yaml"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    ran = subprocess.run(
        [Path(sys.executable).parent / "pre-commit", "run"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    outcomes = dict(re.findall(r"^(\w+)\.+(?:\(.*?\))?(\w+)$", ran.stdout, re.MULTILINE))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert outcomes == {"lint": "Failed", "format": "Failed", "contracts": "Skipped"}


def test_an_editor_holds_every_suite_by_the_schema() -> None:
    (mapping,) = json.loads((ROOT / ".vscode/settings.json").read_text())["json.schemas"]
    assert (ROOT / mapping["url"]).resolve() == ROOT / "expectations/schema.json"
    suites = [path for path in TRACKED if path.match("expectations/*/*.json") and path.parts[0] == "expectations"]
    patterns = [pattern.removeprefix("/") for pattern in mapping["fileMatch"]]
    unmapped = [path for path in suites if not any(fnmatch.fnmatch(path.as_posix(), pattern) for pattern in patterns)]
    assert unmapped == []
    assert not any(fnmatch.fnmatch("expectations/schema.json", pattern) for pattern in patterns)


def test_files_are_as_the_editors_are_told() -> None:
    rules = ConfigParser()
    rules.read_string("[top]\n" + (ROOT / ".editorconfig").read_text())
    assert dict(rules["*"]).items() >= {"end_of_line": "lf", "insert_final_newline": "true", "charset": "utf-8"}.items()
    written = [path for path in TRACKED if path.suffix in {".md", ".py", ".toml", ".yaml", ".yml", ".in"}]
    assert len(written) > 500
    contents = {path: (ROOT / path).read_bytes() for path in written}
    untidy = [
        path.as_posix()
        for path, content in contents.items()
        if content and (b"\r" in content or not content.endswith(b"\n") or re.search(rb"[ \t]$", content, re.MULTILINE))
    ]
    assert untidy == []


@pytest.mark.parametrize(
    "paper", ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", ".github/pull_request_template.md"]
)
def test_the_paper_is_there_and_says_something(paper: str) -> None:
    assert len((ROOT / paper).read_text().split()) > 60
