"""The files that are too big or too binary to be text in a plan: the package `etl` as a zip, and the bundle of wheels."""

import io
import os
import zipfile
from pathlib import Path

import pulumi

from components.compute import wheels
from components.mock_run import refuse_deployment
from components.settings.contracts import ROOT

BUILD_FOLDER = ROOT / ".wheels"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell
EMULATED_BUNDLE = "An emulator's jobs run on this machine's Python: nothing is installed.\n"
READABLE_MODE = 0o644 << 16


def zip_package(folder: Path = ROOT / "etl") -> bytes:
    """The package as a zip: the same bytes from the same files, wherever and whenever it is made."""
    buffer = io.BytesIO()
    paths = {f"{folder.name}/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*.py")}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(paths):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, READABLE_MODE  # else they are the machine's
            archive.writestr(entry, paths[name].read_bytes())
    return buffer.getvalue()


def file_asset(content: bytes, name: str) -> pulumi.FileAsset:
    """The content as a file: as text in a preview it would drown what the reviewer looks for."""
    path = BUILD_FOLDER / name
    if not path.exists():
        BUILD_FOLDER.mkdir(exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(content)
        unfinished.replace(path)
    return pulumi.FileAsset(str(path.relative_to(ROOT)))


def check_bundle(needed: bool) -> None:
    """Refuse to begin with a bundle that is missing or not what the lock promises: later half the stack would be made.

    Under mocks, in a plan and in tests, nothing is deployed, and it is a warning.

    Raises:
        BadConfiguration: naming each wheel that is wrong.
    """
    if faults := wheels.bundle_faults() if needed else []:
        refuse_deployment("\n  ".join(["no deployment goes without the bundle of wheels, run `make wheels`:", *faults]))


def wheels_asset(needed: bool) -> pulumi.Asset:
    """The bundle; a plan shows a stand-in where it is not built, and an emulator needs none."""
    if wheels.BUNDLE.exists():
        return pulumi.FileAsset(str(wheels.BUNDLE.relative_to(ROOT)))
    return pulumi.StringAsset("run make wheels\n" if needed else EMULATED_BUNDLE)
