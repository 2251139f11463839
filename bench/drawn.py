"""What the gate costs on data and rules that nobody chose: days that seeds draw, against the same job without a check."""

from dataclasses import dataclass

from bench import lake, page
from bench.drawn_day import DrawnDay
from bench.figures import BASE, Figure, SavedResults
from bench.lake import Lake
from bench.peers import load_variants
from bench.process import Measurement
from bench.series import Case, code_hash, measure_cases
from bench.wanted import BenchOptions
from etl.wording import count_noun

OURS = "sluice"
MEDIAN_BOUND, WORST_BOUND = 1.35, 1.6
HEAD = [
    "seed",
    "columns",
    "rules",
    "MB",
    "ungated, s",
    "Sluice, s",
    "x ungated",
    "x its processor",
    "smallest to largest",
]


@dataclass(frozen=True)
class DrawnLine:
    """A day's line of the table, and how many times the ungated job's processor seconds the gate took."""

    cells: list[str]
    processor: float


def run(options: BenchOptions) -> str:
    """Measure, write the section, return its last line."""
    results = SavedResults(
        options.folder / "results" / "drawn.jsonl", {"code": code_hash(), "rows": options.rows}, options.go_on
    )
    with lake.running_lake(options.folder) as bench_lake:
        lines = [_measure_day(bench_lake, options, results, DrawnDay(seed)) for seed in options.seeds]
    ratios = Figure.from_values(line.processor for line in lines)
    last = (
        f"Of {len(lines)} draws the median is {ratios.middle:.2f} x the ungated job's processor (bound "
        f"{page.describe_bound(ratios.middle, MEDIAN_BOUND)}), the worst {ratios.high:.2f} (bound "
        f"{page.describe_bound(ratios.high, WORST_BOUND)})."
    )
    repetitions = count_noun(options.repetitions, "repetition")
    intro = (
        f"{page.describe_setup(options.command)} {options.rows:,} rows; columns, alphabets, quotes, nulls and rules are drawn "
        f"by a seed (`bench/drawn_day.py`), and the day keeps its rules. {repetitions}, interleaved: medians. Ratios are to "
        "the ungated job of the same repetition; processor seconds are of all processes of a run from its start."
    )
    page.replace_section(
        options.page,
        "drawn",
        "\n\n".join(
            ["## Drawn data and rules", intro, page.markdown_table(HEAD, [line.cells for line in lines]), last]
        ),
    )
    return last


def _measure_day(bench_lake: Lake, options: BenchOptions, results: SavedResults, day: DrawnDay) -> DrawnLine:
    """Measure one day.

    Raises:
        RuntimeError: the gate did not publish it whole.
    """
    files = day.write_files(options.rows, options.folder / "days" / f"drawn-{day.seed}-{options.rows}")
    uri, variants = bench_lake.land_files(f"drawn-{day.seed}", files), load_variants()
    cases = [Case(variants[name], uri, day.suites, f"{name} seed {day.seed}") for name in (BASE, OURS)]
    ungated, ours = measure_cases(bench_lake, cases, options.repetitions, results).values()
    if any(measurement.published != options.rows for measurement in ours.values()):
        raise RuntimeError(f"seed {day.seed}: {[(m.published, m.broken) for m in ours.values()]}")
    processor = Figure.from_values(ours[number].processor / ungated[number].processor for number in ours)
    clock = Figure.from_values(ours[number].seconds / ungated[number].seconds for number in ours)
    print(f"  seed {day.seed}: {clock.middle:.2f} x the clock, {processor.middle:.2f} x the processor", flush=True)
    cells = [
        f"{day.seed}",
        f"{len(day.columns)}",
        f"{len(day.rules) + 4}",
        f"{sum(file.stat().st_size for file in files) / 1e6:.0f}",
        f"{_seconds(ungated):.1f}",
        f"{_seconds(ours):.1f}",
        f"{clock.middle:.2f}",
        f"**{processor.middle:.2f}**",
        processor.format_ends(2),
    ]
    return DrawnLine(cells, processor.middle)


def _seconds(measurements: dict[int, Measurement]) -> float:
    return Figure.from_values(measurement.seconds for measurement in measurements.values()).middle
