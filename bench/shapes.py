"""Days of an odd shape in the sandbox: very many columns, and very many objects."""

import csv
import json
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench import page, process
from bench.figures import SavedResults
from bench.lake import Lake, Suites
from bench.process import Measurement
from bench.reading_files import KINDS, FileKind, csv_writer
from bench.readings import reading_texts
from bench.wanted import BenchOptions

COLUMNS, WIDE_ROWS = 600, 1000
OBJECTS, OBJECT_ROWS = 2000, 10
TYPES = ("string", "int", "decimal(10,2)", "date", "boolean")
VALUES = ("text {}", "{}", "{}.50", "2025-01-{:02}", "true")
"""Of columns of TYPES, with a number from 10 to 28 in place of the braces."""


@dataclass(frozen=True)
class Shape:
    """A day: its name, what the table calls it, its rows, the seconds that it may take, and what writes it into a folder."""

    name: str
    title: str
    rows: int
    bound: float
    suites: Callable[[], Suites]
    write: Callable[[Path], None]


def measure_shapes(
    bench_lake: Lake, options: BenchOptions, results: SavedResults, chosen: Collection[str]
) -> list[list[str]]:
    """Measure each day that is chosen once, and return the lines of the table.

    Raises:
        RuntimeError: a day was not published whole.
    """
    lines: list[list[str]] = []
    for shape in SHAPES:
        if shape.name not in chosen:
            continue
        if shape.name not in results:
            results.save_measurement(shape.name, _measure(bench_lake, options.folder / "days", shape))
        measurement = results.measurements[shape.name]
        if measurement.published != shape.rows:
            raise RuntimeError(f"{shape.name}: {measurement.published} of {shape.rows} rows, {measurement.broken}")
        print(f"  {shape.name}: {measurement.seconds:.1f} s", flush=True)
        bound = page.describe_bound(measurement.seconds, shape.bound)
        seconds = [f"{taken:.1f}" for taken in (measurement.seconds, measurement.processor)]
        lines.append([shape.title, f"{shape.rows:,}", *seconds, bound])
    return lines


def _measure(bench_lake: Lake, days: Path, shape: Shape) -> Measurement:
    """Return what a fresh process took for the day, from its start to its end."""
    source = days / shape.name
    if not (source / "done").exists():
        source.mkdir(parents=True, exist_ok=True)
        shape.write(source)
        (source / "done").touch()
    day = bench_lake.land_files(shape.name, sorted(path for path in source.iterdir() if path.suffix))
    run = bench_lake.job_arguments(shape.suites(), day, shape.name)
    with tempfile.TemporaryDirectory(dir=bench_lake.folder) as temporary:
        folder = Path(temporary)
        (folder / "runs.json").write_text(json.dumps([run]))
        properties = bench_lake.archived_sandbox_properties
        seconds = process.run_to_end(bench_lake, folder, properties, ["bench.child", "sluice", str(folder)])
        [record] = json.loads((folder / "told.json").read_text())
    published = process.published_rows(bench_lake, run)
    sizes = {"heap": 0, "python": record["python"], "jvm": record["jvm"], "detail": record["detail"]}
    return Measurement(seconds, tuple(record["broken"]), published, processor=record["processor"], **sizes)


def _wide_suites() -> Suites:
    """Return contracts of 600 columns, each with a rule in the output."""

    def rule(kind: str, name: str, **kwargs: Any) -> dict[str, Any]:
        meta = {"rule": f"wide.{name}", "why": "The benchmark has a rule for each column."}
        return {"type": f"expect_{kind}", "kwargs": kwargs, "severity": "critical", "meta": meta}

    def suite(stage: str, types: Callable[[int], str], rules: list[Any], **more: Any) -> str:
        columns = [
            {"name": f"column_{number}", "type": types(number), "description": "One of many."}
            for number in range(COLUMNS)
        ]
        rows = rule("table_row_count_to_be_between", f"{stage}.rows", min_value=1)
        about = {"version": "1.0.0", "owner": "grid-data", "description": "Very many columns."}
        return json.dumps(
            {"name": f"wide.{stage}", "meta": {**about, "columns": columns, **more}, "expectations": [rows, *rules]}
        )

    kept = [
        rule("column_values_to_not_be_null", f"column_{number}.kept", column=f"column_{number}")
        for number in range(1, COLUMNS)
    ]
    unique = rule("column_values_to_be_unique", "key", column="column_0")
    output = suite(
        "output", lambda number: TYPES[number % len(TYPES)], [unique, *kept], key=["column_0"], freshness_hours=26
    )
    return Suites("wide", suite("input", lambda _: "string", []), output)


def _write_wide(folder: Path) -> None:
    with (folder / "day.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([f"column_{number}" for number in range(COLUMNS)])
        for row in range(WIDE_ROWS):
            values = [VALUES[number % len(VALUES)].format(10 + (row + number) % 19) for number in range(COLUMNS)]
            writer.writerow([f"row {row}", *values[1:]])


def _write_objects(write: Callable[..., None], suffix: str) -> Callable[[Path], None]:
    def write_objects(folder: Path) -> None:
        random = np.random.default_rng(0)
        for number in range(OBJECTS):
            texts = reading_texts(random, number * OBJECT_ROWS, OBJECT_ROWS)
            write(iter([texts]), folder / f"object-{number:04}{suffix}")

    return write_objects


def _kind(name: str) -> FileKind:
    return next(kind for kind in KINDS if kind.name == name)


PLAIN = FileKind("plain", "CSV", 0, ".csv", csv_writer())
PARQUET = _kind("parquet")
SHAPES = (
    Shape("wide", f"{COLUMNS} columns", WIDE_ROWS, 40, _wide_suites, _write_wide),
    *(
        Shape(
            f"objects-{kind.name}",
            f"{OBJECTS:,} objects of {kind.title}",
            OBJECTS * OBJECT_ROWS,
            bound,
            kind.suites,
            _write_objects(kind.write, kind.suffix),
        )
        for kind, bound in ((PLAIN, 75), (PARQUET, 120))
    ),
)
"""What is measured, in the table's order."""
