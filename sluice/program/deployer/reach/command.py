"""Show what each role of a stack can become: the steps from role to role over all documents, without an account.

At fault is a role that gets out of its stack.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from components.access.policy_documents import Document
from components.names import Names
from components.settings.project_name import option_key
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.console import print_lines
from sluice.program.deployer.reach.report import as_json as as_json_walk
from sluice.program.deployer.reach.report import as_text, page_with_table
from sluice.program.deployer.reach.stack import describe_stack
from sluice.program.deployer.reach.walk import RoleWalk, walk_roles
from sluice.program.deployer.target import DeployTarget
from sluice.program.deployer.trust import RoleKind, github_trust, repository_of
from sluice.program.graph import FakeCloud, run_program
from sluice.program.stack_files import ACCOUNT, ROOT, SAMPLES, stack_config
from sluice.program.stack_parameters import complete_stack, parse_stack

PAGE = ROOT / "docs" / "security.md"
SAMPLE_ID = "00000000-0000-0000-0000-000000000000"


def run(
    stack: Annotated[
        str,
        typer.Option(
            "--stack",
            metavar="STACK",
            parser=parse_stack,
            autocompletion=complete_stack,
            help="A stack that has a file.",
        ),
    ],
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Stands for any.")] = ACCOUNT,
    region: Annotated[str | None, typer.Option("--region", metavar="REGION", help="The stack's by default.")] = None,
    repository: Annotated[
        str, typer.Option("--repository", metavar="OWNER/NAME", help="Stands for any.")
    ] = "owner/repository",
    state_bucket: Annotated[
        str, typer.Option("--state-bucket", metavar="BUCKET", help="Stands for any.")
    ] = "pulumi-state",
    state_key: Annotated[
        str | None,
        typer.Option(
            "--state-key",
            metavar="ARN",
            help="The ARN of the key of the stack's secrets; one stands for it by default.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: stack, roles and faults.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Put the table into docs/security.md, which shows prod.")
    ] = False,
) -> ExitCode:
    """Print the walk; at fault where it has a fault."""
    if as_json and write:
        raise WrongUse("--json prints what --write puts into a page: give one of them")
    config = stack_config(stack, SAMPLES if write else None)  # no user's value stands in a page
    names = Names(config[option_key("prefix")], stack, region or config["aws:region"], account)
    key = state_key or names.arn("kms", f"key/{SAMPLE_ID}")
    target = DeployTarget(names, state_bucket, key, redshift=config[option_key("redshift")] == "true")
    role_walk = walk_stack(target, repository, SAMPLES if write else None)
    if write:
        PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8"), role_walk), encoding="utf-8")
    elif as_json:
        print(json.dumps(as_json_walk(role_walk), indent=2))
    else:
        print_lines(as_text(role_walk))
    return ExitCode.AT_FAULT if role_walk.faults else ExitCode.DONE


def walk_stack(target: DeployTarget, repository: str, folder: Path | None = None) -> RoleWalk:
    """Run the program of a folder under its boundary, the lake's by default, and walk its roles and those of GitHub."""
    names = target.names
    overrides = {"aws:region": names.region, option_key("boundary"): names.boundary_arn}
    graph = run_program(names.stack, FakeCloud(names.account, names.region), overrides, folder=folder)
    described = describe_stack(target, graph, github_trusts(names, repository))
    return walk_roles(described.account, described.roles)


def github_trusts(names: Names, repository: str) -> Mapping[str, Document]:
    """Return the trusts of GitHub's roles, for a repository whose numbers are made up."""
    kinds: tuple[RoleKind, ...] = ("deploy", "preview")
    return {kind: github_trust(repository_of(repository, "1", "1"), names, kind) for kind in kinds}
