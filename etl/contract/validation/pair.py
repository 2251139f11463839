"""What both contracts of a dataset must agree on: the types of their columns, and what is built from tables."""

from collections.abc import Iterator

from etl.contract.faults import Fault, did_you_mean
from etl.contract.model import Contract, Reconciliation, TableSource
from etl.contract.types import Family, published_type
from etl.contract.validation.history import history_pair_faults
from etl.contract.validation.loads import load_pair_faults


def find_disagreements(input_contract: Contract, output_contract: Contract) -> Iterator[Fault]:
    """Yield what is wrong with a dataset's pair of contracts, each fault with a remedy."""
    texts = {column.name for column in input_contract.columns if column.type.is_text}
    for column in output_contract.columns:
        if column.name in texts and column.type.family is Family.BINARY:
            yield Fault(
                f"column {column.name!r} comes as text and is published as binary: no text is bytes",
                "publish it as a string, or let the transform make a column of another name of it",
            )
    yield from _nested_faults(input_contract, output_contract)
    yield from history_pair_faults(input_contract, output_contract)
    yield from load_pair_faults(input_contract, output_contract)
    if not input_contract.sources:
        if output_contract.reconciles:
            yield Fault(
                "meta.reconciles stands beside an input of files", "drop it, or name sources in the input's meta"
            )
        yield from _copies_faults(input_contract, output_contract)
        return
    if warning_rules := [
        rule.rule for rule in (*input_contract.rules, *output_contract.rules) if rule.severity.quarantines_rows
    ]:
        yield Fault(
            "a row that is built from published ones cannot be set aside: it would be missing in a sum",
            "make the rule critical or info",
            warning_rules[0],
        )
    if not output_contract.has_key:
        yield Fault(
            "meta.key is [], but a day that is built from tables is built again by its key",
            f"name the key's columns, {input_contract.day!r} among them",
        )
    elif input_contract.day not in output_contract.key:
        yield Fault(f"meta.key lacks {input_contract.day!r}, the input's day", "add it: a day is built again by itself")
    day_source = next(source for source in input_contract.sources if source.day)
    for reconciliation in output_contract.reconciles:
        yield from _reconciliation_faults(reconciliation, day_source)


def _nested_faults(input_contract: Contract, output_contract: Contract) -> Iterator[Fault]:
    """Yield the columns with lists or objects that would be cast, which no rule of structure looks at."""
    raw_types = {column.name: column.type for column in input_contract.columns}
    for column in output_contract.columns:
        raw_type = raw_types.get(column.name, column.type)
        is_nested = raw_type.is_nested or column.type.is_nested
        if is_nested and not published_type(raw_type).is_same_as(column.type):
            yield Fault(
                f"column {column.name!r} comes as {raw_type} and is published as {column.type}: lists and objects are not cast",
                f"declare {published_type(raw_type)} in the output, or let the transform make a column of another name of it",
            )


def _copies_faults(input_contract: Contract, output_contract: Contract) -> Iterator[Fault]:
    if output_contract.has_key and "copies" in input_contract.suite.get("meta", {}):
        yield Fault(
            "meta.copies stands in the input, but rows have a key, which tells a copy's rows by itself",
            'drop it, or write "key": [] in the output',
        )


def _reconciliation_faults(reconciliation: Reconciliation, day_source: TableSource) -> Iterator[Fault]:
    if reconciliation.dataset != day_source.dataset:
        yield Fault(
            f"meta.reconciles names {reconciliation.dataset!r}, which is not the source whose days are built",
            f"name {day_source.dataset}",
        )
        return
    for name in (*reconciliation.by.values(), *reconciliation.sums.values()):
        if name not in (*day_source.columns, "*"):
            yield Fault(
                f"meta.reconciles names {name!r}, which is no column of source {reconciliation.dataset!r} in the input",
                f"{did_you_mean(name, day_source.columns)}name one of {', '.join(day_source.columns)}, "
                "or * in sums for the number of rows",
            )
