"""The files that are too big or too binary to be text in a plan: the package `etl` as a zip, and the bundle of wheels."""

import io
import os
import zipfile
from pathlib import Path

import pulumi

from components.compute import wheels
from components.mock_run import refuse
from components.settings.contracts import ROOT

BUILT = ROOT / ".wheels"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell
EMULATED = "An emulator's jobs run on this machine's Python: nothing is installed.\n"
READABLE = 0o644 << 16


def package(folder: Path = ROOT / "etl") -> bytes:
    """The package as a zip: the same bytes from the same files, wherever and whenever it is made."""
    packed = io.BytesIO()
    paths = {f"{folder.name}/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*.py")}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(paths):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, READABLE  # else they are the machine's
            archive.writestr(entry, paths[name].read_bytes())
    return packed.getvalue()


def kept(content: bytes, name: str) -> pulumi.FileAsset:
    """The content as a file: as text in a preview it would drown what the reviewer looks for."""
    path = BUILT / name
    if not path.exists():
        BUILT.mkdir(exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(content)
        unfinished.replace(path)
    return pulumi.FileAsset(str(path.relative_to(ROOT)))


def check(needed: bool) -> None:
    """Refuse to begin with a bundle that is missing or not what the lock promises: later half the stack would be made.

    Under mocks, in a plan and in tests, nothing is deployed, and it is a warning.

    Raises:
        BadConfiguration: naming each wheel that is wrong.
    """
    if wrong := wheels.bundle_faults() if needed else []:
        refuse("\n  ".join(["no deployment goes without the bundle of wheels, run `make wheels`:", *wrong]))


def asset(needed: bool) -> pulumi.Asset:
    """The bundle; a plan shows a stand-in where it is not built, and an emulator needs none."""
    if wheels.BUNDLE.exists():
        return pulumi.FileAsset(str(wheels.BUNDLE.relative_to(ROOT)))
    return pulumi.StringAsset("run make wheels\n" if needed else EMULATED)
