"""Lines of CSV whose quotes hold delimiters or quotes: taken apart by expressions, or in less time by Spark's parser.

`from_csv` accepts a quote that never closes and drops what follows a closing one (docs/decisions/0001), so it sees no line but
one that a regular expression proved, and of such a line its values are those of RFC 4180
(docs/decisions/0115). Nor does it see U+FFFF, which that parser takes for the end of a text.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.contract.table_names import LINE
from etl.sources.csv_syntax import SEPARATOR, CsvSyntax
from etl.sources.line_regex import LineRegex
from etl.sources.provenance import PLAIN

QUOTED, FIELDS = "_quoted", "_fields"
END_MARK = "\uffff"


def parsing_steps(syntax: CsvSyntax, fields: int, plain: LineRegex) -> dict[str, Column]:
    """Return what is computed of a line, one after the other: whether it has a quote, is plain, and a struct of its values.

    The struct is null where the line is no record; a value of it is null where the field is empty.
    """
    line = F.col(LINE)
    steps = {QUOTED: line.contains(syntax.quote)}
    as_many = F.size(F.split(LINE, syntax.split_pattern, -1)) == fields
    sound = F.when(F.col(QUOTED), line.rlike(syntax.record(fields))).otherwise(as_many)
    schema = ", ".join(f"{field_name(number)} string" for number in range(fields))
    parsed = F.from_csv(LINE, schema, _parser_options(syntax, fields))
    # One that is named twice is computed for each line, whatever stands before it (`subexpressionElimination`).
    values = F.when(sound, F.when(line.contains(END_MARK), _struct_of(syntax, fields, schema)).otherwise(parsed))
    if not plain.pattern:
        return {**steps, FIELDS: values}
    is_plain = F.when(F.col(QUOTED), line.rlike(plain.quoted)).otherwise(line.rlike(plain.pattern))
    # A plain line has no mark (etl/sources/field_alphabet.py).
    return {**steps, PLAIN: is_plain, FIELDS: F.when(F.col(PLAIN), parsed).otherwise(values)}


def _struct_of(syntax: CsvSyntax, fields: int, schema: str) -> Column:
    """Return the same of the few lines that the parser does not know, by JSON: code of the same size, however many fields."""
    names = F.array(*(F.lit(field_name(number)) for number in range(fields)))
    as_json = F.to_json(F.map_from_arrays(names, F.slice(split_quoted(syntax), 1, fields)))
    # Within a text its quotes are escaped, so this is the empty text.
    return F.from_json(F.replace(as_json, F.lit(':""'), F.lit(":null")), schema)


def field_name(number: int) -> str:
    """Return the name of a field in the struct."""
    return f"f{number}"


def _parser_options(syntax: CsvSyntax, fields: int) -> dict[str, str]:
    return {
        "sep": syntax.delimiter,
        "quote": syntax.quote,
        "escape": syntax.quote,
        "nullValue": "",
        "emptyValue": "",
        "maxColumns": str(fields + 1),
    }


def split_quoted(syntax: CsvSyntax) -> Column:
    """Return a sound line's values, whatever stands between its quotes, and a text more."""
    ended = F.concat(LINE, F.lit(syntax.delimiter))
    separated = F.regexp_replace(ended, syntax.field_groups, f"$1$2{SEPARATOR}")
    if syntax.raw_nulls:
        separated = F.regexp_replace(separated, syntax.raw_null, "")
    if syntax.escape:
        separated = F.regexp_replace(separated, syntax.escaped_pair, "$1$2")
    elif syntax.quote:
        separated = F.replace(separated, F.lit(syntax.quote * 2), F.lit(syntax.quote))
    return F.split(separated, SEPARATOR, -1)
