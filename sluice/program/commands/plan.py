"""Show what a stack declares, what differs from another stack, and what it costs a month.

The program runs as it would for Pulumi, without account, CLI or cloud. At fault are a policy of ours that the stack breaks,
and settings that the program refuses.
"""

import json
import logging
from typing import Annotated

import typer

from etl.errors import SluiceError
from sluice.cli.exit_codes import ExitCode
from sluice.console import make_console, print_error
from sluice.program.stack_files import UnreadableStack
from sluice.program.stack_parameters import StackArgument, complete_stack, parse_stack


def run(
    stack: StackArgument,
    diff: Annotated[
        str | None,
        typer.Option(
            "--diff",
            metavar="STACK",
            parser=parse_stack,
            autocompletion=complete_stack,
            help="Say what differs from this stack.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")] = False,
) -> ExitCode:
    """Print the plan; at fault where a policy is broken or the program refuses."""
    # Pulumi takes two seconds, which help need not wait for.
    from components.settings.config_reader import BadConfiguration  # noqa: PLC0415
    from sluice.program import graph, plan  # noqa: PLC0415
    from sluice.program.empty_lake import NO_DATASET, is_empty_stack  # noqa: PLC0415

    logging.disable(logging.WARNING)  # a plan has its warnings at its end
    try:
        if is_empty_stack(stack):
            print(json.dumps(plan.empty_plan(stack)) if as_json else NO_DATASET)
            return ExitCode.DONE
        planned = plan.plan_stack(
            graph.run_program(stack, preview=True), graph.run_program(diff, preview=True) if diff else None
        )
    except (BadConfiguration, UnreadableStack, SluiceError) as fault:
        print_error(f"{stack} cannot be planned: {fault}", lines=True)
        return ExitCode.AT_FAULT
    if as_json:
        print(json.dumps(planned))
    else:
        plan.print_plan(planned, make_console())
    return ExitCode.AT_FAULT if planned["policies"]["broken"] else ExitCode.DONE
