"""`python -m sandbox.deployed STACK`: whether a stack's file still names what is deployed, before an update replaces it all.

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
from sluice.console import OTHER_FAULT, Parser, complain, ending
from sluice.program.stack_files import ROOT, STACKS, UnreadableStack, stack_config

NAMED_BY = ("sluice:prefix", "aws:region")
NEW_STACK = (
    "Compare with `pulumi stack output` and see docs/moving-a-stack.md: another prefix or region is another stack"
)


def moved(outputs: Mapping[str, Any], config: Mapping[str, str], stack: str) -> list[str]:
    """Return a sentence for each name that the stack was deployed under and that its file has otherwise.

    `outputs` are the deployed stack's, empty where nothing is; one from before it told prefix and region is known by the
    name of its raw bucket and the ARN of its topic.
    """
    now = {"prefix": config["sluice:prefix"], "region": config.get("aws:region", "")}
    told = {key: outputs[key] for key in now if key in outputs}
    names = {
        "prefix": re.match(rf"(.+)-{re.escape(stack)}-raw-\d+$", str(outputs.get("raw", ""))),
        "region": re.match(r"arn:[\w-]+:sns:([\w-]+):", str(outputs.get("topic", ""))),
    }
    before = {key: match[1] for key, match in names.items() if match} | told
    return [
        f"{key} is {now[key] or 'not set'} in Pulumi.{stack}.yaml, and the stack is deployed with {before[key]}"
        for key in now
        if key in before and before[key] != now[key]
    ]


def outputs(stack: str) -> dict[str, Any]:
    """Return the deployed stack's outputs, none of a stack that is not there yet; raises OSError where there is no CLI."""
    command = ["pulumi", "stack", "output", "--json", "--non-interactive", "--stack", stack]
    ended = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    if ended.returncode == 0:
        return json.loads(ended.stdout)
    if re.search(r"no stack named|not found", ended.stderr):
        return {}
    raise BadConfiguration(f"{' '.join(command)} failed: {ended.stderr.strip()}")


def main(argv: list[str]) -> int:
    """Exit code 0, or 1 where the file names another lake than the deployed one, 3 where the CLI cannot say."""
    parser = Parser(prog="sandbox.deployed", description=__doc__)
    parser.add_argument("stack", choices=STACKS, metavar="STACK", help=", ".join(STACKS))
    stack = parser.parse_args(argv).stack
    try:
        faults = moved(outputs(stack), stack_config(stack, needed=NAMED_BY), stack)
    except (OSError, BadConfiguration, UnreadableStack) as fault:
        complain(f"cannot tell what {stack} is deployed as: {fault}", lines=True)
        return OTHER_FAULT
    if faults:
        complain("\n".join([*faults, f"nothing was changed. {NEW_STACK}"]), lines=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(ending("sandbox.deployed", lambda: main(sys.argv[1:])))
