"""Modules that are imported only when something of them is used: what a library imports for rules that no contract may use."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


def later(name: str) -> None:
    """Let a module of a package be imported at its first use; one that is imported already stays."""
    if name in sys.modules:
        return
    parent, _, own = name.rpartition(".")
    package, stand_in = import_module(parent), ModuleType(name)

    def found(attribute: str) -> Any:
        if attribute.startswith("__"):  # what the import system asks of each module
            raise AttributeError(attribute)
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    vars(stand_in)["__getattr__"] = found
    sys.modules[name] = stand_in
    setattr(package, own, stand_in)
