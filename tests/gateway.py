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
            setattr(kind, "__getattr__", _kept(kind.__getattr__))  # noqa: B010  Py4J has no types of its own


def _kept(ask: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    @functools.wraps(ask)
    def asked(owner: Any, name: str) -> Any:
        found = ask(owner, name)
        # What is no class counts as a package, so a name that is imported later must be asked for again.
        if isinstance(found, JavaClass) or (isinstance(found, JavaPackage) and name.islower()):
            vars(owner)[name] = found
        return found

    return asked
