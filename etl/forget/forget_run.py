"""One run that forgets rows, top to bottom."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import SparkSession

from etl.forget.arguments import ForgetArguments
from etl.forget.report import ForgetReport
from etl.runtime import session
from etl.storage.clients import Clients


@dataclass
class Forgetting:
    """One run: what it was told, what it talks to, and the report that it fills."""

    arguments: ForgetArguments
    aws: Clients
    report: ForgetReport
    start: Callable[[], SparkSession] = session.start_session

    def run(self) -> None:
        """Forget the rows."""
        raise NotImplementedError
