"""The files that are too big or too binary to be text in a plan: the package `etl` as a zip, and the bundle of wheels."""

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pulumi

from components.compute import wheels
from components.mock_run import refuse_deployment
from components.settings.lake_folder import ROOT, transforms_folder

BUILD_FOLDER = ROOT / ".wheels"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell
EMULATED_BUNDLE = "An emulator's jobs run on this machine's Python: nothing is installed.\n"
READABLE_MODE = 0o644 << 16


def zip_package() -> bytes:
    """The package `etl` with the lake's transforms as a zip."""
    return zip_modules(package_modules(ROOT / "etl", transforms_folder()))


def package_modules(package: Path, transforms: Path) -> dict[str, Path]:
    """Return the modules of a package by their path in the zip; those of its `datasets` are the lake's `transforms`."""
    modules = [path for path in package.rglob("*.py") if path.parent != package / "datasets"]
    names = {f"{package.name}/{path.relative_to(package).as_posix()}": path for path in modules}
    datasets = [package / "datasets" / "__init__.py", *transforms.glob("[!_]*.py")]
    return names | {f"{package.name}/datasets/{path.name}": path for path in datasets}


def zip_modules(paths: Mapping[str, Path]) -> bytes:
    """Return a zip: the same bytes from the same files, wherever and whenever it is made."""
    buffer = io.BytesIO()
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
