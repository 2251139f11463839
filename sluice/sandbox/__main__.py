"""The lake on this machine: `python -m sandbox demo | try | arrive | up`."""

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Never

from sluice.console import WRONG_USE, Parser, complain, day, ending
from sluice.sandbox.emulator.emulator import PortTaken
from sluice.sandbox.try_day import WrongUse

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Parser]


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    return ending("sandbox", lambda: _ended(argv))


def _ended(argv: list[str]) -> int:
    asked = _parser().parse_args(argv)
    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, _stop)
    try:
        return _run(asked)
    except (WrongUse, PortTaken) as fault:
        complain(fault)
        return WRONG_USE
    except KeyboardInterrupt:
        if asked.command == "up":  # its end, as it says itself
            return 0
        raise


def _run(asked: argparse.Namespace) -> int:
    # Each command imports what it needs: wrong use should not wait for Pulumi.
    if asked.command == "demo":
        from sluice.sandbox.demo.demo import demo  # noqa: PLC0415

        return demo()
    if asked.command == "up":
        from sluice.sandbox.up import up  # noqa: PLC0415

        up(asked.port, empty=asked.empty)
    if asked.command == "arrive":
        from sluice.sandbox.arrive import arrive  # noqa: PLC0415

        return arrive(asked.files, as_json=asked.json)
    from sluice.sandbox.try_day import try_day  # noqa: PLC0415

    first: dict[str, list[Path]] = {}
    for dataset, file in asked.first:
        first.setdefault(dataset, []).append(file)
    return try_day(asked.dataset, asked.files, asked.run_date, first=first, as_json=asked.json)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m sandbox", description="The lake on this machine, in an AWS emulator.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="a good day, a bad day and the mended day, told step by step")
    _add_try(commands)
    _add_arrive(commands)
    up = commands.add_parser("up", help="leave the lake running for the AWS CLI, boto3 and Pulumi")
    up.add_argument("--port", type=int, default=4566, help="where it listens on 127.0.0.1 (default: %(default)s)")
    up.add_argument("--empty", action="store_true", help="deploy nothing: for `pulumi up --stack local`")
    return parser


def _add_try(commands: "Commands") -> None:
    attempt = commands.add_parser(
        "try",
        help="your own files through the gate",
        description="Deploy the lake, upload these files as one day, run the job, report.",
        epilog="Exit code: 0 published, 1 contract broken, 2 wrong use, 3 anything else (the error is on stderr).",
    )
    attempt.add_argument("dataset", metavar="DATASET", help="a folder of expectations/, such as sales")
    attempt.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        help="in the dataset's format, text also as .gz; none for a dataset that is built from tables",
    )
    attempt.add_argument(
        "--with",
        dest="first",
        metavar="DATASET=FILE",
        type=_file_of,
        action="append",
        default=[],
        help="publish this file of another dataset first, such as customers=customers.jsonl; may be given again",
    )
    attempt.add_argument("--json", action="store_true", help="the last line of stdout is the report as one JSON object")
    attempt.add_argument(
        "--run-date", metavar="yyyy-MM-dd", type=day, help="the day the job believes it is (default: today)"
    )


def _add_arrive(commands: "Commands") -> None:
    dropped = commands.add_parser(
        "arrive",
        help="your own files dropped into the raw bucket, and the run of the flow that they start",
        description="Deploy the lake with `start: arrival`, drop these files, and show what they start.",
        epilog="Exit code: 0 all ended well, 1 contract broken, 2 wrong use, 3 anything else (the error is on stderr).",
    )
    dropped.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=_dropped,
        help="a file of sales, or DATASET=FILE, such as customers=customers.jsonl",
    )
    dropped.add_argument("--json", action="store_true", help="the last line of stdout is the report as one JSON object")


def _file_of(text: str) -> tuple[str, Path]:
    dataset, equals, file = text.partition("=")
    if not (dataset and equals and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form DATASET=FILE")
    return dataset, Path(file)


def _dropped(text: str) -> tuple[str, Path]:
    return _file_of(text) if "=" in text else ("sales", Path(text))


def _stop(number: int, _frame: object) -> Never:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
