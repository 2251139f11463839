"""The job of HEAD against the same job without any check, and against its peers around it."""

from dataclasses import dataclass
from pathlib import Path

from bench import chart, lake, page
from bench.figures import BASE, Line, SavedResults, result_lines
from bench.peers import Variant, load_variants
from bench.process import Measurement
from bench.series import Case, code_hash, compare_verdicts, measure_cases
from bench.wanted import BenchOptions, WrongUse

OURS = "sluice"
CHART = Path("images") / "benchmark.svg"


def run(options: BenchOptions) -> str:
    """Measure, write the section, return `sluice N.NN x ungated`."""
    chosen = _choose_variants(options)
    left_out = {
        name: reason
        for name, variant in chosen.items()
        if (reason := variant.unsupported_reason(options.load_contracts()))
    }
    measured_variants = {name: variant for name, variant in chosen.items() if name not in left_out}
    files = options.day_files()
    series_key = {
        "code": code_hash(),
        "rows": options.rows,
        "data": [str(file) for file in files],
        "suites": repr(options.suites),
    }
    results = SavedResults(options.folder / "results" / "peers.jsonl", series_key, options.go_on)
    with lake.running_lake(options.folder, options.lake_folder) as bench_lake:
        peers = [variant for name, variant in measured_variants.items() if name not in {BASE, OURS}]
        agreement = compare_verdicts(bench_lake, measured_variants[OURS], peers, options.suites, files[0])
        left_out |= agreement.disagreeing
        measured_variants = {name: variant for name, variant in measured_variants.items() if name not in left_out}
        day = bench_lake.land_files("clean", files)
        cases = [Case(variant, day, options.suites, name) for name, variant in measured_variants.items()]
        measurements = measure_cases(bench_lake, cases, options.repetitions, results)
    rows = _published_rows(measurements)
    variant_lines = result_lines(measurements)
    _write_section(options, Measured(variant_lines, measured_variants, left_out, agreement.broken, rows))
    for line in variant_lines:
        print(f"{line.name:12} {line.seconds.format_with_ends(1):24} s  {line.ratio.format_with_ends(2)} x ungated")
    [ours] = [line for line in variant_lines if line.name == OURS]
    return f"sluice {ours.ratio.middle:.2f} x ungated"


def _choose_variants(options: BenchOptions) -> dict[str, Variant]:
    all_variants = load_variants()
    if strange := set(options.only) - all_variants.keys():
        raise WrongUse(f"there is no variant {', '.join(sorted(strange))}; there are: {', '.join(all_variants)}")
    return {name: variant for name, variant in all_variants.items() if _is_wanted(variant, options)}


def _is_wanted(variant: Variant, options: BenchOptions) -> bool:
    return variant.name in {BASE, OURS, *options.only} if options.only else variant.by_default


def _published_rows(measurements: dict[str, dict[int, Measurement]]) -> int:
    published = {
        name: {measurement.published for measurement in by_repetition.values()}
        for name, by_repetition in measurements.items()
    }
    row_counts = set[int]().union(*published.values())
    if len(row_counts) != 1 or 0 in row_counts:
        raise RuntimeError(f"not all published the same rows: {published}; a broken rule stops all but the ungated job")
    return row_counts.pop()


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


def _write_section(options: BenchOptions, measured: Measured) -> None:
    rows, variants = measured.rows, measured.variants
    size = sum(file.stat().st_size for file in options.day_files()) / 1e6
    judged = sum(len(contract.rules) for contract in options.load_contracts())
    titles = {name: f"{variant.title} {variant.version}".strip() for name, variant in variants.items()}
    caption = f"Times the ungated job, {rows:,} rows of {options.suites.dataset}, {judged} rules"
    picture = options.page.parent / CHART
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(chart.draw_bars(measured.lines, titles, OURS, caption), encoding="utf-8")
    cells = [
        [
            titles[line.name],
            line.seconds.format_with_ends(1),
            f"**{line.ratio.middle:.2f}**",
            line.ratio.format_ends(2),
            line.processor.format_with_ends(1),
            variants[line.name].how,
        ]
        for line in measured.lines
    ]
    text = [
        "## Sluice and its peers",
        f"{page.describe_setup(options.command)} {rows:,} rows, {size:.0f} MB of CSV; {judged} rules of both suites; "
        f"{options.repetitions} repetitions, interleaved: medians, and the smallest to the largest. Ratios are to the ungated "
        "job of the same repetition.",
        f"![{caption}]({CHART})",
        page.markdown_table(["", "seconds", "x ungated", "smallest to largest", "processor, s", "how"], cells),
        *(f"Left out: {name} {reason}." for name, reason in measured.absent.items()),
        _describe_agreement(measured.broken),
        NOTES,
    ]
    page.replace_section(options.page, "peers", "\n\n".join(text))


def _describe_agreement(broken: list[tuple[str, tuple[str, ...]]]) -> str:
    if not broken:
        return "No dirty day could be made from these contracts: only the verdict on the measured day was compared."
    rule_counts = " and ".join(f"{len(rules)} rules on the day that breaks the {stage}'s" for stage, rules in broken)
    return (
        "All gates in the table gave the same verdicts: the measured day was published whole by each; on dirty days each "
        f"found the very same rules broken ({rule_counts}) and published nothing."
    )


NOTES = f"""### How it was measured

- The ungated job reads the day with Spark's CSV reader, types it, derives, writes a branch of the partitioned Iceberg table
  with the job's own casts, transform and table code, and publishes. The peers are that job with a check before the write and
  one of what was written. Sluice is `etl.run` as it is and does more than the two suites: structure and cast rules, first
  looks, the ledger, keys across days.
- The orders refer to no other dataset. Where other contracts do, rules on references are left out for all: what they refer to
  is not published here, so the job does not judge them either.
- Processor seconds are those of all of a run's processes from its start on, workers in Python too, but not the emulator's.
- A fresh process each, Spark on two cores with {lake.MEMORY} and otherwise the cloud's settings. Seconds run from the session's
  being up until the rows are published; each library is imported beside the JVM's start, and what it takes longer is counted.
- Calls of AWS's services go to the emulator. The bytes do not: it is Python on the cores that Spark works on (half a second of
  processor for each million rows read and written once, a tenth of the ungated job, and more for who reads again), so raw
  files are read from disk under their `s3://` names and data files are written to disk, the same for all. On S3 reading again
  costs more than here.
- Left out of Spark 4.1: PyDeequ 1.7 wants `com.amazon.deequ:deequ:2.0.18-spark-4.1`, which Maven Central did not have
  (November 2026: "not found", and of its group neither the builds for Spark 4.0 and 3.5).
- Other data, other rules: `make bench CONTRACTS=folder DATA=file.csv`; a dataset without a transform is published as typed.
  `make bench-wide` takes such a contract: 16 columns under 43 rules, whose texts have quotes, commas and accents.
"""
