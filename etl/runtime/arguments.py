"""What the job is told: the job definition's default arguments, a run's own, and what Glue adds."""

import argparse
import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, NoReturn, assert_never

from etl.contract.layout import DatasetLocations
from etl.contract.run_parameters import rule_parameters
from etl.runtime.branch_names import run_branch
from etl.runtime.withdraw_request import WithdrawRequest
from etl.storage.raw_objects import S3Prefix


class RunKind(StrEnum):
    """What a run takes through the gate.

    Members:
        RUN: what arrived.
        REPLAY: rows that an earlier run set aside.
        RERUN: objects that were read before.
        WITHDRAW: what an object's rows had replaced, while these leave.
    """

    RUN = "run"
    REPLAY = "replay"
    RERUN = "rerun"
    WITHDRAW = "withdraw"

    @property
    def is_repair(self) -> bool:
        """Whether an operator started it to mend what earlier runs left."""
        match self:
            case RunKind.RUN:
                return False
            case RunKind.REPLAY | RunKind.RERUN | RunKind.WITHDRAW:
                return True
            case _:
                assert_never(self)


NO_PREFIX = S3Prefix("", "")
MAX_TYPO_EDITS = 2  # from one of our arguments: a misspelling of it
GLUE_OPTIONS_NEAR_OURS = ("--conf", "--mode")  # Glue's own, and as near to --code
EARLIEST_TIMEZONE = timezone(timedelta(hours=14))  # no shop's calendar is ahead of UTC+14

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobArguments:
    """One run's arguments.

    Attributes:
        dataset: which transform and contracts.
        raw: the prefix that files arrive under; NOWHERE for a dataset that is built from tables.
        table: the published table, catalog.database.table.
        location: the table's S3 URI; its ledgers and its quarantine lie beside it (`etl/contract/layout.py`).
        input_contract, output_contract: S3 URIs of the suites.
        verdicts: the prefix that verdicts are written under.
        code: the hash of the code that runs, for the snapshot's summary.
        raw_expire_days: days after which the raw bucket expires an object, 0 for never.
        run_date: the day of the run; dates after it are in the future.
        job, run_id: the job's name and Glue's id of this run.
        rerun: keys of objects (days, of a dataset that is built from tables) that are to be read again, though the table
            holds them; none for what is unread.
        withdraw: the object whose rows are to leave, with who says so and why; None for what arrived.
        replay: the run whose set-aside rows are to go through the gate again, "" for what arrived.
        lineage: where the run's lineage goes, an S3 prefix or a server's URL, "" for nowhere.
        mended: S3 URI of JSON lines {"row": id, "mended": JSON text} that take the place of such rows, "" for none.
        stack: the stack's name, for commands that a message names; "" where the job was not told.
        docs_url: below which the pages of this repository are, "" for nowhere.
        accept_history: why an operator has this run pass whatever its history says, "" where nobody does.
        accepted_by: who does.
        trial: whether nothing is to be published, whatever the gate says; a run asks itself so, no argument does.
        started: when the run began.
    """

    dataset: str
    raw: S3Prefix
    table: str
    location: str
    input_contract: str
    output_contract: str
    verdicts: S3Prefix
    code: str
    raw_expire_days: int
    run_date: date
    job: str
    run_id: str
    rerun: tuple[str, ...] = ()
    withdraw: WithdrawRequest | None = None
    replay: str = ""
    mended: str = ""
    lineage: str = ""
    stack: str = ""
    docs_url: str = ""
    accept_history: str = ""
    accepted_by: str = ""
    trial: bool = False
    started: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)

    @property
    def kind(self) -> RunKind:
        """What kind of a run it is, as its verdict says."""
        if self.withdraw:
            return RunKind.WITHDRAW
        return RunKind.REPLAY if self.replay else RunKind.RERUN if self.rerun else RunKind.RUN

    @property
    def calendar_day(self) -> date:
        """The day that people know the run by: the one that it was given, else the UTC day of its start.

        Without a given day, `run_date` is the day of the shop that is furthest ahead.
        """
        furthest = self.started.astimezone(EARLIEST_TIMEZONE).date()
        return self.started.astimezone(UTC).date() if self.run_date == furthest else self.run_date

    @property
    def rule_parameters(self) -> dict[str, str]:
        """What the run gives to the bounds of rules."""
        return rule_parameters(self.run_date, self.started)

    @property
    def branch(self) -> str:
        """The branch this run stages on."""
        return run_branch(self.run_id)

    @property
    def places(self) -> DatasetLocations:
        """Where the dataset's state lies."""
        return DatasetLocations.from_location(self.location)

    @property
    def ledger_uri(self) -> str:
        """Where this run's ledger goes."""
        return f"{self.places.ledgers}/{self.run_id}.json"

    @property
    def verdict_key(self) -> str:
        """The key of this run's verdict in the bucket of `verdicts`."""
        return f"{self.verdicts.prefix}{self.run_id}.json"

    def table_of(self, dataset: str) -> str:
        """Return the published table of another dataset of the lake."""
        return f"{self.table.rpartition('.')[0]}.{dataset}"


