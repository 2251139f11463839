"""`python -m sandbox.deployer reach`: what each role of a stack can become, for all stacks and without an account."""

import json
from argparse import Namespace
from collections.abc import Mapping

from components.access.policy_documents import Document
from components.names import Names
from sluice.console import Parser
from sluice.program.deployer.reach.report import as_json, as_text, page
from sluice.program.deployer.reach.stack import described
from sluice.program.deployer.reach.walk import Walk, walk
from sluice.program.deployer.target import Target
from sluice.program.deployer.trust import Role, repository_of, trust
from sluice.program.graph import Fakes, run
from sluice.program.stack_files import ACCOUNT, ROOT, SAMPLES, STACKS, stack_config

PAGE = ROOT / "docs" / "security.md"
ID = "00000000-0000-0000-0000-000000000000"


def main(argv: list[str]) -> int:
    """Print the walk; 1 where it has a fault, 0 where it has none."""
    parser = Parser(prog="sandbox.deployer reach", description=__doc__)
    parser.add_argument("--stack", required=True, choices=STACKS)
    parser.add_argument("--account", default=ACCOUNT, help="stands for any (default %(default)s)")
    parser.add_argument("--region", help="the stack's by default")
    parser.add_argument("--repository", default="owner/repository", help="stands for any (default %(default)s)")
    parser.add_argument("--state-bucket", default="pulumi-state", help="stands for any (default %(default)s)")
    parser.add_argument("--state-key", help="the ARN of the key of the stack's secrets; one stands for it by default")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="one JSON object: stack, roles and faults")
    shown.add_argument("--write", action="store_true", help="put the table into docs/security.md, which shows prod")
    given = parser.parse_args(argv)
    walked = of_stack(given)
    if given.write:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), walked), encoding="utf-8")
    else:
        print(json.dumps(as_json(walked), indent=2) if given.json else as_text(walked))
    return 1 if walked.faults else 0


def of_stack(given: Namespace) -> Walk:
    """Run the program under its boundary, and walk its roles and those of GitHub."""
    folder = SAMPLES if given.write else None  # no user's value stands in a page
    config = stack_config(given.stack, folder)
    region = given.region or config["aws:region"]
    names = Names(config["sluice:prefix"], given.stack, region, given.account)
    key = given.state_key or names.arn("kms", f"key/{ID}")
    target = Target(names, given.state_bucket, key, redshift=config["sluice:redshift"] == "true")
    changed = {"aws:region": region, "sluice:boundary": names.boundary_arn}
    graph = run(given.stack, Fakes(given.account, region), changed, folder=folder)
    stack = described(target, graph, trusts(names, given.repository))
    return walk(stack.account, stack.roles)


def trusts(names: Names, repository: str) -> Mapping[str, Document]:
    """Return the trusts of GitHub's roles, for a repository whose numbers are made up."""
    kinds: tuple[Role, ...] = ("deploy", "preview")
    return {kind: trust(repository_of(repository, "1", "1"), names, kind) for kind in kinds}
