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

from sluice.console import Parser, ending
from sluice.program.deployer import environments
from sluice.program.deployer.arguments import (
    add_role,
    add_stack,
    names_of,
    repository,
    role_faults,
    stack_faults,
    target_of,
)
from sluice.program.deployer.boundary import boundary
from sluice.program.deployer.policies import deploy, preview
from sluice.program.deployer.reach.command import main as reach
from sluice.program.deployer.trust import Role, trust

ROLES = {"preview": preview, "deploy": deploy}


def role(name: Role, argv: list[str]) -> int:
    """Print the trust and the managed policies of one role of GitHub."""
    given = checked(name, add_role, role_faults, argv)
    documents = {"trust": trust(repository(given), names_of(given), name), "policies": ROLES[name](target_of(given))}
    return printed(documents)


def bounding(argv: list[str]) -> int:
    """Print the permissions boundary."""
    return printed({"policies": boundary(names_of(checked("boundary", add_stack, stack_faults, argv)))})


def checked(name: str, add: Callable[[Parser], None], faults: Callable[[Any], list[str]], argv: list[str]) -> Any:
    """Return the arguments; all that are refused are told of at once."""
    parser = Parser(prog=f"sandbox.deployer {name}")
    add(parser)
    given = parser.parse_args(argv)
    if refused := faults(given):
        parser.error("; ".join(refused))
    return given


def printed(documents: Mapping[str, Any]) -> int:
    print(json.dumps(documents, indent=2))
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "boundary": bounding,
    "preview": lambda argv: role("preview", argv),
    "deploy": lambda argv: role("deploy", argv),
    "environments": environments.main,
    "reach": reach,
}


def main(argv: list[str]) -> int:
    """Print what a command is for; each has its own arguments."""
    parser = Parser(prog="sandbox.deployer", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS)
    return COMMANDS[parser.parse_args(argv[:1]).command](argv[1:])


if __name__ == "__main__":
    sys.exit(ending("sandbox.deployer", lambda: main(sys.argv[1:])))
