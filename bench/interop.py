"""Whether another tool finds in dirty days what the gate finds, from the documents that `sluice export --odcs` writes.

`python -m bench.interop DATASET DAY.csv` makes days of a clean one, each with one fault, and takes each through `sluice check`
and through `datacontract test`: as a raw file by the input's document, and as published rows by the output's, without the
columns that only the transform makes. It ends with 1 where the other tool does not find a column whose rule the gate finds
broken, or finds something in the clean day.
"""

import contextlib
import io
import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pyspark.sql import SparkSession

from bench.dirty import write_single_faults
from components.settings.lake_folder import ROOT, expectations_folder
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES, Stage
from sluice.contracts.check.files_check import CheckOptions, check_files
from sluice.contracts.check.session import job_session
from sluice.contracts.export.odcs import render_document, render_input_document
from sluice.contracts.suite_files import suite_file

DATACONTRACT = ROOT / ".interop/bin/datacontract"
Plain = dict[str, Any]


class Gate:
    """The gate of the job, in one session for all days."""

    def __init__(self, dataset: str, run_date: str, session: SparkSession) -> None:
        self._dataset, self._run_date, self._session = dataset, run_date, session

    def broken_rules(self, day: Path) -> list[str]:
        """Return the rules that a day breaks."""
        options = CheckOptions(self._dataset, [day], {}, run_date=self._run_date, as_json=True)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()) as notes:
            code = check_files(options, lambda _: contextlib.nullcontext(self._session))
        if code not in (0, 1):
            raise SystemExit(notes.getvalue())
        report: Plain = json.loads(printed.getvalue().splitlines()[-1])
        return sorted({violation["rule"] for violation in report["violations"]})


def main(dataset: str, clean: Path) -> int:
    """Print a line for each day; return the exit code."""
    raw, published = _contracts(expectations_folder() / dataset)
    # The other tool judges by the day of this machine, and a job by the day that it is told.
    run_date = datetime.now().astimezone().date().isoformat()
    with tempfile.TemporaryDirectory(prefix="sluice-interop-") as temporary:
        folder = Path(temporary)
        documents = _write_documents(raw, published, folder)
        days = [clean, *write_single_faults(clean, (raw, published), {"run_date": run_date}, folder)]
        columns = {
            rule.rule: set(rule.roots) & set(raw.names) for contract in (raw, published) for rule in contract.rules
        }
        with job_session(folder) as session:
            gate = Gate(dataset, run_date, session)
            apart = [day for day in days if not _compare_day(gate, day, documents, columns, is_clean=day is clean)]
    print(f"{len(days) - 1} dirty days and a clean one: {len(apart)} are judged otherwise by the other tool")
    return 1 if apart or len(days) == 1 else 0


def _contracts(folder: Path) -> tuple[Contract, Contract]:
    raw, published = (suite_file(folder / f"{stage}.json").contract for stage in SUITE_STAGES)
    if not raw or not published:
        raise SystemExit(f"{folder} has no two suites that load strictly; see sluice lint {folder}")
    return raw, published


def _write_documents(raw: Contract, published: Contract, folder: Path) -> dict[Path, Plain]:
    """Return the documents by the file that each is written to for a test."""
    derived = {column.name for column in published.columns} - set(raw.names)
    columns = tuple(column for column in published.columns if column.name not in derived)
    table = published.without_rules_on(derived).with_columns(columns)
    texts = {Stage.INPUT: render_input_document(raw), Stage.OUTPUT: render_document(raw, table)}
    documents = {folder / f"{name}.odcs.yaml": yaml.safe_load(text) for name, text in texts.items()}
    for document in documents.values():
        for column in document["schema"][0]["properties"]:
            # It is about a table that is not beside a day's file.
            column.pop("relationships", None)
    return documents


def _compare_day(
    gate: Gate, day: Path, documents: dict[Path, Plain], columns: dict[str, set[str]], *, is_clean: bool
) -> bool:
    """Say whether the other tool finds what the gate finds; `columns` are those of each rule."""
    by_gate = gate.broken_rules(day)
    by_other = sorted({each for file, document in documents.items() for each in _other_findings(day, file, document)})
    print(f"{day.stem}\n  gate:         {', '.join(by_gate) or 'nothing'}")
    print(f"  datacontract: {', '.join(by_other) or 'nothing'}", flush=True)
    if is_clean:
        return not by_gate and not by_other
    seen = {place.partition(".")[2] for place in by_other}
    return bool(by_gate) and all(columns.get(rule, set()) <= seen for rule in by_gate)


def _other_findings(day: Path, file: Path, document: Plain) -> list[str]:
    """Return the columns of which a check of a document fails for a day, each with what is judged."""
    server = {"server": "day", "type": "local", "path": str(day), "format": "csv", "delimiter": ","}
    file.write_text(yaml.safe_dump({**document, "servers": [server]}, sort_keys=False), encoding="utf-8")
    results = file.with_suffix(".json")
    command = [
        str(DATACONTRACT),
        "test",
        str(file),
        "--server",
        "day",
        "--output",
        str(results),
        "--output-format",
        "json",
    ]
    results.unlink(missing_ok=True)
    completed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own command
    if not results.exists():
        raise SystemExit(completed.stdout + completed.stderr)
    checks: list[Plain] = json.loads(results.read_text(encoding="utf-8"))["checks"]
    stage = file.name.partition(".")[0]
    if errors := [check for check in checks if check["result"] == "error"]:
        raise SystemExit(f"{day.stem}: {stage}: {errors[0]['name']}: {errors[0].get('reason')}")
    return [f"{stage}.{check.get('field') or 'rows'}" for check in checks if check["result"] == "failed"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
