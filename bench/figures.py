"""What was measured, and what it comes to: medians with their spread, each repetition held against its own ungated run."""

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.process import Told

BASE = "ungated"


@dataclass(frozen=True)
class Figure:
    """The middle of several measurements, and their ends."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Figure":
        """Sum up values, of which there is at least one."""
        known = sorted(values)
        return cls(statistics.median(known), known[0], known[-1])

    def shown(self, places: int) -> str:
        """Return it as text."""
        return f"{self.middle:.{places}f} ({self.ends(places)})"

    def ends(self, places: int) -> str:
        """Return its ends as text."""
        return f"{self.low:.{places}f} to {self.high:.{places}f}"


@dataclass(frozen=True)
class Line:
    """A variant's line: seconds, and how many times the ungated job."""

    name: str
    seconds: Figure
    ratio: Figure


def lines(told: dict[str, dict[int, Told]]) -> list[Line]:
    """Return a line a variant, from what was told by variant and repetition."""
    base = told[BASE]
    return [
        Line(
            name,
            Figure.of(one.seconds for one in found.values()),
            Figure.of(one.seconds / base[repetition].seconds for repetition, one in found.items()),
        )
        for name, found in told.items()
    ]


class Kept:
    """Measurements of one series on disk, so that a series that was cut short goes on where it stopped."""

    def __init__(self, file: Path, about: dict[str, object], go_on: bool) -> None:
        """Take up what `file` holds about the very same series, where it is to go on; else begin anew."""
        self.file, self.found = file, dict[str, Told]()
        lines = file.read_text().splitlines() if go_on and file.exists() else []
        if lines and json.loads(lines[0]) == about:
            self.found = {key: Told(**told) for line in lines[1:] for key, told in json.loads(line).items()}
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(about) + "\n")

    def __contains__(self, key: str) -> bool:
        return key in self.found

    def put(self, key: str, told: Told) -> None:
        """Keep a measurement."""
        self.found[key] = told
        with self.file.open("a") as out:
            out.write(json.dumps({key: asdict(told)}) + "\n")
