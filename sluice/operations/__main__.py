"""`python -m operate`: what an operator does with a deployed lake, on AWS or in the sandbox."""

import argparse
import sys
from importlib import import_module

from botocore.exceptions import BotoCoreError, ClientError

from etl.errors import SluiceError
from sluice.console import OTHER_FAULT, WRONG_USE, CommandParser, print_error, run_to_exit_code
from sluice.operations.account import Account
from sluice.operations.deployed_dataset import one_deployed, some_deployed
from sluice.operations.errors import WrongUse

COMMANDS = {
    "status": "what readers see, the last runs, what is unread, skipped, aside and left over",
    "start": "run the flow now: every dataset after those that it needs, or one",
    "skip": "leave raw objects alone that keep failing",
    "unskip": "take a skip back",
    "rerun": "raw objects through the gate again, as a correction",
    "rollback": "show readers an earlier snapshot, data and ledger together",
    "repair": "a ledger whose files are gone, rebuilt",
    "quarantine": "what was set aside, and why",
    "replay": "rows that were set aside, through the gate again",
}
MULTI_DATASET_COMMANDS = ("status", "start")  # take one dataset, or all
EXIT_CODES_HELP = (
    "exit codes: 0 done, 1 refused by the data, 2 wrong use (nothing was changed), 3 anything else, 130 Ctrl-C"
)


def main(argv: list[str] | None = None, account: Account | None = None) -> int:
    """Run one command in an account, the user's own by default, and return its exit code."""
    return run_to_exit_code("operate", lambda: _run_command(argv, account))


def _run_command(argv: list[str] | None, account: Account | None) -> int:
    options = _build_parser().parse_args(argv)
    try:
        target = options.find(account or Account.from_environment(), options.dataset, options.stack)
        return options.act(target, options)
    except WrongUse as fault:
        print_error(f"operate {options.command}: {fault}")
        return WRONG_USE
    except (BotoCoreError, ClientError) as fault:
        # AWS's message names action and resource where a permission is missing.
        print_error(f"operate {options.command}: AWS refused: {fault}")
    except SluiceError as fault:
        print_error(f"operate {options.command}: {fault}")
    except BrokenPipeError:
        raise
    except OSError as fault:  # how pyarrow, which reads tables, says what AWS refused
        print_error(f"operate {options.command}: could not be read or written: {fault}")
    return OTHER_FAULT


def _build_parser() -> argparse.ArgumentParser:
    about = f"{__doc__} Keys and region are found as the AWS CLI finds them; AWS_ENDPOINT_URL names an emulator."
    parser = CommandParser(prog="python -m operate", description=about, epilog=EXIT_CODES_HELP)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_ in COMMANDS.items():
        module = import_module(f"sluice.operations.commands.{name}")
        command = commands.add_parser(
            name,
            help=help_,
            description=module.__doc__,
            epilog=EXIT_CODES_HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_dataset_argument(command, several=name in MULTI_DATASET_COMMANDS)
        module.arguments(command)
        command.add_argument("--stack", help="which stack's, where the account has several")
        command.add_argument("--json", action="store_true", help="JSON on stdout, talk on stderr")
        command.set_defaults(act=module.run)
    return parser


def _add_dataset_argument(command: argparse.ArgumentParser, *, several: bool) -> None:
    if several:
        command.add_argument("dataset", nargs="?", metavar="DATASET", help="such as orders (default: all)")
    else:
        command.add_argument("dataset", metavar="DATASET", help="such as orders")
    command.set_defaults(find=some_deployed if several else one_deployed)


if __name__ == "__main__":
    sys.exit(main())
