"""What a day of five rows takes, from the start of the process to its verdict, and where the seconds go."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import lake, page, process
from bench.figures import Figure
from bench.lake import Lake
from bench.process import ROOT, Failed
from bench.wanted import Wanted
from sandbox import archive
from sandbox.demo import DAYS

PHASES = {
    "modules": "Python and the job's modules",
    "look": "contracts, ledger, listing, a look at the object",
    "jvm": "the JVM and its session",
    "library": "what importing the library takes longer than that, beside which it runs",
    "plan": "reading, both contracts as columns, the table declared",
    "write": "the pass that reads, judges and writes",
    "judge": "judging what was written, the key",
    "publish": "the ledger, publishing",
    "verdict": "the verdict, Data Docs",
}
SECONDS = 300


def run(wanted: Wanted) -> str:
    """Measure, write the section, return its last line."""
    found: dict[str, list[dict[str, float]]] = {}
    with lake.running(wanted.folder) as at:
        day = at.land("tiny", [DAYS / "good.csv"])
        for repetition in range(1, wanted.repetitions + 1):
            for name, properties in _settings(at).items():
                found.setdefault(name, []).append(_measured(at, at.arguments(wanted.suites, day, name), properties))
            print(f"  {repetition}/{wanted.repetitions}", flush=True)
    cells = [[told, *(_taken(each, phase).shown(2) for each in found.values())] for phase, told in PHASES.items()]
    totals = {name: Figure.of(one["verdict"] for one in each) for name, each in found.items()}
    cells.append(["**to the verdict**", *(f"**{total.shown(2)}**" for total in totals.values())])
    page.put(wanted.page, "tiny", _section(wanted, list(found), cells))
    return "a tiny day takes " + ", ".join(f"{total.middle:.1f} s with {name}" for name, total in totals.items())


def _settings(at: Lake) -> dict[str, dict[str, str]]:
    """Return Spark's settings, by what they are."""
    options = f"{at.here['spark.driver.extraJavaOptions']} {archive.option()}"
    return {
        "the sandbox's settings": {**at.here, "spark.driver.extraJavaOptions": options},
        "the cloud's settings": at.cloud,
    }


def _measured(at: Lake, arguments: list[str], properties: dict[str, str]) -> dict[str, float]:
    """Return the seconds after which each phase of a run had ended."""
    with tempfile.TemporaryDirectory(dir=at.folder) as made:
        folder = Path(made)
        process.configure(folder, properties)
        environment = process.environment(at, folder)
        command = [sys.executable, "-m", "bench.tiny_child", str(time.time()), str(folder / "told.json"), *arguments]
        with (folder / "log.txt").open("wb") as log:
            done = subprocess.run(  # noqa: S603
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, timeout=SECONDS, check=False
            )
        if done.returncode:
            raise Failed((folder / "log.txt").read_text(errors="replace")[-6000:])
        return json.loads((folder / "told.json").read_text())


def _taken(runs: list[dict[str, float]], phase: str) -> Figure:
    """Return a phase's seconds: from when all before it had ended."""
    names = list(PHASES)
    before = names[: names.index(phase)]
    return Figure.of(max(0.0, one[phase] - max((one[name] for name in before), default=0.0)) for one in runs)


def _section(wanted: Wanted, names: list[str], cells: list[list[str]]) -> str:
    return "\n\n".join(
        [
            "## A tiny day",
            f"{page.surroundings(wanted.command)} Five rows of sales from the start of the process to the verdict: medians of "
            f"{wanted.repetitions}, and the smallest to the largest; each line has a median of its own.",
            page.table(["seconds", *names], cells),
            "All bytes are the emulator's. The sandbox's settings are for tiny days only: an archive of Spark's classes, one "
            "compiler, interpreted plans.",
        ]
    )
