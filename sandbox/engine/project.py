"""A copy of the program with a state, a home and a cloud of its own, and the Pulumi CLI that is on the PATH in it."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.wheels import BUNDLE
from sandbox.graph import ROOT

NEEDED = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec")
PLUGIN = "pulumi-resource-aws"


class CliMissing(RuntimeError):
    """A program that the engine is made of is not on the PATH; the message names each."""


class StepFailed(RuntimeError):
    """The CLI ended otherwise than it should; the message has the command and the end of what it said."""


def need_cli() -> None:
    """Raises CliMissing where the PATH lacks a program that an engine needs."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        raise CliMissing(
            f"not on the PATH: {', '.join(missing)}. They come with the Pulumi CLI, see docs/deploying.md; without it "
            "`make plan` and `make test` show what the program declares, and not that the engine takes it"
        )


@dataclass(frozen=True)
class Project:
    """`tree` is the program's copy, `home` everything of the CLI's; `environment` is what it runs under."""

    tree: Path
    home: Path
    environment: Mapping[str, str]

    def pulumi(self, *words: str, fails: bool = False) -> str:
        """Run the CLI in the copy and return what it printed on both channels.

        Raises:
            StepFailed: it ended with another code than 0, or with 0 where it `fails`.
        """
        command = ["pulumi", *words, "--non-interactive", "--color=never"]
        ended = subprocess.run(
            command, cwd=self.tree, env=dict(self.environment), text=True, capture_output=True, check=False
        )
        printed = ended.stdout + ended.stderr
        if (ended.returncode != 0) is not fails:
            raise StepFailed(f"{' '.join(command)} ended with {ended.returncode}:\n{printed[-4000:]}")
        return printed

    def state(self, stack: str) -> list[dict[str, Any]]:
        """Return the stack's resources as the engine keeps them, secrets in plain."""
        exported = self.pulumi("stack", "export", "--show-secrets", "--stack", stack)
        return json.loads(exported)["deployment"].get("resources", [])

    def planned(self, stack: str) -> list[dict[str, Any]]:
        """Return what the plan of the copy's own code declares for its own stack file."""
        command = [sys.executable, "-m", "sandbox.engine.planned", stack]
        ended = subprocess.run(
            command, cwd=self.tree, env=dict(self.environment), text=True, capture_output=True, check=False
        )
        if ended.returncode:
            raise StepFailed(f"the plan of {stack} failed:\n{ended.stderr[-4000:]}")
        return json.loads(ended.stdout)


@contextmanager
def project(revision: str | None = None) -> Iterator[Project]:
    """Yield a copy of the working tree's files that Git knows, or of those of `revision`, and leave nothing behind."""
    need_cli()
    with tempfile.TemporaryDirectory(prefix="sluice-engine-") as folder:
        home = Path(folder)
        tree = home / "tree"
        tree.mkdir()
        copy(tree, revision)
        yield Project(tree, home, environment(home, tree))


def copy(tree: Path, revision: str | None) -> None:
    """Put the program's files into `tree`, in place of those that are there."""
    if revision:
        packed = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
        with tempfile.TemporaryFile() as file:
            file.write(packed)
            file.seek(0)
            with tarfile.open(fileobj=file) as archive:
                archive.extractall(tree, filter="data")
    else:
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True).stdout
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, tree / name)
    if not (tree / ".venv").is_symlink():
        (tree / ".venv").symlink_to(Path(sys.prefix))
    if BUNDLE.exists():
        (tree / ".wheels").mkdir(exist_ok=True)
        shutil.copy2(BUNDLE, tree / ".wheels" / BUNDLE.name)


def environment(home: Path, tree: Path) -> dict[str, str]:
    """The CLI's surroundings: nothing of the user's Pulumi or AWS settings, no network, the stand-in as its provider."""
    programs = home / "bin"
    programs.mkdir()
    plugin = programs / PLUGIN
    plugin.write_text(f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" -m sandbox.engine.provider\n')
    plugin.chmod(0o755)
    for folder in ("state", "pulumi"):
        (home / folder).mkdir()
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(home / "pulumi"),
        "PULUMI_BACKEND_URL": (home / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "engine",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_ERROR_OUTPUT_STRING": "1",
        "SLUICE_ENGINE_CLOUD": str(home / "cloud.json"),
    }
