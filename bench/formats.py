"""The job of HEAD against the same job without any check, on each kind of file; and shapes of days in the sandbox."""

from collections.abc import Iterable, Sequence

from bench import lake, page, shapes
from bench.figures import BASE, Figure, SavedResults
from bench.peers import load_variants
from bench.process import Measurement
from bench.reading_files import KINDS, FileKind
from bench.series import Case, code_hash, measure_cases
from bench.wanted import BenchOptions, WrongUse
from etl.wording import count_noun

OURS = "sluice"
Measurements = dict[str, dict[int, Measurement]]


def run(options: BenchOptions) -> str:
    """Measure, write the section, print its tables and return its last line; ONLY names kinds and shapes."""
    if options.data:
        raise WrongUse("formats are measured on generated readings: leave CONTRACTS and DATA out")
    names = [*(kind.name for kind in KINDS), *(shape.name for shape in shapes.SHAPES)]
    if strange := {*options.only} - {*names}:
        raise WrongUse(f"there is no kind {', '.join(sorted(strange))}; there are: {', '.join(names)}")
    chosen = options.only or tuple(names)
    series_key: dict[str, object] = {"code": code_hash(), "rows": options.rows}
    results = SavedResults(options.folder / "results" / "formats.jsonl", series_key, options.go_on)
    with lake.running_lake(options.folder) as bench_lake:
        lines = [_measure_kind(bench_lake, options, results, kind) for kind in KINDS if kind.name in chosen]
        shape_lines = shapes.measure_shapes(bench_lake, options, results, chosen)
    tables = [
        page.markdown_table(
            ["", "ungated, s", "Sluice, s", "x ungated", "x its processor", "smallest to largest", "bound"], lines
        ),
        page.markdown_table(["in the sandbox", "rows", "seconds", "of processor", "bound, s"], shape_lines),
    ]
    page.replace_section(options.page, "formats", _section_text(options, tables))
    print(*tables, sep="\n\n", flush=True)
    beyond = [line[0] for line in (*lines, *shape_lines) if line[-1].endswith(page.BEYOND)]
    return f"beyond their bounds: {', '.join(beyond)}" if beyond else "all within their bounds"


def _measure_kind(bench_lake: lake.Lake, options: BenchOptions, results: SavedResults, kind: FileKind) -> list[str]:
    """Measure a kind of file, and return its line of the table."""
    folder = options.folder / "days" / f"readings-{kind.name}-{options.rows}"
    day = bench_lake.land_files(kind.name, kind.write_day(options.rows, folder))
    variants, suites = load_variants(), kind.suites()
    cases = [Case(variants[name], day, suites, f"{name} {kind.name}") for name in (BASE, OURS)]
    measurements = measure_cases(bench_lake, cases, options.repetitions, results)
    return _line(kind, options.rows, *(measurements[case.name] for case in cases))


def _line(kind: FileKind, rows: int, ungated: dict[int, Measurement], ours: dict[int, Measurement]) -> list[str]:
    for measurement in (*ungated.values(), *ours.values()):
        if measurement.published != rows:
            raise RuntimeError(f"{kind.name}: {measurement.published} of {rows} rows published, {measurement.broken}")
    by_clock = Figure.from_values(ours[number].seconds / ungated[number].seconds for number in ours)
    ratio = Figure.from_values(ours[number].processor / ungated[number].processor for number in ours)
    return [
        kind.title,
        *(_seconds(by_repetition.values()) for by_repetition in (ungated, ours)),
        f"{by_clock.middle:.2f}",
        f"**{ratio.middle:.2f}**",
        ratio.format_ends(2),
        page.describe_bound(ratio.middle, kind.bound),
    ]


def _seconds(measurements: Iterable[Measurement]) -> str:
    return Figure.from_values(measurement.seconds for measurement in measurements).format_with_ends(1)


def _section_text(options: BenchOptions, tables: Sequence[str]) -> str:
    repetitions = count_noun(options.repetitions, "repetition")
    intro = (
        f"{page.describe_setup(options.command)} {options.rows:,} readings of meters in four files, 12 columns under 26 "
        f"rules; {repetitions}, interleaved: medians, and the smallest to the largest. Ratios are to the ungated job of "
        "the same repetition: of seconds by the clock, and of seconds of processor that all processes of a run take from "
        "its start, which other work on the machine moves less. The bound is on the latter."
    )
    return "\n\n".join(["## Kinds of files", intro, tables[0], NOTES, tables[1], SHAPE_NOTES])


NOTES = """The ungated job reads with Spark's own reader of the format and its options (`sep`, `encoding`, `header`,
`multiLine`), takes a decimal comma by one `translate`, and types by Spark's casts: of a broken value these make null. Each kind
has the same rows; with line breaks one remark of twenty has some, and one task reads a file in both jobs. A line of JSON is
proven, and its numbers come by their own text, by one regular expression over the line as a text of Java's
([0011](decisions/0011-json-numbers-are-text.md)); Spark's parser walks its bytes once."""
SHAPE_NOTES = """One run each, from the start of the process to the verdict, with the sandbox's settings; all bytes are the
emulator's. Each of the 600 columns has a rule; an object has ten readings."""
