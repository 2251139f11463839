"""`python -m sandbox try`: somebody's own files through the gate, as one day."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox import emulator, rows
from sandbox.emulator import ROOT, Emulator
from sandbox.lake import Dataset, Run, datasets
from sandbox.telling import Telling

SAMPLE = 20
PUBLISHED, BROKEN = 0, 1


class WrongUse(ValueError):
    """What was asked for cannot be done; the message says what can."""


class RunFailed(RuntimeError):
    """A run failed for another reason than a broken contract."""


def try_day(name: str, files: Sequence[Path], run_date: str | None, *, as_json: bool) -> int:
    """Deploy, upload `files` as one day of the dataset `name`, run, report; return the exit code.

    Raises:
        WrongUse: there is no such dataset or file.
        RunFailed, RunFault: the run failed, and no contract is to blame.
    """
    began = time.monotonic()
    check(name, files)
    tell = Telling(aside=as_json)
    with emulator.running() as at:
        dataset = deployed(at, name, tell)
        keys = dataset.upload_day(files)
        with tell.step(f"running {dataset.job} on {', '.join(keys)}"):
            run = dataset.run(run_date)
        if run.state != "SUCCEEDED" and not run.broken:
            raise RunFailed(f"{run.message}\n{_tail(at, run)}")
        report = _report(dataset, run) | {"seconds": round(time.monotonic() - began, 1)}
    _tell(tell, report, run)
    if as_json:
        print(json.dumps(report), flush=True)
    return BROKEN if run.broken else PUBLISHED


def check(name: str, files: Sequence[Path]) -> None:
    """Refuse a dataset without contracts and a file that is none, before anything is started."""
    known = sorted(path.parent.name for path in (ROOT / "expectations").glob("*/output.json"))
    if name not in known:
        raise WrongUse(f"there is no dataset {name!r} under expectations/; there are: {', '.join(known)}")
    for file in files:
        if not file.is_file():
            raise WrongUse(f"{file} is no file")


def deployed(at: Emulator, name: str, tell: Telling) -> Dataset:
    """Deploy the program and return its dataset `name`."""
    with tell.step("deploying the lake into an AWS emulator on this machine"):
        from sandbox.deploy import deploy  # noqa: PLC0415  Pulumi takes a second, while the emulator starts

        deploy(at)
    found = datasets(at)
    if name not in found:
        raise WrongUse(
            f"the stack deploys no dataset {name!r}; sluice:datasets in Pulumi.local.yaml names: {', '.join(found)}"
        )
    return found[name]


def _report(dataset: Dataset, run: Run) -> dict[str, Any]:
    verdict = run.verdict
    return {
        "state": run.state,
        **{name: verdict[name] for name in ("rows_read", "rows_published", "rows_quarantined", "violations")},
        "alarm": dataset.alarm().state,
        **{name: verdict[name] for name in ("snapshot_before", "snapshot_after")},
        "sample": rows.published(dataset, SAMPLE),
    }


def _tell(tell: Telling, report: dict[str, Any], run: Run) -> None:
    tell.say("the run ", run.state, f": {run.message or run.verdict['message']}")
    read, published, aside = (report[f"rows_{what}"] for what in ("read", "published", "quarantined"))
    tell.say(f"{read} rows read, {published} published, {aside} set aside; the alarm is ", report["alarm"])
    if report["violations"]:
        tell.violations(report["violations"])
    tell.say(f"what readers see (at most {SAMPLE} rows, snapshot {report['snapshot_after'] or 'none'}):")
    tell.rows(report["sample"])


def _tail(at: Emulator, run: Run) -> str:
    log = at.run_log(run.id)
    return log.read_text(errors="replace")[-4000:] if log.exists() else ""
