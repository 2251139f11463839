"""The name of the Pulumi project, which is the namespace of its configuration: `<name>:datasets` in a stack's file.

Pulumi's engine takes it from `Pulumi.yaml`, and so do the tools. A lake of one's own has a name of its own, so no message
and no tool may have another's in its text.
"""

import functools
from pathlib import Path

import yaml

from components.settings.lake_folder import ROOT, lake_folder

PROJECT_FILE = "Pulumi.yaml"


def project_name() -> str:
    """Return the name in the lake's `Pulumi.yaml`; a lake in another folder may leave that file to the repository."""
    return project_name_in(lake_folder()) or project_name_in(ROOT)


@functools.cache
def project_name_in(folder: Path) -> str:
    """Return the name in a folder's `Pulumi.yaml`, nothing where the folder has no such file."""
    file = folder / PROJECT_FILE
    return str(yaml.safe_load(file.read_text(encoding="utf-8"))["name"]) if file.is_file() else ""


def option_key(option: str) -> str:
    """Return an option as a stack's file and the engine have it, such as `sluice:prefix`."""
    return f"{project_name()}:{option}"
