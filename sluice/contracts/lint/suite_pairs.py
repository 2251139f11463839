"""What only both suites of a dataset and its transform together can show."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import assert_never, cast

from components.settings.lake_folder import transforms_folder
from etl.contract.faults import did_you_mean
from etl.contract.model import Contract
from etl.contract.types import ColumnType, Family, TypeKind
from sluice.contracts.lint.findings import Finding
from sluice.contracts.lint.transform_module import declared_adds, module_names

EXACT_WHOLE_NUMBERS = {TypeKind.DOUBLE: 2**53, TypeKind.FLOAT: 2**24}
"""Up to these each whole number is a value of the type (IEEE 754)."""


def transforms_beside(folder: Path) -> Path:
    """Return where the transforms of a dataset's contract folder are: in the same project, else in the lake."""
    project_folder = folder.resolve().parents[1] / "etl" / "datasets"
    return project_folder if project_folder.is_dir() else transforms_folder()


def pair_findings(input_contract: Contract, published: Contract, transforms: Path) -> Iterator[Finding]:
    """Yield where the output is not what the input and the transform make, types that lose values, ids used twice."""
    yield from _type_findings(input_contract, published)
    yield from _column_findings(input_contract, published, transforms)
    for rule in sorted(
        {stage_rule.rule for stage_rule in input_contract.rules} & {stage_rule.rule for stage_rule in published.rules}
    ):
        message = "the id stands in input and output, and the verdict would show one of them only"
        yield Finding("pair", message, "give each its own", rule)


def _type_findings(input_contract: Contract, published: Contract) -> Iterator[Finding]:
    """Yield the columns whose own type, as Parquet and ORC bring it, the output's may not keep.

    A text is not among them, in any format: its cast is proven row by row by a structure rule, that of other types is not.
    """
    types = {column.name: column.type for column in published.columns}
    for column in input_contract.columns:
        published_type = types.get(column.name, column.type)
        if not column.type.is_text and not keeps_values(column.type, published_type):
            message = (
                f"column {column.name!r} comes as {column.type} and is published as {published_type}, "
                f"neither the same nor a wider "
                "number: values may become null or be rounded, and no rule of structure would say so"
            )
            remedy = f"declare {column.type} in the output, or a wider number; or have the source send {published_type}"
            yield Finding("pair", message, remedy, column=column.name)


def keeps_values(raw_type: ColumnType, published_type: ColumnType) -> bool:
    """Say whether a type is another one, or a number with at least as many digits on either side of the point."""
    if raw_type == published_type:
        return True
    match raw_type.family:
        case Family.NUMBER:
            return published_type.family is Family.NUMBER and _holds_number(raw_type, published_type)
        case (
            Family.TEXT
            | Family.DATE
            | Family.BOOLEAN
            | Family.INSTANT
            | Family.LOCAL_TIME
            | Family.BINARY
            | Family.NESTED
        ):
            return False
        case _:
            assert_never(raw_type.family)


def _holds_number(narrow: ColumnType, wide: ColumnType) -> bool:
    (low, high), (lowest, highest) = _number_range(narrow), _number_range(wide)
    if narrow.kind.is_floating:
        return wide.kind.is_floating and high <= highest
    if wide.kind.is_floating:  # a whole number as far as its bits reach, and of decimals few
        return narrow.scale == 0 and high <= EXACT_WHOLE_NUMBERS[wide.kind]
    return lowest <= low and high <= highest and narrow.scale <= wide.scale


def _number_range(number: ColumnType) -> tuple[Decimal, Decimal]:
    return cast(tuple[Decimal, Decimal], number.limits)


def _column_findings(input_contract: Contract, published: Contract, transforms: Path) -> Iterator[Finding]:
    name = published.transform_module
    module, modules = f"etl/datasets/{name}.py", module_names(transforms)
    if published.transform and name not in modules:
        remedy = f"{did_you_mean(name, modules)}there are {', '.join(modules) or 'none'}; or write that module"
        yield Finding("pair", f"meta.transform names {name!r}, and there is no {module}", remedy, column=name)
        return
    try:
        added = declared_adds(transforms / f"{name}.py")
    except ValueError as error:
        yield Finding("pair", str(error), "the output's columns cannot be held against it until then")
        return
    for name in published.names:
        if name not in input_contract.names and name not in added:
            message = f"output column {name!r} is made by nobody: it is neither an input column nor in ADDS of {module}"
            yield Finding("pair", message, "let the transform add it and say so in ADDS, or drop it", column=name)
    for name in added:
        if name not in published.names:
            message = f"ADDS of {module} has {name!r}, which the output does not declare, so it is never published"
            yield Finding("pair", message, "declare the column, or drop it from ADDS")
        elif name in input_contract.names:
            message = f"ADDS of {module} has {name!r}, which is an input column and must stay as it came"
            yield Finding("pair", message, "give what is derived a name of its own", column=name)
