"""Columns that files of a folder have in their places below it: `dt=2025-01-01/x.csv`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from etl.contract.key_folders import FolderRefused, folder_texts
from sluice.contracts.profile.column_names import plain_names
from sluice.contracts.profile.sample import Sample


def with_folders(samples: Sequence[Sample], paths: Sequence[Path], arguments: Sequence[Path]) -> list[Sample]:
    """Return samples with a text column for each folder `<name>=<value>` that all of the files lie in.

    Args:
        samples: what each file holds.
        paths: the files.
        arguments: what was named; folders count below one of these.
    """
    texts = [_texts_of(path, arguments) for path in paths]
    shared = [name for name in texts[0] if all(name in others for others in texts)]
    return [
        _with_columns(sample, {name: columns[name] for name in shared})
        for sample, columns in zip(samples, texts, strict=True)
    ]


def _texts_of(path: Path, arguments: Sequence[Path]) -> dict[str, str | None]:
    """Return the values of a file's folders by their names; none where one is no value that a job reads."""
    below = next((path.relative_to(top) for top in arguments if top.is_dir() and path.is_relative_to(top)), None)
    if below is None:
        return {}
    names = list(dict.fromkeys(unquote(part.partition("=")[0]) for part in below.parts[:-1] if "=" in part))
    try:
        return dict(zip(names, folder_texts(below.as_posix(), names), strict=True))
    except FolderRefused:
        return {}


def _with_columns(sample: Sample, texts: dict[str, str | None]) -> Sample:
    """Return a sample with columns of one text each; a name that the file has already stays the file's."""
    table: Any = sample.table
    sources = dict(sample.sources)
    for folder, text in texts.items():
        [name] = plain_names([folder])
        if name and name not in table.column_names:
            table = table.append_column(name, pa.array([text] * sample.rows, pa.string()))
            sources[name] = {"folder": folder}
    return replace(sample, table=table, sources=sources)
