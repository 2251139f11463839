"""What a dataset's rows are read from: the formats of raw objects, and published tables."""

from enum import StrEnum, unique
from typing import Self


@unique
class SourceFormat(StrEnum):
    """How an input contract's rows come.

    Attributes:
        endings: the ends of file names that stand for it, the usual one first; none where it is no file.
        magic: a file's first bytes, b"" where any may come.
        is_text: whether a file is lines of text: its values have no types, and a codec may pack it.
        is_positional: whether a value is a column's by its place in the line, below a header.
        has_row_numbers: whether a row can be found again by its number in the object.
    """

    _value_: str
    endings: tuple[str, ...]
    magic: bytes
    is_text: bool
    is_positional: bool
    has_row_numbers: bool

    # In the order of the attributes.
    CSV = "csv", (".csv",), b"", True, True, True
    JSONL = "jsonl", (".jsonl", ".ndjson", ".json"), b"", True, False, True
    PARQUET = "parquet", (".parquet",), b"PAR1", False, False, True
    ORC = "orc", (".orc",), b"ORC", False, False, False
    TABLES = "tables", (), b"", False, False, False

    def __new__(  # noqa: PLR0913  one argument for each attribute
        cls,
        name: str,
        endings: tuple[str, ...],
        magic: bytes,
        is_text: bool,
        is_positional: bool,
        has_row_numbers: bool,
    ) -> Self:
        """Make the member of a suite's text."""
        source_format = str.__new__(cls, name)
        source_format._value_ = name
        source_format.endings, source_format.magic, source_format.is_text = endings, magic, is_text
        source_format.is_positional, source_format.has_row_numbers = is_positional, has_row_numbers
        return source_format

    @property
    def is_columnar(self) -> bool:
        """Whether a file brings its own types."""
        return bool(self.magic)

    @property
    def is_files(self) -> bool:
        """Whether rows come in raw objects, and not from published tables."""
        return bool(self.endings)


COLUMNAR_FORMATS = tuple(source_format for source_format in SourceFormat if source_format.is_columnar)
