"""The old names of commands say the new one in a line on stderr, and do it."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT
from sluice.cli import old_names
from sluice.cli.commands import COMMANDS


def old_name_files() -> dict[str, Path]:
    files = [path for folder in ("operate", "review", "sandbox") for path in (ROOT / folder).rglob("*.py")]
    commands = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in files}
    return {name.removesuffix(".__main__"): path for name, path in commands.items() if not name.endswith("__init__")}


def test_every_old_name_has_a_new_one_and_passes_its_own_on() -> None:
    files = old_name_files()
    assert files.keys() == old_names.COMMANDS.keys() | old_names.MODULES.keys()
    for name, path in files.items():
        assert f'run_old_name("{name}")' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("module", old_names.MODULES.values())
def test_a_module_that_has_the_code_is_there(module: str) -> None:
    assert find_spec(f"{module}.__main__" if (ROOT / module.replace(".", "/")).is_dir() else module)


def test_a_command_that_has_the_code_is_there() -> None:
    names = {entry.name for entry in COMMANDS}
    assert {words[0] for words in old_names.COMMANDS.values() if words} <= names


@pytest.mark.parametrize(
    ("old", "words", "message", "code"),
    [
        ("review", ["lint", "nowhere"], "python -m review lint is now: sluice lint\n", 2),
        ("operate", ["start", "--hlp"], "python -m operate start is now: sluice start\n", 2),
        ("sandbox", ["up", "--emty"], "python -m sandbox up is now: sluice up\n", 2),
        ("sandbox", ["--help"], "python -m sandbox is now: sluice\n", 0),
        ("sandbox.plan", ["nowhere"], "python -m sandbox.plan is now: sluice plan\n", 2),
        ("sandbox.deployer", ["boundary"], "python -m sandbox.deployer is now: sluice deployer\n", 2),
    ],
)
def test_its_arguments_and_its_exit_code_are_those_of_the_new_one(
    old: str, words: list[str], message: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old_names.run_old_name(old, words) == code
    assert capsys.readouterr().err.startswith(message)


def test_an_old_name_works_as_it_was_typed() -> None:
    command = [sys.executable, "-m", "sandbox.deployed", "nowhere"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    first, *rest = ended.stderr.splitlines()
    assert first == "python -m sandbox.deployed is now: python -m sluice.program.deployed_stack"
    assert "nowhere" in "".join(rest)
