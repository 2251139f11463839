"""The stubs in typings/ say of a library what is so."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

TYPINGS = Path(__file__).resolve().parents[2] / "typings"
STUBS = [stub for stub in sorted(TYPINGS.rglob("*.pyi")) if ast.parse(stub.read_text()).body]


def library_module(stub: Path) -> object:
    parts = stub.relative_to(TYPINGS).with_suffix("").parts
    return import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def missing_names(owner: object, body: list[ast.stmt]) -> Iterator[str]:
    """Yield the classes, functions, parameters and attributes that a stub declares and its library does not have."""
    for node in body:
        match node:
            case ast.ClassDef(name=name):
                yield from [name] if not hasattr(owner, name) else missing_names(getattr(owner, name), node.body)
            case ast.FunctionDef(name=name) if name != "__getattr__":
                yield from [name] if not hasattr(owner, name) else missing_parameters(getattr(owner, name), node)
            case ast.AnnAssign(target=ast.Name(id=name)) if not has_attribute(owner, name):
                yield name
            case _:
                pass


def missing_parameters(function: object, node: ast.FunctionDef) -> Iterator[str]:
    """Yield the parameters that a function of Python lacks; one of C does not say which it has."""
    if isinstance(function, FunctionType):
        declared = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
        yield from (f"{node.name}({name})" for name in declared if name not in inspect.signature(function).parameters)


def has_attribute(owner: object, name: str) -> bool:
    """Say whether a class has an attribute, or gives it to its instances as they are made."""
    if hasattr(owner, name):
        return True
    creation = getattr(owner, "__init__", None)
    return isinstance(creation, FunctionType) and f"self.{name} = " in inspect.getsource(creation)


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.relative_to(TYPINGS).as_posix())
def test_a_stub_declares_what_the_library_has(stub: Path) -> None:
    assert list(missing_names(library_module(stub), ast.parse(stub.read_text()).body)) == []


@pytest.mark.parametrize(
    ("module", "declared", "missing"),
    [
        ("pyarrow", "class Tables: ...", ["Tables"]),
        ("pyarrow", "class Table:\n    count: int\n    num_rows: int", ["count"]),
        ("pyarrow", "class Table:\n    def choose(self): ...\n    def select(self): ...", ["choose"]),
        ("pyarrow.orc", "def write_table(table, where, codec): ...", ["write_table(codec)"]),
        ("py4j.protocol", "class Py4JJavaError:\n    java_error: Any\n    java_exception: Any", ["java_error"]),
    ],
)
def test_what_a_library_lacks_is_named(module: str, declared: str, missing: list[str]) -> None:
    assert list(missing_names(import_module(module), ast.parse(declared).body)) == missing
