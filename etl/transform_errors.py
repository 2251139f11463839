"""Errors of a transform: told from those of the machine and of the services around it, and put in one line.

Spark's own message quotes the value that it failed on, so where a column is about a person the error's class has to do.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException, PythonException
from pyspark.sql import DataFrame

from etl.errors import SluiceError

# Java's classes of errors that no row is to blame for: memory, files, the network, AWS, the table's commit, a stopped task.
MACHINE_CLASSES = re.compile(
    r"OutOfMemory|java\.io\.|java\.net\.|javax\.net\.|java\.nio\.file\.|amazon|hadoop\.fs\.|iceberg\.|InterruptedException"
    r"|TaskKilled|FetchFailed|TimeoutException|NoClassDefFound|ClassNotFound|NoSuchMethod|parquet\.|orc\."
)
# What Spark says of one in the message alone: a lost executor, a file that it could not read, no memory, no permission.
MACHINE_MESSAGES = re.compile(
    r"FAILED_READ_FILE|Java heap space|GC overhead|Status Code: \d|AccessDenied|not authorized to perform|ExecutorLost"
    r"|PYTHON_VERSION_MISMATCH|Executor heartbeat|Container killed|Python worker|Connection (refused|reset)|OutOfMemory"
    r"|No space left"
)
# What a Python function raises for the same reasons.
MACHINE_PYTHON_ERRORS = re.compile(
    r"(botocore|urllib3|requests|socket|ssl)\b|MemoryError|OSError|IOError|\w*Connection\w*Error|TimeoutError"
)
LAST_LINE = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$")
DATA_SQL_STATES = ("21", "22", "23", "P0")  # SQL states of data, and of `raise_error` (Spark, Error conditions)
MAX_CAUSES = 20  # causes of an error


class TransformFailed(Exception):
    """A transform raised on a frame, or returned what cannot be published; the message is one line."""


def guard_transform(
    transform: Callable[[DataFrame], DataFrame], columns: Sequence[str], personal: bool
) -> Callable[[DataFrame], DataFrame]:
    """Return a transform whose failure says so; `columns` are those that its frame must have, beside our own of its input.

    `personal` says whether a column is about a person. The returned function raises `TransformFailed`, and what the
    machine or a service around it is to blame for as it is.
    """

    def run_guarded(frame: DataFrame) -> DataFrame:
        with raising_transform_failed(personal):
            result: Any = transform(frame)
        if not isinstance(result, DataFrame):
            raise TransformFailed(f"it returned {type(result).__name__}, and a DataFrame is published")
        required = [*columns, *(name for name in frame.columns if name.startswith("_"))]
        if missing := [name for name in required if name not in result.columns]:
            raise TransformFailed(f"what it returned has no column {', '.join(missing)}")
        return result

    return run_guarded


@contextmanager
def raising_transform_failed(personal: bool) -> Iterator[None]:
    """Let what a transform or a derivation raises say so.

    Raises:
        TransformFailed: in place of it, unless the machine or a service around it is to blame.
    """
    try:
        yield
    except SluiceError:
        raise
    except Exception as error:
        from_spark = isinstance(error, (PySparkException, Py4JError))
        python = f"{type(error).__module__}.{type(error).__name__}"
        is_machine_error = isinstance(error, (OSError, MemoryError)) or MACHINE_PYTHON_ERRORS.match(python)
        if is_machine_error or (from_spark and not may_come_from_rows(error)):
            raise
        # What Spark says of a plan quotes its names, and no value.
        is_plan_error = isinstance(error, AnalysisException) or (
            isinstance(error, PySparkException) and not _java_causes(error)
        )
        raise TransformFailed(describe_error(error, personal and not is_plan_error)) from None


def may_come_from_rows(error: BaseException) -> bool:
    """Say whether an error of a Spark job may come from its rows: nothing in it blames the machine, or a service around it.

    That it may is no proof: whether the transform fails on its own says more.
    """
    if isinstance(error, PythonException):
        name, message = _python_error(str(error))
        return bool(name) and not MACHINE_PYTHON_ERRORS.match(name) and not MACHINE_MESSAGES.search(message)
    if not isinstance(error, (PySparkException, Py4JJavaError)):
        return False
    causes = _java_causes(error)
    if any(MACHINE_CLASSES.search(cause.name) for cause in causes):
        return False
    is_data_error = any(cause.state.startswith(DATA_SQL_STATES) for cause in causes)
    return is_data_error or not any(MACHINE_MESSAGES.search(cause.message) for cause in causes)


def describe_error(error: BaseException, personal: bool = False) -> str:
    """Return an error in one line: its class, and what it says unless that may be about a person."""
    if isinstance(error, TransformFailed):
        return str(error)
    if isinstance(error, PythonException):
        name, message = _python_error(str(error))
    elif isinstance(error, (PySparkException, Py4JJavaError)):
        name, message = _spark_error(error)
    else:
        name, message = type(error).__name__, _first_line(str(error))
    return name if personal or not message else f"{name}: {message}"


def _python_error(text: str) -> tuple[str, str]:
    """Return the class and the message of the error that ends a Python traceback."""
    lines = text.splitlines()
    last = max((number for number, line in enumerate(lines) if line.startswith("  File ")), default=-1)
    last_error = next((match for line in lines[last + 1 :] if (match := LAST_LINE.match(line))), None)
    return (last_error["name"], last_error["message"] or "") if last_error else ("", "")


def _spark_error(error: BaseException) -> tuple[str, str]:
    """Return Spark's name for an error, else its class, and the first line of what it says."""
    causes = _java_causes(error)
    named = next((cause for cause in causes if cause.condition), None)
    if named:
        return named.condition, _first_line(named.message.removeprefix(f"[{named.condition}]"))
    if causes:
        return causes[-1].name.rpartition(".")[2], _first_line(causes[-1].message)
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    text = _first_line(str(error))
    return condition or type(error).__name__, text.removeprefix(f"[{condition}]").strip()


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line.partition(" SQLSTATE: ")[0]


class _Cause(NamedTuple):
    """A Java exception: its class, Spark's name for it and its SQL state, both "" for another's, and its message."""

    name: str
    condition: str
    state: str
    message: str


def _java_causes(error: BaseException) -> list[_Cause]:
    """Return a Java exception and its causes, the deepest last."""
    causes: list[_Cause] = []
    java: Any = getattr(error, "_origin", None) or getattr(error, "java_exception", None)
    while java is not None and len(causes) < MAX_CAUSES:
        causes.append(_Cause(java.getClass().getName(), *_spark_condition(java), java.getMessage() or ""))
        java = java.getCause()
    return causes


def _spark_condition(java: Any) -> tuple[str, str]:
    try:
        return java.getCondition() or "", java.getSqlState() or ""
    except Py4JError:  # not one of Spark's
        return "", ""
