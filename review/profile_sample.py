"""A sample as columns: read as the gate reads its format, so that what is learnt from it is what the gate will see."""

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import orc, parquet

from etl.compression import Unsound, codec_of
from etl.strict_meta import TEXT_FORMATS
from review.profile_bytes import demand_readable, opened
from review.suites import WrongUse

FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".parquet": "parquet", ".orc": "orc"}
KNOWN = ".csv and .jsonl, also as .gz or .bz2, .parquet or .orc"


@dataclass(frozen=True)
class Sample:
    """What a file holds: `table` has text columns where the format has no types, else the file's own."""

    file: str
    format: str
    table: pa.Table

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.table.num_rows


def read(path: Path) -> Sample:
    """Read a whole file.

    Raises:
        WrongUse: its suffix is unknown, it cannot be read, or there is nothing to learn from it.
    """
    form = _format(path)
    try:
        if form in TEXT_FORMATS:
            demand_readable(path)
        table = {"csv": _csv, "jsonl": _jsonl, "parquet": parquet.read_table, "orc": orc.read_table}[form](path)
    except FileNotFoundError:
        raise WrongUse(f"{path} does not exist; name a file with a header or keys, and some rows") from None
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path} is no UTF-8 ({error.reason}); save it as UTF-8") from error
    except (OSError, Unsound, pa.ArrowException) as error:
        raise WrongUse(
            f"{path} is no {form} that the gate could read: {_told(error)}; mend it, or rename it"
        ) from error
    if not table.num_rows:
        raise WrongUse(f"{path} has no rows, so there is nothing to learn from it; take a file of a usual day")
    if twice := sorted({name for name in table.column_names if table.column_names.count(name) > 1}):
        raise WrongUse(f"{path} has the column {twice[0]!r} more than once; give each a name of its own")
    return Sample(path.name, form, table)


def _format(path: Path) -> str:
    packed = codec_of(path.name) is not None
    form = FORMATS.get((path.with_suffix("") if packed else path).suffix.lower())
    if form is None or (packed and form not in TEXT_FORMATS):
        raise WrongUse(f"{path.name} has no suffix that tells its format; name it {KNOWN}, which the gate reads")
    return form


def _told(error: Exception) -> str:
    said = str(error).partition("\n")[0] or type(error).__name__
    # Arrow goes on with the row that it stumbled over, which may be about a person.
    found = re.match(r".*?, got [0-9]+", said)
    return found[0] if found else said


def _csv(path: Path) -> pa.Table:
    with opened(path) as file:
        names = next(csv.reader([file.readline().rstrip("\r\n")]), [])
        if not names:
            raise WrongUse(f"{path} is empty, so there is nothing to learn from it; take a file with a header and rows")
        if not any(line.strip() for line in file):
            return pa.table({name: [] for name in names})
    table = arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(skip_rows=1, column_names=names),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )
    for name, column in zip(names, table.columns, strict=True):
        if any("\n" in value or "\r" in value for value in column.drop_null().unique().to_pylist()):
            raise WrongUse(
                f"{path} has a line break within {name!r}, and the gate takes a line for a row; mend the export"
            )
    return table


def _jsonl(path: Path) -> pa.Table:
    """Read JSON lines with each value as the text that the line has; a key that a line lacks is null there."""
    with opened(path) as file:
        rows = [_object(line, f"line {at} of {path}") for at, line in enumerate(file, 1) if line.strip()]
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})


def _object(line: str, where: str) -> dict[str, str | None]:
    try:
        pairs = json.loads(line, object_pairs_hook=list, parse_int=str, parse_float=_digits, parse_constant=_digits)
    except (ValueError, RecursionError) as error:
        told = getattr(error, "msg", error)
        raise WrongUse(f"{where} cannot be read: {told}; write one object a line, numbers as digits") from error
    if not line.lstrip().startswith("{"):
        raise WrongUse(f"{where} is no JSON object; write one a line")
    found = {name: _text(value, f"{where}: {name!r}") for name, value in pairs}
    if len(found) < len(pairs):
        raise WrongUse(f"{where} has a key twice; keep one of them")
    return found


def _digits(number: str) -> str:
    if number.strip("-0123456789."):
        raise ValueError("a number with an exponent, or none at all, which the gate does not take")
    return number


def _text(value: Any, where: str) -> str | None:
    if isinstance(value, list):  # an object comes as a list of pairs
        raise WrongUse(f"{where} is nested, and the gate takes flat objects; give its parts keys of their own")
    return str(value).lower() if isinstance(value, bool) else value
