"""The table of commands: `sluice --help` is this table, and a command's module is imported when the command is run.

What a module named here gives, by convention:

- `run`, a function whose parameters are the command's, annotated for typer: `Annotated[Path, typer.Argument(help=...)]`.
  Options that several commands have are in `sluice.cli.options`. It returns an `ExitCode`, or None for 0.
- The module's docstring, which `sluice COMMAND --help` shows. Its first paragraph is a sentence; indented lines stay as they
  are.
- Imports of what only this command needs and takes longer than a tenth of a second are inside `run`.
- What was typed and cannot be done is raised as `sluice.cli.errors.WrongUse`. Other faults are left to pass:
  `sluice.cli.errors` turns each into one line and an exit code. No command prints a fault or ends the process by itself.

A command of several commands gives `SUBCOMMANDS`, a tuple of entries as below, in place of `run`.
"""

from dataclasses import dataclass
from enum import StrEnum


class CommandGroup(StrEnum):
    """The headings that help lists commands under, in this order."""

    LOOK = "Look"
    CONTRACTS = "Contracts"
    OPERATE = "Operate"
    PROGRAM = "Program"
    OWN_LAKE = "A lake of one's own"


@dataclass(frozen=True)
class CommandEntry:
    """One command: its name, the module that has it, a line of help, and examples that can be typed as they stand."""

    name: str
    module: str
    summary: str
    examples: tuple[str, ...]
    group: CommandGroup = CommandGroup.PROGRAM


def _entries(group: CommandGroup, *rows: tuple[str, str, str, str]) -> tuple[CommandEntry, ...]:
    return tuple(
        CommandEntry(name, module, summary, tuple(examples.splitlines()), group)
        for name, module, summary, examples in rows
    )


