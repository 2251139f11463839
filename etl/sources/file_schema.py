"""The schema that a file brings, held against the contract's columns: nothing is cast."""

from collections.abc import Mapping

from etl.contract.model import Contract
from etl.wording import count_noun


def schema_differences(types: Mapping[str, str], contract: Contract) -> str:
    """Say how a file's columns, with their types as a contract declares them, differ from the declared; "" where not."""
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
    return ", ".join(differences)


def _name_in_words(file_name: str, columns: Mapping[str, str]) -> str:
    """Return what the contract calls a column of a file, with the file's name where it is another."""
    name = columns.get(file_name, file_name)
    return name if name == file_name else f"{name} ({file_name!r} in the file)"
