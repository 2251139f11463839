"""Keys of rows to forget, as a person gives them: CSV with a header, or JSON lines; faults are told by line, never by value."""

import codecs
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.contract.columns import ColumnSpec
from etl.contract.json_values import is_object
from etl.contract.model import Contract
from sluice.cli.errors import WrongUse

MAX_FAULTS = 10
NO_VALUE = "has no value for {name}"
NOT_OF_TYPE = "has for {name} what is no {type} as it is published"


@dataclass
class ForgetKeys:
    """Keys, each once and in the order of the file, as texts by column; `repeated` counts lines with a key that was there."""

    columns: tuple[ColumnSpec, ...]
    keys: dict[tuple[str, ...], None] = field(default_factory=dict[tuple[str, ...], None])
    repeated: int = 0

    def as_json_lines(self) -> bytes:
        """Return an object a line, as the job reads them."""
        names = [column.name for column in self.columns]
        return "".join(
            json.dumps(dict(zip(names, key, strict=True)), ensure_ascii=False) + "\n" for key in self.keys
        ).encode()

    def add_line(self, texts: Mapping[str, str | None]) -> Iterator[str]:
        """Take a line's key; yield what is wrong with it instead, without its values."""
        faults = [fault for column in self.columns if (fault := _text_fault(column, texts[column.name]))]
        if faults:
            yield from faults
            return
        key = tuple(texts[column.name] or "" for column in self.columns)
        self.repeated += key in self.keys
        self.keys[key] = None


def key_columns(contract: Contract) -> tuple[ColumnSpec, ...]:
    """Return the columns of an output contract's key.

    Raises:
        WrongUse: it declares none.
    """
    if not contract.has_key:
        raise WrongUse(
            f"{contract.dataset} declares no key, so no key names its rows; nothing was done. `sluice withdraw` takes an "
            "object's rows back, and it can arrive again without them"
        )
    specs = {column.name: column for column in contract.columns}
    return tuple(specs[name] for name in contract.key)


def read_keys(content: bytes, source: str, columns: tuple[ColumnSpec, ...]) -> ForgetKeys:
    """Read keys: JSON lines where the first line begins with a brace, else CSV whose header names the columns.

    Args:
        content: the whole file; blank lines count and say nothing.
        source: the file's name, for messages.
        columns: those of the key.

    Raises:
        WrongUse: the file is broken or has no key; each fault is named with its line, and no value.
    """
    keys = ForgetKeys(columns)
    lines = _decoded_lines(content.removeprefix(codecs.BOM_UTF8), source)
    is_json = next((line for line in lines if line.strip()), "").lstrip().startswith("{")
    faults = [*_json_faults(lines, keys)] if is_json else [*_csv_faults(lines, keys)]
    if faults:
        shown = [f"{source}, line {number}: {fault}" for number, fault in faults[:MAX_FAULTS]]
        more = [f"and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise WrongUse("\n".join([*shown, *more, "nothing was done"]))
    if not keys.keys:
        names = ",".join(column.name for column in columns)
        raise WrongUse(f"{source} has no key; write the header {names} and a line for each key. Nothing was done")
    return keys


def _decoded_lines(content: bytes, source: str) -> list[str]:
    lines: list[str] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        try:
            lines.append(line.decode() + "\n")
        except UnicodeDecodeError:
            raise WrongUse(f"{source}, line {number}: is no UTF-8; save the file as UTF-8. Nothing was done") from None
    return lines


def _json_faults(lines: Iterable[str], keys: ForgetKeys) -> Iterator[tuple[int, str]]:
    names = [column.name for column in keys.columns]
    wanted_form = f"write an object of exactly {', '.join(names)}"
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry: Any = json.loads(line, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            yield number, f"is no JSON; {wanted_form}"
            continue
        if not is_object(entry) or entry.keys() != set(names):
            yield number, f"is no object of the key's columns alone; {wanted_form}"
            continue
        texts = {name: _json_text(entry[name]) for name in names}
        yield from ((number, fault) for fault in keys.add_line(texts))


def _json_text(value: object) -> str | None:
    """Return a value as the text that a table's is compared with; None for null, and for what is no single value."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else None


def _csv_faults(lines: Iterable[str], keys: ForgetKeys) -> Iterator[tuple[int, str]]:
    names = [column.name for column in keys.columns]
    reader = csv.reader(lines, strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not cells:
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                if sorted(header) != sorted(names):  # what stands there may be a key: it is not shown
                    yield reader.line_num, f"is no header of the key's columns; write {','.join(names)}"
                    return
            elif len(cells) != len(header):
                yield reader.line_num, f"has {len(cells)} cells where the header has {len(header)}"
            else:
                faults = keys.add_line({name: cell or None for name, cell in zip(header, cells, strict=True)})
                yield from ((reader.line_num, fault) for fault in faults)
    except csv.Error:
        yield reader.line_num, "is no CSV: a quote is not closed, or stands within a cell"


def _text_fault(column: ColumnSpec, text: str | None) -> str:
    """Return what is wrong with the text of a key's column, "" where it is right."""
    if text is None:
        return NO_VALUE.format(name=column.name)
    form = column.type.plain_form
    return "" if form is None or re.match(form, text) else NOT_OF_TYPE.format(name=column.name, type=column.type)
