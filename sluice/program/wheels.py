"""`make wheels`: the bundle that Glue installs from, so that no job ever reaches a live index."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from components.compute.wheels import BUNDLE, LOCK, PYTHON, ROOT, bundle_faults, digests, faults, package, wanted
from etl.wording import counted
from sluice.console import ending

PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in (34, 28, 27, 17, 12, 5)] + ["manylinux2014_x86_64"]
EPOCH = (1980, 1, 1, 0, 0, 0)


def download(into: Path) -> None:
    """Fetch the locked wheels for Glue's Python and platform, by their hashes."""
    platforms = [part for platform in PLATFORMS for part in ("--platform", platform)]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    exact = ["--require-hashes", "--only-binary=:all:", "--python-version", PYTHON, *platforms]
    subprocess.run([*pip, *exact, "--dest", str(into), "--requirement", str(LOCK)], check=True)


def pack(folder: Path) -> None:
    """Zip the wheels that Glue lacks, the same bytes from the same wheels.

    Raises:
        SystemExit: the wheels are not what the lock promises.
    """
    chosen = [path for path in sorted(folder.glob("*.whl")) if package(path.name) in wanted()]
    BUNDLE.parent.mkdir(exist_ok=True)
    unfinished = BUNDLE.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        for path in chosen:
            archive.writestr(zipfile.ZipInfo(path.name, EPOCH), path.read_bytes())
    if wrong := faults(digests(unfinished)):
        unfinished.unlink()
        sys.exit("the bundle is not what Glue needs:\n  " + "\n  ".join(wrong))
    unfinished.replace(BUNDLE)
    print(f"{BUNDLE.relative_to(ROOT)}: {counted(len(chosen), 'wheel')}, {BUNDLE.stat().st_size / 1e6:.0f} MB")


def main() -> None:
    """Build the bundle, unless the one that is there is what the lock says, wheel by wheel."""
    if bundle_faults():
        with tempfile.TemporaryDirectory() as folder:
            download(Path(folder))
            pack(Path(folder))


if __name__ == "__main__":
    sys.exit(ending("sandbox.wheels", main))
