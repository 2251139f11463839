"""Parquet and ORC bring their own types, which must be the declared ones: nothing is cast on the way in."""

import re
from typing import Any, cast

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.table_names import LINE, ORDINAL
from etl.sources.casting import bounded, dates
from etl.sources.line_regex import Plain
from etl.sources.preflight import Look
from etl.sources.provenance import BROKEN, HEADER, PLACE, PROVENANCE, located, uncounted, uris
from etl.storage.raw_objects import Place
from etl.wording import counted

CHUNK = re.compile(r"ColumnMetaData\{(\w+) ")  # how Parquet's library shows a column chunk, its codec first


def read(spark: SparkSession, place: Place, looks: list[Look], contract: Contract, _plain: Plain) -> DataFrame:
    """Read Parquet or ORC files whose columns are the declared ones, in any order."""
    schema = ", ".join(f"`{column.name}` {column.type}" for column in contract.columns)
    reader = spark.read.schema(schema).option("recursiveFileLookup", "true").format(contract.format)
    found = reader.load(uris(place, looks))
    # ORC has no row index in `_metadata`, which a join would hide.
    counted = found.withColumn(ORDINAL, F.col("_metadata.row_index") if contract.format == "parquet" else uncounted())
    placed = located(spark, place, looks, counted)
    line = F.to_json(F.struct(*contract.names), {"ignoreNullFields": "false"}).alias(LINE)
    own = (F.lit(False).alias(BROKEN), F.lit(False).alias(HEADER), ORDINAL)
    return bounded(placed.select(*contract.names, line, *own, *PROVENANCE, PLACE), dates(contract))


def look_inside(spark: SparkSession, place: Place, looks: list[Look], contract: Contract) -> list[Look]:
    """Hold each file's own schema against the contract; a file that is none, or has another, gets a fault."""
    return [_look(spark, place, one, contract) for one in looks]


def _look(spark: SparkSession, place: Place, one: Look, contract: Contract) -> Look:
    form, declared = contract.format, {column.name: column.type for column in contract.columns}
    try:
        found = spark.read.option("recursiveFileLookup", "true").format(form).load(uris(place, [one]))
        types = {field.name: field.dataType.simpleString() for field in found.schema}
    except (PySparkException, Py4JJavaError) as error:  # a footer that cannot be read comes as the one or the other
        if (
            "brotli" in str(error).lower()
        ):  # the one codec of ORC that Spark comes without, and ORC packs its footer too
            return _unpackable(one, "brotli")
        return Look(one.object, fault="format", detail=f"{one.object.key}: no {form} file")
    strange = contract.masking.surplus(types, [*declared])
    differ = [
        f"{name} {types.get(name, 'missing')} instead of {declared.get(name, 'nothing')}"
        for name in sorted({*declared, *strange})
        if types.get(name) != declared.get(name)
    ]
    if unnamed := len(types.keys() - declared.keys()) - len(strange):
        differ.append(f"{counted(unnamed, 'column')} that no suite declares")
    if differ:
        return Look(one.object, fault="schema", detail=f"{one.object.key}: {', '.join(differ)}")
    return one


def sound(spark: SparkSession, place: Place, one: Look, form: str) -> Look:
    """Look at the codecs of a file's columns; one that Spark lacks, or an encrypted column, is a fault.

    For the rare run in which Spark could not read: a good day never gets here.
    """
    if one.fault or form != "parquet":
        return one
    parquet = cast(Any, spark)._jvm.org.apache.parquet.hadoop
    conf = cast(Any, spark)._jsc.hadoopConfiguration()
    path = cast(Any, spark)._jvm.org.apache.hadoop.fs.Path(place.uri(one.object.key))
    reader = parquet.ParquetFileReader.open(parquet.util.HadoopInputFile.fromPath(path, conf))
    try:
        footer = reader.getFooter()
        if str(footer.getFileMetaData().getEncryptionType()) != "UNENCRYPTED":
            return Look(
                one.object, fault="compression", detail=f"{one.object.key}: encrypted; put it again in the clear"
            )
        # As one text: a call into the JVM for each column of each row group would take seconds.
        codecs = sorted(set(CHUNK.findall(footer.getBlocks().toString())))
    finally:
        reader.close()
    factory = parquet.CodecFactory(conf, 0)
    lacking = [codec for codec in codecs if not _unpacks(factory, parquet.metadata.CompressionCodecName.valueOf(codec))]
    return _unpackable(one, ", ".join(lacking).lower()) if lacking else one


def _unpacks(factory: Any, codec: Any) -> bool:
    try:
        factory.getDecompressor(codec)
    except Py4JJavaError:  # its class is not there
        return False
    return True


def _unpackable(one: Look, codec: str) -> Look:
    detail = (
        f"{one.object.key}: packed with {codec}, which the job has no codec for; put it again as snappy, gzip or zstd"
    )
    return Look(one.object, fault="compression", detail=detail)
