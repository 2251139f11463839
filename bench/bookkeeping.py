"""What the bookkeeping adds: to a large run, to one with nothing to read, and beside a ledger of very many objects."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import lake, page, process
from bench.figures import Figure
from bench.lake import Lake
from bench.process import Measurement
from bench.recording import OBJECTS, VARIANTS
from bench.wanted import BenchOptions

FEW_ROWS = 1000


def run(options: BenchOptions) -> str:
    """Measure, write the section, return its last line."""
    details_by_run: dict[str, list[dict[str, float]]] = {}
    with lake.running_lake(options.folder, options.lake_folder) as bench_lake:
        day = bench_lake.land_files("clean", options.day_files())
        few = [
            bench_lake.land_files(name, [_write_few_rows(options, name, start)])
            for name, start in (("first", 0), ("second", FEW_ROWS))
        ]
        for repetition in range(1, options.repetitions + 1):
            for name, measurement in _measure_once(bench_lake, options, day, few).items():
                details_by_run.setdefault(name, []).append(measurement.detail)
            print(f"  {repetition}/{options.repetitions}", flush=True)
    cells = [[name, *_table_cells(details)] for name, details in details_by_run.items()]
    page.replace_section(options.page, "bookkeeping", _section_text(options, cells))
    for line in cells:
        print(*line, sep="  ")
    return f"bookkeeping adds {cells[0][3]} to a run over {options.rows:,} rows and {cells[1][3]} to an empty one"


def _measure_once(bench_lake: Lake, options: BenchOptions, day: str, few: list[str]) -> dict[str, Measurement]:
    large = bench_lake.job_arguments(options.suites, day, "ledger")
    large_runs = process.measure_runs(bench_lake, VARIANTS["alone"], [large, later_run(large, 2)])
    measurements = {f"{options.rows:,} rows": large_runs[0], "nothing unread": large_runs[1]}
    for objects in options.objects:
        small = bench_lake.job_arguments(options.suites, few[0], "ledger")
        variant = replace(VARIANTS["beside-many"], environment=((OBJECTS, str(objects)),))
        runs = [small, later_run(small, 2, few[1]), later_run(small, 3, few[1])]
        _, new, none = process.measure_runs(bench_lake, variant, runs)
        measurements[f"{FEW_ROWS:,} rows, one new object beside {objects:,}"] = new
        measurements[f"nothing unread beside {objects:,}"] = none
    return measurements


def later_run(arguments: list[str], number: int, day: str = "") -> list[str]:
    """Return a later run on the same table, of the same day or another."""
    pairs = dict(zip(arguments[::2], arguments[1::2], strict=True))
    pairs["--JOB_RUN_ID"] += f"x{number}"
    pairs["--raw"] = day or pairs["--raw"]
    return [argument for pair in pairs.items() for argument in pair]


def _write_few_rows(options: BenchOptions, name: str, start: int) -> Path:
    """Return a file of the day's rows from `start`: keys of its own."""
    with options.day_files()[0].open() as source:
        header, *rows = [
            line
            for number, line in zip(range(start + FEW_ROWS + 1), source, strict=False)
            if not number or number > start
        ]
    path = options.folder / f"{name}.csv"
    path.write_text("".join([header, *rows]))
    return path


def _table_cells(details: list[dict[str, float]]) -> list[str]:
    total, listing, bookkeeping = (
        Figure.from_values(detail[kind] for detail in details) for kind in ("total", "listing", "bookkeeping")
    )
    job_seconds = [detail["total"] - detail["bookkeeping"] - detail["listing"] for detail in details]
    share = Figure.from_values(
        detail["bookkeeping"] / seconds for detail, seconds in zip(details, job_seconds, strict=True)
    )
    # Where nothing is read there is no job to add to: then the whole run but its listing is the ledger's doing.
    empty = Figure.from_values(detail["total"] - detail["listing"] for detail in details)
    added = f"{share.middle:.1%}" if details[0]["read"] else f"{empty.middle:.2f} s"
    return [total.format_with_ends(2), bookkeeping.format_with_ends(2), added, listing.format_with_ends(2)]


def _join_numbers(numbers: Sequence[int]) -> str:
    return " and ".join(f"{number:,}" for number in numbers)


def _section_text(options: BenchOptions, cells: list[list[str]]) -> str:
    return "\n\n".join(
        [
            "## Bookkeeping",
            f"{page.describe_setup(options.command)} Medians of {options.repetitions}, and the smallest to the largest.",
            page.markdown_table(
                ["run", "seconds", "of these bookkeeping", "added to the job without it", "listing, apart"], cells
            ),
            "Each call of the ledger, the heads of tables, the skips, the remains of dead runs and the second look at the raw "
            "objects is timed within the run that makes it, and so is the look for keys that the table holds from earlier "
            "days; the rest of that run is the same job without them. The large run is the first of its table: there is no "
            "earlier key to look for, so that is left out of its share. The listing "
            f"(`ListObjectVersions`) is apart. {_join_numbers(options.objects)} objects are in the ledger as runs wrote "
            "them; their listing is made up in memory, 1,000 a page and read by nobody's parser, for it would take the "
            "emulator minutes to hold them ([docs/scale.md](scale.md) has what listings cost).",
        ]
    )
