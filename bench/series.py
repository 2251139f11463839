"""Series of measurements: which variant on which day under which contracts, repetition by repetition."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bench import dirty, process
from bench.figures import SavedResults
from bench.lake import RUN_DATE, Lake, Suites
from bench.peers import Variant
from bench.process import ROOT, Measurement
from etl.contract.loading import parse_contract


@dataclass(frozen=True)
class Case:
    """One measurement of a series: a variant, a day's URI, the contracts, and what it is called in the results."""

    variant: Variant
    day: str
    suites: Suites
    name: str


def measure_cases(
    lake: Lake, cases: Iterable[Case], repetitions: int, results: SavedResults
) -> dict[str, dict[int, Measurement]]:
    """Measure each case once a repetition, interleaved, and return what was told by case and repetition."""
    cases = list(cases)
    measurements: dict[str, dict[int, Measurement]] = {case.name: {} for case in cases}
    for repetition in range(1, repetitions + 1):
        for case in cases:
            key = f"{case.name} {repetition}"
            if key not in results:
                run = lake.job_arguments(case.suites, case.day, case.variant.name)
                [measurement] = process.measure_runs(lake, case.variant, [run])
                results.save_measurement(key, measurement)
            measurements[case.name][repetition] = results.measurements[key]
            print(f"  {repetition}/{repetitions} {case.name}: {results.measurements[key].seconds:.1f} s", flush=True)
    return measurements


@dataclass(frozen=True)
class Agreement:
    """By stage, the rules that were found broken on a dirty day; and the peers that said otherwise, with what."""

    broken: list[tuple[str, tuple[str, ...]]]
    disagreeing: dict[str, str]


def compare_verdicts(lake: Lake, ours: Variant, peers: Iterable[Variant], suites: Suites, clean: Path) -> Agreement:
    """Let our gate and each peer judge dirty days."""
    contracts = (parse_contract(suites.input, "input"), parse_contract(suites.output, "output"))
    files = dirty.write_dirty_days(clean, contracts, {"run_date": RUN_DATE}, lake.folder)
    uris = [lake.land_files(f"dirty-{file.stem}", [file]) for file in files]

    def judge_dirty_days(variant: Variant) -> list[Measurement]:
        verdicts = process.measure_runs(lake, variant, [lake.job_arguments(suites, uri, variant.name) for uri in uris])
        print(
            f"  {variant.name} on dirty days: {', '.join(str(len(verdict.broken)) for verdict in verdicts)} rules",
            flush=True,
        )
        return verdicts

    own_verdicts = judge_dirty_days(ours) if uris else []
    if any(verdict.published or not verdict.broken for verdict in own_verdicts):
        raise RuntimeError(f"the gate let a dirty day through: {own_verdicts}")
    differences = {}
    for peer in peers if uris else ():
        try:
            differences[peer.name] = _describe_difference(own_verdicts, judge_dirty_days(peer))
        except process.ProcessFailed as error:
            differences[peer.name] = f"failed: {str(error).splitlines()[-1]}"
    broken = [(file.stem, verdict.broken) for file, verdict in zip(files, own_verdicts, strict=True)]
    return Agreement(broken, {name: difference for name, difference in differences.items() if difference})


def _describe_difference(own_verdicts: list[Measurement], peer_verdicts: list[Measurement]) -> str:
    for ours, theirs in zip(own_verdicts, peer_verdicts, strict=True):
        if strange := set(ours.broken) ^ set(theirs.broken):
            return f"judges otherwise on a dirty day: {', '.join(sorted(strange))}"
        if theirs.published:
            return "publishes a dirty day"
    return ""


def code_hash() -> str:
    """Return a hash of what is measured: the job's files as they are, also where they are not committed yet."""
    files = sorted((ROOT / "etl").rglob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def describe_commit() -> str:
    """Return the commit that is checked out, and whether the job's files differ from it."""

    def git_output(*arguments: str) -> str:
        completed = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607
        return completed.stdout.strip()

    return git_output("rev-parse", "--short", "HEAD") + (
        " with changes in etl/" if git_output("status", "--porcelain", "etl") else ""
    )
