"""What is to be measured, from the command line, held against what is there before anything starts."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from bench.days import write_orders
from bench.lake import Suites
from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.stage import SUITE_STAGES
from etl.errors import ContractInvalid
from sluice.cli.errors import WrongUse

ORDERS_LAKE = Path(__file__).parent / "orders_lake"
"""The contracts and the transform of what is measured by default."""


@dataclass(frozen=True)
class BenchOptions:
    """One series; `data` is None for generated orders, `folder` is where its data and results stay.

    `objects` are how many objects the ledger has, where the series is of the ledger: each number is measured.
    """

    series: str
    rows: int
    repetitions: int
    suites: Suites
    data: Path | None
    only: tuple[str, ...]
    page: Path
    folder: Path
    go_on: bool
    seeds: tuple[int, ...]
    objects: tuple[int, ...]
    command: str

    @classmethod
    def from_options(cls, options: argparse.Namespace, root: Path) -> "BenchOptions":
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
        suites = _load_suites(options.contracts or ORDERS_LAKE / "expectations" / "orders")
        if options.data and not options.data.exists():
            raise WrongUse(f"{options.data}: there is no such file")
        if options.data and options.data.is_file() and options.data.suffix != ".csv":
            raise WrongUse(f"{options.data}: write the day as plain .csv, a file or a folder of files")
        bench_folder = root / ".bench"
        page = bench_folder / f"{suites.dataset}.md" if options.data else root / "docs" / "benchmark.md"
        only = tuple(name for name in options.only.split(",") if name)
        return cls(
            options.series,
            options.rows,
            options.repetitions,
            suites,
            options.data,
            only,
            options.out or page,
            bench_folder,
            options.go_on,
            _parse_numbers("seeds", options.seeds, 0),
            _parse_numbers("objects", options.objects, 1),
            _make_command(options),
        )

    @property
    def lake_folder(self) -> Path | None:
        """The lake whose transforms the measured processes take in place of the repository's."""
        return None if self.data else ORDERS_LAKE

    def load_contracts(self) -> list[Contract]:
        """Return both contracts, the output's as far as it can be judged without other datasets."""
        output_contract = parse_contract(self.suites.output, "output")
        return [
            parse_contract(self.suites.input, "input"),
            output_contract.without_rules_on({reference.name for reference in output_contract.references}),
        ]

    def day_files(self, rows: int | None = None, bad: float = 0) -> list[Path]:
        """Return the day's files: those that were given, or `rows` generated orders, made once."""
        if self.data:
            return sorted(self.data.glob("*.csv")) if self.data.is_dir() else [self.data]
        rows = rows or self.rows
        folder = self.folder / "days" / f"{rows}-{bad}"
        done_marker = folder / "done"
        if not done_marker.exists():
            write_orders(rows, folder, bad)
            done_marker.touch()
        return sorted(folder.glob("*.csv"))


def _parse_numbers(what: str, text: str, least: int) -> tuple[int, ...]:
    try:
        numbers = tuple(map(int, text.split(",")))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < least:
        raise WrongUse(f"{what} are whole numbers from {least} with commas between, and not {text!r}")
    return numbers


def _load_suites(folder: Path) -> Suites:
    try:
        texts = [(folder / f"{stage}.json").read_text(encoding="utf-8") for stage in SUITE_STAGES]
        input_contract, output_contract = (
            parse_contract(text, str(folder / f"{stage}.json")) for text, stage in zip(texts, SUITE_STAGES, strict=True)
        )
    except (OSError, ContractInvalid) as error:
        raise WrongUse(f"{folder}: {error}") from error
    if input_contract.format is not SourceFormat.CSV:
        raise WrongUse(f"{folder}: the benchmark reads CSV, and its input.json says {input_contract.format}")
    return Suites(output_contract.dataset, *texts)


def _make_command(options: argparse.Namespace) -> str:
    targets = {"peers": "bench", "growth": "bench-growth", "ledger": "bench-ledger", "tiny": "bench-tiny"}
    targets |= {"formats": "bench-formats", "drawn": "bench-drawn", "keys": "bench-keys"}
    variables = {
        "ROWS": None if options.data or options.series == "tiny" else options.rows,
        "REPETITIONS": options.repetitions,
        "SEEDS": options.seeds if options.series == "drawn" else None,
        "OBJECTS": options.objects if options.series == "ledger" else None,
        "CONTRACTS": options.contracts,
        "DATA": options.data,
    }
    return " ".join(
        [
            "make",
            targets[options.series],
            *(f"{name}={Path(str(value)).name}" for name, value in variables.items() if value),
        ]
    )
