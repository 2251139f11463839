"""CSV as lines, not by Spark's CSV reader (docs/decisions/0001).

That one accepts a quote that never closes, drops what follows a closing one, and fails the query on a line of very many
fields. A line is a record where it has as many RFC 4180 fields as the header; anything else is a broken row.
"""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract import Contract
from etl.first_look import Look
from etl.raw import Place
from etl.sources import BROKEN, FIRST, HEADER, LINE, PLACE, PROVENANCE, lines, uncounted

# One quoted or bare field; possessive, since Java's matcher would otherwise use a stack frame for each repetition.
FIELD = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",]*+)'


def read(spark: SparkSession, place: Place, looks: list[Look], contract: Contract) -> DataFrame:
    """Read CSV; an empty field is null. A header that stands again further down keeps `_header` true."""
    names = contract.names
    quoted = F.col(LINE).contains('"')
    schema = ", ".join(f"`{name}` string" for name in names)
    sound = rf"^{FIELD}(?:,{FIELD}){{{len(names) - 1}}}$"
    parsed = lines(spark, place, looks).withColumns(
        {
            "_split": F.when(~quoted, F.split(LINE, ",", -1)),
            "_parsed": F.when(quoted & F.col(LINE).rlike(sound), F.from_csv(LINE, schema, {"escape": '"'})),
        }
    )
    plain = F.col("_split").isNotNull() & (F.size("_split") == len(names))
    broken = ~(plain | F.col("_parsed").isNotNull())
    fields = [_field(name, at, plain).alias(name) for at, name in enumerate(names)]
    header = (F.col(LINE) == F.col(FIRST)).alias(HEADER)
    return parsed.select(*fields, LINE, broken.alias(BROKEN), header, uncounted(), *PROVENANCE, PLACE)


def _field(name: str, at: int, plain: Column) -> Column:
    return F.when(plain, F.nullif(F.get("_split", F.lit(at)), F.lit(""))).otherwise(F.col(f"_parsed.`{name}`"))
