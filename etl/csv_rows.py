"""CSV as lines, not by Spark's CSV reader (docs/decisions/0001).

That one accepts a quote that never closes, drops what follows a closing one, and fails the query on a line of very many
fields. A line is a record where it has as many RFC 4180 fields as the header; anything else is a broken row.
"""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract import Contract
from etl.first_look import Look
from etl.raw import Place
from etl.sources import BROKEN, FIRST, HEADER, LINE, PLACE, PLAIN, PROVENANCE, lines, uncounted

# One quoted or bare field; possessive, since Java's matcher would otherwise use a stack frame for each repetition.
FIELD = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",]*+)'
SPLIT, PARSED, FIELDS = "_split", "_parsed", "_fields"


def read(spark: SparkSession, place: Place, looks: list[Look], contract: Contract, plain: str) -> DataFrame:
    """Read CSV; an empty field is null. A header that stands again further down keeps `_header` true."""
    names = contract.names
    schema = ", ".join(f"`{name}` string" for name in names)
    sound = rf"^{FIELD}(?:,{FIELD}){{{len(names) - 1}}}$"
    looked = {PLAIN: F.col(LINE).rlike(plain)} if plain else {}
    read = lines(spark, place, looks).withColumns(looked)
    unquoted = ~F.col(LINE).contains('"')
    split = F.when(F.col(PLAIN) | unquoted if plain else unquoted, F.split(LINE, ",", -1))
    quoted = F.col(SPLIT).isNull() & F.col(LINE).rlike(sound)
    parsed = read.withColumn(SPLIT, split)
    parsed = parsed.withColumn(PARSED, F.when(quoted, F.from_csv(LINE, schema, {"escape": '"'})))
    of_parsed = F.array(*(F.col(f"{PARSED}.`{name}`") for name in names))
    whole = F.when(F.size(SPLIT) == len(names), F.col(SPLIT)).when(F.col(PARSED).isNotNull(), of_parsed)
    found = parsed.withColumn(FIELDS, whole)
    fields = [_field(at).alias(name) for at, name in enumerate(names)]
    header = F.col(LINE).eqNullSafe(F.col(FIRST)).alias(HEADER)
    own = (F.col(FIELDS).isNull().alias(BROKEN), header, uncounted(), *PROVENANCE, PLACE, *looked)
    return found.select(*fields, LINE, *own)


def _field(at: int) -> Column:
    value = F.get(FIELDS, F.lit(at))
    # Between quotes nothing is a text without a character.
    return F.when((value != "") | F.col(PARSED).isNotNull(), value)
