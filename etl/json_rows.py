"""JSON lines: one flat object a line, its keys compared with the contract before it is parsed.

Spark's JSON reader takes a duplicate key's last value, drops an unknown key, turns a nested object into text and ignores
what follows the object, all in silence; so each line is proven first, and only then parsed.
"""

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract import Contract
from etl.engine.plain import Plain
from etl.first_look import Look
from etl.raw import Place
from etl.sources import BROKEN, HEADER, LINE, PLACE, PROVENANCE, lines, uncounted

# Inside the one object of the line: nesting, and numbers that a double may have rounded.
UNSOUND = "OBJECT<|ARRAY<|DOUBLE|FLOAT"
OUTER = "ARRAY<OBJECT<"
TEXT, TYPED = "_text", "_typed"


def read(spark: SparkSession, place: Place, looks: list[Look], contract: Contract, _plain: Plain) -> DataFrame:
    """Read JSON lines; a declared key that a line lacks is null, which the contract's rules judge."""
    found = split(lines(spark, place, looks), contract)
    return found.select(*contract.names, LINE, BROKEN, F.lit(False).alias(HEADER), uncounted(), *PROVENANCE, PLACE)


def split(found: DataFrame, contract: Contract) -> DataFrame:
    """Add the contract's columns and `_broken` to a frame of JSON lines; text is kept as the line has it."""
    types = {column.name: column.type for column in contract.columns}
    text, typed = (", ".join(f"`{name}` {form or of}" for name, of in types.items()) for form in ("string", ""))
    found = found.withColumn(BROKEN, ~_is_sound(contract.names))
    found = found.withColumn(TEXT, F.when(~F.col(BROKEN), F.from_json(LINE, text)))
    others = [name for name, of in types.items() if of != "string"]
    if not others:
        return found.withColumns({name: F.col(f"{TEXT}.`{name}`") for name in types})
    found = found.withColumn(TYPED, F.when(~F.col(BROKEN), F.from_json(LINE, typed)))
    lost = [F.col(f"{TEXT}.`{name}`").isNotNull() & F.col(f"{TYPED}.`{name}`").isNull() for name in others]
    fields = {name: F.col(f"{TYPED}.`{name}`") for name in types}
    return found.withColumn(BROKEN, F.col(BROKEN) | reduce(or_, lost)).withColumns(fields)


def _is_sound(names: list[str]) -> Column:
    """Return where a line is exactly one flat JSON object with declared keys, each once."""
    keys = F.json_object_keys(LINE)
    known = F.size(F.array_except(keys, F.array(*(F.lit(name) for name in names)))) == 0
    once = F.size(F.array_distinct(keys)) == F.size(keys)
    # In brackets, text behind the object or a second object shows.
    wrapped = F.concat(F.lit("["), F.col(LINE), F.lit("]"))
    shape = F.schema_of_variant(F.try_parse_json(wrapped))
    flat = shape.startswith(OUTER) & ~F.substring(shape, len(OUTER) + 1, 1 << 30).rlike(UNSOUND)
    alone = F.json_array_length(wrapped) == 1
    return F.coalesce(known & once & flat & alone, F.lit(False))
