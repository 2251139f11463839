"""Several files of one dataset as one sample."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from etl.contract.source_format import SourceFormat
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.sample import Sample, read_sample


def read_samples(paths: Sequence[Path]) -> Sample:
    """Read files of the same format and columns; of JSON lines, a key that a file lacks is null in its rows.

    Raises:
        WrongUse: one cannot be read, or two of them differ.
    """
    samples = [read_sample(path) for path in paths]
    first, *others = samples
    if not others:
        return first
    for other in others:
        _refuse_difference(first, other)
    table = pa.concat_tables([sample.table for sample in samples], promote_options="default")
    return Sample(f"{first.file} and {len(others)} more", first.format, table)


def _refuse_difference(first: Sample, other: Sample) -> None:
    if other.format is not first.format:
        raise WrongUse(
            f"{other.file} is {other.format} and {first.file} is {first.format}; a dataset has one format, so name files of one"
        )
    here, there = first.table.schema, other.table.schema
    if first.format.is_columnar and [(field.name, field.type) for field in here] != [
        (field.name, field.type) for field in there
    ]:
        raise WrongUse(f"{other.file} has other columns or types than {first.file}; name files with the same ones")
    if first.format is SourceFormat.CSV and here.names != there.names:
        raise WrongUse(
            f"{other.file} has the columns {', '.join(there.names)}, and {first.file} has {', '.join(here.names)}; name files "
            "with the same ones, in the same order"
        )
