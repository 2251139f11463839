"""Files through the gate of the job, in a lake that is there for this check alone."""

import json
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from components.settings.lake_folder import expectations_folder
from etl.errors import ContractBroken, ContractInvalid, RuleInError
from etl.results.verdict import RunState
from etl.runtime.arguments import EARLIEST_TIMEZONE
from sluice.cli.errors import FaultWithLines, WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.console import print_error
from sluice.contracts.check.contracts import CheckedDataset, ContractFaults, FilesByDataset, days_to_publish
from sluice.contracts.check.local_lake import CheckRun, LocalLake
from sluice.contracts.check.published_parquet import published_rows, require_writable, sample_rows, write_rows
from sluice.contracts.check.report import build_report, faults_report, print_report
from sluice.contracts.check.session import job_session
from sluice.sandbox.output import SandboxConsole

SAMPLE_ROWS = 20
StartSession = Callable[[Path], AbstractContextManager[SparkSession]]


@dataclass(frozen=True)
class CheckOptions:
    """What is to be checked, and how.

    Attributes:
        first: files of other datasets, which are published before.
        contracts_folder: where the folder of a dataset's contracts is; None for the lake's own.
        out: where the rows go that would be published, None for nowhere.
        run_date: the day that the run believes it is; None for today.
    """

    dataset: str
    files: Sequence[Path]
    first: FilesByDataset
    contracts_folder: Path | None = None
    out: Path | None = None
    run_date: str | None = None
    as_json: bool = False


def check_files(options: CheckOptions, start: StartSession = job_session) -> ExitCode:
    """Take files through the gate, report, and return the exit code; nothing is left behind but `out`.

    `start` starts a session whose files go to a folder.

    Raises:
        WrongUse: something that was named is missing, or is not what it has to be.
        FaultWithLines: the run failed, and neither data nor contracts are to blame.
    """
    console = SandboxConsole(to_stderr=options.as_json)
    try:
        days = _days_to_publish(options)
    except ContractFaults as invalid:
        print_error(invalid, lines=True)
        if options.as_json:
            print(json.dumps(faults_report(invalid.dataset, invalid.faults)), flush=True)
        return ExitCode.AT_FAULT
    started_at = time.monotonic()
    run, report = _run_in_folder(options, days, start)
    report["seconds"] = round(time.monotonic() - started_at, 1)
    print_report(console, report, run)
    if options.as_json:
        print(json.dumps(report), flush=True)
    if isinstance(run.fault, RuleInError):
        return ExitCode.OTHER_FAULT
    return ExitCode.AT_FAULT if run.fault else ExitCode.DONE


def _days_to_publish(options: CheckOptions) -> list[tuple[CheckedDataset, Sequence[Path]]]:
    folder = options.contracts_folder or expectations_folder()
    if not folder.is_dir():
        raise WrongUse(f"--contracts {folder} is no folder; name the one that holds {options.dataset}/output.json")
    days = days_to_publish(folder, options.dataset, options.files, options.first)
    if options.out:
        require_writable(options.out, [file for _, files in days for file in files])
    return days


def _run_in_folder(
    options: CheckOptions, days: Sequence[tuple[CheckedDataset, Sequence[Path]]], start: StartSession
) -> tuple[CheckRun, dict[str, object]]:
    """Run one day after the other, up to one that does not succeed; return the last that ran, and its report."""
    run_date = (
        date.fromisoformat(options.run_date)
        if options.run_date
        else datetime.now(UTC).astimezone(EARLIEST_TIMEZONE).date()
    )
    with tempfile.TemporaryDirectory(prefix="sluice-check-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        with LazySession(start, folder) as session, _java_faults_in_words():
            lake = LocalLake(folder, session.start, run_date)
            run = _run_days(lake, days)
            if run.fault and not isinstance(run.fault, (ContractBroken, ContractInvalid, RuleInError)):
                raise FaultWithLines(str(run.fault))
            return run, _report_rows(options, lake, run)


def _run_days(lake: LocalLake, days: Sequence[tuple[CheckedDataset, Sequence[Path]]]) -> CheckRun:
    """Run one day after the other, up to one that does not succeed; return the last that ran."""
    (dataset, files), *later_days = days
    run = lake.run_day(dataset, files)
    return _run_days(lake, later_days) if later_days and not run.fault else run


class LazySession:
    """A session that is started when the run asks for it, and ends with the block."""

    def __init__(self, start: StartSession, folder: Path) -> None:
        self._context: AbstractContextManager[SparkSession] | None = None
        self._start, self._folder = start, folder

    def start(self) -> SparkSession:
        """Start the session."""
        self._context = self._start(self._folder)
        return self._context.__enter__()

    def __enter__(self) -> "LazySession":
        return self

    def __exit__(self, *error: object) -> None:
        if self._context is not None:
            self._context.__exit__(None, None, None)


@contextmanager
def _java_faults_in_words() -> Generator[None]:
    """Tell a fault of the JVM's in words while there is a JVM that can be asked for them.

    Raises:
        FaultWithLines: in place of that fault.
    """
    try:
        yield
    except Py4JError as error:
        raise FaultWithLines(str(error)) from None


def _report_rows(options: CheckOptions, lake: LocalLake, run: CheckRun) -> dict[str, object]:
    """Write the rows where they are wanted and the whole day is published, and return the report."""
    if run.verdict.state != RunState.SUCCEEDED or run.verdict.snapshot_after is None:
        return build_report(run, [], None)
    contract = run.dataset.output
    rows = published_rows(lake.spark().table(lake.table_name(run.dataset.name)), contract)
    sample = sample_rows(rows, contract, run.dataset.personal_columns, SAMPLE_ROWS)
    if options.out:
        write_rows(rows, lake.folder, options.out)
    return build_report(run, sample, options.out)
