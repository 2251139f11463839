"""Series of measurements: which variant on which day under which contracts, repetition by repetition."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bench import dirty, process
from bench.figures import Kept
from bench.lake import RUN_DATE, Lake, Suites
from bench.peers import Variant
from bench.process import ROOT, Told
from etl.contract.model import load


@dataclass(frozen=True)
class Case:
    """One measurement of a series: a variant, a day's URI, the contracts, and what it is called in the results."""

    variant: Variant
    day: str
    suites: Suites
    name: str


def measure(lake: Lake, cases: Iterable[Case], repetitions: int, kept: Kept) -> dict[str, dict[int, Told]]:
    """Measure each case once a repetition, interleaved, and return what was told by case and repetition."""
    cases = list(cases)
    told: dict[str, dict[int, Told]] = {case.name: {} for case in cases}
    for repetition in range(1, repetitions + 1):
        for case in cases:
            key = f"{case.name} {repetition}"
            if key not in kept:
                run = lake.arguments(case.suites, case.day, case.variant.name)
                [found] = process.measured(lake, case.variant, [run])
                kept.put(key, found)
            told[case.name][repetition] = kept.found[key]
            print(f"  {repetition}/{repetitions} {case.name}: {kept.found[key].seconds:.1f} s", flush=True)
    return told


@dataclass(frozen=True)
class Agreed:
    """By stage, the rules that were found broken on a dirty day; and the peers that said otherwise, with what."""

    broken: list[tuple[str, tuple[str, ...]]]
    others: dict[str, str]


def agree(lake: Lake, ours: Variant, peers: Iterable[Variant], suites: Suites, clean: Path) -> Agreed:
    """Let our gate and each peer judge dirty days."""
    contracts = (load(suites.input, "input"), load(suites.output, "output"))
    files = dirty.days(clean, contracts, {"run_date": RUN_DATE}, lake.folder)
    uris = [lake.land(f"dirty-{file.stem}", [file]) for file in files]

    def judged(one: Variant) -> list[Told]:
        found = process.measured(lake, one, [lake.arguments(suites, uri, one.name) for uri in uris])
        print(f"  {one.name} on dirty days: {', '.join(str(len(told.broken)) for told in found)} rules", flush=True)
        return found

    own = judged(ours) if uris else []
    if any(one.published or not one.broken for one in own):
        raise RuntimeError(f"the gate let a dirty day through: {own}")
    others = {}
    for peer in peers if uris else ():
        try:
            others[peer.name] = _otherwise(own, judged(peer))
        except process.Failed as error:
            others[peer.name] = f"failed: {str(error).splitlines()[-1]}"
    found = [(file.stem, told.broken) for file, told in zip(files, own, strict=True)]
    return Agreed(found, {name: said for name, said in others.items() if said})


def _otherwise(own: list[Told], told: list[Told]) -> str:
    for ours, theirs in zip(own, told, strict=True):
        if strange := set(ours.broken) ^ set(theirs.broken):
            return f"judges otherwise on a dirty day: {', '.join(sorted(strange))}"
        if theirs.published:
            return "publishes a dirty day"
    return ""


def code() -> str:
    """Return a hash of what is measured: the job's files as they are, also where they are not committed yet."""
    files = sorted((ROOT / "etl").rglob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def commit() -> str:
    """Return the commit that is checked out, and whether the job's files differ from it."""

    def said(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607
        return done.stdout.strip()

    return said("rev-parse", "--short", "HEAD") + (
        " with changes in etl/" if said("status", "--porcelain", "etl") else ""
    )
