"""Stack files as users have them: spelt anew by the Pulumi CLI, and with values of their own."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from sluice.program.stack_files import ROOT, stack_names
from tests.lake import LAKE

SALT = "v1:+8EhIHeFzKI=:v1:F9KmfI+jspF4bBeP:12YiDb7gxSgzHFwjjasMCxj+O53zBQ=="
ELSEWHERE = "345678901234"
Edit = Callable[[str, dict[str, Any]], None]
"""Changes the configuration of a stack, by its name."""


def spelt_by_the_cli(stack: str, config: dict[str, Any]) -> None:
    """Booleans and numbers as texts, as `pulumi stack init` and `config set` (3.274.1) leave them at the top level."""
    config |= {key: str(value).lower() for key, value in config.items() if isinstance(value, bool | int)}


def with_a_users_values(stack: str, config: dict[str, Any]) -> None:
    """A person's address, an account as `config set --path` writes it, its boundary, other datasets' options and times."""
    config |= {
        "sluice:alarm_email": "oncall@acme.de",
        "sluice:prefix": "lake",
        "sluice:schedule": "cron(30 4 * * ? *)",
        "sluice:maintain": "cron(0 1 ? * SAT *)",
        "sluice:workers": "3",
        "sluice:log_days": "90",
        "sluice:query_gb": "20",
    }
    config["sluice:datasets"]["trades"] |= {"workers": "06", "active": True, "schedule": "cron(15 5 * * ? *)"}
    if stack != "local":  # whose region and account are the emulator's
        boundary = f"arn:aws:iam::{ELSEWHERE}:policy/lake-{stack}-boundary"
        config |= {
            "aws:region": "eu-central-1",
            "aws:allowedAccountIds": [int(ELSEWHERE)],
            "aws:secretKey": {"secure": "v1:abc"},
            "sluice:boundary": boundary,
        }


def edit_stack_files(folder: Path, *edits: Edit) -> None:
    """Change every stack file in a folder, and write it with a key of the CLI's and without its comments."""
    for stack in stack_names(folder):
        file = folder / f"Pulumi.{stack}.yaml"
        written = yaml.safe_load(file.read_text())
        for change in edits:
            change(stack, written["config"])
        file.write_text(yaml.safe_dump(written | {"encryptionsalt": SALT}, sort_keys=False))


def edited_folder(folder: Path, *edits: Edit) -> Path:
    """Return a folder with the sample stacks' files, changed."""
    for file in LAKE.glob("Pulumi.*.yaml"):
        shutil.copy(file, folder)
    edit_stack_files(folder, *edits)
    return folder


def edited_repository(folder: Path, *edits: Edit) -> Path:
    """Return a copy of the repository whose own stack files are changed."""
    left_out = shutil.ignore_patterns(
        ".git", ".venv", ".jars", ".wheels", ".bench", ".interop", ".jdk", "__pycache__", ".*cache"
    )
    shutil.copytree(ROOT, folder, symlinks=True, ignore=left_out)
    for name in (".venv", ".jars"):
        (folder / name).symlink_to(ROOT / name)
    edit_stack_files(folder, *edits)
    return folder
