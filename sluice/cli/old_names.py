"""Names that commands had before there was `sluice`: each says its new name and does it, until the next version."""

import sys
from collections.abc import Sequence
from runpy import run_module

from sluice.cli.app import main
from sluice.console import print_error

COMMANDS = {
    "review": (),
    "operate": (),
    "sandbox": (),
    "sandbox.plan": ("plan",),
    "sandbox.wheels": ("wheels",),
    "sandbox.deployer": ("deployer",),
}
"""What follows `sluice` in place of `python -m <old name>`."""
MODULES = {
    "review.site.bad_day": "sluice.sandbox.demo.record_bad_day",
    "sandbox.archive": "sluice.sandbox.jobs.class_archive",
    "sandbox.condition_keys": "sluice.program.condition_keys",
    "sandbox.deployed": "sluice.program.deployed_stack",
    "sandbox.engine": "sluice.program.engine",
    "sandbox.flow_page": "sluice.program.flow_page",
    "sandbox.jars": "sluice.sandbox.jobs.jars",
    "sandbox.java": "sluice.sandbox.jobs.java",
}
"""What set-up, make and the workflows run, by its old name and by its new one."""


def run_old_name(old_name: str, argv: Sequence[str] | None = None) -> int:
    """Say on stderr what a command is called now, and run it; return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if module := MODULES.get(old_name):
        print_error(f"python -m {old_name} is now: python -m {module}")
        run_module(module, run_name="__main__", alter_sys=True)
        return 0
    new_words = [*COMMANDS[old_name], *words]
    typed = [word for word in words[:1] if word.isidentifier() and not COMMANDS[old_name]]
    print_error(
        f"{' '.join(['python -m', old_name, *typed])} is now: {' '.join(['sluice', *COMMANDS[old_name], *typed])}"
    )
    return main(new_words)
