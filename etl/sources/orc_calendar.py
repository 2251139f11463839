"""By which calendar an ORC file counts the days before 1582: Spark takes one whose footer does not say for Julian.

Java's writer that does not say it did count so. Others, such as C++'s behind pyarrow, do not say it and count by the calendar
of today: Spark would show their 0001-01-01 as 0001-01-03, and two days of such a century as one.
"""

from typing import Any, cast

from pyspark.sql import SparkSession

from etl.contract.types import ColumnType, TypeKind
from etl.sources.hadoop_configuration import hadoop_configuration

JAVA = 0  # the writer's number in a footer (orc_proto.proto)
FIRST_SURE_DAY = "1582-10-15"
"""From which day on both calendars count alike."""


def counts_unsure_days(spark: SparkSession, uri: str) -> bool:
    """Say whether nothing tells by which calendar a file counts days before FIRST_SURE_DAY."""
    jvm, conf = cast(Any, spark)._jvm, hadoop_configuration(spark)
    library = jvm.org.apache.orc.OrcFile
    reader = library.createReader(jvm.org.apache.hadoop.fs.Path(uri), library.readerOptions(conf))
    try:
        footer = reader.getFileTail().getFooter()
        return not footer.hasCalendar() and footer.getWriter() != JAVA
    finally:
        reader.close()


def has_days(declared: ColumnType) -> bool:
    """Say whether values of a type, or values within them, are days or times that ORC writes as such."""
    kinds = [leaf.kind for leaf in declared.leaves()]
    return TypeKind.DATE in kinds or TypeKind.TIMESTAMP in kinds
