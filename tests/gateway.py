"""Fewer questions to the JVM: what a name stands for is asked once."""

import functools
from collections.abc import Callable
from typing import Any

from py4j.java_gateway import JavaClass, JavaPackage, JVMView


def ask_once() -> None:
    """Let Py4J keep which class or package a name is.

    It asks the JVM at every mention, four times for `org.apache.spark.sql`, and each time the JVM looks through all its
    jars for a class called `org`: a quarter of the JVM's samples over 34 small runs. One run saves nothing that shows.
    """
    for kind in (JVMView, JavaPackage):
        if not hasattr(kind.__getattr__, "__wrapped__"):
            setattr(kind, "__getattr__", _keep_answers(kind.__getattr__))  # noqa: B010  Py4J has no types of its own


def _keep_answers(ask: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    @functools.wraps(ask)
    def ask_cached(owner: Any, name: str) -> Any:
        answer = ask(owner, name)
        # What is no class counts as a package, so a name that is imported later must be asked for again.
        if isinstance(answer, JavaClass) or (isinstance(answer, JavaPackage) and name.islower()):
            vars(owner)[name] = answer
        return answer

    return ask_cached
