"""`make bench`: python -m bench peers|formats|drawn|growth|ledger|keys|tiny [options]."""

import sys
from pathlib import Path

from bench.commands import COMMANDS
from bench.process import ROOT
from bench.wanted import BenchOptions
from sluice.cli.errors import WrongUse, run_to_exit_code
from sluice.cli.exit_codes import ExitCode
from sluice.cli.module_parser import CommandParser
from sluice.console import print_error


def main(argv: list[str]) -> int:
    """Run one series and write its section of the page; 2 for wrong use."""
    return run_to_exit_code("bench", lambda: _run_series(argv))


def _run_series(argv: list[str]) -> int:
    parser = CommandParser(prog="bench", allow_abbrev=False, description="measure what the gate costs")
    parser.add_argument(
        "series",
        choices=COMMANDS,
        help="peers, kinds of files, drawn days, how the cost grows, what the bookkeeping costs, how keys are looked for, "
        "or a tiny day",
    )
    parser.add_argument("--rows", type=int, default=5_000_000, help="of a generated day (5000000)")
    parser.add_argument("--repetitions", type=int, default=3, help="of each measurement, interleaved (3)")
    parser.add_argument("--contracts", type=Path, help="a folder with another dataset's input.json and output.json")
    parser.add_argument("--data", type=Path, help="that dataset's CSV, a file or a folder of files")
    parser.add_argument(
        "--only", default="", help="the variants to measure, with commas; ungated and sluice always are"
    )
    parser.add_argument("--seeds", default="1,2,3,4,5,6,7,8,9,10", help="that drawn days are drawn by (1 to 10)")
    parser.add_argument("--objects", default="100000", help="that the ledger has, with commas (100000)")
    parser.add_argument("--out", type=Path, help="the page (docs/benchmark.md, .bench/<dataset>.md for other data)")
    parser.add_argument("--go-on", action="store_true", help="take up a series that was cut short")
    try:
        options = BenchOptions.from_options(parser.parse_args(argv), ROOT)
        print(COMMANDS[options.series](options))
    except WrongUse as error:
        print_error(error)
        return ExitCode.WRONG_USE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
