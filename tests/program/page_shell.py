"""Blocks of pages in a bash: run in a set-up clone, or with programs that only write down with which words they were called."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from components.settings.lake_folder import ROOT
from sluice.program.engine.project import copy_program
from tests.fences import Fence

SECONDS = 1500.0
"""What a page's commands may take, `make check` among them."""
RECORDER = """#!/bin/bash
printf '%s\\0' $# "${{0##*/}}" "$@" >>"{log}"
echo 1
"""
RECORDED = ("aws", "copier", "gh", "git", "make", "pulumi", "python", "python3", "sluice")
OF_THE_SYSTEM = "/usr/bin:/bin"
VALUES = {"STACK": "prod", "ACCOUNT": "123456789012", "REGION": "eu-west-1"}
"""What stands for a variable that a reader has set before; others are 1."""


class ShellRun(NamedTuple):
    """The exit code of a block's commands, and what they wrote on both channels."""

    code: int
    written: str


def make_clone(folder: Path) -> Path:
    """Return a clone as `make setup` leaves it: this tree's files and what set-up made, with a first commit."""
    clone = folder / "clone"
    clone.mkdir()
    copy_program(clone, None)
    for name in (".jars", ".awscli"):
        if (ROOT / name).exists():
            (clone / name).symlink_to(ROOT / name)
    for file in ("Makefile", *(path.name for path in ROOT.glob("requirements*.txt"))):
        os.utime(clone / file, (0, 0))  # older than what set-up made of it
    for file in ("sluice/sandbox/jobs/jars.lock", "sluice/cli/launcher.sh"):
        os.utime(clone / file, (0, 0))
    author = ("-c", "user.name=reader", "-c", "user.email=reader@example.com")
    for command in (("init", "--quiet"), ("add", "--all"), (*author, "commit", "--quiet", "--message", "a clone")):
        subprocess.run(["git", *command], cwd=clone, check=True)
    return clone


def run_in_clone(clone: Path, fences: Sequence[Fence]) -> ShellRun:
    """Run blocks one after the other in one bash, with nothing of the caller's but the PATH, and `.venv/bin` before it.

    It ends at the first command that fails, and the last place that it names is that of the failing block. The tests
    themselves, which run this, are only looked up.
    """
    script = "\n".join(f'echo "at {fence.place}"\n{fence.text}' for fence in fences)
    script = re.sub(r"^make (test(-long)?)\b", r"make --dry-run \1", script, flags=re.MULTILINE)
    home = clone.parent / "home"
    home.mkdir(exist_ok=True)
    inherited = {name: os.environ[name] for name in ("LANG", "JAVA_HOME", "TMPDIR") if name in os.environ}
    path = os.pathsep.join([str(clone / ".venv/bin"), *_own_path()])
    return run_bash(script, clone, inherited | {"PATH": path, "HOME": str(home)})


def _own_path() -> list[str]:
    """Return the PATH without this environment, so that nothing is found in it by accident."""
    mine = {Path(sys.prefix) / "bin", ROOT / ".venv/bin"}
    return [place for place in os.environ["PATH"].split(os.pathsep) if place and Path(place) not in mine]


def run_bash(script: str, folder: Path, environment: dict[str, str]) -> ShellRun:
    """Run a script that ends at its first failure."""
    ended = subprocess.run(
        ["/bin/bash", "-c", f"set -e\n{script}"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return ShellRun(ended.returncode, ended.stdout)


def recorded_calls(fences: Sequence[Fence], folder: Path) -> tuple[ShellRun, list[list[str]]]:
    """Let bash expand blocks one after the other, with recorders in place of the programs; return the calls' words.

    What a reader fills in is `1`, and so is what each program prints.
    """
    programs, log, work = folder / "bin", folder / "calls", folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    for needed in (programs, work):
        needed.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    for name in RECORDED:
        (programs / name).write_text(RECORDER.format(log=log))
        (programs / name).chmod(0o755)
    script = "\n".join(f'echo "at {fence.place}"\n{commands_of(fence)}' for fence in fences)
    # A folder that a recorded command would have made is not there.
    script = "cd() { :; }\n" + re.sub(r"<[\w -]+>", "1", script.replace(".venv/bin/", ""))
    values = {name: VALUES.get(name, "1") for name in re.findall(r"\$\{?([A-Za-z]\w*)", script)}
    run = run_bash(script, work, values | {"PATH": f"{programs}:{OF_THE_SYSTEM}", "HOME": str(work)})
    words = log.read_bytes().decode().split("\0")[:-1]
    calls = list[list[str]]()
    while words:
        count = int(words[0])
        calls.append(words[1 : count + 2])
        words = words[count + 2 :]
    return run, calls


def commands_of(fence: Fence) -> str:
    """Return the commands of a block: all its lines, or of a session what stands behind `$`."""
    lines = fence.text.splitlines()
    typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return "\n".join(typed if fence.info == "console" else lines)
