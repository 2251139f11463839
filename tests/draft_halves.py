"""How many files' halves accept the draft of the other half, at random and in order: `make draft-halves`.

Without arguments it takes the made files of `tests/draft_files.py`; else the CSV and JSON lines files that are named.
A half accepts a draft where it has the draft's header and dialect, each text is a value of its column, and no rule that is
critical breaks.
"""

import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from etl.contract.input_column import InputColumn, file_source
from etl.contract.loading import contract_of, parse_suite
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.types import ColumnType
from etl.contract.value_forms import plain_text_form
from etl.sources.csv_records import iterate_records
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.draft_text import draft_texts
from sluice.contracts.profile.sample import read_sample
from tests.draft_file import DraftFile
from tests.draft_files import FILES

FEWEST_RECORDS = 20
Texts = list[dict[str, str | None]]


def halves(records: Sequence[bytes], *, in_order: bool) -> tuple[list[bytes], list[bytes]]:
    """Return both halves of the lines of a file."""
    shuffled = list(records)
    if not in_order:
        random.Random(1).shuffle(shuffled)
    middle = len(shuffled) // 2
    return shuffled[:middle], shuffled[middle:]


def draft_of(file: DraftFile, records: Sequence[bytes], folder: Path) -> tuple[Contract, Contract]:
    """Return both contracts of a draft from some records of a file."""
    path = folder / file.name
    path.write_bytes((file.head or b"") + b"".join(records) + file.tail)
    texts, _ = draft_texts("day", read_sample(path))
    contracts = [contract_of(parse_suite(texts[stage])[0]) for stage in (Stage.INPUT, Stage.OUTPUT)]
    return contracts[0], contracts[1]


def rows_of(file: DraftFile, records: Sequence[bytes], contract: Contract) -> Texts | str:
    """Return the texts of records as a contract reads them, or why it does not."""
    text = (file.head or b"") + b"".join(records) + file.tail
    if contract.format is SourceFormat.JSONL:
        objects = [json.loads(line, parse_int=str, parse_float=str) for line in text.splitlines() if line.strip()]
        names = {file_name: name for name, file_name in contract.file_names.items()}
        return [{names[name]: _json_text(value) for name, value in entry.items()} for entry in objects]
    decoded = text.decode(contract.dialect.encoding.codec).removeprefix("\ufeff")
    dialect, names = contract.dialect, contract.names
    lines = list(iterate_records(StringIO(decoded, newline=""), dialect, len(names)))
    if dialect.header:
        header, *lines = lines
        sources = [str(file_source(column)) for column in contract.columns]
        if header.fields != sources:
            return "the header"
    if any(record.fields is None or len(record.fields) != len(names) for record in lines):
        return "a record"
    return [dict(zip(names, (value or None for value in record.fields or ()), strict=True)) for record in lines]


def _json_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None or isinstance(value, str) else json.dumps(value)


def refusals(rows: Texts, read: Contract, published: Contract) -> Iterator[str]:
    """Yield what a half breaks: texts that are no values of their columns, and critical rules."""
    types = {column.name: column.type for column in published.columns}
    nulls: dict[str, set[str]] = {}
    for column in read.columns:
        assert isinstance(column, InputColumn)
        nulls[column.name] = {*column.null_values, *read.dialect.null_values}
        form = plain_text_form(column) if not column.type.is_text else types[column.name].plain_form
        values = {row.get(column.name) for row in rows} - {None} - nulls[column.name]
        broken = [value for value in values if value and form and not re.match(f"{form[:-1]}\\Z", value)]
        if broken or not _fit(values, types[column.name]):
            yield f"type of {column.name}: {column.type} {types[column.name]} {broken[:3]}"
    for rule in (*read.rules, *published.rules):
        if not rule.severity.stops_run:
            continue
        names = rule.columns
        values = [tuple(None if row.get(name) in nulls[name] else row.get(name) for name in names) for row in rows]
        if "not_be_null" in rule.type and sum(value[0] is not None for value in values) < rule.kwargs.get(
            "mostly", 1
        ) * len(rows):
            yield rule.rule
        if "unique" in rule.type and max(Counter(values).values()) > 1:
            yield rule.rule


def _fit(values: Any, declared: ColumnType) -> bool:
    """Say whether whole numbers lie within their type."""
    limits = declared.limits
    numbers = (
        [int(value) for value in values if re.fullmatch("-?[0-9]+", value)]
        if str(declared) in ("int", "bigint")
        else []
    )
    return not limits or all(limits[0] <= number <= limits[1] for number in numbers)  # type: ignore[operator]


def outcome(file: DraftFile, folder: Path, *, in_order: bool) -> str:
    """Return why the draft of one half refuses the other, "" where both accept."""
    first, second = halves(file.records, in_order=in_order)
    for drafted, other in ((first, second), (second, first)):
        try:
            read, published = draft_of(file, drafted, folder)
        except WrongUse as refused:
            return f"no draft: {refused}"
        rows = rows_of(file, other, read)
        if isinstance(rows, str):
            return rows
        if broken := next(refusals(rows, read, published), ""):
            return broken
    return ""


def named_file(path: Path) -> DraftFile:
    """Return a file that is a header and a line a record."""
    head, *records = (line + b"\n" for line in path.read_bytes().splitlines())
    is_csv = path.suffix in (".csv", ".tsv")
    return DraftFile(path.name, b"", [], head if is_csv else b"", b"", records if is_csv else [head, *records])


def main(paths: Sequence[str]) -> None:
    """Print how many files accept, and why others do not."""
    files = [named_file(Path(path)) for path in paths] or [make() for make in FILES.values()]
    files = [file for file in files if len(file.records) >= FEWEST_RECORDS]
    with tempfile.TemporaryDirectory() as scratch:
        for in_order in (False, True):
            outcomes = [(file.name, outcome(file, Path(scratch), in_order=in_order)) for file in files]
            accepted = sum(not why for _, why in outcomes)
            print(f"{'in order' if in_order else 'at random'}: {accepted} of {len(files)}")
            for name, why in outcomes:
                if why:
                    print(f"  {name}: {why[:200]}")


if __name__ == "__main__":
    main(sys.argv[1:])
