"""The structure rules: what every run holds objects, lines and casts against, and no suite states."""

from enum import StrEnum, unique
from typing import Self, assert_never

from etl.contract.stage import Stage


@unique
class StructureRule(StrEnum):
    """What a structure rule is about: the last part of its id, or that before a column.

    Members:
        KEY to ROWS: of a whole object, in the order in which a verdict has them.
        ROW to FINITE: of the rows of an object.

    Attributes:
        words: what holds where it does, for a page; "" where each column has a sentence of its own.
        remedy: why it is there, and what to do where it is broken.
    """

    _value_: str
    words: str
    remedy: str

    KEY = (
        "key",
        "its key is a path that can be read, with each folder that a column comes from",
        "The object's key is no path that Spark can read, or lacks a folder that a column's source names; put the object under "
        "another key, or leave it out with `sluice skip`.",
    )
    COPY = (
        "copy",
        "its ETag and size are of no object that the table holds, and of no other in its run",
        "Rows have no key, so one file under two names would be published twice; leave the object out with `sluice skip`, "
        'or let such files be published by `"copies": "allow"` in the input\'s meta.',
    )
    MANIFEST = (
        "manifest",
        "it has the size, the checksum and the rows that its manifest says",
        "A file that is not what its manifest says broke off or was changed on its way; copy it again from where it came, put "
        "the right manifest under the same key, or `sluice skip` the file; `sluice skip` of the manifest reads what it "
        "names without it.",
    )
    EMPTY = (
        "empty",
        "it has at least one byte",
        "A file without a byte is an upload that broke off; copy it again from where it came, under the same key, or leave "
        "it out with `sluice skip`.",
    )
    COMPRESSION = (
        "compression",
        "it is plain text, gzip named .gz or bzip2 named .bz2; Parquet, ORC and Avro have codecs that the job has",
        "Read are plain text, gzip named .gz and bzip2 named .bz2, and the codecs of Parquet, ORC and Avro that the job has; "
        "rename the object, or put it again unpacked; `sluice skip` leaves it out.",
    )
    ENCODING = (
        "encoding",
        "its text has the declared encoding",
        "Text is read as UTF-8, and a CSV as the encoding that the contract's meta.dialect has; write the file's there, or "
        "leave it out with `sluice skip`.",
    )
    GZIP = (
        "gzip",
        "where its name ends in .gz, its gzip stream is whole",
        "The gzip stream is broken or cut off; copy the file again from where it came, under the same key, or leave it out "
        "with `sluice skip`.",
    )
    FORMAT = (
        "format",
        "it is a file of the declared format",
        'The object is no file of the declared format; write what it is as "format" or "records" in the input\'s meta, or '
        "leave it out with `sluice skip`.",
    )
    SIZE = (
        "size",
        "one that a task holds whole is at most 256 MB unpacked",
        "An array of JSON, an object with a list, a block of Avro and a workbook of Excel are held in memory whole; put them "
        "in parts of at most 256 MB, or an array as JSON lines (`jq -c '.[]'`); `sluice skip` leaves the object out.",
    )
    SCHEMA = (
        "schema",
        "it has the declared columns with the declared types",
        "A Parquet, ORC or Avro file must have the declared columns with the declared types; declare what the file has, or "
        'write "extra_columns": "ignore" in the input\'s meta for columns that nobody needs.',
    )
    HEADER = (
        "header",
        "its header is the declared names in the declared order, once",
        "The header must be the declared names, once; a column's source, meta.header_match, meta.extra_columns and "
        "meta.dialect say what files are like.",
    )
    ROWS = (
        "rows",
        "it has at least one row",
        "A file without a row publishes nothing; where it should have rows, copy it again from where it came, under the same "
        "key, else leave it out with `sluice skip`.",
    )
    ROW = (
        "row",
        "every row is a well-formed one of the declared columns",
        "A CSV row has one field a column; delimiter, quote, escape and multi_line in meta.dialect say how it is written. A "
        'JSON line is an object of declared keys; "extra_columns": "ignore" passes over others. '
        '"structure": {"row": "warning"} sets such lines aside and publishes the rest.',
    )
    TEXT = (
        "text",
        "its values are text of the declared encoding, without control characters",
        "Values are text of the declared encoding without control characters, separators of lines or half a surrogate pair; "
        'for a CSV in another encoding write "dialect": {"encoding": "windows-1252"}; "structure": {"text": "warning"} sets '
        "such lines aside, `sluice skip` leaves the file out.",
    )
    GONE = (
        "gone",
        "of a snapshot, no more of the published rows would leave with it than `max_gone` allows",
        "A copy that lacks so much of the table broke off on its way or is of something else; copy it again from where it "
        "came, leave it out with `sluice skip`, or raise max_gone in the output's load where so many rows are meant to leave.",
    )
    ORDER = (
        "order",
        "of changes, each has its key and its order, and no two of one key have the same order",
        "Which of two changes is the later one cannot be told; name columns in the order of the output's load that always "
        "have a value and by which changes of a key differ, or leave one object out with `sluice skip`.",
    )
    UNMATCHED = (
        "unmatched",
        "of changes, each update and each delete is of a key that the table holds",
        "An update of a key that was never seen is published as a new row, and a delete of one changes nothing; where the "
        "source's first copy is missing, put it among the raw objects and `sluice start` the dataset: later changes win.",
    )
    TRANSFORM = (
        "transform",
        "the dataset's transform takes each of its rows",
        "The transform cannot take this; let it use Spark's try_ functions, or refuse such values by a rule of the "
        "input contract; `sluice skip` leaves the object out.",
    )
    CAST = (
        "cast",
        "",
        "The text must be the type's plain form and fit it whole, a date or time is of the years 1 to 9999 and of whole "
        "microseconds; nothing is rounded. Say how the column is written by its format, decimal, group, strip, epoch or "
        'null_values, declare a type that takes it, or set such lines aside by "structure": {"cast": "warning"}.',
    )
    FINITE = (
        "finite",
        "",
        "NaN and the infinities make each sum and mean that they enter worthless; where they are meant, say "
        '`"non_finite": true` of the column.',
    )

    def __new__(cls, name: str, words: str, remedy: str) -> Self:
        """Make the member of its part of an id."""
        rule = str.__new__(cls, name)
        rule._value_ = name
        rule.words, rule.remedy = words, remedy
        return rule

    @property
    def is_of_object(self) -> bool:
        """Whether an object breaks it as a whole, before its rows are read."""
        match self:
            case StructureRule.KEY | StructureRule.EMPTY | StructureRule.COMPRESSION | StructureRule.ENCODING:
                return True
            case StructureRule.GZIP | StructureRule.FORMAT | StructureRule.SCHEMA | StructureRule.SIZE:
                return True
            case StructureRule.HEADER | StructureRule.ROWS | StructureRule.COPY | StructureRule.MANIFEST:
                return True
            case StructureRule.ROW | StructureRule.TEXT | StructureRule.TRANSFORM:
                return False
            case StructureRule.GONE | StructureRule.ORDER | StructureRule.UNMATCHED:
                return False
            case StructureRule.CAST | StructureRule.FINITE:
                return False
            case _:
                assert_never(self)

    def id_of(self, dataset: str, column: str = "") -> str:
        """Return the rule's id in a verdict; `column` is the one that it is about."""
        return f"{dataset}.{Stage.STRUCTURE}.{self}{f'.{column}' if column else ''}"


OPERATION_REMEDY = (
    "What a row does must be known, and this word is none of the load's; add it to insert, update or delete of the output's "
    'load, or set such lines aside by "structure": {"cast": "warning"}.'
)
"""What to do where a load of changes breaks the rule on casts by its operation, which has words and no type."""
OBJECT_RULES = tuple(rule for rule in StructureRule if rule.is_of_object)
