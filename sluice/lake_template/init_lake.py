"""A lake of one's own: a folder made from this repository, without the sample, under a name and a Git history of its own.

What comes is the newest version that the source has tagged. `copier update` brings later ones. The folder appears when all of
it is made; whatever fails before leaves nothing.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

import typer
import yaml

from components.names import prefix_takes
from components.settings.lake_folder import ROOT
from etl.errors import SluiceError
from sluice.cli.errors import WrongUse
from sluice.console import print_lines
from sluice.lake_template.template_source import ANSWERS, template_source

NAME = r"[a-z][a-z0-9-]{1,38}"
NAME_TAKES = "2 to 39 of a-z, 0-9 and hyphen, a letter first"
TAKEN = ("aws", "pulumi")
"""Names of the configuration's other namespaces."""


class TemplateUnavailable(SluiceError):
    """The source cannot be fetched, or is no Sluice that lakes are made from."""


def run(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet, or is empty.")],
    name: Annotated[
        str | None,
        typer.Option(help="Pulumi's project and the configuration's namespace; by default the folder's name."),
    ] = None,
    prefix: Annotated[
        str | None, typer.Option(help="First part of every name in AWS; by default the name without hyphens.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The repository that it comes from; by default this clone's origin."),
    ] = None,
) -> None:
    """Make the lake and print what to do next."""
    target = Path(os.path.abspath(folder))
    lake_name = check_name(name or target.name)
    lake_prefix = check_prefix(prefix or re.sub(r"[^a-z0-9]", "", lake_name)[:20])
    refuse_taken(target)
    url = template_source(source)
    version = make_lake(target, url, lake_name, lake_prefix)
    print_lines(f"{target}: the lake {lake_name}, from Sluice {version}")
    if url.removeprefix("git+").startswith("file:"):
        print_lines(f"  its updates come from {url.removeprefix('git+')}, which is on this machine alone")
    print_lines("next:")
    print_lines(f"  1. cd {target}, then make setup")
    print_lines("  2. sluice new stores --from stores.csv: a first dataset, from a file of yours")
    print_lines("  3. docs/deploying.md for an account; `copier update` brings a newer Sluice")


def check_name(name: str) -> str:
    """Return a lake's name; raises WrongUse where Pulumi, its configuration or YAML would take it for something else."""
    if not re.fullmatch(NAME, name, re.ASCII) or name in TAKEN or yaml.safe_load(name) != name:
        raise WrongUse(
            f"{name!r} is no name of a lake: it has {NAME_TAKES}, and is neither {' nor '.join(TAKEN)} nor a word of YAML; "
            "give one by --name"
        )
    return name


def check_prefix(prefix: str) -> str:
    """Return a prefix; raises WrongUse where the program would refuse it."""
    if takes := prefix_takes(prefix):
        raise WrongUse(f"{prefix!r} is no prefix of names: it takes {takes}; give one by --prefix")
    return prefix


def refuse_taken(target: Path) -> None:
    """Raise WrongUse where something is at the place already."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise WrongUse(f"{target} is there already, and is no folder; name another one")
    if target.is_dir() and any(target.iterdir()):
        raise WrongUse(f"{target} is not empty; a lake takes a folder of its own, so name one that is not there yet")
    if target.is_relative_to(ROOT):
        raise WrongUse(f"{target} is within {ROOT}, whose Git would take the lake for its own; name a folder beside it")


def make_lake(target: Path, url: str, name: str, prefix: str) -> str:
    """Make the lake beside its place and move it there; return the version of Sluice that it is.

    Raises:
        TemplateUnavailable: the source cannot be fetched, or is none.
    """
    existing = next(parent for parent in target.parents if parent.is_dir())
    with tempfile.TemporaryDirectory(prefix=".sluice-init-", dir=existing) as workshop:
        tree = Path(workshop) / "lake"
        _render(tree, url, {"name": name, "prefix": prefix})
        version = _rendered_version(tree, url, name)
        _commit(tree, version)
        target.parent.mkdir(parents=True, exist_ok=True)
        tree.rename(target)  # also over an empty folder
    return version


def _render(tree: Path, url: str, answers: dict[str, str]) -> None:
    from copier import run_copy  # noqa: PLC0415  half a second, which no refusal waits for
    from copier.errors import CopierError  # noqa: PLC0415
    from plumbum.commands.processes import ProcessExecutionError  # noqa: PLC0415  how copier tells what Git refused

    try:
        run_copy(url, tree, data=answers, defaults=True, quiet=True, unsafe=False)
    except ProcessExecutionError as fault:
        lines = [line for line in str(fault.stderr).splitlines() if line.startswith(("fatal:", "error:", "remote:"))]
        raise TemplateUnavailable(
            f"{url.removeprefix('git+')} cannot be fetched: {(lines or [str(fault.stderr).strip()])[0]}; nothing was made"
        ) from fault
    except (CopierError, ValueError) as fault:
        raise TemplateUnavailable(f"{url.removeprefix('git+')} cannot be taken: {fault}; nothing was made") from fault


def _rendered_version(tree: Path, url: str, name: str) -> str:
    try:
        project = yaml.safe_load((tree / "Pulumi.yaml").read_text(encoding="utf-8"))["name"]
        version = str(yaml.safe_load((tree / ANSWERS).read_text(encoding="utf-8"))["_commit"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        project = version = ""
    if project != name or not version:
        raise TemplateUnavailable(
            f"{url.removeprefix('git+')} is no Sluice that lakes are made from: its newest version has no copier.yml; name "
            "another repository by --source. Nothing was made"
        )
    return version


def _commit(tree: Path, version: str) -> None:
    """Give the lake a history whose first commit is what came: an update compares with it."""
    git = ["git", "-C", str(tree)]
    nobody = subprocess.run([*git, "var", "GIT_COMMITTER_IDENT"], capture_output=True, check=False).returncode
    author = ["-c", "user.name=sluice init", "-c", "user.email=sluice-init@localhost"] if nobody else []
    message = f"A lake of one's own, from Sluice {version}"
    for command in (
        [*git, "init", "--quiet", "--initial-branch=main"],
        [*git, "add", "--all"],
        [*git, *author, "commit", "--quiet", "--no-verify", "--message", message],
    ):
        completed = subprocess.run(command, capture_output=True, text=True, check=False)
        if completed.returncode:
            raise TemplateUnavailable(f"git could not keep the lake: {completed.stderr.strip()}; nothing was made")
