"""The readings as each kind of file that is measured, and the contract of each."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import orc, parquet

from bench.lake import Suites
from bench.readings import COLUMNS, QUOTED, joined, pc, reading_texts
from etl.contract.stage import SUITE_STAGES

CONTRACTS = Path(__file__).parent / "contracts" / "readings"
FILES = 4
AT_ONCE = 250_000  # rows in memory
Texts = dict[str, pa.Array]


@dataclass(frozen=True)
class FileKind:
    """A kind of file.

    Attributes:
        title: what the table calls it; `bound` is how many times the ungated job the gate may take.
        suffix: of the files' names.
        write: writes texts of columns to a file, after those before; the header first.
        meta: what the input's meta says of it.
        columns: what the input says of columns, by name.
        line_breaks: whether remarks have some.
    """

    name: str
    title: str
    bound: float
    suffix: str
    write: Callable[[Iterator[Texts], Path], None]
    meta: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    line_breaks: bool = False

    def suites(self) -> Suites:
        """Return the contracts: the same rules for each kind, and an input that says how it is read."""
        input_suite, output_suite = (json.loads((CONTRACTS / f"{stage}.json").read_text()) for stage in SUITE_STAGES)
        input_suite["meta"] |= self.meta
        columns = input_suite["meta"]["columns"]
        input_suite["meta"]["columns"] = [{**column, **self.columns.get(column["name"], {})} for column in columns]
        return Suites("readings", json.dumps(input_suite), json.dumps(output_suite))

    def write_day(self, rows: int, folder: Path) -> list[Path]:
        """Write readings into four files of a folder, once; return these."""
        done = folder / "done"
        if not done.exists():
            folder.mkdir(parents=True, exist_ok=True)
            random = np.random.default_rng(0)
            for number, (first, end) in enumerate(pairwise(rows * part // FILES for part in range(FILES + 1))):
                chunks = (
                    reading_texts(random, start, min(AT_ONCE, end - start), self.line_breaks)
                    for start in range(first, end, AT_ONCE)
                )
                self.write(chunks, folder / f"part-{number}{self.suffix}")
            done.touch()
        return sorted(folder.glob(f"*{self.suffix}"))


def csv_writer(
    delimiter: str = ",", decimal: str = ".", encoding: str = "utf-8", header: bool = True
) -> Callable[[Iterator[Texts], Path], None]:
    """Return what writes CSV: a text is quoted where it has a delimiter, a quote or a line break."""

    def write(chunks: Iterator[Texts], path: Path) -> None:
        with path.open("wb") as out:
            if header:
                out.write(f"{delimiter.join(COLUMNS)}\n".encode(encoding))
            for texts in chunks:
                columns = {
                    **texts,
                    **{name: _quoted(texts[name], delimiter) for name in QUOTED},
                    **{name: pc.replace_substring(texts[name], ".", decimal) for name in ("kwh", "peak_kw")},
                }
                lines = pc.binary_join_element_wise(*columns.values(), delimiter)
                out.write("".join(joined(lines, "\n").to_pylist()).encode(encoding))

    return write


def _quoted(texts: pa.Array, delimiter: str) -> pa.Array:
    needs_quotes = pc.match_substring_regex(texts, f'[{delimiter}"\n]')
    return pc.if_else(needs_quotes, joined('"', pc.replace_substring(texts, '"', '""'), '"'), texts)


def write_json_lines(chunks: Iterator[Texts], path: Path) -> None:
    """Write JSON lines: numbers and flags as such, an empty text as none."""
    with path.open("wb") as out:
        for texts in chunks:
            members = [
                joined(f'"{name}":', _json_values(texts[name], is_text=not _is_bare(declared)))
                for name, declared in COLUMNS.items()
            ]
            lines = joined("{", pc.binary_join_element_wise(*members, ","), "}\n")
            out.write("".join(lines.to_pylist()).encode())


def _is_bare(declared: pa.DataType) -> bool:
    return declared in (pa.int32(), pa.float64(), pa.bool_(), pa.decimal128(12, 3))


def _json_values(texts: pa.Array, is_text: bool) -> pa.Array:
    if not is_text:
        return texts
    escaped = pc.replace_substring(pc.replace_substring(texts, '"', '\\"'), "\n", "\\n")
    return pc.if_else(pc.equal(texts, ""), "null", joined('"', escaped, '"'))


def write_parquet(chunks: Iterator[Texts], path: Path) -> None:
    """Write Parquet with the types of COLUMNS."""
    with parquet.ParquetWriter(path, pa.schema(list(COLUMNS.items()))) as writer:
        for texts in chunks:
            writer.write_table(pa.table(_typed_columns(texts)))


def write_orc(chunks: Iterator[Texts], path: Path) -> None:
    """Write ORC with the types of COLUMNS, but for times with a zone, which Spark's reader does not know."""
    with orc.ORCWriter(path, compression="snappy") as writer:
        for texts in chunks:
            typed = _typed_columns(texts)
            writer.write(pa.table({**typed, "read_at": typed["read_at"].cast(pa.timestamp("us"))}))


def _typed_columns(texts: Texts) -> Texts:
    typed = {name: text.cast(COLUMNS[name]) for name, text in texts.items()}
    return {**typed, "remark": pc.if_else(pc.equal(typed["remark"], ""), None, typed["remark"])}


TYPED = {
    "read_at": {"type": "timestamp"},
    "day": {"type": "date"},
    "register": {"type": "int"},
    "kwh": {"type": "decimal(12,3)"},
    "peak_kw": {"type": "double"},
    "is_estimated": {"type": "boolean"},
}
COMMAS = {name: {**TYPED[name], "decimal": ","} for name in ("kwh", "peak_kw")}
KINDS = (
    FileKind(
        *("semicolons", "`;` and decimal comma", 1.4, ".csv", csv_writer(";", ",")),
        meta={"dialect": {"delimiter": ";"}},
        columns=COMMAS,
    ),
    FileKind(
        *("latin-1", "Latin-1", 1.4, ".csv", csv_writer(encoding="latin-1")),
        meta={"dialect": {"encoding": "iso-8859-1"}},
    ),
    FileKind(
        *("headless", "no header", 1.4, ".csv", csv_writer(header=False)),
        meta={"dialect": {"header": False}},
    ),
    FileKind("parquet", "Parquet", 1.4, ".parquet", write_parquet, {"format": "parquet"}, TYPED),
    FileKind("orc", "ORC", 1.4, ".orc", write_orc, {"format": "orc"}, TYPED),
    FileKind("json-lines", "JSON lines", 1.7, ".jsonl", write_json_lines, {"format": "jsonl"}),
    FileKind(
        *("multi-line", "line breaks within quotes", 1.7, ".csv", csv_writer()),
        meta={"dialect": {"multi_line": True}},
        line_breaks=True,
    ),
)
"""What is measured, in the table's order."""
