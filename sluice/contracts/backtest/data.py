"""What a backtest is given, and the day its rows are of, before Spark is started."""

import re
from dataclasses import dataclass
from pathlib import Path

from sluice.contracts.backtest.contract_pair import Pair
from sluice.contracts.suite_files import WrongUse

PARQUET = "parquet:"
NAMED = re.compile(r"\w+\.\w+\.\w+")  # catalog.database.table
DATED = re.compile(r"(?:year|month|day)\((.+)\)")


@dataclass(frozen=True)
class Table:
    """A table by its folder, or by its name in a catalog."""

    where: Path | str


def given(typed: list[str], stage: str) -> list[Path] | Table:
    """Return the raw files, or the one table, that were typed.

    Raises:
        WrongUse: something does not exist, or does not go together.
    """
    tables = [one for one in map(_table, typed) if one]
    if not tables:
        return [_file(one) for one in typed]
    if len(typed) > 1:
        raise WrongUse("give raw files, or one table, not both and not two tables")
    if stage == "input":
        raise WrongUse("an input contract judges raw rows, not a table; give raw files, or the dataset's output suite")
    return tables[0]


def _table(typed: str) -> Table | None:
    folder = Path(typed.removeprefix(PARQUET))
    if folder.is_dir() or (typed.startswith(PARQUET) and folder.exists()):
        return Table(folder)
    return Table(typed) if NAMED.fullmatch(typed) and not folder.exists() else None


def _file(typed: str) -> Path:
    path = Path(typed)
    if not path.is_file():
        raise WrongUse(f"{typed} is no file, no folder and no table's name such as lake.database.sales")
    # As in the raw bucket, and Spark reads no such file.
    if path.name.startswith(("_", ".")):
        raise WrongUse(f"{typed}: a name that starts with _ or a dot is overlooked, as in the raw bucket; rename it")
    return path


def day_of(pair: Pair, column: str | None) -> str | None:
    """Return the column that says a row's day: the one that was typed, else the date that the output is partitioned by.

    Raises:
        WrongUse: no contract of the pair declares it, or it is about a person.
    """
    contracts = [one for one in (pair.contract, pair.twin) if one]
    personal = {name for one in contracts for name in one.pii}
    if column is None:
        parts = [DATED.fullmatch(part) for one in contracts for part in one.partition_by]
        return next((part[1] for part in parts if part and part[1] not in personal), None)
    known = list(dict.fromkeys(name for one in contracts for name in one.names))
    if column not in known:
        raise WrongUse(f"there is no column {column!r} to tell days by; there are {', '.join(known)}")
    if column in personal:
        raise WrongUse(f"column {column!r} is about a person, so its values are not shown as days; choose another")
    return column
