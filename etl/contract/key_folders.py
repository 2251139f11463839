"""The folders `<name>=<value>` of an object's key, as Hive and Spark write them, whose values are a column's."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from etl.contract.input_column import folder_of
from etl.contract.key_globs import matches_key
from etl.contract.manifest_globs import with_manifest
from etl.contract.model import Contract

NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"
"""The value that Hive writes for null."""


class FolderRefused(Exception):
    """A key without a folder that a column comes from, with several of them, or with one whose value is no text."""


def folder_names(contract: Contract) -> list[str]:
    """Return the names of the folders that columns come from, in the order of the columns."""
    return [name for column in contract.columns if (name := folder_of(column)) is not None]


def folder_texts(path: str, names: Sequence[str]) -> list[str | None]:
    """Return the values of folders, URL-decoded, in the order of `names`; None for null.

    Args:
        path: the part of a key below the dataset's prefix.
        names: the folders' names.

    Raises:
        FolderRefused: the path lacks one, has one twice, or a value is no text of UTF-8 without control characters.
    """
    return [_folder_text(path, name) for name in names]


def _folder_text(path: str, name: str) -> str | None:
    parts = [folder.partition("=") for folder in path.split("/")[:-1]]
    values = [value for folder, equals, value in parts if equals and unquote(folder) == name]
    if len(values) != 1:
        raise FolderRefused(
            f"no folder {name}= in its key" if not values else f"{len(values)} folders {name}= in its key"
        )
    try:
        text = unquote(values[0], errors="strict")
    except UnicodeDecodeError:
        raise FolderRefused(f"the folder {name}= of its key is no UTF-8") from None
    if not is_folder_text(text):
        raise FolderRefused(f"the folder {name}= of its key has a control character")
    return None if text in ("", NULL_FOLDER) else text


def is_folder_text(text: str) -> bool:
    """Say whether a folder's value may be a text: no control character, and no end of a line."""
    return not any(
        ord(character) < 32 or 127 <= ord(character) < 160 or character in "\u2028\u2029" for character in text
    )


def folder_fault(path: str, contract: Contract) -> str:
    """Say what is wrong with the folders of a path below the dataset's prefix; empty where nothing is."""
    try:
        folder_texts(path, folder_names(contract))
    except FolderRefused as refused:
        return str(refused)
    return ""


def folder_path(texts: Sequence[str | None], names: Sequence[str]) -> str:
    """Return the folders of a key that have such values, each with a slash at its end."""
    values = [NULL_FOLDER if text is None else quote(text, safe="") for text in texts]
    return "".join(f"{quote(name, safe='')}={value}/" for name, value in zip(names, values, strict=True))


def folders_of_file(file: Path, contract: Contract) -> str:
    """Return of a file's folders on this machine those that columns come from, each with a slash at its end.

    Where a glob of an arrival with a manifest is about folders, these are as many of the last ones as it needs.
    """
    names = folder_names(contract)
    folders = Path(os.path.abspath(file)).parts[1:-1]
    of_columns = [number for number, folder in enumerate(folders) if _hive_name(folder) in names]
    needed = _folders_of_globs(folders, file.name, contract)
    if needed:
        first = min([*of_columns, len(folders) - needed])
        return "".join(f"{folder}/" for folder in folders[first:])
    return "".join(f"{folders[number]}/" for number in of_columns)


def _hive_name(folder: str) -> str | None:
    name, equals, _ = folder.partition("=")
    return unquote(name) if equals else None


def _folders_of_globs(folders: Sequence[str], file_name: str, contract: Contract) -> int:
    """Return how many of a file's folders, from the last, a glob of an arrival with a manifest needs to take it; 0 for none."""
    arrivals = with_manifest(contract.arrivals)
    globs = [glob for arrival in arrivals for glob in (arrival.pattern, arrival.manifest) if glob]
    for number in range(len(folders) + 1 if globs else 0):
        path = "/".join([contract.dataset, *folders[len(folders) - number :], file_name])
        if any(matches_key(path, glob, contract.dataset) for glob in globs):
            return number
    return 0
