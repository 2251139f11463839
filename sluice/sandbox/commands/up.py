"""Leave the lake running in an AWS emulator, for the AWS CLI, boto3 and Pulumi, until Ctrl-C.

It prints the address and the keys to export, new ones at each start, commands to try, and the page of a mailbox: what each
person and service was told, as they get it.
"""

from typing import Annotated

import typer

from sluice.cli.exit_codes import ExitCode
from sluice.sandbox.commands.dataset_files import end_on_signals

PORT = 4566


def run(
    port: Annotated[int, typer.Option("--port", metavar="PORT", help="Where it listens on 127.0.0.1.")] = PORT,
    empty: Annotated[bool, typer.Option("--empty", help="Deploy nothing: for `pulumi up --stack local`.")] = False,
) -> ExitCode:
    """Serve until Ctrl-C, which is its end and no fault."""
    end_on_signals()
    try:
        from sluice.sandbox.up import serve_sandbox  # noqa: PLC0415  boto3, which help need not wait for

        serve_sandbox(port, empty=empty)
    except KeyboardInterrupt:
        return ExitCode.DONE
