"""`python -m sluice.program.deployed_stack STACK`: whether a stack's file still names what is deployed.

It is asked before an update replaces it all.

With another prefix or region everything has another name: the engine would make the lake anew, and, where it is not
protected, empty the old one's buckets. A preview shows that as many replacements, and says of it no more.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from components.settings.config_reader import BadConfiguration
from components.settings.project_name import option_key
from sluice.cli.errors import run_to_exit_code
from sluice.cli.exit_codes import ExitCode
from sluice.cli.module_parser import CommandParser
from sluice.console import print_error
from sluice.program.empty_lake import NO_DATASET, is_empty_stack
from sluice.program.stack_files import ROOT, STACKS, UnreadableStack, stack_config

NAMING_KEYS = (option_key("prefix"), "aws:region")
MOVED_STACK_HINT = (
    "Compare with `pulumi stack output` and see docs/moving-a-stack.md: another prefix or region is another stack"
)


def name_mismatches(outputs: Mapping[str, Any], config: Mapping[str, str], stack: str) -> list[str]:
    """Return a sentence for each name that the stack was deployed under and that its file has otherwise.

    `outputs` are the deployed stack's, empty where nothing is; one from before it told prefix and region is known by the
    name of its raw bucket and the ARN of its topic.
    """
    configured = {"prefix": config[option_key("prefix")], "region": config.get("aws:region", "")}
    stated_names = {key: outputs[key] for key in configured if key in outputs}
    names = {
        "prefix": re.match(rf"(.+)-{re.escape(stack)}-raw-\d+$", str(outputs.get("raw", ""))),
        "region": re.match(r"arn:[\w-]+:sns:([\w-]+):", str(outputs.get("topic", ""))),
    }
    deployed_names = {key: match[1] for key, match in names.items() if match} | stated_names
    return [
        f"{key} is {configured[key] or 'not set'} in Pulumi.{stack}.yaml, and the stack is deployed with {deployed_names[key]}"
        for key in configured
        if key in deployed_names and deployed_names[key] != configured[key]
    ]


def stack_outputs(stack: str) -> dict[str, Any]:
    """Return the deployed stack's outputs, none of a stack that is not there yet; raises OSError where there is no CLI."""
    command = ["pulumi", "stack", "output", "--json", "--non-interactive", "--stack", stack]
    process = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    if process.returncode == 0:
        return json.loads(process.stdout)
    if re.search(r"no stack named|not found", process.stderr):
        return {}
    raise BadConfiguration(f"{' '.join(command)} failed: {process.stderr.strip()}")


def main(argv: list[str]) -> int:
    """Exit code 0, or 1 where the file names another lake than the deployed one, 3 where the CLI cannot say."""
    parser = CommandParser(prog="sluice.program.deployed_stack", description=__doc__)
    parser.add_argument("stack", choices=STACKS, metavar="STACK", help=", ".join(STACKS))
    stack = parser.parse_args(argv).stack
    try:
        if is_empty_stack(stack):
            print_error(f"{stack} has nothing to deploy, {NO_DATASET}")
            return 1
        faults = name_mismatches(stack_outputs(stack), stack_config(stack, needed=NAMING_KEYS), stack)
    except (OSError, BadConfiguration, UnreadableStack) as fault:
        print_error(f"cannot tell what {stack} is deployed as: {fault}", lines=True)
        return ExitCode.OTHER_FAULT
    if faults:
        print_error("\n".join([*faults, f"nothing was changed. {MOVED_STACK_HINT}"]), lines=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sluice.program.deployed_stack", lambda: main(sys.argv[1:])))
