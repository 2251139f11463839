"""What a day of five rows takes, from the start of the process to its verdict, and where the seconds go."""

import json
import tempfile
import time
from pathlib import Path

from bench import lake, page, process
from bench.figures import Figure
from bench.lake import Lake
from bench.peers import variants
from bench.wanted import Wanted
from sluice.sandbox.demo.demo import DAYS
from sluice.sandbox.jobs import class_archive

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
PEERS = ("ungated", "gx-boolean", "gx-summary")


def run(wanted: Wanted) -> str:
    """Measure, write the section, return its last line."""
    found: dict[str, list[dict[str, float]]] = {}
    peers: dict[tuple[str, str], list[float]] = {}
    with lake.running(wanted.folder) as at:
        day = at.land("tiny", [DAYS / "good.csv"])
        for repetition in range(1, wanted.repetitions + 1):
            for name, properties in _settings(at).items():
                found.setdefault(name, []).append(_measured(at, at.arguments(wanted.suites, day, name), properties))
                for peer in PEERS:
                    seconds = _whole(at, peer, at.arguments(wanted.suites, day, name), properties)
                    peers.setdefault((peer, name), []).append(seconds)
            print(f"  {repetition}/{wanted.repetitions}", flush=True)
    totals = {("sluice", name): [one["verdict"] for one in each] for name, each in found.items()} | peers
    page.put(wanted.page, "tiny", _section(wanted, found, totals))
    ours = {name: Figure.of(totals["sluice", name]).middle for name in found}
    return "a tiny day takes " + ", ".join(f"{seconds:.1f} s with {name}" for name, seconds in ours.items())


def _settings(at: Lake) -> dict[str, dict[str, str]]:
    """Return Spark's settings, by what they are."""
    options = f"{at.here['spark.driver.extraJavaOptions']} {class_archive.option()}"
    return {
        "the sandbox's settings": {**at.here, "spark.driver.extraJavaOptions": options},
        "the cloud's settings": at.cloud,
    }


def _measured(at: Lake, arguments: list[str], properties: dict[str, str]) -> dict[str, float]:
    """Return the seconds after which each phase of a run had ended."""
    with tempfile.TemporaryDirectory(dir=at.folder) as made:
        folder = Path(made)
        told = folder / "told.json"
        process.finished(at, folder, properties, ["bench.tiny_child", str(time.time()), str(told), *arguments])
        return json.loads(told.read_text())


def _whole(at: Lake, peer: str, arguments: list[str], properties: dict[str, str]) -> float:
    """Return the seconds from the start of a peer's process to its end, which is its verdict."""
    with tempfile.TemporaryDirectory(dir=at.folder) as made:
        folder = Path(made)
        (folder / "runs.json").write_text(json.dumps([arguments]))
        return process.finished(at, folder, properties, ["bench.child", peer, str(folder)])


def _taken(runs: list[dict[str, float]], phase: str) -> Figure:
    """Return a phase's seconds: from when all before it had ended."""
    names = list(PHASES)
    before = names[: names.index(phase)]
    return Figure.of(max(0.0, one[phase] - max((one[name] for name in before), default=0.0)) for one in runs)


def _section(
    wanted: Wanted, found: dict[str, list[dict[str, float]]], totals: dict[tuple[str, str], list[float]]
) -> str:
    titles = {"sluice": "**Sluice**"} | {peer: variants()[peer].title for peer in PEERS}
    wholes = [
        [titles[peer], *(Figure.of(totals[peer, name]).shown(2) for name in found)]
        for peer in ("ungated", "sluice", *PEERS[1:])
    ]
    phases = [[told, *(_taken(each, phase).shown(2) for each in found.values())] for phase, told in PHASES.items()]
    return "\n\n".join(
        [
            "## A tiny day",
            f"{page.surroundings(wanted.command)} Five rows of sales from the start of the process to the verdict: medians of "
            f"{wanted.repetitions}, and the smallest to the largest.",
            page.table(["seconds", *found], wholes),
            "Where Sluice's go; each line has a median of its own.",
            page.table(["seconds", *found], phases),
            "All bytes are the emulator's. The sandbox's settings are for tiny days only: "
            f"{'an' if class_archive.option() else 'no'} archive of Spark's classes, one compiler, interpreted plans.",
        ]
    )
