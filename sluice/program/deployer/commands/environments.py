"""Print the commands that make a stack's environments on GitHub; they run nothing by themselves.

Each stack has two. Jobs in `<stack>` take the deploying role, on main only. Jobs in `preview-<stack>` take the
previewing role, on pull requests too. The commands may be run again: they change what differs, and remove rules for
branches that are not named here.
"""

from typing import Annotated

import typer

from sluice.program.deployer.arguments import (
    DEFAULT_PREFIX,
    AccountOption,
    PrefixOption,
    RegionOption,
    RepositoryOption,
    StackPlace,
    StateBucketOption,
    refuse_faults,
)
from sluice.program.deployer.environments import setup_faults, setup_script
from sluice.program.stack_parameters import complete_stack, deployed_stacks, parse_deployed_stack


def run(
    repository: RepositoryOption,
    account: AccountOption,
    region: RegionOption,
    state_bucket: StateBucketOption,
    reviewer: Annotated[
        list[int] | None, typer.Option("--reviewer", metavar="ID", help="Users who may approve, one or several.")
    ] = None,
    team: Annotated[
        list[int] | None, typer.Option("--team", metavar="ID", help="Teams who may approve, one or several.")
    ] = None,
    stack: Annotated[
        list[str] | None,
        typer.Option(
            "--stack",
            metavar="STACK",
            parser=parse_deployed_stack,
            autocompletion=complete_stack,
            help="One stack only; may be given again.",
        ),
    ] = None,
    prefix: PrefixOption = DEFAULT_PREFIX,
) -> None:
    """Print a script for a POSIX shell."""
    reviewers = [{"type": "User", "id": number} for number in reviewer or ()]
    reviewers += [{"type": "Team", "id": number} for number in team or ()]
    places = [StackPlace(name, account, region, prefix) for name in stack or deployed_stacks()]
    refuse_faults(setup_faults(places, repository, state_bucket, reviewers))
    print("\n".join(setup_script(places, repository, state_bucket, reviewers)))
