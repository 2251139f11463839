"""The types of a Parquet file's columns, from its footer alone.

Spark's reader starts a job for a file's schema, which takes some sixty milliseconds of processor: minutes for thousands of
files. The footer is read and turned into types by the very functions that this job calls.
"""

import json
from typing import Any, cast

from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from etl.sources.hadoop_configuration import hadoop_configuration


def footer_types(spark: SparkSession, uri: str) -> dict[str, str]:
    """Return the types of a file's columns, as Spark's reader has them of the file.

    Raises:
        Exception: the footer cannot be read, has a type or two names that Spark refuses, or this Spark has no such functions.
    """
    session, jvm = cast(Any, spark), cast(Any, spark)._jvm
    hadoop, spark_parquet = jvm.org.apache.parquet.hadoop, jvm.org.apache.spark.sql.execution.datasources.parquet
    path = jvm.org.apache.hadoop.fs.Path(uri)
    file = hadoop.util.HadoopInputFile.fromPath(path, hadoop_configuration(spark))
    reader = hadoop.ParquetFileReader.open(file)
    try:
        footer = hadoop.Footer(path, reader.getFooter())
    finally:
        reader.close()
    converter = spark_parquet.ParquetToSparkSchemaConverter(session._jsparkSession.sessionState().conf())
    schema = spark_parquet.ParquetFileFormat.readSchemaFromFooter(footer, converter)
    fields = StructType.fromJson(json.loads(schema.json())).fields
    if len({field.name.lower() for field in fields}) < len(fields):
        raise ValueError(f"{uri} has two columns of one name")
    return {field.name: field.dataType.simpleString() for field in fields}
