"""Every key that the `meta` of a suite may have: what a suite says of its dataset beside the rules."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import GetPydanticSchema

from etl.contract.columns import ColumnSpec
from etl.contract.input_column import InputColumn
from etl.contract.input_meta import FileInputMeta, TableInputMeta
from etl.contract.other_datasets import TableSource
from etl.contract.output_meta import OutputMeta


@dataclass(frozen=True, kw_only=True)
class AnyMeta(FileInputMeta, TableInputMeta, OutputMeta):
    """Every key that a meta may have, of either stage: those that only one of them needs have defaults."""

    # A table of the job's own has plain columns; those of any suite are read as an input's, which have every key.
    columns: Annotated[  # pyright: ignore[reportIncompatibleVariableOverride]
        tuple[ColumnSpec, ...],
        GetPydanticSchema(lambda _, handler: handler(tuple[InputColumn, ...])),
    ]
    day: str = ""
    sources: tuple[TableSource, ...] = ()
    key: tuple[str, ...] = ()
    freshness_hours: int = 0
