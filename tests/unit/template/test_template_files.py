"""This repository as a template: what a lake of one's own gets, by the files that say so."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_copy

ROOT = Path(__file__).resolve().parents[3]
RENDERED = (
    "copier.yml",
    "Pulumi.yaml",
    "README.md",
    "{{ _copier_conf.answers_file }}.jinja",
    ".github/CODEOWNERS.jinja",
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the files that a template renders, and of a few beside them, without Git."""
    template, lake = tmp_path_factory.mktemp("template"), tmp_path_factory.mktemp("made") / "lake"
    names = [*RENDERED, *(path.relative_to(ROOT).as_posix() for path in ROOT.glob("*.jinja"))]
    names += [path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("Pulumi.*.yaml"), *ROOT.glob("etl/datasets/*"))]
    names += [path.relative_to(ROOT).as_posix() for path in ROOT.glob("expectations/**/*")]
    names += ["tests/sample/__init__.py", "tests/unit/template/__init__.py", "tests/unit/__init__.py"]
    for name in dict.fromkeys(names):
        if (ROOT / name).is_file():
            (template / name).parent.mkdir(parents=True, exist_ok=True)
            (template / name).write_bytes((ROOT / name).read_bytes())
    run_copy(str(template), lake, data={"name": "acme-lake"}, defaults=True, quiet=True)
    return lake


def load(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def test_the_template_runs_nothing_so_that_nobody_has_to_trust_it() -> None:
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(load(ROOT / "copier.yml"))


def test_the_project_has_the_lakes_name_and_is_else_the_same(lake: Path) -> None:
    assert load(lake / "Pulumi.yaml") == {**load(ROOT / "Pulumi.yaml"), "name": "acme-lake"}


def test_each_stack_has_the_lakes_namespace_prefix_and_tag_and_no_dataset(lake: Path) -> None:
    stacks = sorted(path.name for path in ROOT.glob("Pulumi.*.yaml"))
    assert stacks == sorted(path.name for path in lake.glob("Pulumi.*.yaml"))
    for name in stacks:
        ours, theirs = load(ROOT / name)["config"], load(lake / name)["config"]
        assert ours.pop("sluice:datasets"), name
        assert ours["aws:defaultTags"]["tags"].pop("project") == "sluice"
        assert theirs["aws:defaultTags"]["tags"].pop("project") == "acme-lake"
        assert (theirs.pop("acme-lake:datasets"), theirs.pop("acme-lake:prefix")) == ({}, "acmelake")
        assert {key.replace("acme-lake:", "sluice:"): value for key, value in theirs.items()} == ours
        assert "sluice" not in (lake / name).read_text().replace("sluice up", "").replace("-m sandbox", "")


def test_nothing_of_the_sample_and_of_the_template_itself_comes_along(lake: Path) -> None:
    files = {path.relative_to(lake).as_posix() for path in lake.rglob("*") if path.is_file()}
    expected = {".copier-answers.yml", ".github/CODEOWNERS", "README.md", "Pulumi.yaml", "tests/unit/__init__.py"}
    expected |= {
        "expectations/README.md",
        "expectations/schema.json",
        "etl/datasets/README.md",
        "etl/datasets/__init__.py",
    }
    assert {name for name in files if not name.startswith("Pulumi.")} == expected - {"Pulumi.yaml"}
    assert sorted(path.name for path in (lake / "expectations").iterdir()) == ["README.md", "schema.json"]


def test_its_first_page_and_its_owners_are_its_own(lake: Path) -> None:
    assert (lake / "README.md").read_text().startswith("# acme-lake\n")
    lines = (lake / ".github" / "CODEOWNERS").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_every_file_that_a_template_renders_is_one_that_git_knows() -> None:
    listed = subprocess.run(["git", "ls-files", "*.jinja"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    stacks = {f"{path.name}.jinja" for path in ROOT.glob("Pulumi*.yaml")}
    others = {"README.md.jinja", "{{ _copier_conf.answers_file }}.jinja", ".github/CODEOWNERS.jinja"}
    assert set(listed.splitlines()) == stacks | others
