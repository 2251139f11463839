"""What a maintenance job is told: its definition's default arguments, and what the runtime adds."""

from dataclasses import dataclass

from etl.contract.layout import DatasetLocations
from etl.runtime.arguments import JobArgumentParser, parse_location
from etl.runtime.branch_names import maintenance_branch
from etl.storage.raw_objects import S3Prefix


@dataclass(frozen=True)
class MaintenanceArguments:
    """One maintenance run's arguments.

    Attributes:
        dataset: whose tables are maintained.
        publisher: the name of the job that publishes there.
        table: the published table, catalog.database.table.
        location: the table's S3 URI.
        verdicts: the prefix that verdicts are written under; what was done is told below it.
        snapshot_days: days that a snapshot stays after another took its place.
        quarantine_days: days after which rows that were set aside are removed, 0 for never.
        keep_by, keep_days: the date of the published rows by which they are old, and how many days they stay; 0 for ever.
        job, run_id: the job's name and the runtime's id of this run.
    """

    dataset: str
    publisher: str
    table: str
    location: str
    verdicts: S3Prefix
    snapshot_days: int
    quarantine_days: int
    job: str
    run_id: str
    keep_by: str = ""
    keep_days: int = 0

    @property
    def places(self) -> DatasetLocations:
        """Where the dataset's state lies."""
        return DatasetLocations.from_location(self.location)

    @property
    def branch(self) -> str:
        """The branch that this run works on."""
        return maintenance_branch(self.run_id)

    @property
    def folder(self) -> str:
        """Where reports go, in the bucket of `verdicts`."""
        return f"{self.verdicts.prefix}maintenance/"


def parse_arguments(argv: list[str]) -> MaintenanceArguments:
    """Read the arguments; those that are the runtime's own business are left alone, none may be abbreviated.

    Raises:
        SystemExit: one is missing, malformed or misspelt; the message names it.
    """
    parser = JobArgumentParser()
    parser.add_argument("--maintain", dest="dataset", required=True)
    for name in ("publisher", "table"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--location", required=True, type=parse_location)
    parser.add_argument("--verdicts", required=True, type=S3Prefix.from_uri)
    parser.add_argument("--snapshot-days", type=int, required=True)
    parser.add_argument("--quarantine-days", type=int, required=True)
    parser.add_argument("--keep-by", default="")
    parser.add_argument("--keep-days", type=int, default=0)
    parser.add_run_identity()
    options = MaintenanceArguments(**parser.parse_options(argv))
    if bool(options.keep_by) != bool(options.keep_days):
        parser.error("--keep-by and --keep-days go together: a date of the published rows, and how many days they stay")
    return options
