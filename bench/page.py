"""The page that figures are written to: a section for each series, which the next measurement of that series replaces."""

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.series import code_hash, describe_commit
from sluice.sandbox.jobs import runner

SECTIONS = ("peers", "formats", "drawn", "growth", "bookkeeping", "keys", "tiny")
SCALE_PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
BEYOND = ", beyond"
"""Ends a bound that was not kept."""
TITLE = """# What the gate costs

Figures by `make bench` and `make bench-formats`, `bench-drawn`, `bench-growth`, `bench-ledger`, `bench-keys` and
`bench-tiny`; each section names its command and machine.
"""


def replace_section(path: Path, section: str, text: str) -> None:
    """Write a section in place of the earlier one; the others stay as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    sections = {name: _find_section(page, name) for name in SECTIONS} | {section: text.strip()}
    parts = [
        f"{_section_marker(name)}\n{body}\n{_section_marker(f'end of {name}')}\n"
        for name, body in sections.items()
        if body
    ]
    path.write_text("\n".join([TITLE, *parts]), encoding="utf-8")


def _section_marker(name: str) -> str:
    return f"<!-- {name} -->"


def _find_section(page: str, name: str) -> str:
    match = re.search(
        f"{re.escape(_section_marker(name))}\n(.*?)\n{re.escape(_section_marker(f'end of {name}'))}", page, re.DOTALL
    )
    return match[1] if match else ""


def replace_between(path: Path, begin: str, end: str, text: str) -> None:
    """Write a text between two markers of a page; the rest of it stays.

    Raises:
        ValueError: the page has not both markers.
    """
    page = path.read_text(encoding="utf-8")
    before, rest = page[: page.index(begin)], page[page.index(begin) :]
    path.write_text(f"{before}{begin}\n\n{text}\n\n{rest[rest.index(end) :]}", encoding="utf-8")


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def describe_bound(measured: float, bound: float) -> str:
    """Return a bound as text, with BEYOND where what was measured is above it."""
    return f"{bound:g}{BEYOND if measured > bound else ''}"


def describe_setup(command: str) -> str:
    """Say when, with what command, on what machine and with which versions was measured."""
    names = ("pyspark", "great-expectations", "ministack")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{describe_machine(command).removesuffix('.')}, Java {_java_version()}, {versions}."


def describe_machine(command: str) -> str:
    """Say when, with what command and on what machine was measured: of what takes neither Spark nor an emulator."""
    cores, memory = os.cpu_count(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `{command}` at commit {describe_commit()} (code of "
        f"the job {code_hash()}), on "
        f"{cores} cores ({platform.machine()}) and {memory:.0f} GiB of memory, Python {platform.python_version()}."
    )


def _java_version() -> str:
    java = runner.java_home() / "bin" / "java"
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    match = re.search(r'version "([^"]+)"', output)
    return match[1] if match else "unknown"
