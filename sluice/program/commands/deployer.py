"""Print what an administrator makes for one stack before GitHub deploys it, as JSON for AWS IAM.

`boundary` is the permissions boundary of the stack's roles. `preview` and `deploy` are the roles that GitHub takes, each
with its trust and its managed policies. `environments` are commands that make the stack's environments on GitHub.
`reach` shows what each role of the stack can become, and ends with 1 where one reaches what is not the stack's.
"""

from sluice.cli.commands import CommandEntry, CommandGroup

PACKAGE = "sluice.program.deployer"
STACK = "--stack prod --account 123456789012 --region eu-west-1"
ROLE = (
    f"{STACK} --repository me/lake --owner-id 1001 --repository-id 2002 --state-bucket my-pulumi-state "
    "--state-key arn:aws:kms:eu-west-1:123456789012:key/0a1b"
)


def _entry(name: str, summary: str, words: str, module: str = "") -> CommandEntry:
    example = f"sluice deployer {name} {words}"
    return CommandEntry(name, module or f"{PACKAGE}.commands.{name}", summary, (example,), CommandGroup.PROGRAM)


SUBCOMMANDS = (
    _entry("boundary", "the permissions boundary of a stack's roles", STACK),
    _entry("preview", "the role that GitHub takes to preview a stack", ROLE),
    _entry("deploy", "the role that GitHub takes to deploy a stack", ROLE),
    _entry(
        "environments",
        "commands that make the stacks' environments on GitHub",
        "--repository me/lake --reviewer 11 --account 123456789012 --region eu-west-1 --state-bucket my-pulumi-state",
    ),
    _entry("reach", "what each role of a stack can become", "--stack prod", f"{PACKAGE}.reach.command"),
)
"""The commands of `sluice deployer`."""
