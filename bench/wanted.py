"""What is to be measured, from the command line, held against what is there before anything starts."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from bench.days import sales
from bench.lake import Suites
from etl.contract.model import Contract, load
from etl.errors import ContractInvalid


class WrongUse(Exception):
    """What was asked for cannot be measured; the message says what to write instead."""


@dataclass(frozen=True)
class Wanted:
    """One series; `data` is None for generated sales, `folder` is where its data and results stay."""

    series: str
    rows: int
    repetitions: int
    suites: Suites
    data: Path | None
    only: tuple[str, ...]
    page: Path
    folder: Path
    go_on: bool
    command: str

    @classmethod
    def of(cls, options: argparse.Namespace, root: Path) -> "Wanted":
        """Read the options.

        Raises:
            WrongUse: naming what is wrong.
        """
        if options.rows < 1000 or options.repetitions < 1:
            raise WrongUse("a series takes at least 1000 rows and one repetition")
        if bool(options.contracts) != bool(options.data):
            raise WrongUse(
                "CONTRACTS and DATA go together: a folder with input.json and output.json, and the CSV they describe"
            )
        suites = _suites(options.contracts or root / "expectations" / "sales")
        if options.data and not options.data.exists():
            raise WrongUse(f"{options.data}: there is no such file")
        if options.data and options.data.is_file() and options.data.suffix != ".csv":
            raise WrongUse(f"{options.data}: write the day as plain .csv, a file or a folder of files")
        own = root / ".bench"
        page = own / f"{suites.dataset}.md" if options.data else root / "docs" / "benchmark.md"
        only = tuple(name for name in options.only.split(",") if name)
        return cls(
            options.series,
            options.rows,
            options.repetitions,
            suites,
            options.data,
            only,
            options.out or page,
            own,
            options.go_on,
            _command(options),
        )

    def contracts(self) -> list[Contract]:
        """Return both contracts, the output's as far as it can be judged without other datasets."""
        made = load(self.suites.output, "output")
        return [load(self.suites.input, "input"), made.without_rules_on({one.name for one in made.references})]

    def files(self, rows: int | None = None, bad: float = 0) -> list[Path]:
        """Return the day's files: those that were given, or `rows` generated sales, made once."""
        if self.data:
            return sorted(self.data.glob("*.csv")) if self.data.is_dir() else [self.data]
        rows = rows or self.rows
        folder = self.folder / "days" / f"{rows}-{bad}"
        done = folder / "done"
        if not done.exists():
            sales(rows, folder, bad)
            done.touch()
        return sorted(folder.glob("*.csv"))


def _suites(folder: Path) -> Suites:
    try:
        texts = [(folder / f"{stage}.json").read_text(encoding="utf-8") for stage in ("input", "output")]
        given, made = (
            load(text, str(folder / f"{stage}.json")) for text, stage in zip(texts, ("input", "output"), strict=True)
        )
    except (OSError, ContractInvalid) as error:
        raise WrongUse(f"{folder}: {error}") from error
    if given.format != "csv":
        raise WrongUse(f"{folder}: the benchmark reads CSV, and its input.json says {given.format}")
    return Suites(made.dataset, *texts)


def _command(options: argparse.Namespace) -> str:
    targets = {"peers": "bench", "growth": "bench-growth", "ledger": "bench-ledger", "tiny": "bench-tiny"}
    given = {
        "ROWS": None if options.data or options.series == "tiny" else options.rows,
        "REPETITIONS": options.repetitions,
        "CONTRACTS": options.contracts,
        "DATA": options.data,
    }
    return " ".join(
        [
            "make",
            targets[options.series],
            *(f"{name}={Path(str(value)).name}" for name, value in given.items() if value),
        ]
    )
