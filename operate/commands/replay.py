"""Take the rows that a run set aside through the gate again: mended ones, or all of them under a mended contract.

What passes is published, the rest is set aside again under the replay's own run. A run can be replayed once: afterwards
its rows are the replay's. Exit code: 0 published, 1 every row is still bad or a critical rule broke (nothing changed).
"""

import argparse
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from etl.raw import Place
from operate import aside, runs
from operate.deployed import Deployed
from operate.errors import WrongUse
from operate.telling import agreed, report


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", metavar="RUN", help="a run with rows aside, as `quarantine` lists them")
    parser.add_argument(
        "--rows", type=Path, metavar="FILE", help="mended rows, from a file that `quarantine --rows` wrote"
    )
    parser.add_argument("--run-date", metavar="yyyy-MM-dd", help="the day the job believes it is (default: today)")
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: Deployed, options: argparse.Namespace) -> int:
    """Say what will happen, have it agreed, replay; return the exit code."""
    known = {row["row"]: row["source"] for row in aside.rows(dataset, options.run)}
    mended = _mended(options.rows, known) if options.rows else {}
    changed = f", {len(mended)} of them mended" if options.rows else " under today's contracts"
    agreed(options, f"{len(known)} rows that {options.run} set aside go through {dataset.job} again{changed}")
    given = runs.UNOBSERVED | {"--replay": options.run}
    if options.run_date:
        given["--run-date"] = options.run_date
    if mended:
        given["--mended"] = _upload(dataset, mended)
    return report(options, dataset, runs.run(dataset, given))


def _mended(file: Path, known: dict[str, Any]) -> dict[str, Any]:
    """Return the rows of a file that differ from what is set aside, by id.

    Raises:
        WrongUse: the file cannot be read, a line is no row of the run, or nothing in it is mended.
    """
    found: dict[str, Any] = {}
    for number, line in enumerate(_lines(file), 1):
        where = f"{file}, line {number}"
        row = _row(line, where)
        if row["row"] not in known:
            raise WrongUse(f"{where}: {row['row']!r} is no row of this run; keep `row` as it was written")
        if row["row"] in found:
            raise WrongUse(f"{where}: row {row['row']} stands twice; keep one")
        found[row["row"]] = row["source"]
    mended = {row: source for row, source in found.items() if source != known[row]}
    if not mended:
        raise WrongUse(f"{file}: no row differs from what is set aside; mend `source`, or replay without --rows")
    return mended


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as fault:
        raise WrongUse(f"{file} cannot be read: {fault}; write one with `quarantine RUN --rows FILE`") from fault


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line, parse_float=str)
    except ValueError as fault:
        raise WrongUse(f"{where} is no JSON: {fault}") from fault
    if not isinstance(row, dict) or not isinstance(row.get("row"), str) or not isinstance(row.get("source"), dict):
        raise WrongUse(f'{where}: write {{"row": "<id>", "source": {{...}}}}')
    return row


def _upload(dataset: Deployed, mended: dict[str, Any]) -> str:
    place = Place.of(dataset.arguments["--TempDir"])
    key = f"{place.prefix}replay/{uuid4()}.jsonl"
    lines = [json.dumps({"row": row, "mended": json.dumps(source)}) for row, source in mended.items()]
    dataset.s3.put_object(Bucket=place.bucket, Key=key, Body="\n".join(lines).encode())
    return place.uri(key)
