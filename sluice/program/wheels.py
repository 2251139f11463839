"""The bundle that Glue installs from, so that no job ever reaches a live index."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from components.compute.wheels import (
    BUNDLE,
    LOCK,
    PYTHON,
    ROOT,
    bundle_content_faults,
    bundle_faults,
    package_of,
    required_packages,
    wheel_digests,
)
from etl.wording import count_noun
from sluice.cli.errors import FaultWithLines
from sluice.console import print_lines

PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in (34, 28, 27, 17, 12, 5)] + ["manylinux2014_x86_64"]
EPOCH = (1980, 1, 1, 0, 0, 0)


def download_wheels(folder: Path) -> None:
    """Fetch the locked wheels for Glue's Python and platform, by their hashes."""
    platforms = [part for platform in PLATFORMS for part in ("--platform", platform)]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    exact = ["--require-hashes", "--only-binary=:all:", "--python-version", PYTHON, *platforms]
    subprocess.run([*pip, *exact, "--dest", str(folder), "--requirement", str(LOCK)], check=True)


def pack_wheels(folder: Path) -> None:
    """Zip the wheels that Glue lacks, the same bytes from the same wheels.

    Raises:
        FaultWithLines: the wheels are not what the lock promises.
    """
    chosen = [path for path in sorted(folder.glob("*.whl")) if package_of(path.name) in required_packages()]
    BUNDLE.parent.mkdir(exist_ok=True)
    partial_bundle = BUNDLE.with_suffix(".part")
    with zipfile.ZipFile(partial_bundle, "w", zipfile.ZIP_STORED) as archive:
        for path in chosen:
            archive.writestr(zipfile.ZipInfo(path.name, EPOCH), path.read_bytes())
    if found_faults := bundle_content_faults(wheel_digests(partial_bundle)):
        partial_bundle.unlink()
        raise FaultWithLines("the bundle is not what Glue needs:\n  " + "\n  ".join(found_faults))
    partial_bundle.replace(BUNDLE)
    print_lines(f"{BUNDLE.relative_to(ROOT)}: {count_noun(len(chosen), 'wheel')}, {BUNDLE.stat().st_size / 1e6:.0f} MB")


def build_bundle() -> None:
    """Build the bundle, unless the one that is there is what the lock says, wheel by wheel."""
    if bundle_faults():
        with tempfile.TemporaryDirectory() as folder:
            download_wheels(Path(folder))
            pack_wheels(Path(folder))
