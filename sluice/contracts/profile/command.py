"""Draft both suites of a dataset from a sample: types, a key, and rules with the evidence for them.

FILE is CSV or JSON lines (also as .gz), Parquet or ORC, and is read whole. The draft loads strictly, but it says what one file
holds, not what is meant: each suite is marked meta.draft, and lint refuses it until a person has read it. Columns that may be
about a person are marked pii, and no value of them is quoted. Needs neither Spark nor Great Expectations.
"""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.contract.model import read
from etl.contract.validation.suite import NAME
from etl.wording import counted
from sluice.contracts.commands import forms
from sluice.contracts.profile.suite_layout import laid_out
from sluice.contracts.suite_files import ROOT, STAGES, WrongUse, short
from sluice.contracts.tables import Page, as_json, code, table

if TYPE_CHECKING:
    from sluice.contracts.profile.column import Column

FOLDER = ROOT / "expectations"
HEAD = ("column", "type", "nulls", "different", "drafted")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a sample: the file of a usual day")
    parser.add_argument("--dataset", metavar="NAME", help="the dataset's name; by default from the file's")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where to write; by default expectations/<dataset>")
    forms(parser)


def run(options: argparse.Namespace) -> int:
    """Write the draft and print what it was drafted from."""
    dataset = _dataset(options)
    folder = options.out or FOLDER / dataset
    files = {stage: folder / f"{stage}.json" for stage in STAGES}
    for file in files.values():
        if file.exists():
            raise WrongUse(
                f"{short(file)} is there already, and no tool rewrites a contract; name another folder by --out"
            )
    # Other commands need not wait for it.
    from sluice.contracts.profile.column import columns_of  # noqa: PLC0415
    from sluice.contracts.profile.draft import draft  # noqa: PLC0415
    from sluice.contracts.profile.sample import read as read_sample  # noqa: PLC0415

    sample = read_sample(options.file)
    columns = columns_of(sample)
    suites = draft(dataset, sample, columns)
    _write(options.file, {files[stage]: laid_out(suite) for stage, suite in suites.items()})
    _tell(options, dataset, folder, columns, suites)
    return 0


def _dataset(options: argparse.Namespace) -> str:
    name = options.dataset or re.sub(r"[^a-z0-9]+", "_", options.file.name.lower().partition(".")[0]).strip("_")
    if not NAME.fullmatch(name):
        raise WrongUse(f"{name!r} is no dataset's name; give one by --dataset, in lower case, such as sales")
    return name


def _write(sample: Path, texts: dict[Path, str]) -> None:
    for text in texts.values():
        _, faults = read(text)
        if faults:
            raise WrongUse(f"{sample} cannot be a dataset as it is: {faults[0]}")
    for file, text in texts.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as opened:
                opened.write(text)
        except OSError as error:
            raise WrongUse(
                f"{short(file)} cannot be written: {error.strerror}; name another folder by --out"
            ) from error


def _tell(
    options: argparse.Namespace, dataset: str, folder: Path, columns: "list[Column]", suites: dict[str, Any]
) -> None:
    drafted = {stage: short(folder / f"{stage}.json") for stage in STAGES}
    key = suites["output"]["meta"]["key"]
    rows = [(one.name, one.declared, f"{one.nulls:,}", f"{one.values:,}", _about(one, key, suites)) for one in columns]
    rules = sum(len(suite["expectations"]) for suite in suites.values())
    seen = columns[0].rows
    closing = f"{counted(rules, 'rule')} from {counted(seen, 'row')}; the key is {', '.join(key)}"
    following = f"read each rule, then mend what python -m review lint {short(folder)} says"
    if options.json:
        listed = [dict(zip(HEAD, row, strict=True)) for row in rows]
        print(as_json({"dataset": dataset, "files": drafted, "key": key, "rules": rules, "columns": listed}))
    elif options.markdown:
        listed = table(HEAD, rows, own=("nulls", "different"))
        print("\n".join([f"### Draft of {dataset}", "", f"{code(closing)}; {code(following)}.", "", listed]))
    else:
        _print(list(drafted.values()), rows, closing, following)


def _about(column: "Column", key: list[str], suites: dict[str, Any]) -> str:
    ids = {
        one["meta"]["rule"].rpartition(".")[2]
        for suite in suites.values()
        for one in suite["expectations"]
        if one["kwargs"].get("column") == column.name
    }
    marks = [*(["key"] if column.name in key else []), *(["pii"] if column.personal else [])]
    return ", ".join([*marks, *sorted(ids - {"kept"})])


def _print(files: list[str], rows: list[tuple[str, ...]], closing: str, following: str) -> None:
    page = Page()
    widths = [max(len(row[at]) for row in [HEAD, *rows]) for at in range(len(HEAD))]
    for row in [HEAD, *rows]:
        cells = [(f"{text:<{width}}  ", "dim" if row is HEAD else "") for text, width in zip(row, widths, strict=True)]
        page.line(*cells)
    for file in files:
        page.line(("wrote ", "green"), (file, "bold"))
    page.line((closing, "bold green"))
    page.line(("→ ", "green"), following)
