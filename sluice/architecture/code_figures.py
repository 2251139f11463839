"""What can be counted of the code by reading it: names, docstrings, small modules, words, imports against the layers."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("etl", "components", "sluice", "bench")
VAGUE_NAMES = frozenset({"one", "found", "told", "own", "said", "given", "known", "asked", "at"})
TRADE_WORDS = (
    "primary key",
    "foreign key",
    "upsert",
    "incremental",
    "backfill",
    "idempotent",
    "schema drift",
    "watermark",
    "dead letter",
    "data quality",
)
SMALL_MODULE_LINES = 60
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """A module of the rooms, read once."""

    path: Path

    @cached_property
    def text(self) -> str:
        """Its source."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Its syntax tree, node by node."""
        return list(ast.walk(ast.parse(self.text)))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Yield its functions and methods, those that Python calls by itself (`__x__`) left out."""
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__"):
                yield node

    def bound_names(self) -> Iterator[str]:
        """Yield the names of variables and parameters, as often as they are bound."""
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.arg):
                yield node.arg


def read_modules(root: Path = ROOT) -> list[Module]:
    """Return the modules of the rooms, without tests and without the old names of commands."""
    return [Module(path) for room in ROOMS for path in sorted((root / room).rglob("*.py"))]


def one_word_share(modules: list[Module]) -> float:
    """Return the share of functions whose name is a single word."""
    names = [function.name.strip("_") for module in modules for function in module.functions()]
    return sum("_" not in name for name in names) / len(names)


def vague_variables(modules: list[Module]) -> int:
    """Return how often a variable or a parameter has one of the names that say nothing."""
    return sum(name in VAGUE_NAMES for module in modules for name in module.bound_names())


def small_modules(modules: list[Module]) -> tuple[int, int]:
    """Return how many modules are below 60 lines, and how many there are; `__init__` and `__main__` are not counted."""
    lengths = [len(module.text.splitlines()) for module in modules if not module.path.stem.startswith("__")]
    return sum(length < SMALL_MODULE_LINES for length in lengths), len(lengths)


def undocumented(modules: list[Module]) -> list[str]:
    """Return the public functions and classes without a docstring, as `path:line name`; nested functions are private."""
    return [
        f"{module.path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for module in modules
        for node in _public_definitions(ast.parse(module.text).body)
        if ast.get_docstring(node) is None
    ]


def trade_word_counts(modules: list[Module], root: Path = ROOT) -> dict[str, int]:
    """Return how often each word of the trade stands in the code and on the pages, also written as one name."""
    pages = [path.read_text(encoding="utf-8") for path in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]]
    text = "\n".join([*(module.text for module in modules), *pages])
    return {word: len(re.findall(word.replace(" ", "[ _-]"), text, re.IGNORECASE)) for word in TRADE_WORDS}


def _public_definitions(body: list[ast.stmt]) -> Iterator[Definition]:
    for node in body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        if not any(isinstance(name, ast.Name) and name.id in ("overload", "override") for name in node.decorator_list):
            yield node
        if isinstance(node, ast.ClassDef):
            yield from _public_definitions(node.body)
