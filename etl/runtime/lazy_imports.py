"""What a library imports for rules that no contract may use: imported at its first use, or not at all."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from threading import get_ident
from types import ModuleType
from typing import Any


def import_lazily(name: str) -> None:
    """Let a module be imported at its first use; one that is imported already stays."""
    if name in sys.modules:
        return
    parent, _, child = name.rpartition(".")
    package, stand_in = import_module(parent) if parent else None, ModuleType(name)

    def load_attribute(attribute: str) -> Any:
        if attribute.startswith("__"):  # what the import system asks of each module
            raise AttributeError(attribute)
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    vars(stand_in)["__getattr__"] = load_attribute
    sys.modules[name] = stand_in
    if package:
        setattr(package, child, stand_in)


@contextmanager
def without_packages(*names: str) -> Iterator[None]:
    """Let packages be missing for this thread, as where they are not installed; one that is imported already stays."""
    missing = _MissingPackages(names)
    sys.meta_path.insert(0, missing)
    try:
        yield
    finally:
        sys.meta_path.remove(missing)


class _MissingPackages(MetaPathFinder):
    def __init__(self, names: tuple[str, ...]) -> None:
        self.names, self.thread = names, get_ident()

    def find_spec(self, fullname: str, *_: Any) -> None:
        if fullname in self.names and get_ident() == self.thread:
            raise ModuleNotFoundError(f"{fullname} is left out", name=fullname)
