"""CSV as lines, not by Spark's CSV reader (docs/decisions/0001).

That one accepts a quote that never closes, drops what follows a closing one, and fails the query on a line of very many
fields. A line is a record where it has as many RFC 4180 fields as the header; anything else is a broken row.
"""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.table_names import LINE
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, FIRST, HEADER, PLACE, PLAIN, PROVENANCE, no_ordinal, read_lines, with_steps
from etl.sources.text_lines import BETWEEN, FIELD, OPEN
from etl.storage.raw_objects import S3Prefix

# No sound line with quotes has them: what stands after each of its fields, and what at its end.
SEPARATOR, END = "\x00", "\x01"
BARE, QUOTED, SPLIT, FIELDS = "_bare", "_quoted", "_split", "_fields"


def read_csv(
    spark: SparkSession, raw_prefix: S3Prefix, preflights: list[FilePreflight], contract: Contract, plain: LineRegex
) -> DataFrame:
    """Read CSV; an empty field is null, between quotes too. A header that stands again further down keeps `_header` true."""
    names = contract.names
    bare = F.col(LINE).rlike(plain.pattern) if plain.pattern else F.lit(False)
    quoted = ~F.col(BARE) & F.col(LINE).contains('"')
    plain_step = {PLAIN: F.col(BARE) | (F.col(QUOTED) & F.col(LINE).rlike(plain.quoted))} if plain.pattern else {}
    sound = F.col(LINE).rlike(rf"\A{FIELD}(?:,{FIELD}){{{len(names) - 1}}}\z")
    sound = F.col(PLAIN) | sound if plain_step else sound
    # Most lines with quotes have neither a comma nor a quote between them.
    split = F.split(F.when(F.col(QUOTED), F.replace(LINE, F.lit('"'), F.lit(""))).otherwise(F.col(LINE)), ",", -1)
    is_split = (F.size(SPLIT) == len(names)) & ~(F.col(QUOTED) & F.col(LINE).contains('""'))
    fields = F.when(~F.col(QUOTED) | sound, F.when(is_split, F.col(SPLIT)).when(F.col(QUOTED), _split_quoted()))
    steps = {BARE: bare, QUOTED: quoted, **plain_step, SPLIT: split, FIELDS: fields}
    steps |= {name: F.get(FIELDS, F.lit(position)) for position, name in enumerate(names)}
    split_rows = with_steps(read_lines(spark, raw_prefix, preflights, len(names)), steps)
    values = [F.when(F.col(f"`{name}`") != "", F.col(f"`{name}`")).alias(name) for name in names]
    header = F.col(LINE).eqNullSafe(F.col(FIRST)).alias(HEADER)
    bookkeeping = (F.col(FIELDS).isNull().alias(BROKEN), header, no_ordinal(), *PROVENANCE, PLACE, *plain_step)
    return split_rows.select(*values, LINE, *bookkeeping)


def _split_quoted() -> Column:
    """Return a sound line's values, whatever stands between its quotes, and a text more."""
    separated = F.regexp_replace(
        F.concat(LINE, F.lit(END)), f'(?:"({BETWEEN})"|({OPEN}*+))[,{END}]', f"$1$2{SEPARATOR}"
    )
    return F.split(F.replace(separated, F.lit('""'), F.lit('"')), SEPARATOR, -1)
