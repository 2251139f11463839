"""The old names of commands run the modules that have the code now."""

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

from sluice.program.stack_files import ROOT

OLD_NAMES = [
    ("operate", "sluice.operations"),
    ("review", "sluice.contracts"),
    ("review.site.bad_day", "sluice.sandbox.demo.record_bad_day"),
    ("sandbox", "sluice.sandbox"),
    ("sandbox.archive", "sluice.sandbox.jobs.class_archive"),
    ("sandbox.condition_keys", "sluice.program.condition_keys"),
    ("sandbox.deployed", "sluice.program.deployed_stack"),
    ("sandbox.deployer", "sluice.program.deployer"),
    ("sandbox.engine", "sluice.program.engine"),
    ("sandbox.flow_page", "sluice.program.flow_page"),
    ("sandbox.jars", "sluice.sandbox.jobs.jars"),
    ("sandbox.java", "sluice.sandbox.jobs.java"),
    ("sandbox.plan", "sluice.program.plan"),
    ("sandbox.wheels", "sluice.program.wheels"),
]


@pytest.mark.parametrize(("old", "module"), OLD_NAMES)
def test_a_command_by_its_old_name_runs_the_module_that_has_the_code(old: str, module: str) -> None:
    path = ROOT / old.replace(".", "/")
    text = (path / "__main__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
    assert re.findall(r'run_module\("([\w.]+)", run_name="__main__", alter_sys=True\)', text) == [module]
    spec = find_spec(f"{module}.__main__") if (ROOT / module.replace(".", "/")).is_dir() else find_spec(module)
    assert spec is not None


def test_every_old_name_is_listed_here() -> None:
    files = [path for folder in ("operate", "review", "sandbox") for path in (ROOT / folder).rglob("*.py")]
    commands = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in files}
    old_names = {name.removesuffix(".__main__") for name in commands if not name.endswith("__init__")}
    assert old_names == {old for old, _ in OLD_NAMES}


def test_its_arguments_and_its_exit_code_are_those_of_the_new_one() -> None:
    command = [sys.executable, "-m", "sandbox.plan", "nowhere"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "nowhere" in ended.stderr
