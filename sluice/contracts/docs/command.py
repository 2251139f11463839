"""Write the contracts as a static site: columns, rules in words with severity and why, versions, runs.

The pages load nothing and need no script: open index.html from a disk, or put the folder on any server. Verdicts come
from folders or from the bucket that the job writes to, Data Docs from docs/ beside them; where no run was refused, a
sample shows what a bad day looks like. Needs neither Spark nor Great Expectations.
"""

import argparse
import sys
from pathlib import Path

from etl.wording import counted
from sluice.contracts.commands import forms
from sluice.contracts.docs.runs import Pair, Runs
from sluice.contracts.docs.verdict_store import shelf
from sluice.contracts.suite_files import STAGES, SuiteFile, WrongUse, found, short, suite_file
from sluice.contracts.tables import Page, as_json, table

OUT = Path(".site")
HEAD = ("dataset", "owner", "input", "output", "rules", "latest run")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="the site's folder (default: %(default)s)")
    parser.add_argument(
        "--verdicts",
        nargs="+",
        default=[],
        metavar="PLACE",
        help="folders with verdicts, or s3://<assets bucket>/verdicts/ with the AWS credentials of your surroundings",
    )
    forms(parser)


def run(options: argparse.Namespace) -> int:
    """Write the site; 1 where a contract is missing or does not load, and nothing is written."""
    if options.out.exists() and not options.out.is_dir():
        raise WrongUse(f"{options.out} is no folder; name another with --out")
    files = [suite_file(path) for path in found([])]
    if refused := list(_refused(files)):
        print("\n".join((*refused, "nothing was written; review lint tells every fault")), file=sys.stderr)
        return 1
    from sluice.contracts.docs.build import build  # noqa: PLC0415  a tenth of a second that only this command needs

    pairs = _pairs(files)
    told = build(pairs, options.out, [shelf(place) for place in options.verdicts])
    _print(options, pairs, told)
    return 0


def _refused(files: list[SuiteFile]) -> list[str]:
    faulty = [f"{short(one.path)} does not load: {one.faults[0]}" for one in files if one.contract is None]
    paths = {one.path for one in files}
    wanted = {one.path.parent / f"{stage}.json" for one in files for stage in STAGES}
    return [*faulty, *(f"{short(path)} is missing" for path in sorted(wanted - paths))]


def _pairs(files: list[SuiteFile]) -> dict[str, Pair]:
    contracts = {(one.contract.dataset, one.contract.stage): one.contract for one in files if one.contract}
    return {name: (contracts[name, "input"], contracts[name, "output"]) for name, _ in contracts}


def _print(options: argparse.Namespace, pairs: dict[str, Pair], told: dict[str, Runs]) -> None:
    index = (options.out / "index.html").as_posix()
    rows = [_row(name, pair, told[name]) for name, pair in pairs.items()]
    if options.json:
        print(as_json({"index": index, "datasets": [dict(zip(HEAD, row, strict=True)) for row in rows]}))
    elif options.markdown:
        print("\n".join(("### Contracts", "", table(HEAD, rows))))
    else:
        page = Page()
        for name, owner, given, published, rules, latest in rows:
            versions = (f"  input {given}, output {published}, {counted(int(rules), 'rule')}, ", "dim")
            page.line((name, "bold"), f" of {owner}", versions, latest)
        page.line((f"written: {index}", "bold green"))


def _row(name: str, pair: Pair, told: Runs) -> tuple[str, ...]:
    given, published = pair
    latest = f"{told.latest.outcome[0]}, {told.latest.when}" if told.latest else "no verdict given"
    rules = str(len(given.rules) + len(published.rules))
    return name, published.owner, given.version, published.version, rules, latest
