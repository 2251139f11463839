"""`python -m operate`: what an operator does with a deployed lake, on AWS or in the sandbox."""

import argparse
import sys
from importlib import import_module

from botocore.exceptions import BotoCoreError, ClientError

from etl.errors import SluiceError
from sluice.console import OTHER_FAULT, WRONG_USE, Parser, complain, ending
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
SEVERAL = ("status", "start")  # take one dataset, or all
CODES = "exit codes: 0 done, 1 refused by the data, 2 wrong use (nothing was changed), 3 anything else, 130 Ctrl-C"


def main(argv: list[str] | None = None, account: Account | None = None) -> int:
    """Run one command in an account, the user's own by default, and return its exit code."""
    return ending("operate", lambda: _run(argv, account))


def _run(argv: list[str] | None, account: Account | None) -> int:
    options = _parser().parse_args(argv)
    try:
        found = options.find(account or Account.own(), options.dataset, options.stack)
        return options.act(found, options)
    except WrongUse as fault:
        complain(f"operate {options.command}: {fault}")
        return WRONG_USE
    except (BotoCoreError, ClientError) as fault:
        # AWS's message names action and resource where a permission is missing.
        complain(f"operate {options.command}: AWS refused: {fault}")
    except SluiceError as fault:
        complain(f"operate {options.command}: {fault}")
    except BrokenPipeError:
        raise
    except OSError as fault:  # how pyarrow, which reads tables, says what AWS refused
        complain(f"operate {options.command}: could not be read or written: {fault}")
    return OTHER_FAULT


def _parser() -> argparse.ArgumentParser:
    about = f"{__doc__} Keys and region are found as the AWS CLI finds them; AWS_ENDPOINT_URL names an emulator."
    parser = Parser(prog="python -m operate", description=about, epilog=CODES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_ in COMMANDS.items():
        module = import_module(f"sluice.operations.commands.{name}")
        command = commands.add_parser(
            name,
            help=help_,
            description=module.__doc__,
            epilog=CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _dataset(command, several=name in SEVERAL)
        module.arguments(command)
        command.add_argument("--stack", help="which stack's, where the account has several")
        command.add_argument("--json", action="store_true", help="JSON on stdout, talk on stderr")
        command.set_defaults(act=module.run)
    return parser


def _dataset(command: argparse.ArgumentParser, *, several: bool) -> None:
    if several:
        command.add_argument("dataset", nargs="?", metavar="DATASET", help="such as sales (default: all)")
    else:
        command.add_argument("dataset", metavar="DATASET", help="such as sales")
    command.set_defaults(find=some_deployed if several else one_deployed)


if __name__ == "__main__":
    sys.exit(main())
