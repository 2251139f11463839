"""The names that a transform mentions and may not get: read from its text in no time, tried by Spark where that is in doubt.

Spark takes seconds to start, so a transform that mentions nothing but columns that it gets, or makes, is not tried.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from components.settings.lake_folder import ROOT
from etl.contract.model import Contract
from etl.contract.stage import Stage
from etl.contract.types import ColumnType
from sluice.contracts.lint.findings import Finding
from sluice.contracts.lint.suite_pairs import transforms_beside
from sluice.contracts.suite_files import SuiteFile, suite_file

SECONDS = 120  # for Spark's start and a plan for each transform
NAME = re.compile(r"[A-Za-z_]\w*")
TYPES = frozenset(("boolean", "int", "integer", "bigint", "long", "float", "double", "string", "date", "timestamp"))
SQL = frozenset(("expr", "selectExpr", "where", "filter", "sql", "when"))  # calls whose text is an expression
NAMING = frozenset(("withColumn", "alias", "name", "withColumnRenamed"))  # calls whose last name is a new one


@dataclass(frozen=True)
class Trial:
    """A transform to try: its file, and the columns that it gets and must return, by name with their types."""

    dataset: str
    module: Path
    column_types: dict[str, ColumnType]
    published: tuple[str, ...]


def find_trials(files: Iterable[SuiteFile]) -> dict[Path, Trial]:
    """Return the transforms to try, by the output suite that declares what they return."""
    to_try: dict[Path, Trial] = {}
    for file in files:
        twin = file.path.parent / "input.json"
        input_contract = suite_file(twin).contract if file.path.stem == Stage.OUTPUT and twin.is_file() else None
        if (
            input_contract
            and file.contract
            and (candidate := build_trial(input_contract, file.contract, file.path.parent))
        ):
            to_try[file.path] = candidate
    return to_try


def build_trial(input_contract: Contract, published: Contract, folder: Path) -> Trial | None:
    """Return what is to be tried of a dataset, beside its contracts' `folder`; None where its text leaves no doubt.

    A transform gets the columns that both contracts declare, typed as the output says.
    """
    module = transforms_beside(folder) / f"{published.transform_module}.py"
    types = {column.name: column.type for column in published.columns if column.name in input_contract.names}
    try:
        tree = ast.parse(module.read_text())
    except (OSError, SyntaxError, UnicodeDecodeError):  # what is told of the file elsewhere
        return None
    if not doubtful_names(tree, frozenset(types)):
        return None
    return Trial(published.dataset, module, types, tuple(published.names))


def doubtful_names(tree: ast.Module, columns: frozenset[str]) -> list[str]:
    """Return what a transform's text mentions that may be a column, and is none of `columns` and none that it makes."""
    nodes = [node for top in _used_statements(tree) for node in ast.walk(top)]
    sayings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    declared = columns | TYPES | {name for node in nodes if isinstance(node, ast.Call) for name in _new_names(node)}
    parameters = {arg.arg for node in nodes if isinstance(node, ast.FunctionDef) for arg in node.args.args}
    doubts: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in sayings:
            doubts += [node.value] if NAME.fullmatch(node.value) and node.value not in declared else []
        elif isinstance(node, ast.JoinedStr):
            doubts.append("a name that is made")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and id(node) not in called:
            doubts += [node.attr] if node.value.id in parameters and node.attr not in declared else []
        elif isinstance(node, ast.Call):
            doubts += _sql_expressions(node)
    return doubts


def _used_statements(tree: ast.Module) -> list[ast.stmt]:
    """Return the transform, and what it uses of its module."""
    statements: dict[str, ast.stmt] = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = [node.name] if isinstance(node, ast.FunctionDef) else [getattr(target, "id", "") for target in targets]
        statements |= dict.fromkeys(names, node)
    used, todo = dict[str, ast.stmt](), ["transform"]
    while todo:
        name = todo.pop()
        if name in statements and name not in used:
            used[name] = statements[name]
            todo += [node.id for node in ast.walk(statements[name]) if isinstance(node, ast.Name)]
    return list(used.values())


def _call_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _new_names(call: ast.Call) -> Iterator[str]:
    """Yield the names that a call gives to columns."""
    if _call_name(call) in NAMING and call.args:
        index = 1 if _call_name(call) == "withColumnRenamed" and len(call.args) > 1 else 0
        yield from _text_constants([call.args[index]])
    if _call_name(call) == "withColumns" and call.args and isinstance(call.args[0], ast.Dict):
        yield from _text_constants(call.args[0].keys)


def _sql_expressions(call: ast.Call) -> list[str]:
    return [text for text in _text_constants(call.args) if not NAME.fullmatch(text)] if _call_name(call) in SQL else []


def _text_constants(nodes: list[ast.expr | None] | list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def run_trials(trials: Mapping[Path, Trial]) -> tuple[dict[Path, list[Finding]], list[str]]:
    """Return what Spark says of transforms on frames of no rows, by the file that asks, and why it was not asked, if so.

    In a process of its own: it imports Spark and the transforms, and neither is needed for the rest of lint.
    """
    if not trials:
        return {}, []
    requests = [
        {"module": str(candidate.module), "column_types": candidate.column_types, "published": candidate.published}
        for candidate in trials.values()
    ]
    command = [sys.executable, "-m", "sluice.contracts.lint.transform_trial"]
    try:
        done = subprocess.run(
            command, input=json.dumps(requests), cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        failures: list[str] = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        names = ", ".join(candidate.dataset for candidate in trials.values())
        return {}, [f"the transforms of {names} were not tried: Spark did not start here; it needs Java 17 or 21"]
    return {
        file: [_trial_finding(candidate, text)]
        for (file, candidate), text in zip(trials.items(), failures, strict=True)
        if text
    }, []


def _trial_finding(candidate: Trial, failure: str) -> Finding:
    message = (
        f"the transform of etl/datasets/{candidate.module.name} fails on a frame of its columns and no rows: {failure}"
    )
    return Finding("pair", message, f"it gets what both suites declare: {', '.join(candidate.column_types)}")
