"""A package has a face: its docstring says what it is for, its `__all__` lists what others use, and nobody reaches past it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FACED = ("etl", "components", "sluice")
"""The roots whose packages have a face."""
USERS = ("etl", "components", "sluice", "bench")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {
    module_name(path): ast.parse(path.read_text(encoding="utf-8"))
    for path in [ROOT / "__main__.py", *(path for root in USERS for path in sorted((ROOT / root).rglob("*.py")))]
}


def imports_of(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted names that a module imports, from the root."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


IMPORTS = {module: list(imports_of(tree)) for module, tree in TREES.items()}
PACKAGES = sorted(module_name(path) for root in FACED for path in (ROOT / root).rglob("__init__.py"))


def assigned_names(node: ast.stmt) -> set[str]:
    """Return the names that an assignment binds; none of another statement."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def face_of(package: str) -> list[str]:
    """Return what a package lists in `__all__`."""
    for node in TREES[package].body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and "__all__" in assigned_names(node):
            return ast.literal_eval(node.value)
    return []


def reaches_past(package: str) -> list[str]:
    """Return what modules outside a package import of it and its face does not list."""
    face, inside = set(face_of(package)), f"{package}."
    return sorted(
        f"{importer} imports {name}"
        for importer, names in IMPORTS.items()
        if importer != package and not importer.startswith(inside)
        for name in names
        if name.startswith(inside) and name.removeprefix(inside).partition(".")[0] not in face
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_is_for_and_lists_what_others_use_of_it(package: str) -> None:
    assert "Hides " in (ast.get_docstring(TREES[package]) or "")
    assert reaches_past(package) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_face_lists_is_there(package: str) -> None:
    folder = ROOT / package.replace(".", "/")
    defined = {name for node in TREES[package].body for name in names_bound_by(node)}
    missing = [
        name
        for name in face_of(package)
        if name not in defined
        and not (folder / f"{name}.py").is_file()
        and not (folder / name / "__init__.py").is_file()
    ]
    assert missing == []


def names_bound_by(node: ast.stmt) -> set[str]:
    """Return the names that a statement of a package's `__init__` binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return assigned_names(node)


def test_an_import_past_a_face_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = ast.parse("from etl.runtime.lazy_imports import without")
    monkeypatch.setitem(IMPORTS, "bench.stranger", list(imports_of(stranger)))
    assert reaches_past("etl.runtime") == ["bench.stranger imports etl.runtime.lazy_imports.without"]
