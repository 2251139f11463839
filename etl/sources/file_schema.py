"""The schema that a file brings, held against the contract's columns: nothing is cast."""

from collections.abc import Iterator, Mapping

from etl.contract.model import Contract
from etl.contract.types import ColumnType
from etl.sources.header_names import MAX_NAMES_SHOWN, HeaderNames
from etl.wording import count_noun, join_names


def schema_differences(types: Mapping[str, str], contract: Contract) -> str:
    """Say how a file's columns, with their types as a contract declares them, differ from the declared; "" where not.

    What to write in the contract follows, where the file is as it should be.
    """
    declared = {contract.file_names[column.name]: column.type for column in contract.columns}
    columns = {file_name: name for name, file_name in contract.file_names.items()}
    if contract.extra_columns.are_ignored:
        types = {name: file_type for name, file_type in types.items() if name in declared}
    undeclared = contract.masking.undeclared_names(types, [*declared])
    differences = [
        f"{_name_in_words(name, columns)} {types.get(name, 'missing')} instead of {declared.get(name, 'nothing')}"
        for name in sorted({*declared, *undeclared})
        if types.get(name) != declared.get(name)
    ]
    if unnamed := len(types.keys() - declared.keys()) - len(undeclared):
        differences.append(f"{count_noun(unnamed, 'column')} that no suite declares")
    return "; ".join([", ".join(differences), *_lines_to_write(types, contract)]) if differences else ""


def _lines_to_write(types: Mapping[str, str], contract: Contract) -> Iterator[str]:
    """Yield what to write in the contract where the file is as it should be."""
    names = HeaderNames([*types], contract)
    if names.source_hint:
        yield names.source_hint
    elif len(types) > len(contract.columns) and not names.missing:
        yield 'write "extra_columns": "ignore" in the meta of the input'
    others = {
        column.name: file_type
        for column in contract.columns
        if (file_type := types.get(contract.file_names[column.name], column.type)) != column.type
        and ColumnType.parse(file_type)
    }
    if others:
        words = [f'"type": "{file_type}" for {name}' for name, file_type in others.items()]
        yield f"write {join_names(words, MAX_NAMES_SHOWN)} in the columns of the input"


def _name_in_words(file_name: str, columns: Mapping[str, str]) -> str:
    """Return what the contract calls a column of a file, with the file's name where it is another."""
    name = columns.get(file_name, file_name)
    return name if name == file_name else f"{name} ({file_name!r} in the file)"
