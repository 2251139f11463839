"""What `make coverage` found: of each package how many lines the tests run, printed, and with --write noted in docs."""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.settings.lake_folder import ROOT

PAGE = ROOT / "docs/reliability.md"
TABLE = re.compile(r"(?<=<!-- make coverage -->\n).*?(?=<!-- -->)", re.DOTALL)
LEAST_SHOWN = 10
"""Lines that no test runs, from which a module is named."""


def main(argv: list[str] | None = None) -> None:
    """Print the figures of a report of coverage.py's in JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--write", action="store_true", help=f"also into {PAGE.relative_to(ROOT)}")
    options = parser.parse_args(argv)
    report = json.loads(options.report.read_text(encoding="utf-8"))
    print("\n".join([*unrun_modules(report), "", package_table(report)]))
    if options.write:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(TABLE.sub(lambda _: package_table(report), text), encoding="utf-8")


def package_table(report: dict[str, Any]) -> str:
    """Return a table in Markdown: a row for each package of two names, and one for all."""
    lines: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, measured in report["files"].items():
        for row in (package_of(name), "all"):
            lines[row][0] += measured["summary"]["num_statements"]
            lines[row][1] += measured["summary"]["covered_lines"]
    names = [*sorted(lines.keys() - {"all"}), "all"]
    rows = [f"| {name} | {lines[name][0]:,} | {share(*lines[name])} |" for name in names if lines[name][0]]
    return "\n".join(["| package | lines | run |", "|---|---:|---:|", *rows, ""])


def package_of(name: str) -> str:
    """Return the package of a module, by at most two names."""
    return f"`{'/'.join(Path(name).parent.parts[:2])}`"


def share(lines: int, run: int) -> str:
    """Return the share of lines that ran; never 100 % where one did not."""
    return f"{int(1000 * run / lines) / 10:.1f} %"


def unrun_modules(report: dict[str, Any]) -> Iterator[str]:
    """Yield the modules with the most lines that no test runs, and these lines."""
    files = sorted(report["files"].items(), key=lambda entry: -len(entry[1]["missing_lines"]))
    for name, measured in files:
        missing = measured["missing_lines"]
        if len(missing) >= LEAST_SHOWN:
            yield f"{name}: {len(missing)} of {measured['summary']['num_statements']}: {', '.join(map(str, missing))}"


if __name__ == "__main__":
    main()
