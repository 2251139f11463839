"""What a job that forgets rows is told: its definition's default arguments, a run's own, and what the runtime adds."""

from dataclasses import dataclass

from etl.contract.layout import DatasetLocations
from etl.runtime.arguments import NO_PREFIX, JobArgumentParser, parse_location
from etl.runtime.branch_names import forget_branch
from etl.storage.raw_objects import S3Prefix

FOLDER = "forget"  # in the assets bucket: keys while they are asked for, and reports


@dataclass(frozen=True)
class ForgetArguments:
    """One run's arguments.

    Attributes:
        dataset: whose rows are forgotten.
        publisher: the name of the job that publishes there.
        maintainer: the name of the job that maintains its tables, "" for none.
        table: the published table, catalog.database.table.
        location: the table's S3 URI.
        raw: the prefix that files arrive under; NO_PREFIX for a dataset that is built from tables.
        input_contract, output_contract: S3 URIs of the suites.
        verdicts: the prefix that verdicts are written under.
        assets: the root of the bucket of Data Docs, results, messages and reports.
        answers: the prefixes of what queries answered, which goes as a whole.
        lineage: the prefix that lineage goes to, or a server's URL, "" for nowhere.
        derived: the names of datasets that are built from it.
        keys: where the keys are, an object of JSON lines.
        now: whether earlier versions are deleted at once, and not by the buckets' lifecycle.
        stack: the stack's name, for commands that a message names.
        raw_expire_days: days after which the raw bucket expires an object, 0 for never.
        job, run_id: the job's name and the runtime's id of this run.
    """

    dataset: str
    publisher: str
    maintainer: str
    table: str
    location: str
    raw: S3Prefix
    input_contract: str
    output_contract: str
    verdicts: S3Prefix
    assets: S3Prefix
    answers: tuple[S3Prefix, ...]
    lineage: str
    derived: tuple[str, ...]
    keys: S3Prefix
    now: bool
    stack: str
    raw_expire_days: int
    job: str
    run_id: str

    @property
    def places(self) -> DatasetLocations:
        """Where the dataset's state lies."""
        return DatasetLocations.from_location(self.location)

    @property
    def branch(self) -> str:
        """The branch that this run works on."""
        return forget_branch(self.run_id)

    @property
    def ledger_uri(self) -> str:
        """Where this run's ledger goes; its second one is beside it."""
        return f"{self.places.ledgers}/{self.run_id}.json"

    @property
    def report_key(self) -> str:
        """The key of the report in the assets bucket: named as the keys are, forget/<id>.jsonl."""
        name = self.keys.prefix.rpartition("/")[2].removesuffix(".jsonl")
        return f"{self.assets.prefix}{FOLDER}/{name}.report.json"


def _parse_list(text: str) -> tuple[str, ...]:
    """Read names or URIs that commas stand between."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _parse_prefixes(text: str) -> tuple[S3Prefix, ...]:
    return tuple(map(S3Prefix.from_uri, _parse_list(text)))


def _parse_flag(text: str) -> bool:
    """Read `true` or `false`.

    Raises:
        ValueError: it is neither.
    """
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def parse_arguments(argv: list[str]) -> ForgetArguments:
    """Read the arguments; those that are the runtime's own business are left alone, none may be abbreviated.

    Raises:
        SystemExit: one is missing, malformed or misspelt; the message names it.
    """
    parser = JobArgumentParser()
    parser.add_argument("--forget", dest="dataset", required=True)
    for name in ("publisher", "table", "input-contract", "output-contract"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--location", required=True, type=parse_location)
    for name in ("verdicts", "assets", "keys"):
        parser.add_argument(f"--{name}", required=True, type=S3Prefix.from_uri)
    parser.add_argument("--raw", type=S3Prefix.from_uri, default=NO_PREFIX)
    parser.add_argument("--answers", type=_parse_prefixes, default=())
    parser.add_argument("--derived", type=_parse_list, default=())
    for name in ("maintainer", "lineage", "stack"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--now", type=_parse_flag, default=False)
    parser.add_argument("--raw-expire-days", type=int, default=0)
    parser.add_run_identity()
    return ForgetArguments(**parser.parse_options(argv))
