"""How the gate's cost grows: with rows, with rules, with bad rows; and what the driver holds meanwhile."""

from collections.abc import Iterable

from bench import lake, page, process, suites
from bench.figures import BASE, Figure, SavedResults
from bench.lake import Lake
from bench.peers import load_variants
from bench.process import Measurement
from bench.series import Case, code_hash, measure_cases
from bench.wanted import BenchOptions, WrongUse
from sluice.sandbox.jobs.spark import local_properties

OURS = "sluice"
SHARES = (0.1, 0.4, 1.0)
ONCE = 4
MIDDLE = 0.4
BROKEN = 0.001
RULES = (10, 28, 100, 200)
BAD = (0, 0.001, 0.01, 0.05, 0.1)
SEPARATE_EXECUTOR = {
    "spark__master": "local-cluster[1,2,3072]",
    "spark__driver__memory": "1g",
    "spark__executor__memory": "3g",
    "spark__executor__extraClassPath": local_properties()["spark.driver.extraClassPath"],
}
HEAD = ["", "ungated, s", "Sluice, s", "x ungated", "x its processor"]

Measurements = dict[str, dict[int, Measurement]]


def run(options: BenchOptions) -> str:
    """Measure, write the section, return its last line."""
    if options.data:
        raise WrongUse("growth is measured on generated orders: leave CONTRACTS and DATA out")
    results = SavedResults(
        options.folder / "results" / "growth.jsonl", {"code": code_hash(), "rows": options.rows}, options.go_on
    )
    with lake.running_lake(options.folder, options.lake_folder) as bench_lake:
        parts = [
            _rows_section(bench_lake, options, results),
            _rules_section(bench_lake, options, results),
            _bad_rows_section(bench_lake, options, results),
            _broken_section(bench_lake, options, results),
            _memory_section(bench_lake, options),
        ]
    intro = f"{page.describe_setup(options.command)} Medians of {options.repetitions}, and the smallest to the largest."
    page.replace_section(options.page, "growth", "\n\n".join(["## Growth", intro, *parts]))
    return parts[0].splitlines()[-1]


def _measure_cases(
    bench_lake: Lake, options: BenchOptions, results: SavedResults, cases: Iterable[Case], is_single: bool = False
) -> Measurements:
    return measure_cases(bench_lake, cases, 1 if is_single else options.repetitions, results)


def _case_pair(day: str, case_suites: suites.Suites, name: str) -> list[Case]:
    all_variants = load_variants()
    return [
        Case(all_variants[variant_name], day, case_suites, f"{variant_name} {name}") for variant_name in (BASE, OURS)
    ]


def _ratio_cells(measurements: Measurements, name: str, base: str = "") -> list[str]:
    """Return the cells of a case of ours beside another case, the ungated job's of the same name by default."""
    ours, ungated = measurements[f"{OURS} {name}"], measurements[base or f"{BASE} {name}"]
    seconds = [
        Figure.from_values(measurement.seconds for measurement in by_repetition.values()).format_with_ends(1)
        for by_repetition in (ungated, ours)
    ]
    return [
        *seconds,
        *(
            Figure.from_values(
                getattr(ours[repetition], clock) / getattr(ungated[repetition], clock) for repetition in ours
            ).format_with_ends(2)
            for clock in ("seconds", "processor")
        ),
    ]


def _rows_section(bench_lake: Lake, options: BenchOptions, results: SavedResults) -> str:
    sizes = [int(options.rows * share) for share in SHARES]
    days = {size: bench_lake.land_files(f"rows-{size}", options.day_files(size)) for size in sizes}
    measurements = _measure_cases(
        bench_lake,
        options,
        results,
        [case for size in sizes for case in _case_pair(days[size], options.suites, f"{size}")],
    )
    most = options.rows * ONCE
    day = bench_lake.land_files(f"rows-{most}", options.day_files(most))
    measurements |= _measure_cases(
        bench_lake, options, results, _case_pair(day, options.suites, f"{most}"), is_single=True
    )
    cells = [[f"{size:,} rows", *_ratio_cells(measurements, f"{size}")] for size in [*sizes, most]]
    return "\n\n".join(
        ["### With rows", page.markdown_table(HEAD, cells), _slope_sentence(measurements, sizes[0], most)]
    )


