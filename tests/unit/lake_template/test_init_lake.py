"""What `init` and an update refuse, and where a lake says that it comes from."""

import subprocess
from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT
from sluice.cli.errors import WrongUse
from sluice.lake_template import init_lake
from sluice.lake_template.template_source import template_source
from sluice.lake_template.update_check import update_faults

ANSWERS = "_commit: v1\n_src_path: git+https://git.example.com/sluice\nname: acme\nprefix: acme\n"


def git(folder: Path, *command: str) -> None:
    subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository without an origin."""
    git(tmp_path, "init", "--quiet")
    return tmp_path


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        ("https://github.com/acme/sluice", "https://github.com/acme/sluice"),
        ("git@github.com:acme/sluice.git", "git@github.com:acme/sluice.git"),
        ("https://git.example.com/acme/sluice", "git+https://git.example.com/acme/sluice"),
        ("https://me:secret@git.example.com/sluice.git", "https://git.example.com/sluice.git"),
        ("ssh://git@git.example.com/sluice", "git+ssh://git@git.example.com/sluice"),
    ],
)
def test_a_lake_comes_from_the_origin_of_the_clone_without_a_password(clone: Path, origin: str, source: str) -> None:
    git(clone, "config", "remote.origin.url", origin)
    assert template_source(None, clone) == source


def test_a_clone_without_an_origin_is_refused(clone: Path) -> None:
    with pytest.raises(WrongUse, match=r"has no origin, .* by --source URL"):
        template_source(None, clone)


def test_an_origin_on_this_machine_is_refused_and_taken_where_it_is_named(clone: Path) -> None:
    git(clone, "config", "remote.origin.url", str(clone))
    with pytest.raises(WrongUse, match=f"is a folder of this machine, {clone}.* --source {clone.as_uri()}"):
        template_source(None, clone)
    assert template_source(str(clone), clone) == f"git+{clone.as_uri()}"


def test_a_lake_that_makes_another_names_what_it_came_from(clone: Path) -> None:
    (clone / ".copier-answers.yml").write_text(ANSWERS)
    git(clone, "config", "remote.origin.url", "https://github.com/acme/lake")
    assert template_source(None, clone) == "git+https://git.example.com/sluice"


@pytest.mark.parametrize(
    "name", ["Acme", "a", "aws", "null", "yes", "acme lake", "acme:lake", "a" * 40, "../x", "1acme"]
)
def test_a_name_that_is_no_namespace_is_refused_before_anything_is_fetched(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUse, match=r"is no name of a lake: .* by --name"):
        init_lake.run(tmp_path / "lake", name=name, source="https://git.example.com/sluice")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("prefix", ["Acme", "a", "awslake", "my-lake", "a" * 21])
def test_a_prefix_that_the_program_refuses_is_refused(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(WrongUse, match=r"is no prefix of names: .* by --prefix"):
        init_lake.run(tmp_path / "lake", prefix=prefix, source="https://git.example.com/sluice")


def test_a_folder_that_is_not_empty_or_is_a_file_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "notes").write_text("mine")
    for place, reason in (("lake", "is not empty"), ("lake/notes", "is no folder")):
        with pytest.raises(WrongUse, match=reason):
            init_lake.run(tmp_path / place, name="acme", source="https://git.example.com/sluice")
    assert [path.name for path in tmp_path.rglob("*")] == ["lake", "notes"]


def test_a_folder_within_this_clone_is_refused() -> None:
    with pytest.raises(WrongUse, match="name a folder beside it"):
        init_lake.run(ROOT / "acme", source="https://git.example.com/sluice")
    assert not (ROOT / "acme").exists()


def test_a_source_that_is_no_sluice_or_cannot_be_fetched_leaves_nothing(clone: Path) -> None:
    (clone / "readme").write_text("something else")
    git(clone, "add", "--all")
    git(clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "x")
    for source, reason in (
        (str(clone), "is no Sluice that lakes are made from"),
        ((clone / "no.git").as_uri(), "cannot be fetched"),
    ):
        with pytest.raises(init_lake.TemplateUnavailable, match=reason):
            init_lake.run(clone / "lakes" / "acme", source=source)
    assert not (clone / "lakes").exists()
    assert not list(clone.glob(".sluice-init-*"))


def test_ctrl_c_while_a_lake_is_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(tree: Path, *_: object) -> None:
        (tree / "half").mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(init_lake, "_render", interrupt)
    with pytest.raises(KeyboardInterrupt):
        init_lake.run(tmp_path / "acme", source="https://git.example.com/sluice")
    assert list(tmp_path.iterdir()) == []


def test_conflicts_of_an_update_are_listed_with_file_and_line(clone: Path) -> None:
    (clone / "page.md").write_text(
        "\n".join(["first", "<" * 7 + " before updating", "mine", "=" * 7, "theirs", ">" * 7 + " after updating", ""])
    )
    (clone / "rule.md").write_text("a heading\n=======\n")
    assert update_faults(clone) == [
        "page.md:2: a conflict of an update is open; keep one side or both, and take its marks out"
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "is no YAML with answers"),
        ("- a\n", "is no YAML with answers"),
        ("", "is no YAML"),
        ("name: a\n", "lacks _commit, _src_path, prefix"),
    ],
)
def test_answers_that_no_update_can_read_are_a_fault_with_a_remedy(clone: Path, text: str, reason: str) -> None:
    (clone / ".copier-answers.yml").write_text(text)
    (fault,) = update_faults(clone)
    assert reason in fault
    assert "git checkout" in fault


def test_whole_answers_are_no_fault(clone: Path) -> None:
    (clone / ".copier-answers.yml").write_text(ANSWERS)
    assert update_faults(clone) == []
