"""The keys of rows that are to be forgotten: JSON lines of the published key's columns, held against the contract.

A fault is told by its line's number and never by a value: who asks to be forgotten is nobody's log's business.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.json_values import is_object
from etl.contract.model import ColumnSpec, Contract
from etl.forget.errors import ForgetRefused
from etl.sources.casting import value_of_text

LINE_NUMBER = "_line_number"
Texts = tuple[str, ...]
"""A key as the texts of its columns."""


@dataclass(frozen=True)
class ForgottenKeys:
    """The keys, each once, in the order of the key's columns; `lines` has the line that each was first read in."""

    columns: tuple[ColumnSpec, ...]
    lines: dict[Texts, int]

    @property
    def names(self) -> list[str]:
        """The key's columns."""
        return [column.name for column in self.columns]

    def as_frame(self, spark: SparkSession) -> DataFrame:
        """Return the keys as the published table has them, each once.

        Raises:
            ForgetRefused: a text is no value of its column's type.
        """
        texts = [*zip(*self.lines, strict=True)]
        arrays: list[Any] = [*(pa.array(column, pa.string()) for column in texts), pa.array([*self.lines.values()])]
        table: Any = pa.table(arrays, names=[*self.names, LINE_NUMBER])
        frame = spark.createDataFrame(table)
        typed = frame.select(
            *(value_of_text(F.col(f"`{column.name}`"), column.type).alias(column.name) for column in self.columns),
            LINE_NUMBER,
        )
        is_lost = F.exists(F.array(*(F.col(f"`{name}`").isNull() for name in self.names)), lambda lost: lost)
        if lost := typed.where(is_lost).agg(F.min(LINE_NUMBER)).collect()[0][0]:
            raise ForgetRefused(f"line {lost} of the keys has a value that is none of its column's type")
        return typed.select(*self.names).distinct()


def parse_keys(lines: Iterable[bytes], contract: Contract) -> ForgottenKeys:
    """Read keys of an output contract's rows; blank lines count and say nothing.

    Raises:
        ForgetRefused: rows have no key, there is none in the file, or a line is none; the message has its number.
    """
    if not contract.has_key:
        raise ForgetRefused(
            f"{contract.dataset} declares no key, so no key names its rows; `sluice withdraw` takes an object's rows back, "
            "and it can arrive again without them"
        )
    specs = {column.name: column for column in contract.columns}
    columns = tuple(specs[name] for name in contract.key)
    patterns = [re.compile(form) if (form := column.type.plain_form) else None for column in columns]
    keys: dict[Texts, int] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            keys.setdefault(tuple(_parse_line(line, number, columns, patterns)), number)
    if not keys:
        raise ForgetRefused("the keys are an empty file; write a JSON object of the key's columns on each line")
    return ForgottenKeys(columns, keys)


def _parse_line(
    line: bytes, number: int, columns: tuple[ColumnSpec, ...], patterns: list[re.Pattern[str] | None]
) -> Iterator[str]:
    names = ", ".join(column.name for column in columns)
    try:
        value: Any = json.loads(line.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ForgetRefused(f"line {number} of the keys is no JSON; write an object of {names}") from None
    if not is_object(value) or value.keys() != {column.name for column in columns}:
        raise ForgetRefused(
            f"line {number} of the keys is no object of exactly {names}; write each of these, and no other"
        )
    for column, pattern in zip(columns, patterns, strict=True):
        text = value[column.name]
        if text is None:
            raise ForgetRefused(f"line {number} of the keys has null for {column.name}; no published key has one")
        if isinstance(text, bool):
            text = str(text).lower()
        if not isinstance(text, str) or (pattern and not pattern.match(text)):
            raise ForgetRefused(f"line {number} of the keys has for {column.name} no {column.type} as it is published")
        yield text


def _refuse(_constant: str) -> NoReturn:
    raise ValueError