COMMANDS: tuple[CommandEntry, ...] = (
    *_entries(
        CommandGroup.LOOK,
        (
            "demo",
            "sluice.sandbox.commands.demo",
            "a good day, a bad day and the mended day, told step by step",
            "sluice demo",
        ),
        (
            "try",
            "sluice.sandbox.commands.try_files",
            "your own files through the gate, as one day of a lake in an AWS emulator",
            "sluice try orders orders.csv\nsluice try orders_daily --with orders=orders.csv --with items=items.parquet",
        ),
        (
            "check",
            "sluice.contracts.check.command",
            "files through the gate of the job on this machine, with nothing deployed",
            "sluice check orders orders.csv\nsluice check orders orders.csv --out rows.parquet --json",
        ),
        (
            "arrive",
            "sluice.sandbox.commands.arrive",
            "your own files dropped into the raw bucket, and the run of the flow that they start",
            "sluice arrive orders.csv shoppers=shoppers.jsonl",
        ),
        (
            "up",
            "sluice.sandbox.commands.up",
            "leave the lake running for the AWS CLI, boto3 and Pulumi",
            "sluice up\nsluice up --empty",
        ),
    ),
    *_entries(
        CommandGroup.CONTRACTS,
        (
            "profile",
            "sluice.contracts.profile.command",
            "a draft of both suites from a sample, with the evidence for each rule",
            "sluice profile stores.csv --dataset stores",
        ),
        (
            "lint",
            "sluice.contracts.lint.command",
            "what is wrong with the contracts, or nothing",
            "sluice lint\nsluice lint expectations/orders --format junit",
        ),
        (
            "diff",
            "sluice.contracts.diff.command",
            "what changed between two commits' contracts, for whom, and the version it needs",
            "sluice diff\nsluice diff main --markdown",
        ),
        (
            "prove",
            "sluice.contracts.prove.command",
            "that every rule bites: each reports a fault that is made for it, and none a valid day",
            "sluice prove orders",
        ),
        (
            "backtest",
            "sluice.contracts.backtest.command",
            "what a changed contract would have refused of given data, next to the published one",
            "sluice backtest expectations/orders/output.json orders.csv",
        ),
        (
            "docs",
            "sluice.site.command",
            "a static site of all contracts and the latest verdicts",
            "sluice docs --out .site",
        ),
        (
            "export",
            "sluice.contracts.export.command",
            "contracts as other tools read them: Open Data Contract Standard documents",
            "sluice export orders --odcs",
        ),
        (
            "import",
            "sluice.contracts.importing.command",
            "drafts of both suites from contracts of other tools, and what they cannot carry",
            "sluice import orders.odcs.yaml\nsluice import suite.json --dataset orders",
        ),
        (
            "schema",
            "sluice.contracts.schema.command",
            "the JSON Schema of suite files, for completion and errors in an editor",
            "sluice schema --check",
        ),
    ),
    *_entries(
        CommandGroup.OPERATE,
        (
            "status",
            "sluice.operations.commands.status",
            "what readers see, the last runs, what is unread, skipped, aside and left over",
            "sluice status\nsluice status orders --stack prod --json",
        ),
        (
            "history",
            "sluice.contracts.history.command",
            "what earlier runs had, which of them count, and what bounds from them are now",
            "sluice history orders\nsluice history orders --stack prod --json",
        ),
        (
            "start",
            "sluice.operations.commands.start",
            "run the flow now: every dataset after those that it needs, or one",
            'sluice start --stack prod\nsluice start orders --accept-history "Christmas: half the shops are closed"',
        ),
        (
            "drill",
            "sluice.operations.commands.drill",
            "send one message of each kind by the way of real ones, and say which endpoint is still pending",
            "sluice drill --stack prod\nsluice drill ann@example.com --yes",
        ),
        (
            "quarantine",
            "sluice.operations.commands.quarantine",
            "what was set aside, and why",
            "sluice quarantine orders\nsluice quarantine orders jr_0a1b --rows aside.xlsx",
        ),
        (
            "replay",
            "sluice.operations.commands.replay",
            "rows that were set aside, through the gate again",
            "sluice replay orders jr_0a1b --rows aside.xlsx",
        ),
        (
            "skip",
            "sluice.operations.commands.skip",
            "leave raw objects alone that keep failing",
            'sluice skip orders 2025-01-19.csv --why "sent twice over"',
        ),
        ("unskip", "sluice.operations.commands.unskip", "take a skip back", "sluice unskip orders 2025-01-19.csv"),
        (
            "rerun",
            "sluice.operations.commands.rerun",
            "raw objects through the gate again, as a correction",
            "sluice rerun orders 2025-01-17.csv",
        ),
        (
            "withdraw",
            "sluice.operations.commands.withdraw",
            "take the rows of a raw object out again, and leave it alone",
            'sluice withdraw orders 2025-01-19.csv --why "of another shop"',
        ),
        (
            "rollback",
            "sluice.operations.commands.rollback",
            "show readers an earlier snapshot, data and ledger together",
            "sluice rollback orders\nsluice rollback orders 4813574031861919888",
        ),
        (
            "forget",
            "sluice.operations.commands.forget",
            "rows of persons who ask for it, out of every place that has them",
            "sluice forget orders --rows keys.csv\nsluice forget orders --rows keys.jsonl --now --yes",
        ),
        (
            "repair",
            "sluice.operations.commands.repair",
            "a ledger whose files are gone, rebuilt",
            "sluice repair orders",
        ),
        (
            "retire",
            "sluice.operations.commands.retire",
            "what a dataset left behind that was taken out of its stack: listed, archived, removed",
            "sluice retire orders --stack prod\nsluice retire orders --archive s3://cold/lake/\nsluice retire orders --remove",
        ),
    ),
    *_entries(
        CommandGroup.PROGRAM,
        (
            "plan",
            "sluice.program.commands.plan",
            "what a stack declares, what differs from another, and what it costs a month",
            "sluice plan prod\nsluice plan prod --diff dev",
        ),
        (
            "wheels",
            "sluice.program.commands.wheels",
            "the bundle that Glue installs from, so that no job ever reaches a live index",
            "sluice wheels",
        ),
        (
            "deployer",
            "sluice.program.commands.deployer",
            "what an administrator makes for a stack before GitHub deploys it",
            "sluice deployer boundary --stack prod --account 123456789012 --region eu-west-1",
        ),
    ),
    # A lake of one's own:
    *_entries(
        CommandGroup.OWN_LAKE,
        (
            "new",
            "sluice.lake_template.new_dataset",
            "a dataset of one's own from sample files: both suites, a transform, an entry of each stack",
            "sluice new stores --from stores.csv\nsluice new stores --from stores.csv --owner-handle @me/stores",
        ),
        (
            "init",
            "sluice.lake_template.init_lake",
            "a lake of one's own, made from this repository, which later versions can be brought into",
            "sluice init ../lake\nsluice init ../lake --name warehouse --prefix warehouse",
        ),
    ),
)
