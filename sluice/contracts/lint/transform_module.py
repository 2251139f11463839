"""A transform's module, imported from its file: it may be another project's.

What it adds is read from the module, so `ADDS` may be computed, or another module's.
"""

import importlib.util
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager, redirect_stdout
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard, cast

SPARK = "pyspark"


def declared_adds(path: Path) -> tuple[str, ...]:
    """Return the columns that a transform's module says it adds, as `ADDS`.

    The import of pyspark would be most of what lint takes, so a stand-in takes its place. Where the module cannot do with
    that, it is imported again beside the real one.

    Raises:
        ValueError: it says nothing of the kind, or cannot be imported; the message says what to write.
    """
    if SPARK not in sys.modules:
        try:
            with _spark_stand_in():
                return _checked_adds(path)
        except ValueError:
            pass
    return _checked_adds(path)


def load_module(path: Path) -> ModuleType:
    """Import a module of transforms from its file, beside whatever has its name; what it prints goes to stderr.

    Raises whatever the module raises.
    """
    spec = importlib.util.spec_from_file_location(f"etl.datasets.{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python module")
    module = importlib.util.module_from_spec(spec)
    with redirect_stdout(sys.stderr):  # stdout is the report's, which may be JSON
        spec.loader.exec_module(module)
    return module


def module_names(folder: Path) -> list[str]:
    """Return the names of the modules in a folder of transforms, sorted."""
    return sorted(path.stem for path in folder.glob("[!_]*.py"))


def _checked_adds(path: Path) -> tuple[str, ...]:
    try:
        module = load_module(path)
    except FileNotFoundError:
        raise ValueError(f"there is no {path.name} in etl/datasets: write one with ADDS and transform") from None
    except (SyntaxError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is no Python: {error}") from error
    except Exception as error:
        raise ValueError(f"{path.name} cannot be imported: {type(error).__name__}: {error}") from error
    if not hasattr(module, "ADDS"):
        raise ValueError(f'{path.name} declares no ADDS: write ADDS = ("column", ...), or ADDS = ()')
    names = module.ADDS
    if not _are_texts(names):
        raise ValueError(f'ADDS of {path.name} is no tuple of names: write ADDS = ("column", ...), or ADDS = ()')
    return tuple(names)


def _are_texts(names: object) -> TypeGuard[tuple[str, ...] | list[str]]:
    return isinstance(names, tuple | list) and all(isinstance(name, str) for name in cast("Iterable[object]", names))


@contextmanager
def _spark_stand_in() -> Generator[None]:
    """Let imports of pyspark yield modules that have every name, and take them away afterwards."""
    before, finder = set(sys.modules), StandInFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before:
            if _holds_stand_in(sys.modules[name]):
                del sys.modules[name]


def _holds_stand_in(module: ModuleType) -> bool:
    return isinstance(module, StandIn) or any(isinstance(value, StandIn) for value in vars(module).values())


class StandIn(ModuleType):
    """Has every attribute, and may be called: what a module does with pyspark while it is imported."""

    def __getattr__(self, name: str) -> "StandIn":
        """Return another of its kind.

        Raises:
            AttributeError: Python's import itself asks for it, and asks whether it is there.
        """
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self.__name__}.{name}")

    def __call__(self, *_: Any, **__: Any) -> "StandIn":
        """Return itself."""
        return self


class StandInFinder(MetaPathFinder, Loader):
    """Finds pyspark and every module below it, before Python looks for the real ones."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Return where a module of pyspark comes from: nowhere."""
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] == SPARK else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stand-in for a module."""
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing."""
