"""`python -m sandbox.deployer reach`: what each role of a stack can become, for all stacks and without an account."""

import json
from argparse import Namespace
from collections.abc import Mapping

from components.access.policy_documents import Document
from components.names import Names
from components.settings.project_name import option_key
from sluice.console import CommandParser
from sluice.program.deployer.reach.report import as_json, as_text, page_with_table
from sluice.program.deployer.reach.stack import describe_stack
from sluice.program.deployer.reach.walk import RoleWalk, walk_roles
from sluice.program.deployer.target import DeployTarget
from sluice.program.deployer.trust import RoleKind, github_trust, repository_of
from sluice.program.graph import FakeCloud, run_program
from sluice.program.stack_files import ACCOUNT, ROOT, SAMPLES, STACKS, stack_config

PAGE = ROOT / "docs" / "security.md"
SAMPLE_ID = "00000000-0000-0000-0000-000000000000"


def main(argv: list[str]) -> int:
    """Print the walk; 1 where it has a fault, 0 where it has none."""
    parser = CommandParser(prog="sandbox.deployer reach", description=__doc__)
    parser.add_argument("--stack", required=True, choices=STACKS)
    parser.add_argument("--account", default=ACCOUNT, help="stands for any (default %(default)s)")
    parser.add_argument("--region", help="the stack's by default")
    parser.add_argument("--repository", default="owner/repository", help="stands for any (default %(default)s)")
    parser.add_argument("--state-bucket", default="pulumi-state", help="stands for any (default %(default)s)")
    parser.add_argument("--state-key", help="the ARN of the key of the stack's secrets; one stands for it by default")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one JSON object: stack, roles and faults")
    output.add_argument("--write", action="store_true", help="put the table into docs/security.md, which shows prod")
    options = parser.parse_args(argv)
    role_walk = walk_stack(options)
    if options.write:
        PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8"), role_walk), encoding="utf-8")
    else:
        print(json.dumps(as_json(role_walk), indent=2) if options.json else as_text(role_walk))
    return 1 if role_walk.faults else 0


def walk_stack(options: Namespace) -> RoleWalk:
    """Run the program under its boundary, and walk its roles and those of GitHub."""
    folder = SAMPLES if options.write else None  # no user's value stands in a page
    config = stack_config(options.stack, folder)
    region = options.region or config["aws:region"]
    names = Names(config[option_key("prefix")], options.stack, region, options.account)
    key = options.state_key or names.arn("kms", f"key/{SAMPLE_ID}")
    target = DeployTarget(names, options.state_bucket, key, redshift=config[option_key("redshift")] == "true")
    overrides = {"aws:region": region, option_key("boundary"): names.boundary_arn}
    graph = run_program(options.stack, FakeCloud(options.account, region), overrides, folder=folder)
    stack = describe_stack(target, graph, github_trusts(names, options.repository))
    return walk_roles(stack.account, stack.roles)


def github_trusts(names: Names, repository: str) -> Mapping[str, Document]:
    """Return the trusts of GitHub's roles, for a repository whose numbers are made up."""
    kinds: tuple[RoleKind, ...] = ("deploy", "preview")
    return {kind: github_trust(repository_of(repository, "1", "1"), names, kind) for kind in kinds}
