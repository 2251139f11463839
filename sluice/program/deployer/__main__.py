"""`python -m sandbox.deployer`: what an administrator makes for one stack before GitHub deploys it, as JSON for AWS IAM.

`boundary` is the permissions boundary of the stack's roles. `preview` and `deploy` are the roles that GitHub takes, each
with its trust and its managed policies. `environments` are commands that make the stack's environments on GitHub.
`reach` shows what each role of the stack can become, and ends with 1 where one reaches what is not the stack's.
"""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping
from typing import Any

from sluice.console import CommandParser, run_to_exit_code
from sluice.program.deployer import environments
from sluice.program.deployer.arguments import (
    add_role,
    add_stack,
    deploy_target,
    github_repository,
    resource_names,
    role_faults,
    stack_faults,
)
from sluice.program.deployer.boundary import boundary_policy
from sluice.program.deployer.policies import deploy_policies, preview_policies
from sluice.program.deployer.reach.command import main as reach
from sluice.program.deployer.trust import RoleKind, github_trust

ROLES = {"preview": preview_policies, "deploy": deploy_policies}


def print_role(name: RoleKind, argv: list[str]) -> int:
    """Print the trust and the managed policies of one role of GitHub."""
    options = parse_options(name, add_role, role_faults, argv)
    documents = {
        "trust": github_trust(github_repository(options), resource_names(options), name),
        "policies": ROLES[name](deploy_target(options)),
    }
    return print_documents(documents)


def print_boundary(argv: list[str]) -> int:
    """Print the permissions boundary."""
    return print_documents(
        {"policies": boundary_policy(resource_names(parse_options("boundary", add_stack, stack_faults, argv)))}
    )


def parse_options(
    name: str, add: Callable[[CommandParser], None], faults: Callable[[Any], list[str]], argv: list[str]
) -> Any:
    """Return the arguments; all that are refused are told of at once."""
    parser = CommandParser(prog=f"sandbox.deployer {name}")
    add(parser)
    options = parser.parse_args(argv)
    if refused := faults(options):
        parser.error("; ".join(refused))
    return options


def print_documents(documents: Mapping[str, Any]) -> int:
    """Print documents as JSON; return exit code 0."""
    print(json.dumps(documents, indent=2))
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "boundary": print_boundary,
    "preview": lambda argv: print_role("preview", argv),
    "deploy": lambda argv: print_role("deploy", argv),
    "environments": environments.main,
    "reach": reach,
}


def main(argv: list[str]) -> int:
    """Print what a command is for; each has its own arguments."""
    parser = CommandParser(prog="sandbox.deployer", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS)
    return COMMANDS[parser.parse_args(argv[:1]).command](argv[1:])


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sandbox.deployer", lambda: main(sys.argv[1:])))
