"""What a dataset's rows are read from: the formats of raw objects, and published tables."""

from enum import StrEnum, unique
from typing import Self, assert_never


@unique
class SourceFormat(StrEnum):
    """How an input contract's rows come.

    Attributes:
        endings: the ends of file names that stand for it, the usual one first; none where it is no file.
        magic: a file's first bytes, b"" where any may come.
        is_text: whether values come as texts, which a column's options may read.
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
    AVRO = "avro", (".avro",), b"Obj\x01", False, False, True
    EXCEL = "excel", (".xlsx", ".xlsm"), b"PK\x03\x04", True, False, True
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
    def is_typed(self) -> bool:
        """Whether a file brings its own types."""
        return bool(self.magic) and not self.is_text

    @property
    def may_be_packed(self) -> bool:
        """Whether a codec may pack a file as a whole: it is lines of text."""
        return self.is_text and not self.takes_whole_files

    @property
    def is_columnar(self) -> bool:
        """Whether Spark's own reader takes it, by columns."""
        match self:
            case SourceFormat.PARQUET | SourceFormat.ORC:
                return True
            case SourceFormat.CSV | SourceFormat.JSONL | SourceFormat.AVRO | SourceFormat.EXCEL | SourceFormat.TABLES:
                return False
            case _:
                assert_never(self)

    @property
    def takes_whole_files(self) -> bool:
        """Whether one task reads a file, whatever else the contract says."""
        match self:
            case SourceFormat.AVRO | SourceFormat.EXCEL:
                return True
            case SourceFormat.CSV | SourceFormat.JSONL | SourceFormat.PARQUET | SourceFormat.ORC | SourceFormat.TABLES:
                return False
            case _:
                assert_never(self)

    @property
    def is_files(self) -> bool:
        """Whether rows come in raw objects, and not from published tables."""
        return bool(self.endings)


TYPED_FORMATS = tuple(source_format for source_format in SourceFormat if source_format.is_typed)
