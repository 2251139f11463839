"""The bundle of wheels that Glue installs from, held against the lock: by package, version, platform and sha256."""

import hashlib
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from components.settings.lake_folder import ROOT

BUNDLE = ROOT / ".wheels" / "sluice.gluewheels.zip"
LOCK = ROOT / "requirements-glue.txt"
PREINSTALLED = ROOT / "requirements-glue-preinstalled.txt"
PYTHON = "3.13"  # Glue 6.0's, on Amazon Linux 2023 (glibc 2.34)
COMPATIBLE_NAME = re.compile(
    r"-(py3|py2\.py3)-none-any\.whl$|-(cp313-cp313|cp3\d+-abi3|py3-none)-(manylinux\w+_x86_64\.?)+\.whl$"
)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:==([^\s;\\]+))?((?:.*\\\n)*.*)$", re.MULTILINE)
Digests = list[tuple[str, str]]
"""File names of wheels, each with the sha256 of its bytes, in hexadecimal."""


def pinned_packages(requirements: Path) -> dict[str, tuple[str, set[str]]]:
    """Return, by package, the version ("" where there is none) and the sha256 that a requirement file pins."""
    entries = PINNED.findall(requirements.read_text(encoding="utf-8"))
    return {
        normalize_name(name): (version, set(re.findall(r"sha256:([0-9a-f]{64})", options)))
        for name, version, options in entries
    }


def required_packages() -> dict[str, tuple[str, set[str]]]:
    """Return what the bundle must hold: what is locked and not preinstalled, by package with version and sha256."""
    preinstalled = pinned_packages(PREINSTALLED)
    return {name: entry for name, entry in pinned_packages(LOCK).items() if name not in preinstalled}


def wheel_digests(bundle: Path) -> Digests:
    """Return what a zip holds.

    Raises:
        ValueError: the file is no zip, or a damaged one.
    """
    try:
        with zipfile.ZipFile(bundle) as archive:
            return [(entry.filename, hashlib.sha256(archive.read(entry)).hexdigest()) for entry in archive.infolist()]
    except (zipfile.BadZipFile, OSError, EOFError) as fault:
        raise ValueError(f"{bundle.name} is no readable zip: {fault}") from fault


def bundle_content_faults(files: Digests) -> list[str]:
    """Say what keeps these files from being the bundle that the lock promises to Glue's Python; none is a good bundle."""
    required = required_packages()
    present = [package_of(name) for name, _ in files]
    missing = [f"{name}=={required[name][0]} is missing" for name in required.keys() - set(present)]
    surplus = [f"{name} is preinstalled or not locked" for name, _ in files if package_of(name) not in required]
    double = [f"{name} is there twice" for name in set(present) if present.count(name) > 1]
    return sorted(missing + surplus + double) + [
        fault for name, digest in files for fault in wheel_faults(name, digest, required)
    ]


def wheel_faults(file: str, digest: str, required: dict[str, tuple[str, set[str]]]) -> Iterable[str]:
    """Yield what is wrong with one wheel whose package is locked."""
    version, hashes = required.get(package_of(file), ("", set()))
    if not version:
        return
    if not COMPATIBLE_NAME.search(file):
        yield f"{file} is not for Python {PYTHON} on x86-64 Linux"
    if file.split("-")[1:2] != [version]:
        yield f"{file} is not {package_of(file)}=={version}"
    elif digest not in hashes:
        yield f"{file} has the sha256 {digest}, which {LOCK.name} does not have for {package_of(file)}"


def package_of(file: str) -> str:
    """Return the package that a wheel's file name begins with, normalised (PEP 503, PEP 427)."""
    return normalize_name(file.split("-", maxsplit=1)[0])


def normalize_name(name: str) -> str:
    """Return a package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def bundle_faults() -> list[str]:
    """Return what keeps the bundle that is built from being deployed; none is a good one."""
    if not BUNDLE.exists():
        return [f"{BUNDLE.relative_to(ROOT)} is not built"]
    try:
        return bundle_content_faults(wheel_digests(BUNDLE))
    except ValueError as fault:
        return [str(fault)]
