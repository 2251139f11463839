"""The bundle of wheels that Glue installs from, so that no job ever reaches a live index."""

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from etl.console import ending
from etl.wording import counted

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-glue.txt"
PREINSTALLED = ROOT / "requirements-glue-preinstalled.txt"
BUNDLE = ROOT / ".wheels" / "sluice.gluewheels.zip"
PYTHON = "3.13"  # Glue 6.0's, on Amazon Linux 2023 (glibc 2.34)
PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in (34, 28, 27, 17, 12, 5)] + ["manylinux2014_x86_64"]
FITS = re.compile(r"-(py3|py2\.py3)-none-any\.whl$|-(cp313-cp313|cp3\d+-abi3|py3-none)-(manylinux\w+_x86_64\.?)+\.whl$")
EPOCH = (1980, 1, 1, 0, 0, 0)


def names(requirements: Path) -> dict[str, str]:
    """Return the pinned version ("" where there is none) of each package that a requirement file names."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:==([^\s;\\]+))?", requirements.read_text(), re.MULTILINE)
    return {_plain(name): version for name, version in found}


def wanted() -> dict[str, str]:
    """Return what the bundle must hold: what is locked and not preinstalled, by name with its version."""
    preinstalled = names(PREINSTALLED)
    return {name: version for name, version in names(LOCK).items() if name not in preinstalled}


def faults(wheels: list[str]) -> list[str]:
    """Say what keeps a list of wheel file names from being the bundle that the lock promises to Glue's Python."""
    held = {_plain(wheel.split("-")[0]): wheel.split("-")[1] for wheel in wheels}
    said = [f"{name}=={version} is missing" for name, version in wanted().items() if held.get(name) != version]
    said += [f"{name} is preinstalled or not locked" for name in held if name not in wanted()]
    return sorted(
        said + [f"{wheel} is not for Python {PYTHON} on x86-64 Linux" for wheel in wheels if not FITS.search(wheel)]
    )


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
    chosen = [path for path in sorted(folder.glob("*.whl")) if _plain(path.name.split("-")[0]) in wanted()]
    if said := faults([path.name for path in chosen]):
        sys.exit("the bundle is not what Glue needs:\n  " + "\n  ".join(said))
    BUNDLE.parent.mkdir(exist_ok=True)
    made = BUNDLE.with_suffix(".part")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for path in chosen:
            archive.writestr(zipfile.ZipInfo(path.name, EPOCH), path.read_bytes())
    made.replace(BUNDLE)
    print(f"{BUNDLE.relative_to(ROOT)}: {counted(len(chosen), 'wheel')}, {BUNDLE.stat().st_size / 1e6:.0f} MB")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Build the bundle, unless the one that is there holds what the lock says."""
    if BUNDLE.exists():
        with zipfile.ZipFile(BUNDLE) as archive:
            if not faults(archive.namelist()):
                return
    with tempfile.TemporaryDirectory() as folder:
        download(Path(folder))
        pack(Path(folder))


if __name__ == "__main__":
    sys.exit(ending("sandbox.wheels", main))
