"""The lake on this machine: `python -m sandbox demo | try | arrive | up`."""

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Never

from components.settings.project_name import option_key
from sluice.console import WRONG_USE, CommandParser, parse_day, print_error, run_to_exit_code
from sluice.program.stack_files import load_stack_file
from sluice.sandbox.emulator.emulator import PortTaken
from sluice.sandbox.try_day import WrongUse

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[CommandParser]


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    return run_to_exit_code("sandbox", lambda: _run_to_exit_code(argv))


def _run_to_exit_code(argv: list[str]) -> int:
    options = _build_parser().parse_args(argv)
    for signal_number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _exit_on_signal)
    try:
        return _run_command(options)
    except (WrongUse, PortTaken) as fault:
        print_error(fault)
        return WRONG_USE
    except KeyboardInterrupt:
        if options.command == "up":  # its end, as it says itself
            return 0
        raise


def _run_command(options: argparse.Namespace) -> int:
    # Each command imports what it needs: wrong use should not wait for Pulumi.
    if options.command == "demo":
        from sluice.sandbox.demo.demo import run_demo  # noqa: PLC0415

        return run_demo()
    if options.command == "up":
        from sluice.sandbox.up import serve_sandbox  # noqa: PLC0415

        serve_sandbox(options.port, empty=options.empty)
    if options.command == "arrive":
        from sluice.sandbox.arrive import run_arrival  # noqa: PLC0415

        return run_arrival(options.files, as_json=options.json)
    from sluice.sandbox.try_day import try_day  # noqa: PLC0415

    first: dict[str, list[Path]] = {}
    for dataset, file in options.first:
        first.setdefault(dataset, []).append(file)
    return try_day(options.dataset, options.files, options.run_date, first=first, as_json=options.json)


def _build_parser() -> argparse.ArgumentParser:
    parser = CommandParser(prog="python -m sandbox", description="The lake on this machine, in an AWS emulator.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="a good day, a bad day and the mended day, told step by step")
    _add_try_command(commands)
    _add_arrive_command(commands)
    up_parser = commands.add_parser("up", help="leave the lake running for the AWS CLI, boto3 and Pulumi")
    up_parser.add_argument(
        "--port", type=int, default=4566, help="where it listens on 127.0.0.1 (default: %(default)s)"
    )
    up_parser.add_argument("--empty", action="store_true", help="deploy nothing: for `pulumi up --stack local`")
    return parser


def _add_try_command(commands: "Commands") -> None:
    try_parser = commands.add_parser(
        "try",
        help="your own files through the gate",
        description="Deploy the lake, upload these files as one day, run the job, report.",
        epilog="Exit code: 0 published, 1 contract broken, 2 wrong use, 3 anything else (the error is on stderr).",
    )
    try_parser.add_argument("dataset", metavar="DATASET", help="a folder of expectations/, such as orders")
    try_parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        help="in the dataset's format, text also as .gz; none for a dataset that is built from tables",
    )
    try_parser.add_argument(
        "--with",
        dest="first",
        metavar="DATASET=FILE",
        type=_parse_dataset_file,
        action="append",
        default=[],
        help="publish this file of another dataset first, such as shoppers=shoppers.jsonl; may be given again",
    )
    try_parser.add_argument(
        "--json", action="store_true", help="the last line of stdout is the report as one JSON object"
    )
    try_parser.add_argument(
        "--run-date", metavar="yyyy-MM-dd", type=parse_day, help="the day the job believes it is (default: today)"
    )


def _add_arrive_command(commands: "Commands") -> None:
    arrive_parser = commands.add_parser(
        "arrive",
        help="your own files dropped into the raw bucket, and the run of the flow that they start",
        description="Deploy the lake with `start: arrival`, drop these files, and show what they start.",
        epilog="Exit code: 0 all ended well, 1 contract broken, 2 wrong use, 3 anything else (the error is on stderr).",
    )
    arrive_parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=_parse_dropped_file,
        help="DATASET=FILE, such as shoppers=shoppers.jsonl; a FILE alone is of the first dataset in Pulumi.local.yaml",
    )
    arrive_parser.add_argument(
        "--json", action="store_true", help="the last line of stdout is the report as one JSON object"
    )


def _parse_dataset_file(text: str) -> tuple[str, Path]:
    dataset, separator, file = text.partition("=")
    if not (dataset and separator and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form DATASET=FILE")
    return dataset, Path(file)


def _parse_dropped_file(text: str) -> tuple[str, Path]:
    return _parse_dataset_file(text) if "=" in text else (_default_dataset(), Path(text))


def _default_dataset() -> str:
    names = load_stack_file("local").get(option_key("datasets"))
    if not names:
        raise argparse.ArgumentTypeError("Pulumi.local.yaml names no dataset: write DATASET=FILE")
    return next(iter(names))


def _exit_on_signal(signal_number: int, _frame: object) -> Never:
    raise SystemExit(128 + signal_number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
