"""CSV as lines, not by Spark's CSV reader (docs/decisions/0001).

That one accepts a quote that never closes, drops what follows a closing one, and fails the query on a line of very many
fields. A line is a record where it has as many RFC 4180 fields as the header; anything else is a broken row.
"""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.table_names import LINE
from etl.sources.line_regex import Plain
from etl.sources.preflight import Look
from etl.sources.provenance import BROKEN, FIRST, HEADER, PLACE, PLAIN, PROVENANCE, lines, stepwise, uncounted
from etl.sources.text_lines import BETWEEN, FIELD, OPEN
from etl.storage.raw_objects import Place

# No sound line with quotes has them: what stands after each of its fields, and what at its end.
APART, END = "\x00", "\x01"
BARE, QUOTED, SPLIT, FIELDS = "_bare", "_quoted", "_split", "_fields"


def read(spark: SparkSession, place: Place, looks: list[Look], contract: Contract, plain: Plain) -> DataFrame:
    """Read CSV; an empty field is null, between quotes too. A header that stands again further down keeps `_header` true."""
    names = contract.names
    bare = F.col(LINE).rlike(plain.pattern) if plain.pattern else F.lit(False)
    quoted = ~F.col(BARE) & F.col(LINE).contains('"')
    looked = {PLAIN: F.col(BARE) | (F.col(QUOTED) & F.col(LINE).rlike(plain.quoted))} if plain.pattern else {}
    sound = F.col(LINE).rlike(rf"\A{FIELD}(?:,{FIELD}){{{len(names) - 1}}}\z")
    sound = F.col(PLAIN) | sound if looked else sound
    # Most lines with quotes have neither a comma nor a quote between them.
    split = F.split(F.when(F.col(QUOTED), F.replace(LINE, F.lit('"'), F.lit(""))).otherwise(F.col(LINE)), ",", -1)
    is_split = (F.size(SPLIT) == len(names)) & ~(F.col(QUOTED) & F.col(LINE).contains('""'))
    fields = F.when(~F.col(QUOTED) | sound, F.when(is_split, F.col(SPLIT)).when(F.col(QUOTED), _apart()))
    steps = {BARE: bare, QUOTED: quoted, **looked, SPLIT: split, FIELDS: fields}
    steps |= {name: F.get(FIELDS, F.lit(at)) for at, name in enumerate(names)}
    found = stepwise(lines(spark, place, looks, len(names)), steps)
    values = [F.when(F.col(f"`{name}`") != "", F.col(f"`{name}`")).alias(name) for name in names]
    header = F.col(LINE).eqNullSafe(F.col(FIRST)).alias(HEADER)
    own = (F.col(FIELDS).isNull().alias(BROKEN), header, uncounted(), *PROVENANCE, PLACE, *looked)
    return found.select(*values, LINE, *own)


def _apart() -> Column:
    """Return a sound line's values, whatever stands between its quotes, and a text more."""
    apart = F.regexp_replace(F.concat(LINE, F.lit(END)), f'(?:"({BETWEEN})"|({OPEN}*+))[,{END}]', f"$1$2{APART}")
    return F.split(F.replace(apart, F.lit('""'), F.lit('"')), APART, -1)
