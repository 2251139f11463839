"""The files that are too big or too binary to be text in a plan: the package `etl` as a zip, and the bundle of wheels."""

import io
import os
import zipfile
from pathlib import Path

import pulumi

from components.contracts import ROOT

BUILT = ROOT / ".wheels"
BUNDLE = BUILT / "sluice.gluewheels.zip"
LOCK = ROOT / "requirements-glue.txt"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell
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


def wheels(needed: bool) -> pulumi.Asset:
    """The bundle. Where it is not built a preview shows a stand-in, and the engine refuses to deploy without the file."""
    if BUNDLE.exists():
        return pulumi.FileAsset(str(BUNDLE.relative_to(ROOT)))
    if not needed:
        return pulumi.StringAsset("An emulator's jobs run on this machine's Python: nothing is installed.\n")
    pulumi.log.warn(f"{BUNDLE.relative_to(ROOT)} is not built, and no deployment goes without it: run `make wheels`")
    if pulumi.runtime.is_dry_run():
        return pulumi.StringAsset("run make wheels\n")
    return pulumi.FileAsset(str(BUNDLE.relative_to(ROOT)))
