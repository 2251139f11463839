"""How long keys are looked for as the table grows: days of 100,000 keys beside 1, 10 and 50 million published rows."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from bench import lake, page, process
from bench.bookkeeping import later_run
from bench.figures import Figure
from bench.lake import Lake, Suites
from bench.process import Measurement
from bench.readings import joined, padded
from bench.recording import VARIANTS
from bench.wanted import BenchOptions

SIZES = (0.02, 0.2, 1.0)  # of the rows that are asked for
DAY_ROWS = 100_000
DATASET = "deliveries"
COLUMNS = {"delivery": "string", "day": "date", "parcels": "int", "depot": "string"}
BOUND_DAYS = 30
GROWING = "T"  # what keys that grow begin with; others with K
BY_SPARK = "in no order, by Spark"
WAYS = ("in no order", BY_SPARK, "that grow", f"in no order, unique_within {BOUND_DAYS} days")
"""How days are called. The bounded ones are last: what they publish proves no key that is looked for everywhere."""
Seconds = dict[tuple[int, str], list[dict[str, float]]]


def run(options: BenchOptions) -> str:
    """Measure, write the section, return its last line."""
    sizes = [int(options.rows * share) for share in SIZES]
    seconds: Seconds = {}
    with lake.running_lake(options.folder, options.lake_folder) as bench_lake:
        days = _Days(bench_lake, options.folder)
        for size in sizes:
            for name, measurements in _measure(bench_lake, days, size, options.repetitions).items():
                seconds[size, name] = [measurement.detail for measurement in measurements]
                print(f"  {size:,} rows, keys {name}: {_middle(seconds[size, name]):.2f} s", flush=True)
    text, last = _section_text(options, sizes, seconds)
    page.replace_section(options.page, "keys", text)
    return last


class _Days:
    """Days of keys that no other day has, each landed once."""

    def __init__(self, bench_lake: Lake, folder: Path) -> None:
        self.lake, self.folder, self.landed = bench_lake, folder / "days" / "keys", 0

    def land_day(self, begins: str) -> str:
        """Return the URI of a further day."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{self.landed}.csv"
        first = 2**33 + self.landed * DAY_ROWS  # beyond all that are published
        numbers = np.arange(first, first + DAY_ROWS)
        keys = key_texts(numbers) if begins != GROWING else joined(GROWING, padded(numbers, 12))
        columns = [
            keys,
            pa.array(["2026-01-30"] * DAY_ROWS),
            padded(numbers % 40 + 1),
            joined("D", padded(numbers % 300)),
        ]
        pyarrow.csv.write_csv(pa.table(columns, [*COLUMNS]), file)
        self.landed += 1
        return self.lake.land_files(f"keys-{self.landed}", [file])


def key_texts(numbers: np.ndarray) -> pa.Array:
    """Return keys in no order, another for each number below 2 ** 40."""
    return joined("K", padded(numbers * 0x9E3779B1 % 2**40, 13))


def _measure(bench_lake: Lake, days: _Days, size: int, repetitions: int) -> dict[str, list[Measurement]]:
    """Let one process publish `size` rows, take a day through for warmth, and then as many of each way as are counted."""
    first, bounded = (
        bench_lake.job_arguments(suites(is_bounded), days.land_day("K"), "keys") for is_bounded in (False, True)
    )
    ways = [*(way for _ in range(repetitions) for way in WAYS[:-1]), *(WAYS[-1] for _ in range(repetitions))]
    runs = [first]
    for number, way in enumerate(ways, 2):
        run = later_run(first, number, days.land_day(GROWING if way == "that grow" else "K"))
        changes = {"--JOB_NAME": "keys-by-spark"} if way == BY_SPARK else {}
        if way == WAYS[-1]:
            changes["--output-contract"] = bounded[bounded.index("--output-contract") + 1]
        runs.append([argument for pair in (_as_options(run) | changes).items() for argument in pair])
    variant = replace(VARIANTS["keys"], environment=(("EARLIER_ROWS", str(size)),))
    _, *measurements = process.measure_runs(bench_lake, variant, runs)
    if (rows := measurements[-1].published) != size + len(runs) * DAY_ROWS:
        raise RuntimeError(f"{size} rows: {rows} are published, {measurements[-1].broken} broken")
    return {
        way: [measurement for name, measurement in zip(ways, measurements, strict=True) if name == way] for way in WAYS
    }


def _as_options(arguments: list[str]) -> dict[str, str]:
    return dict(zip(arguments[::2], arguments[1::2], strict=True))


def suites(is_bounded: bool) -> Suites:
    """Return contracts of four columns and the rules that they need."""
    about = {"version": "1.0.0", "owner": "fleet-data", "description": "A delivery a row."}

    def suite(stage: str, types: Iterable[tuple[str, str]], rules: list[Any], **more: Any) -> str:
        columns = [{"name": name, "type": kind, "description": "Of a delivery."} for name, kind in types]
        rows = _rule("table_row_count_to_be_between", f"{stage}.rows", min_value=1)
        meta = {**about, "columns": columns, **more}
        return json.dumps({"name": f"{DATASET}.{stage}", "meta": meta, "expectations": [rows, *rules]})

    bound = {"unique_within": {"column": "day", "days": BOUND_DAYS}} if is_bounded else {}
    unique = _rule("column_values_to_be_unique", "delivery.unique", column="delivery")
    output = suite("output", COLUMNS.items(), [unique], key=["delivery"], freshness_hours=26, **bound)
    return Suites(DATASET, suite("input", ((name, "string") for name in COLUMNS), []), output)


def _rule(kind: str, name: str, **kwargs: Any) -> dict[str, Any]:
    meta = {"rule": f"{DATASET}.{name}", "why": "The benchmark looks for keys."}
    return {"type": f"expect_{kind}", "kwargs": kwargs, "severity": "critical", "meta": meta}


def _middle(details: list[dict[str, float]], kind: str = "keys") -> float:
    return Figure.from_values(detail[kind] for detail in details).middle


def _section_text(options: BenchOptions, sizes: list[int], seconds: Seconds) -> tuple[str, str]:
    cells, slopes = list[list[str]](), dict[str, float]()
    for name in WAYS:
        figures = [Figure.from_values(detail["keys"] for detail in seconds[size, name]) for size in sizes]
        slopes[name] = (figures[-1].middle - figures[0].middle) / (sizes[-1] - sizes[0]) * 1e6
        totals = [f"{_middle(seconds[size, name], 'total'):.1f}" for size in sizes]
        cells.append(
            [name, *(figure.format_with_ends(2) for figure in figures), f"**{slopes[name]:.3f}**", ", ".join(totals)]
        )
    head = ["keys", *(f"{size:,} rows" for size in sizes), "s for each further million", "the whole run, s"]
    by_files, by_spark = [slopes[name] for name in WAYS[:2]]
    last = f"keys in no order take {by_files:.3f} s more for each million published rows, {by_spark:.3f} s by Spark"
    intro = (
        f"{page.describe_setup(options.command)} A day of {DAY_ROWS:,} keys that the table does not hold: the seconds that its "
        f"run looks for them, beside so many published rows in files of a million. Medians of {options.repetitions} runs in "
        "one warm process, and the smallest to the largest. The published rows are of 1,000 days, so that the bound leaves "
        "few of them. By Spark is the way of versions before 0101, and of runs whose files cannot tell."
    )
    return "\n\n".join(["## Keys as the table grows", intro, page.markdown_table(head, cells), f"{last}."]), last
