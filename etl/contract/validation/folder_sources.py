"""What columns must agree on whose values come from the folders of an object's key."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.contract.json_values import is_object
from etl.contract.source_format import SourceFormat
from etl.contract.types import ColumnType, Family
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.suite_paths import PlacedFault

COLUMNS = ("meta", "columns")


def folder_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong with columns whose source is a folder."""
    columns = sound.entries("columns")
    placed = [(index, column) for index, column in enumerate(columns) if is_object(column.get("source"))]
    if not placed or sound.meta.get("format") == SourceFormat.TABLES:
        return
    if len(placed) == len(columns):
        yield PlacedFault(COLUMNS, "each column is a folder of the key", "declare a column that the files have")
    folders = Counter(column["source"].get("folder") for _, column in placed)
    for folder, times in folders.items():
        if times > 1:
            yield PlacedFault(COLUMNS, f"{times} columns are the folder {folder!r}", "keep one of them")
    for index, column in placed:
        for key, problem, remedy in _column_faults(column):
            yield PlacedFault((*COLUMNS, index, key), f"column {column.get('name')!r} {problem}", remedy)


def _column_faults(column: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    declared = ColumnType.parse(column.get("type", ""))
    if declared and declared.family in (Family.BINARY, Family.NESTED):
        yield (
            "type",
            f"is {declared}, and a folder of a key is text",
            "declare string, a number, a day, a time or boolean",
        )
    if column.get("pii"):
        yield (
            "pii",
            "is about a person, and keys stand in messages, in the ledger and in listings, where nothing is masked",
            "let the files have the value, or drop pii",
        )
