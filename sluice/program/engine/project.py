"""A copy of the program with a state, a home and a cloud of its own, and the Pulumi CLI that is on the PATH in it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.compute.wheels import BUNDLE
from sluice.program.engine import provider
from sluice.program.engine.provider import CLOUD, VERSION
from sluice.program.graph import ROOT

REQUIRED_PROGRAMS = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec")
GRACE = 20.0
"""Seconds that the CLI gets to end by itself when this program is interrupted."""


class CliMissing(RuntimeError):
    """A program that the engine is made of is not on the PATH; the message names each."""


class StepFailed(RuntimeError):
    """The CLI ended otherwise than it should; the message has the command and the end of what it said."""


def need_cli() -> None:
    """Raises CliMissing where the PATH lacks a program that an engine needs."""
    missing = [name for name in REQUIRED_PROGRAMS if not shutil.which(name)]
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

    @property
    def cloud(self) -> Path:
        """The file with what exists beyond the stand-in."""
        return Path(self.environment[CLOUD])

    def pulumi(self, *arguments: str, fails: bool = False) -> str:
        """Run the CLI in the copy and return what it printed on both channels.

        Raises:
            StepFailed: it ended with another code than 0, or with 0 where it `fails`.
        """
        command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
        code, out, err = self.run(command)
        if (code != 0) is not fails:
            raise StepFailed(f"{' '.join(command)} ended with {code}:\n{(out + err)[-4000:]}")
        return out + err

    def run(self, command: Sequence[str]) -> tuple[int, str, str]:
        """Run a program in the copy and return its exit code and what it wrote on either channel.

        Interrupted, it lets the program end by itself: the CLI then ends its provider and its language host.
        """
        with subprocess.Popen(
            command,
            cwd=self.tree,
            env=dict(self.environment),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate()
            except BaseException:
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(GRACE)
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise
        return process.returncode, out, err

    def state(self, stack: str) -> list[dict[str, Any]]:
        """Return the stack's resources as the engine keeps them, secrets in plain."""
        exported = self.pulumi("stack", "export", "--show-secrets", "--stack", stack)
        return json.loads(exported)["deployment"].get("resources", [])

    def planned(self, stack: str) -> dict[str, Any]:
        """Return what the plan of the copy's own code declares for its own stack file."""
        code, out, err = self.run([sys.executable, "-m", "sluice.program.engine.planned", stack])
        if code:
            raise StepFailed(f"the plan of {stack} failed:\n{err[-4000:]}")
        return json.loads(out)


@contextmanager
def temporary_project(revision: str | None = None) -> Iterator[Project]:
    """Yield a copy of the working tree's files that Git knows, or of those of `revision`, and leave nothing behind."""
    need_cli()
    with tempfile.TemporaryDirectory(prefix="sluice-engine-") as folder:
        home = Path(folder)
        tree = home / "tree"
        tree.mkdir()
        copy_program(tree, revision)
        yield Project(tree, home, cli_environment(home))


def copy_program(tree: Path, revision: str | None) -> None:
    """Put the program's files into `tree`, in place of those that are there."""
    for entry in tree.iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    if revision:
        archive_bytes = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
        with tempfile.TemporaryFile() as file:
            file.write(archive_bytes)
            file.seek(0)
            with tarfile.open(fileobj=file) as archive:
                archive.extractall(tree, filter="data")
    else:
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, tree / name)
    if not (tree / ".venv").is_symlink():
        (tree / ".venv").symlink_to(Path(sys.prefix))
    if BUNDLE.exists():
        (tree / ".wheels").mkdir(exist_ok=True)
        shutil.copy2(BUNDLE, tree / ".wheels" / BUNDLE.name)


def cli_environment(home: Path) -> dict[str, str]:
    """The CLI's surroundings: nothing of the user's Pulumi or AWS settings, and the stand-in as its provider."""
    plugin = home / "pulumi" / "plugins" / f"resource-aws-v{VERSION}" / "pulumi-resource-aws"
    for folder in (home / "state", plugin.parent):
        folder.mkdir(parents=True)
    # an installed plugin: of one that is only on the PATH the CLI warns at each call
    plugin.write_text(f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" -m {provider.__name__}\n', encoding="utf-8")
    plugin.chmod(0o755)
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ}
    return inherited | {
        "PULUMI_HOME": str(home / "pulumi"),
        "PULUMI_BACKEND_URL": (home / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "engine",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_ERROR_OUTPUT_STRING": "1",
        CLOUD: str(home / "cloud.json"),
    }