def _slope_sentence(measurements: Measurements, few: int, most: int) -> str:
    def seconds_per_million(name: str) -> float:
        ends = [
            Figure.from_values(measurement.seconds for measurement in measurements[f"{name} {size}"].values()).middle
            for size in (few, most)
        ]
        return (ends[1] - ends[0]) / (most - few) * 1e6

    base, ours = seconds_per_million(BASE), seconds_per_million(OURS)
    return (
        f"From {few:,} to {most:,} rows each further million takes the ungated job {base:.2f} s and Sluice {ours:.2f} s: "
        f"{ours / base:.2f} times."
    )


def _rules_section(bench_lake: Lake, options: BenchOptions, results: SavedResults) -> str:
    rows = int(options.rows * MIDDLE)
    day = bench_lake.land_files("rules", options.day_files(rows))
    cases = [Case(load_variants()[BASE], day, options.suites, f"{BASE} rules")]
    for number in RULES:
        case_suites = suites.with_rules(options.suites, number)
        cases.append(Case(load_variants()[OURS], day, case_suites, f"{OURS} {number} rules"))
    measurements = _measure_cases(bench_lake, options, results, cases)
    cells = [[f"{number} rules", *_ratio_cells(measurements, f"{number} rules", f"{BASE} rules")] for number in RULES]
    note = f"{rows:,} rows; beyond the 28 of the contracts, ranges, sets, lengths and patterns in equal parts, no two alike."
    return "\n\n".join(["### With rules", page.markdown_table(HEAD, cells), note])


def _bad_rows_section(bench_lake: Lake, options: BenchOptions, results: SavedResults) -> str:
    rows = int(options.rows * MIDDLE)
    case_suites, cases = suites.lenient_suites(options.suites), list[Case]()
    for share in BAD:
        day = bench_lake.land_files(f"bad-{share}", options.day_files(rows, share))
        cases += _case_pair(day, case_suites, f"{share:.1%} bad")
    measurements = _measure_cases(bench_lake, options, results, cases, is_single=True)
    cells = [[f"{share:.1%}", *_ratio_cells(measurements, f"{share:.1%} bad")] for share in BAD]
    note = (
        f"{rows:,} rows, one run each; a row with a strange shopper breaks a warning and is set aside. The ungated job "
        "publishes it."
    )
    return "\n\n".join(["### With bad rows", page.markdown_table(HEAD, cells), note])


def _broken_section(bench_lake: Lake, options: BenchOptions, results: SavedResults) -> str:
    rows = int(options.rows * MIDDLE)
    clean, strange = (bench_lake.land_files(f"broken-{share}", options.day_files(rows, share)) for share in (0, BROKEN))
    ours = load_variants()[OURS]
    cases = [
        Case(ours, clean, options.suites, f"{OURS} good"),
        Case(ours, strange, options.suites, f"{OURS} input"),
        Case(ours, clean, suites.with_broken_output(options.suites), f"{OURS} output"),
        Case(ours, clean, suites.with_share_of_values(options.suites), f"{OURS} share"),
    ]
    measurements = _measure_cases(bench_lake, options, results, cases)
    titles = {
        "input": f"{BROKEN:.1%} of the rows break a rule of the input",
        "output": "a tenth of the rows breaks a rule of the output",
        "share": "a good day with a rule more, on the share of unique values of a text column",
    }
    cells = [[title, *_ratio_cells(measurements, name, f"{OURS} good")] for name, title in titles.items()]
    head = ["", "the good day, s", "this day, s", "x the good day", "x its processor"]
    note = f"{rows:,} rows, all by Sluice, until the verdict. The rules are critical, and nothing of a broken day is published."
    return "\n\n".join(["### A broken day, and exact values", page.markdown_table(head, cells), note])


def _memory_section(bench_lake: Lake, options: BenchOptions) -> str:
    cells = []
    for size in (int(options.rows * SHARES[0]), options.rows, options.rows * ONCE):
        day = bench_lake.land_files(f"memory-{size}", options.day_files(size))
        run = bench_lake.job_arguments(options.suites, day, OURS)
        [measurement] = process.measure_runs(bench_lake, load_variants()[OURS], [run], **SEPARATE_EXECUTOR)
        cells.append([f"{size:,} rows", f"{measurement.heap}", f"{measurement.jvm}", f"{measurement.python}"])
    head = ["", "heap after a collection, MiB", "JVM at its largest, MiB", "Python at its largest, MiB"]
    note = (
        "Here the executor is a process of its own (`local-cluster`), so that the driver's memory is the driver's alone: the "
        "most that any garbage collection left in its heap of 1 GiB, and the most that each of its two processes took "
        "(`VmHWM`, `ru_maxrss`)."
    )
    return "\n\n".join(["### Memory of the driver", page.markdown_table(head, cells), note])
