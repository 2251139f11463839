"""What only both suites of a dataset and its transform together can show."""

import ast
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import cast

from etl.contract.model import Contract
from etl.contract.types import family, limits, scale
from sluice.contracts.lint.findings import Finding
from sluice.contracts.suite_files import ROOT


def beside(folder: Path) -> Path:
    """Return where the transforms of a dataset's contract folder are: in the same project, else in this one."""
    own = folder.resolve().parents[1] / "etl" / "datasets"
    return own if own.is_dir() else ROOT / "etl" / "datasets"


def adds(transform: Path) -> tuple[str, ...]:
    """Return the columns that a transform module declares as `ADDS`, without importing it and so without Spark.

    Raises:
        ValueError: there is no such declaration; says what to write.
    """
    try:
        tree = ast.parse(transform.read_text())
    except FileNotFoundError:
        raise ValueError(f"there is no {transform.name} in etl/datasets: write one with ADDS and transform") from None
    except (SyntaxError, UnicodeDecodeError) as error:
        raise ValueError(f"{transform.name} is no Python: {error}") from error
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "ADDS" for target in targets):
            return _names(node, transform.name)
    raise ValueError(f'{transform.name} declares no ADDS: write ADDS = ("column", ...), or ADDS = ()')


def _names(node: ast.stmt, where: str) -> tuple[str, ...]:
    assert isinstance(node, ast.Assign | ast.AnnAssign)  # noqa: S101
    try:
        names = ast.literal_eval(node.value) if node.value else None
    except ValueError:
        names = None
    if not isinstance(names, tuple | list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f'ADDS of {where} is no tuple of names: write ADDS = ("column", ...), or ADDS = ()')
    return tuple(names)


def fitting(given: Contract, published: Contract, transforms: Path) -> Iterator[Finding]:
    """Yield where the output is not what the input and the transform make, types that lose values, ids used twice."""
    yield from _typed(given, published)
    yield from _made(given, published, transforms)
    for rule in sorted({one.rule for one in given.rules} & {one.rule for one in published.rules}):
        message = "the id stands in input and output, and the verdict would show one of them only"
        yield Finding("pair", message, "give each its own", rule)


def _typed(given: Contract, published: Contract) -> Iterator[Finding]:
    """Yield the columns whose own type, as Parquet and ORC bring it, the output's may not keep.

    A text is not among them, in any format: its cast is proven row by row by a structure rule, that of other types is not.
    """
    types = {column.name: column.type for column in published.columns}
    for column in given.columns:
        other = types.get(column.name, column.type)
        if column.type != "string" and not keeps(column.type, other):
            message = (
                f"column {column.name!r} comes as {column.type} and is published as {other}, neither the same nor a wider "
                "number: values may become null or be rounded, and no rule of structure would say so"
            )
            remedy = f"declare {column.type} in the output, or a wider number; or have the source send {other}"
            yield Finding("pair", message, remedy, column=column.name)


def keeps(given: str, published: str) -> bool:
    """Say whether a type is another one, or a number with at least as many digits on either side of the point."""
    if given == published:
        return True
    if {family(given), family(published)} != {"number"}:
        return False
    (low, high), (lowest, highest) = _range(given), _range(published)
    return lowest <= low and high <= highest and scale(given) <= scale(published)


def _range(number: str) -> tuple[Decimal, Decimal]:
    return cast(tuple[Decimal, Decimal], limits(number))


def _made(given: Contract, published: Contract, transforms: Path) -> Iterator[Finding]:
    module = f"etl/datasets/{published.dataset}.py"
    try:
        made = adds(transforms / f"{published.dataset}.py")
    except ValueError as error:
        yield Finding("pair", str(error), "the output's columns cannot be held against it until then")
        return
    for name in published.names:
        if name not in given.names and name not in made:
            message = f"output column {name!r} is made by nobody: it is neither an input column nor in ADDS of {module}"
            yield Finding("pair", message, "let the transform add it and say so in ADDS, or drop it", column=name)
    for name in made:
        if name not in published.names:
            message = f"ADDS of {module} has {name!r}, which the output does not declare, so it is never published"
            yield Finding("pair", message, "declare the column, or drop it from ADDS")
        elif name in given.names:
            message = f"ADDS of {module} has {name!r}, which is an input column and must stay as it came"
            yield Finding("pair", message, "give what is derived a name of its own", column=name)
