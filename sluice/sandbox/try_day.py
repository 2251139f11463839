"""`python -m sandbox try`: somebody's own files through the gate, as one day."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from etl.contract.faults import likely
from etl.results.verdict import RuleState
from etl.wording import counted
from sluice.sandbox import published_rows
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import ROOT, Emulator
from sluice.sandbox.lake import Dataset, Run, datasets
from sluice.sandbox.output import Telling

SAMPLE = 20
PUBLISHED, BROKEN, FAILED = 0, 1, 3


class WrongUse(ValueError):
    """What was asked for cannot be done; the message says what can."""


class RunFailed(RuntimeError):
    """A run failed for another reason than a broken contract."""


Days = dict[str, list[Path]]


def try_day(name: str, files: Sequence[Path], run_date: str | None, *, first: Days, as_json: bool) -> int:
    """Deploy, upload `files` as one day of the dataset `name`, run, report; return the exit code.

    `first` are files of other datasets, by name, that are published before.

    Raises:
        WrongUse: there is no such dataset or file.
        RunFailed, RunFault: the run failed, and no contract is to blame.
    """
    began = time.monotonic()
    if name in first:
        raise WrongUse(f"--with {name}=... names the dataset that is tried; --with takes other datasets")
    days: Days = {**first, name: list(files)}
    for each, given in days.items():
        check(each, given)
    tell = Telling(aside=as_json)
    with emulator.running() as at:
        lake = deployed_lake(at, tell)
        dataset, run = _through(tell, at, [(known(lake, each), given) for each, given in days.items()], run_date)
        report = _report(dataset, run) | {"seconds": round(time.monotonic() - began, 1)}
    _tell(tell, report, run)
    if as_json:
        print(json.dumps(report), flush=True)
    return BROKEN if run.broken else FAILED if _in_error(run) else PUBLISHED


def _through(
    tell: Telling, at: Emulator, days: list[tuple[Dataset, list[Path]]], run_date: str | None
) -> tuple[Dataset, Run]:
    """Run one day after the other, up to one that breaks its contract; return the last that ran."""
    (dataset, files), *later = days
    run = _day(tell, at, dataset, files, run_date)
    return (dataset, run) if run.state != "SUCCEEDED" or not later else _through(tell, at, later, run_date)


def _day(tell: Telling, at: Emulator, dataset: Dataset, files: Sequence[Path], run_date: str | None) -> Run:
    keys = dataset.upload_day(files)
    with tell.step(f"running {dataset.job} on {', '.join(keys) or 'what is published'}"):
        run = dataset.run(run_date)
    if run.state != "SUCCEEDED" and not run.broken and not _in_error(run):
        raise RunFailed(f"{run.message}\n{_tail(at, run)}")
    return run


def _in_error(run: Run) -> list[dict[str, Any]]:
    """Return the rules that could not be judged."""
    return [rule for rule in run.verdict["rules"] if rule["state"] == RuleState.ERROR]


def check(name: str, files: Sequence[Path]) -> None:
    """Refuse a dataset without contracts and a file that is none, before anything is started."""
    known = sorted(path.parent.name for path in (ROOT / "expectations").glob("*/output.json"))
    if name not in known:
        alike = likely(name, known)
        raise WrongUse(f"there is no dataset {name!r} under expectations/; there are: {', '.join(known)}{alike}")
    sources = _sources(name)
    if sources and files:
        given = " ".join(f"--with {source}=FILE" for source in sources)
        raise WrongUse(f"{name} is built from tables and takes no file: python -m sandbox try {name} {given}")
    if not sources and not files:
        raise WrongUse(f"{name} is built from files: name at least one")
    for file in files:
        if not file.is_file():
            raise WrongUse(f"{file} is no file")


def _sources(name: str) -> list[str]:
    """Return the datasets whose tables a dataset is built from, as its contract says; none for one of files."""
    meta = json.loads((ROOT / "expectations" / name / "input.json").read_text())["meta"]
    return [one["dataset"] for one in meta.get("sources", ())]


def deployed_lake(at: Emulator, tell: Telling) -> dict[str, Dataset]:
    """Deploy the program and return its datasets by name."""
    with tell.step("deploying the lake into an AWS emulator on this machine"):
        from sluice.sandbox.deploy import deploy  # noqa: PLC0415  Pulumi takes a second, while the emulator starts

        deploy(at)
    return datasets(at)


def known(lake: dict[str, Dataset], name: str) -> Dataset:
    """Return a dataset of the lake.

    Raises:
        WrongUse: the stack deploys none of that name.
    """
    if name not in lake:
        named = f"{', '.join(lake)}{likely(name, lake)}"
        raise WrongUse(f"the stack deploys no dataset {name!r}; sluice:datasets in Pulumi.local.yaml names: {named}")
    return lake[name]


def _report(dataset: Dataset, run: Run) -> dict[str, Any]:
    verdict = run.verdict
    return {
        "dataset": dataset.name,
        "state": run.state,
        **{name: verdict[name] for name in ("rows_read", "rows_published", "rows_quarantined", "violations")},
        **{name: verdict[name] for name in ("rules_not_evaluated", "rules_in_error")},
        "in_error": _in_error(run),
        **{name: verdict[name] for name in ("passed_over", "objects_passed_over")},
        "alarm": dataset.alarm().state,
        **{name: verdict[name] for name in ("snapshot_before", "snapshot_after")},
        "sample": published_rows.published(dataset, SAMPLE),
    }


def _tell(tell: Telling, report: dict[str, Any], run: Run) -> None:
    tell.say("the run ", run.state, f": {run.message or run.verdict['message']}")
    read, published, aside = (report[f"rows_{what}"] for what in ("read", "published", "quarantined"))
    tell.say(f"{counted(read, 'row')} read, {published} published, {aside} set aside; the alarm is ", report["alarm"])
    states = [RuleState(rule["state"]) for rule in run.verdict["rules"]]
    tell.say("rules: ", ", ".join(f"{states.count(state)} {state.words}" for state in RuleState))
    if report["violations"]:
        tell.violations(report["violations"])
    if report["in_error"]:
        tell.errors(report["in_error"])
    tell.say(f"what readers see (at most {SAMPLE} rows, snapshot {report['snapshot_after'] or 'none'}):")
    tell.rows(report["sample"])


def _tail(at: Emulator, run: Run) -> str:
    log = at.run_log(run.id)
    return log.read_text(errors="replace")[-4000:] if log.exists() else ""
