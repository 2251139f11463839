"""The Hadoop configuration of a Spark session, which the footers of files are read with."""

from typing import Any, cast

from pyspark.sql import SparkSession


def hadoop_configuration(spark: SparkSession) -> Any:
    """Return Hadoop's configuration with what this session sets over that of its context, such as a file system.

    Hadoop keeps a file system for each bucket: the first that is asked for by another configuration is everybody's.
    """
    return cast(Any, spark)._jsparkSession.sessionState().newHadoopConf()