def _parse_keys(text: str) -> tuple[str, ...]:
    """Read a JSON list of keys, which may hold any character."""
    keys = json.loads(text)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise ValueError(text)
    return tuple(keys)


class JobArgumentParser(argparse.ArgumentParser):
    """Reads the job's own arguments; Glue passes others of its own, so only what looks like one of ours is refused."""

    def __init__(self) -> None:
        super().__init__(prog="etl", allow_abbrev=False, add_help=False)

    def add_run_identity(self) -> None:
        """Take the two arguments that Glue adds to each run: the job's name as `job`, the run's id as `run_id`."""
        self.add_argument("--JOB_NAME", dest="job", required=True)
        self.add_argument("--JOB_RUN_ID", dest="run_id", required=True)

    def parse_options(self, argv: list[str]) -> dict[str, Any]:
        """Return the arguments by attribute.

        Raises:
            SystemExit: one is missing, malformed or misspelt; the message names it.
        """
        for argument in argv:
            if argument.startswith("-") and (suggestion := self._suggest_option(argument.partition("=")[0])):
                self.error(
                    f"{argument.partition('=')[0]} is no argument of this job, did you mean {suggestion}? Nothing was done"
                )
        return vars(self.parse_known_args(argv)[0])

    def error(self, message: str) -> NoReturn:
        """Say what is wrong; by its exit code alone Glue would show no more than `SystemExit: 2`."""
        logger.error("%s: %s", self.prog, message)
        raise SystemExit(f"{self.prog}: {message}")

    def _suggest_option(self, name: str) -> str | None:
        """Return the argument of ours that a name is a misspelling of, None where it is one, or Glue's, or far from all."""
        options = [*self._option_string_actions, "--maintain", "--forget"]
        if name in options or name in GLUE_OPTIONS_NEAR_OURS:
            return None
        distances = {option: edit_distance(_normalize_option(name), _normalize_option(option)) for option in options}
        nearest = min(distances, key=distances.__getitem__)
        return nearest if distances[nearest] <= MAX_TYPO_EDITS else None


def _normalize_option(name: str) -> str:
    """Return an argument's name as its misspellings have it too: without leading signs, in one case, by one sign."""
    return name.lstrip("-").replace("_", "-").lower()


def edit_distance(name: str, option: str) -> int:
    """Return how many characters are to be put in, left out or replaced to make one word of another (Levenshtein)."""
    row = list(range(len(option) + 1))
    for number, letter in enumerate(name, 1):
        previous_row, row = row, [number]
        for column, expected in enumerate(option, 1):
            row.append(min(previous_row[column] + 1, row[-1] + 1, previous_row[column - 1] + (letter != expected)))
    return row[-1]


def parse_location(text: str) -> str:
    """Read a published table's location: what belongs to it lies beside it.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        return DatasetLocations.from_location(text).published
    except ValueError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


def parse_arguments(argv: list[str]) -> JobArguments:
    """Read the arguments; those that are Glue's own business are left alone, none may be abbreviated.

    Raises:
        SystemExit: one is missing, malformed or misspelt; the message names it.
    """
    parser = JobArgumentParser()
    for name in ("dataset", "table", "input-contract", "output-contract"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--location", required=True, type=parse_location)
    parser.add_argument("--raw", type=S3Prefix.from_uri, default=NO_PREFIX)
    parser.add_argument("--verdicts", required=True, type=S3Prefix.from_uri)
    parser.add_argument("--code", default="unknown")
    parser.add_argument("--raw-expire-days", type=int, default=0)
    parser.add_argument(
        "--run-date", type=date.fromisoformat, default=datetime.now(UTC).astimezone(EARLIEST_TIMEZONE).date()
    )
    parser.add_argument("--rerun", type=_parse_keys, default=())
    parser.add_argument("--withdraw", type=WithdrawRequest.parse, default=None)
    parser.add_argument("--replay", default="")
    parser.add_argument("--mended", default="")
    parser.add_argument("--lineage", default="")
    parser.add_argument("--stack", default="")
    parser.add_argument("--docs-url", "--docs_url", default="")
    parser.add_argument("--accept-history", "--accept_history", default="")
    parser.add_argument("--accepted-by", "--accepted_by", default="")
    parser.add_run_identity()
    return JobArguments(**parser.parse_options(argv))
