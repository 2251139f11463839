"""The job of HEAD against the same job without any check, and against its peers around it."""

from dataclasses import dataclass
from pathlib import Path

from bench import chart, lake, page
from bench.figures import BASE, Kept, Line, lines
from bench.peers import Variant, variants
from bench.process import Told
from bench.series import Case, agree, code, measure
from bench.wanted import Wanted, WrongUse

OURS = "sluice"
CHART = Path("images") / "benchmark.svg"


def run(wanted: Wanted) -> str:
    """Measure, write the section, return `sluice N.NN x ungated`."""
    every = _chosen(wanted)
    absent = {name: said for name, one in every.items() if (said := one.left_out(wanted.contracts()))}
    there = {name: one for name, one in every.items() if name not in absent}
    files = wanted.files()
    about = {"code": code(), "rows": wanted.rows, "data": [str(file) for file in files], "suites": repr(wanted.suites)}
    kept = Kept(wanted.folder / "results" / "peers.jsonl", about, wanted.go_on)
    with lake.running(wanted.folder) as at:
        peers = [one for name, one in there.items() if name not in {BASE, OURS}]
        agreed = agree(at, there[OURS], peers, wanted.suites, files[0])
        absent |= agreed.others
        there = {name: one for name, one in there.items() if name not in absent}
        day = at.land("clean", files)
        cases = [Case(one, day, wanted.suites, name) for name, one in there.items()]
        told = measure(at, cases, wanted.repetitions, kept)
    rows = _same_rows(told)
    found = lines(told)
    _write(wanted, Measured(found, there, absent, agreed.broken, rows))
    for line in found:
        print(f"{line.name:12} {line.seconds.shown(1):24} s  {line.ratio.shown(2)} x ungated")
    [ours] = [line for line in found if line.name == OURS]
    return f"sluice {ours.ratio.middle:.2f} x ungated"


def _chosen(wanted: Wanted) -> dict[str, Variant]:
    every = variants()
    if strange := set(wanted.only) - every.keys():
        raise WrongUse(f"there is no variant {', '.join(sorted(strange))}; there are: {', '.join(every)}")
    return {name: one for name, one in every.items() if _is_wanted(one, wanted)}


def _is_wanted(one: Variant, wanted: Wanted) -> bool:
    return one.name in {BASE, OURS, *wanted.only} if wanted.only else one.by_default


def _same_rows(told: dict[str, dict[int, Told]]) -> int:
    published = {name: {one.published for one in found.values()} for name, found in told.items()}
    every = set[int]().union(*published.values())
    if len(every) != 1 or 0 in every:
        raise RuntimeError(f"not all published the same rows: {published}; a broken rule stops all but the ungated job")
    return every.pop()


@dataclass(frozen=True)
class Measured:
    """What a series came to.

    Attributes:
        lines: a line a variant; `variants` are those, by name, `absent` says why others were left out.
        broken: by stage, the rules that all found broken on a dirty day.
        rows: that each published.
    """

    lines: list[Line]
    variants: dict[str, Variant]
    absent: dict[str, str]
    broken: list[tuple[str, tuple[str, ...]]]
    rows: int


def _write(wanted: Wanted, measured: Measured) -> None:
    rows, variants = measured.rows, measured.variants
    size = sum(file.stat().st_size for file in wanted.files()) / 1e6
    judged = sum(len(contract.rules) for contract in wanted.contracts())
    titles = {name: f"{one.title} {one.version}".strip() for name, one in variants.items()}
    caption = f"Times the ungated job, {rows:,} rows of {wanted.suites.dataset}, {judged} rules"
    picture = wanted.page.parent / CHART
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(chart.bars(measured.lines, titles, OURS, caption), encoding="utf-8")
    cells = [
        [
            titles[one.name],
            one.seconds.shown(1),
            f"**{one.ratio.middle:.2f}**",
            one.ratio.ends(2),
            variants[one.name].how,
        ]
        for one in measured.lines
    ]
    text = [
        "## Sluice and its peers",
        f"{page.surroundings(wanted.command)} {rows:,} rows, {size:.0f} MB of CSV; {judged} rules of both suites; "
        f"{wanted.repetitions} repetitions, interleaved: medians, and the smallest to the largest. Ratios are to the ungated "
        "job of the same repetition.",
        f"![{caption}]({CHART})",
        page.table(["", "seconds", "x ungated", "smallest to largest", "how"], cells),
        *(f"Left out: {name} {said}." for name, said in measured.absent.items()),
        _agreed(measured.broken),
        NOTES,
    ]
    page.put(wanted.page, "peers", "\n\n".join(text))


def _agreed(broken: list[tuple[str, tuple[str, ...]]]) -> str:
    if not broken:
        return "No dirty day could be made from these contracts: only the verdict on the measured day was compared."
    found = " and ".join(f"{len(rules)} rules on the day that breaks the {stage}'s" for stage, rules in broken)
    return (
        "All gates in the table gave the same verdicts: the measured day was published whole by each; on dirty days each "
        f"found the very same rules broken ({found}) and published nothing."
    )


NOTES = f"""### How it was measured

- The ungated job reads the day with Spark's CSV reader, types it, derives, writes a branch of the partitioned Iceberg table
  with the job's own casts, transform and table code, and publishes. The peers are that job with a check before the write and
  one of what was written. Sluice is `etl.run` as it is and does more than the two suites: structure and cast rules, first
  looks, the ledger, keys across days.
- Rules on references are left out for all: the datasets that sales refer to are not published here, so the job does not
  judge them either.
- A fresh process each, Spark on two cores with {lake.MEMORY} and otherwise the cloud's settings. Seconds run from the session's
  being up until the rows are published; each library is imported beside the JVM's start, and what it takes longer is counted.
- Calls of AWS's services go to the emulator. The bytes do not: it is Python on the cores that Spark works on (half a second of
  processor for each million rows read and written once, a tenth of the ungated job, and more for who reads again), so raw
  files are read from disk under their `s3://` names and data files are written to disk, the same for all. On S3 reading again
  costs more than here.
- Left out of Spark 4.1: PyDeequ 1.7 wants `com.amazon.deequ:deequ:2.0.18-spark-4.1`, which Maven Central did not have
  (November 2026: "not found", and of its group neither the builds for Spark 4.0 and 3.5).
- Other data, other rules: `make bench CONTRACTS=folder DATA=file.csv`; a dataset without a transform is published as typed.
"""
