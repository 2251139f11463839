"""What a backtest is given, and the day its rows are of, before Spark is started."""

import re
from dataclasses import dataclass
from pathlib import Path

from etl.contract.file_glob import is_data_path
from etl.contract.key_folders import folders_of_file
from etl.contract.manifest_globs import is_manifest
from etl.contract.model import Contract
from etl.contract.stage import Stage, SuiteStage
from sluice.cli.errors import WrongUse
from sluice.contracts.backtest.contract_pair import ContractPair

PARQUET_PREFIX = "parquet:"
TABLE_NAME = re.compile(r"\w+\.\w+\.\w+")  # catalog.database.table
DATE_PARTITION = re.compile(r"(?:year|month|day)\((.+)\)")


@dataclass(frozen=True)
class Table:
    """A table by its folder, or by its name in a catalog."""

    location: Path | str


def parse_data_arguments(arguments: list[str], stage: SuiteStage) -> list[Path] | Table:
    """Return the raw files, or the one table, that were typed.

    Raises:
        WrongUse: something does not exist, or does not go together.
    """
    tables = [table for table in map(_parse_table, arguments) if table]
    if not tables:
        return [_parse_file(argument) for argument in arguments]
    if len(arguments) > 1:
        raise WrongUse("give raw files, or one table, not both and not two tables")
    if stage is Stage.INPUT:
        raise WrongUse("an input contract judges raw rows, not a table; give raw files, or the dataset's output suite")
    return tables[0]


def _parse_table(argument: str) -> Table | None:
    folder = Path(argument.removeprefix(PARQUET_PREFIX))
    if folder.is_dir() or (argument.startswith(PARQUET_PREFIX) and folder.exists()):
        return Table(folder)
    return Table(argument) if TABLE_NAME.fullmatch(argument) and not folder.exists() else None


def _parse_file(argument: str) -> Path:
    path = Path(argument)
    if not path.is_file():
        raise WrongUse(f"{argument} is no file, no folder and no table's name such as lake.database.orders")
    # As in the raw bucket, and Spark reads no such file.
    if path.name.startswith(("_", ".")):
        raise WrongUse(f"{argument}: a name that starts with _ or a dot is overlooked, as in the raw bucket; rename it")
    return path


def require_data_files(data: list[Path] | Table, contract: Contract) -> None:
    """Refuse files that a run would pass over, by the changed input contract: its `meta.files` and its manifests.

    Where a glob names folders, those that a file lies in are as many of its path's as it needs.

    Raises:
        WrongUse: one of them is no data.
    """
    for path in data if isinstance(data, list) else ():
        if is_manifest(
            f"{contract.dataset}/{folders_of_file(path, contract)}{path.name}", contract.arrivals, contract.dataset
        ):
            raise WrongUse(f"{path} is a manifest, which says what is in other files and is no data; leave it out")
        parts = path.resolve().parts[1:]
        if not any(is_data_path("/".join(parts[start:]), contract.files) for start in range(len(parts))):
            glob = contract.files
            raise WrongUse(f"{path}: meta.files is {glob}, which does not take it, so runs pass it over; leave it out")


def find_day_column(pair: ContractPair, column: str | None) -> str | None:
    """Return the column that says a row's day: the one that was typed, else the date that the output is partitioned by.

    Raises:
        WrongUse: no contract of the pair declares it, or it is about a person.
    """
    contracts = [contract for contract in (pair.contract, pair.twin) if contract]
    personal = {name for contract in contracts for name in contract.pii}
    if column is None:
        parts = [DATE_PARTITION.fullmatch(part) for contract in contracts for part in contract.partition_by]
        return next((part[1] for part in parts if part and part[1] not in personal), None)
    column_names = list(dict.fromkeys(name for contract in contracts for name in contract.names))
    if column not in column_names:
        raise WrongUse(f"there is no column {column!r} to tell days by; there are {', '.join(column_names)}")
    if column in personal:
        raise WrongUse(f"column {column!r} is about a person, so its values are not shown as days; choose another")
    return column
