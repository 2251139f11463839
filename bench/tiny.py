"""What a day of five rows takes, from the start of the process to its verdict, and where the seconds go."""

import json
import tempfile
import time
from pathlib import Path

from bench import lake, page, process
from bench.figures import Figure
from bench.lake import Lake
from bench.peers import load_variants
from bench.wanted import ORDERS_LAKE, BenchOptions
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


def run(options: BenchOptions) -> str:
    """Measure, write the section, return its last line."""
    phases_by_settings: dict[str, list[dict[str, float]]] = {}
    peers: dict[tuple[str, str], list[float]] = {}
    with lake.running_lake(options.folder, options.lake_folder) as bench_lake:
        day = bench_lake.land_files("tiny", [ORDERS_LAKE / "tiny.csv"])
        for repetition in range(1, options.repetitions + 1):
            for name, properties in _spark_settings(bench_lake).items():
                phases_by_settings.setdefault(name, []).append(
                    _measure_phases(bench_lake, bench_lake.job_arguments(options.suites, day, name), properties)
                )
                for peer in PEERS:
                    seconds = _measure_whole(
                        bench_lake, peer, bench_lake.job_arguments(options.suites, day, name), properties
                    )
                    peers.setdefault((peer, name), []).append(seconds)
            print(f"  {repetition}/{options.repetitions}", flush=True)
    totals = {
        ("sluice", name): [phases["verdict"] for phases in runs] for name, runs in phases_by_settings.items()
    } | peers
    page.replace_section(options.page, "tiny", _section_text(options, phases_by_settings, totals))
    ours = {name: Figure.from_values(totals["sluice", name]).middle for name in phases_by_settings}
    return "a tiny day takes " + ", ".join(f"{seconds:.1f} s with {name}" for name, seconds in ours.items())


def _spark_settings(bench_lake: Lake) -> dict[str, dict[str, str]]:
    """Return Spark's settings, by what they are."""
    return {
        "the sandbox's settings": bench_lake.archived_sandbox_properties,
        "the cloud's settings": bench_lake.cloud_properties,
    }


def _measure_phases(bench_lake: Lake, arguments: list[str], properties: dict[str, str]) -> dict[str, float]:
    """Return the seconds after which each phase of a run had ended."""
    with tempfile.TemporaryDirectory(dir=bench_lake.folder) as temporary:
        folder = Path(temporary)
        phases_file = folder / "told.json"
        process.run_to_end(
            bench_lake, folder, properties, ["bench.tiny_child", str(time.time()), str(phases_file), *arguments]
        )
        return json.loads(phases_file.read_text())


def _measure_whole(bench_lake: Lake, peer: str, arguments: list[str], properties: dict[str, str]) -> float:
    """Return the seconds from the start of a peer's process to its end, which is its verdict."""
    with tempfile.TemporaryDirectory(dir=bench_lake.folder) as temporary:
        folder = Path(temporary)
        (folder / "runs.json").write_text(json.dumps([arguments]))
        return process.run_to_end(bench_lake, folder, properties, ["bench.child", peer, str(folder)])


def _phase_seconds(runs: list[dict[str, float]], phase: str) -> Figure:
    """Return a phase's seconds: from when all before it had ended."""
    names = list(PHASES)
    before = names[: names.index(phase)]
    return Figure.from_values(
        max(0.0, phases[phase] - max((phases[name] for name in before), default=0.0)) for phases in runs
    )


def _section_text(
    options: BenchOptions,
    phases_by_settings: dict[str, list[dict[str, float]]],
    totals: dict[tuple[str, str], list[float]],
) -> str:
    titles = {"sluice": "**Sluice**"} | {peer: load_variants()[peer].title for peer in PEERS}
    wholes = [
        [titles[peer], *(Figure.from_values(totals[peer, name]).format_with_ends(2) for name in phases_by_settings)]
        for peer in ("ungated", "sluice", *PEERS[1:])
    ]
    phases = [
        [description, *(_phase_seconds(runs, phase).format_with_ends(2) for runs in phases_by_settings.values())]
        for phase, description in PHASES.items()
    ]
    return "\n\n".join(
        [
            "## A tiny day",
            f"{page.describe_setup(options.command)} Five rows of orders from the start of the process to "
            f"the verdict: medians of "
            f"{options.repetitions}, and the smallest to the largest.",
            page.markdown_table(["seconds", *phases_by_settings], wholes),
            "Where Sluice's go; each line has a median of its own.",
            page.markdown_table(["seconds", *phases_by_settings], phases),
            "All bytes are the emulator's. The sandbox's settings are for tiny days only: "
            f"{'an' if class_archive.jvm_option() else 'no'} archive of Spark's classes, one compiler, interpreted plans.",
        ]
    )
