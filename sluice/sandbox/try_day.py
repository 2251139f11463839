"""Somebody's own files through the gate, as one day of a lake in the emulator."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.settings.lake_folder import expectations_folder
from components.settings.project_name import option_key
from etl.contract.faults import did_you_mean_ending
from etl.results.rule_state import RuleState
from etl.wording import count_noun
from sluice.cli.errors import FaultWithLines, WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.sandbox import published_rows
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.lake import Dataset, Run, deployed_datasets
from sluice.sandbox.output import SandboxConsole

SAMPLE_ROWS = 20


class RunFailed(FaultWithLines):
    """A run failed for another reason than a broken contract."""


FilesByDataset = dict[str, list[Path]]


def try_day(
    name: str, files: Sequence[Path], run_date: str | None, *, first: FilesByDataset, as_json: bool
) -> ExitCode:
    """Deploy, upload `files` as one day of the dataset `name`, run, report; return the exit code.

    `first` are files of other datasets, by name, that are published before.

    Raises:
        WrongUse: there is no such dataset or file.
        RunFailed, NoVerdict: the run failed, and no contract is to blame.
    """
    started_at = time.monotonic()
    if name in first:
        raise WrongUse(f"--with {name}=... names the dataset that is tried; --with takes other datasets")
    days: FilesByDataset = {**first, name: list(files)}
    for dataset_name, dataset_files in days.items():
        check_files(dataset_name, dataset_files)
    console = SandboxConsole(to_stderr=as_json)
    with emulator.running_emulator() as emulated_aws:
        lake = deploy_lake(emulated_aws, console)
        dataset, run = _run_days(
            console,
            emulated_aws,
            [(find_dataset(lake, dataset_name), dataset_files) for dataset_name, dataset_files in days.items()],
            run_date,
        )
        report = _build_report(dataset, run) | {"seconds": round(time.monotonic() - started_at, 1)}
    _print_report(console, report, run)
    if as_json:
        print(json.dumps(report), flush=True)
    if run.contract_broken:
        return ExitCode.AT_FAULT
    return ExitCode.OTHER_FAULT if _rules_in_error(run) else ExitCode.DONE


def _run_days(
    console: SandboxConsole, emulated_aws: Emulator, days: list[tuple[Dataset, list[Path]]], run_date: str | None
) -> tuple[Dataset, Run]:
    """Run one day after the other, up to one that breaks its contract; return the last that ran."""
    (dataset, files), *later_days = days
    run = _run_day(console, emulated_aws, dataset, files, run_date)
    return (
        (dataset, run)
        if run.state != "SUCCEEDED" or not later_days
        else _run_days(console, emulated_aws, later_days, run_date)
    )


def _run_day(
    console: SandboxConsole, emulated_aws: Emulator, dataset: Dataset, files: Sequence[Path], run_date: str | None
) -> Run:
    keys = dataset.upload_day(files)
    with console.time_step(f"running {dataset.job} on {', '.join(keys) or 'what is published'}"):
        run = dataset.run(run_date)
    if run.state != "SUCCEEDED" and not run.contract_broken and not _rules_in_error(run):
        raise RunFailed(f"{run.message}\n{_log_tail(emulated_aws, run)}")
    return run


def _rules_in_error(run: Run) -> list[dict[str, Any]]:
    """Return the rules that could not be judged."""
    return [result for result in run.verdict["rules"] if result["state"] == RuleState.ERROR]


def check_files(name: str, files: Sequence[Path]) -> None:
    """Refuse a dataset without contracts and a file that is none, before anything is started."""
    dataset_names = sorted(path.parent.name for path in expectations_folder().glob("*/output.json"))
    if name not in dataset_names:
        suggestion = did_you_mean_ending(name, dataset_names)
        raise WrongUse(
            f"there is no dataset {name!r} under expectations/; there are: {', '.join(dataset_names) or 'none'}{suggestion}"
        )
    sources = _source_datasets(name)
    if sources and files:
        with_options = " ".join(f"--with {source}=FILE" for source in sources)
        raise WrongUse(f"{name} is built from tables and takes no file: sluice try {name} {with_options}")
    if not sources and not files:
        raise WrongUse(f"{name} is built from files: name at least one")
    for file in files:
        if not file.is_file():
            raise WrongUse(f"{file} is no file")


def _source_datasets(name: str) -> list[str]:
    """Return the datasets whose tables a dataset is built from, as its contract says; none for one of files."""
    meta = json.loads((expectations_folder() / name / "input.json").read_text())["meta"]
    return [source["dataset"] for source in meta.get("sources", ())]


def deploy_lake(emulated_aws: Emulator, console: SandboxConsole) -> dict[str, Dataset]:
    """Deploy the program and return its datasets by name."""
    with console.time_step("deploying the lake into an AWS emulator on this machine"):
        from sluice.sandbox.deploy import deploy_program  # noqa: PLC0415  Pulumi takes a second, while the emulator starts

        deploy_program(emulated_aws)
    return deployed_datasets(emulated_aws)


def find_dataset(lake: dict[str, Dataset], name: str) -> Dataset:
    """Return a dataset of the lake.

    Raises:
        WrongUse: the stack deploys none of that name.
    """
    if name not in lake:
        deployed_names = f"{', '.join(lake)}{did_you_mean_ending(name, lake)}"
        raise WrongUse(
            f"the stack deploys no dataset {name!r}; {option_key('datasets')} in Pulumi.local.yaml names: {deployed_names}"
        )
    return lake[name]


def _build_report(dataset: Dataset, run: Run) -> dict[str, Any]:
    verdict = run.verdict
    return {
        "dataset": dataset.name,
        "state": run.state,
        **{name: verdict[name] for name in ("rows_read", "rows_published", "rows_quarantined", "violations")},
        **{name: verdict[name] for name in ("rules_not_evaluated", "rules_in_error")},
        "in_error": _rules_in_error(run),
        **{name: verdict[name] for name in ("waiting", "passed_over", "objects_passed_over")},
        "alarm": dataset.evaluated_alarm().state,
        **{name: verdict[name] for name in ("snapshot_before", "snapshot_after")},
        "sample": published_rows.published_rows(dataset, SAMPLE_ROWS),
    }


def _print_report(console: SandboxConsole, report: dict[str, Any], run: Run) -> None:
    console.print_paragraph("the run ", run.state, f": {run.message or run.verdict['message']}")
    rows_read, rows_published, rows_quarantined = (
        report[f"rows_{measure}"] for measure in ("read", "published", "quarantined")
    )
    console.print_paragraph(
        f"{count_noun(rows_read, 'row')} read, {rows_published} published, {rows_quarantined} set aside; the alarm is ",
        report["alarm"],
    )
    states = [RuleState(result["state"]) for result in run.verdict["rules"]]
    console.print_paragraph("rules: ", ", ".join(f"{states.count(state)} {state.label}" for state in RuleState))
    if report["violations"]:
        console.print_violations(report["violations"])
    if report["in_error"]:
        console.print_rule_errors(report["in_error"])
    console.print_paragraph(
        f"what readers see (at most {SAMPLE_ROWS} rows, snapshot {report['snapshot_after'] or 'none'}):"
    )
    console.print_rows(report["sample"])


def _log_tail(emulated_aws: Emulator, run: Run) -> str:
    log = emulated_aws.run_log(run.id)
    return log.read_text(errors="replace")[-4000:] if log.exists() else ""
