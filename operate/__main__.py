"""`python -m operate`: what an operator does with a deployed lake, on AWS or in the sandbox."""

import argparse
import os
import sys
from importlib import import_module

from botocore.exceptions import BotoCoreError, ClientError

from operate.account import Account
from operate.deployed import one_deployed
from operate.errors import WrongUse

COMMANDS = {
    "quarantine": "what was set aside, and why",
    "replay": "rows that were set aside, through the gate again",
}
WRONG_USE, OTHER_FAULT = 2, 3
CODES = "exit codes: 0 done, 1 refused by the data, 2 wrong use (nothing was changed), 3 anything else"


def main(argv: list[str] | None = None, account: Account | None = None) -> int:
    """Run one command in an account, the user's own by default, and return its exit code."""
    options = _parser().parse_args(argv)
    try:
        dataset = one_deployed(account or Account.own(), options.dataset, options.stack)
        return options.act(dataset, options)
    except WrongUse as fault:
        print(f"operate {options.command}: {fault}", file=sys.stderr)
        return WRONG_USE
    except (BotoCoreError, ClientError) as fault:
        # The library's message names the action; a missing permission also names the resource.
        print(f"operate {options.command}: AWS refused: {fault}", file=sys.stderr)
        return OTHER_FAULT
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OTHER_FAULT


def _parser() -> argparse.ArgumentParser:
    about = f"{__doc__} Keys and region are found as the AWS CLI finds them; AWS_ENDPOINT_URL names an emulator."
    parser = argparse.ArgumentParser(prog="python -m operate", description=about, epilog=CODES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_ in COMMANDS.items():
        module = import_module(f"operate.commands.{name}")
        command = commands.add_parser(
            name,
            help=help_,
            description=module.__doc__,
            epilog=CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("dataset", metavar="DATASET", help="such as sales")
        module.arguments(command)
        command.add_argument("--stack", help="which stack's, where the account has several")
        command.add_argument("--json", action="store_true", help="JSON on stdout, talk on stderr")
        command.set_defaults(act=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
