"""What was measured, and what it comes to: medians with their spread, each repetition held against its own ungated run."""

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.process import Measurement

BASE = "ungated"


@dataclass(frozen=True)
class Figure:
    """The middle of several measurements, and their ends."""

    middle: float
    low: float
    high: float

    @classmethod
    def from_values(cls, values: Iterable[float]) -> "Figure":
        """Sum up values, of which there is at least one."""
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[0], ordered[-1])

    def format_with_ends(self, places: int) -> str:
        """Return it as text."""
        return f"{self.middle:.{places}f} ({self.format_ends(places)})"

    def format_ends(self, places: int) -> str:
        """Return its ends as text."""
        return f"{self.low:.{places}f} to {self.high:.{places}f}"


@dataclass(frozen=True)
class Line:
    """A variant's line: seconds, how many times the ungated job, and seconds of processor of all its processes."""

    name: str
    seconds: Figure
    ratio: Figure
    processor: Figure


def result_lines(measurements: dict[str, dict[int, Measurement]]) -> list[Line]:
    """Return a line a variant, from what was told by variant and repetition."""
    base = measurements[BASE]
    return [
        Line(
            name,
            Figure.from_values(measurement.seconds for measurement in by_repetition.values()),
            Figure.from_values(
                measurement.seconds / base[repetition].seconds for repetition, measurement in by_repetition.items()
            ),
            Figure.from_values(measurement.processor for measurement in by_repetition.values()),
        )
        for name, by_repetition in measurements.items()
    ]


class SavedResults:
    """Measurements of one series on disk, so that a series that was cut short goes on where it stopped."""

    def __init__(self, file: Path, series_key: dict[str, object], go_on: bool) -> None:
        """Take up what `file` holds about the very same series, where it is to go on; else begin anew."""
        self.file, self.measurements = file, dict[str, Measurement]()
        lines = file.read_text().splitlines() if go_on and file.exists() else []
        if lines and json.loads(lines[0]) == series_key:
            self.measurements = {
                key: Measurement(**record) for line in lines[1:] for key, record in json.loads(line).items()
            }
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(series_key) + "\n")

    def __contains__(self, key: str) -> bool:
        return key in self.measurements

    def save_measurement(self, key: str, measurement: Measurement) -> None:
        """Keep a measurement."""
        self.measurements[key] = measurement
        with self.file.open("a") as out:
            out.write(json.dumps({key: asdict(measurement)}) + "\n")
